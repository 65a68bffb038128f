"""Which labels look wrong: confident learning from probabilities of networks that have not seen the sample.

Northcutt, Jiang, Chuang: Confident Learning, 2021. The training samples are cut into folds; for each one, a network of the
run's own layers and settings is trained briefly on the others and asked about it.
"""

from collections.abc import Callable
from math import ceil, prod

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.label_issues import LabelIssues
from tuinn.errors import WorkerError
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.fit import FitSpec
from tuinn.worker.keras_types import Array
from tuinn.worker.model import compilation
from tuinn.worker.model.network import ChosenRows, Network

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Places = NDArray[np.int64]

FOLDS = 3

UPDATES, LEAST_EPOCHS = 300, 3
"""Of the weights that a network is trained with, about, and passes over its samples at least."""

MOST_SAMPLES, MOST_BYTES = 20_000, 500_000_000
"""Training samples that are looked at, at most, and bytes that they take."""

BATCH = 1_000
"""Samples that are encoded at once."""

Ask = Callable[[Places, Places], NDArray[np.float32]]
"""Samples to train on, samples to ask about → (asked, outputs)."""


def find_label_issues(
    network: Network, arrays: Arrays, used: Places, facts: DataFacts, fit: FitSpec
) -> LabelIssues:
    """Look for wrong labels among the training samples at `used`. Raises WorkerError where there can't be any."""
    if facts.task is Task.REGRESSION:
        raise WorkerError("A number is no label, so it can't be a wrong one.")
    places = looked_at(arrays, used, prod(size or 1 for size in network.model.inputs[0].shape[1:]))
    if len(places) < 2 * FOLDS:
        raise WorkerError(f"There are {len(places)} training samples, too few to look for wrong labels.")
    truth = arrays.y_train[places].astype(np.int64)
    if truth.ndim == 1 and len(np.unique(truth)) < 2:
        raise WorkerError("All training samples have the same label, so nothing tells whether one is wrong.")
    x = encoded(network, ChosenRows(arrays.x_train, places))
    y = compilation.targets(truth, network.loss, int(network.model.output.shape[-1]))

    def ask(learned: Places, asked: Places) -> NDArray[np.float32]:
        # With the rate of the spec: that of a training's end is often next to nothing.
        fresh = network.untrained(compilation.optimizer(replace(fit, schedule="constant"), 1))
        steps = ceil(len(learned) / fit.batch_size)
        epochs = max(min(ceil(UPDATES / steps), fit.epochs), LEAST_EPOCHS)
        fresh.fit(x[learned], y[learned], epochs=epochs, batch_size=fit.batch_size, verbose=0)
        parts = [fresh(x[asked[at : at + BATCH]], training=False) for at in range(0, len(asked), BATCH)]
        return network.answers(np.concatenate([np.asarray(part, np.float32) for part in parts]))

    outputs = out_of_sample(truth, ask)
    order, suspects = ranked(outputs.astype(np.float64), truth, facts)
    known = np.full((len(arrays.y_train), outputs.shape[1]), np.nan, np.float32)
    known[places] = outputs
    return LabelIssues(known, places[order], suspects)


def looked_at(arrays: Arrays, used: Places, width: int) -> Places:
    """The samples that are looked at, rising: all that are used, or some of them by chance.

    `width`: numbers that the network takes of each; of a text they are far more than its letters.
    """
    each = max(getattr(arrays.x_train, "nbytes", 0) // max(len(arrays.x_train), 1), 4 * width)
    most = min(MOST_SAMPLES, MOST_BYTES // each)
    return np.sort(np.random.default_rng(0).permutation(used)[:most]).astype(np.int64)


def encoded(network: Network, rows: ChosenRows) -> Array:
    """What the trained model takes, (n, *input)."""
    parts = [np.asarray(network.encoded(rows[at : at + BATCH])) for at in range(0, len(rows), BATCH)]
    return np.concatenate(parts)


def out_of_sample(truth: Labels, ask: Ask) -> NDArray[np.float32]:
    """(n, outputs): for each sample, what a network says that has not learned from it."""
    fold = folds(truth)
    parts: list[tuple[Places, NDArray[np.float32]]] = []
    for at in range(FOLDS):
        asked = np.flatnonzero(fold == at)
        parts.append((asked, ask(np.flatnonzero(fold != at), asked)))
    found = np.empty((len(truth), parts[0][1].shape[1]), np.float32)
    for asked, outputs in parts:
        found[asked] = outputs
    return found


def folds(truth: Labels) -> Places:
    """The fold of each sample, by chance; each class gives every fold its share."""
    mixed = np.random.default_rng(0).permutation(len(truth))
    order = mixed if truth.ndim > 1 else mixed[np.argsort(truth[mixed], kind="stable")]
    found = np.empty(len(truth), np.int64)
    found[order] = np.arange(len(truth)) % FOLDS
    return found


def ranked(shares: Floats, truth: Labels, facts: DataFacts) -> tuple[Places, int]:
    """The samples, that with the least likely label first; and how many of them look wrong."""
    if facts.task is Task.LABELS:
        own = np.where(truth == 1, shares, 1 - shares)
        doubts = _doubts(np.stack([1 - shares, shares], axis=-1).transpose(1, 0, 2), truth.T).any(axis=0)
        return np.argsort(own.min(axis=1), kind="stable"), int(doubts.sum())
    wide = np.hstack([1 - shares, shares]) if shares.shape[1] == 1 else shares
    wide = np.nan_to_num(wide, nan=1 / wide.shape[1])
    own = wide[np.arange(len(truth)), truth]
    return np.argsort(own, kind="stable"), int(_doubts(wide[None], truth[None])[0].sum())


def _doubts(shares: Floats, truth: Labels) -> NDArray[np.bool_]:
    """Whether each label looks wrong: another class is at least as likely as it is, on average, for its own samples.

    `shares`: (labels, n, classes), `truth`: (labels, n).
    """
    found = np.zeros(truth.shape, bool)
    for at, (given, true) in enumerate(zip(shares, truth, strict=True)):
        width = given.shape[1]
        means = np.array(
            [
                given[true == label, label].mean() if (true == label).any() else np.inf
                for label in range(width)
            ]
        )
        likely = np.where(given >= means, given, -1.0)
        found[at] = (likely.max(axis=1) >= 0) & (likely.argmax(axis=1) != true)
    return found
