"""Models that are hardly any, to compare a network with: the commonest class, the mean, a linear model (scikit-learn)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import Task
from tuinn.worker.model.network import ChosenRows, Network, SampleRows

MOST_SAMPLES, MOST_FEATURES = 5_000, 4_096
"""Training samples that a linear model is fitted to, at most, and numbers of a sample up to which there is one."""

BATCH = 1_000
"""Samples that are encoded at once."""

LINEAR = "linear model"
LAST = "last value"
"""Of a series: the target's own value in the last row of the window."""


def baselines(
    network: Network, arrays: Arrays, info: DatasetInfo, training: NDArray[np.int64], rows: SampleRows
) -> dict[str, NDArray[np.generic]]:
    """Baseline → its predictions for `rows`, (n,): classes, or numbers in the target's unit; (n, targets) of several.

    `training`: indices into `x_train` of the samples that were trained on. Nothing for samples with several labels.
    """
    facts = info.facts
    if facts.task is Task.LABELS or not len(training) or not len(rows):
        return {}
    chosen = np.sort(np.random.default_rng(0).permutation(training)[:MOST_SAMPLES])
    truth = arrays.y_train[chosen]
    if facts.task is Task.REGRESSION:
        found = {"mean": np.full((len(rows), *truth.shape[1:]), arrays.y_train[training].mean(axis=0))}
        names = facts.target_names or (facts.target,)
        if facts.window and all(name in facts.features for name in names):
            channels = [facts.features.index(name) for name in names]
            last = [rows[at : at + BATCH][:, -1, channels] for at in range(0, len(rows), BATCH)]
            found[LAST] = np.concatenate(last).reshape(len(rows), *truth.shape[1:])
    else:
        counts = np.bincount(arrays.y_train[training].astype(np.int64), minlength=len(facts.classes))
        most = int(counts.argmax())
        found = {f"always {facts.classes[most]}": np.full(len(rows), most)}
    if facts.is_text or facts.words or len(np.unique(truth)) < 2:
        return found
    if next(_features(network, arrays.x_train[:1])).size <= MOST_FEATURES:
        x = np.concatenate(list(_features(network, ChosenRows(arrays.x_train, chosen))))
        found[LINEAR] = _fitted(x, truth, facts.task, _features(network, rows))
    return found


def _fitted(
    x: NDArray[np.float32], y: NDArray[np.generic], task: Task, parts: Iterator[NDArray[np.float32]]
) -> NDArray[np.generic]:
    from sklearn.linear_model import Ridge, RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), Ridge() if task is Task.REGRESSION else RidgeClassifier())
    model.fit(x, y)
    return np.concatenate([model.predict(part) for part in parts])


def _features(network: Network, rows: SampleRows) -> Iterator[NDArray[np.float32]]:
    """What the network takes, a row of numbers for each sample."""
    for start in range(0, len(rows), BATCH):
        part = np.asarray(network.encoded(rows[start : start + BATCH]), dtype=np.float32)
        yield part.reshape(len(part), -1)
