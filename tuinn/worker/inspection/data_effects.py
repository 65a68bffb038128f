"""What matters over the test set: the importance of each column, the effect of one, and the samples in two dimensions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.predictions import errors_of, wrong_predictions
from tuinn.errors import SpecError, WorkerError
from tuinn.spec.dataset import DataFacts, Task
from tuinn.worker.inspection.activations import LayerSteps
from tuinn.worker.keras_types import Array
from tuinn.worker.model.network import Network

Floats = NDArray[np.float32]

MOST_SAMPLES = 1_000
"""Test samples that are looked at: the first ones."""

REPEATS = 5
"""Times that a column is shuffled."""

GRID = 24
"""Values of a column that are tried, at most."""

MOST_NUMBERS = 20_000
"""Numbers of a sample up to which all go into the PCA; of more, every so many-th does."""


@dataclass(frozen=True)
class Importance:
    """How much worse the network is when a column is shuffled (Breiman 2001): means and standard deviations."""

    means: Floats
    spreads: Floats
    labels: tuple[str, ...]
    measure: str
    """What gets worse, in words."""


def permutation_importance(network: Network, facts: DataFacts, arrays: Arrays, batch: int) -> Importance:
    """Of the columns of a table, over the test set. Raises SpecError and WorkerError."""
    from sklearn.inspection import permutation_importance as shuffled

    _require_table(facts)
    x, y = _test_samples(arrays)
    # Several targets count alike, whatever their units.
    spread = np.maximum(y.std(axis=0), 1e-12) if facts.target_names else 1.0

    class Estimator:
        """What scikit-learn asks for; it is never fitted."""

        def fit(self, x: Array, y: Array) -> "Estimator":
            return self

    def score(_: Estimator, some: Array, truth: Array) -> float:
        outputs = network.outputs(np.asarray(some, np.float32), batch)
        if facts.task is Task.REGRESSION:
            return -float(np.abs(errors_of(outputs, truth) / spread).mean())
        wrong = wrong_predictions(outputs, truth, facts.task)
        assert wrong is not None
        return 1 - float(wrong.mean())

    found = shuffled(
        Estimator(), np.asarray(x, np.float32), y, scoring=score, n_repeats=REPEATS, random_state=0
    )
    measure = "mean absolute error grows by" if facts.task is Task.REGRESSION else "accuracy falls by"
    measure = "mean absolute error in standard deviations grows by" if facts.target_names else measure
    labels = tuple(facts.feature(at) for at in range(x.shape[1]))
    return Importance(
        np.asarray(found.importances_mean, np.float32),
        np.asarray(found.importances_std, np.float32),
        labels,
        measure,
    )


@dataclass(frozen=True)
class Effect:
    """What the network says on average when a column has a value in every test row (Friedman 2001)."""

    values: Floats
    """(tried,), rising; codes of a category."""
    curves: Floats
    """(tried, outputs)."""
    labels: tuple[str, ...]
    """Words of a category, by the values; empty of numbers."""


def column_effect(network: Network, facts: DataFacts, arrays: Arrays, column: int, batch: int) -> Effect:
    """Of one column of a table, over the test set. Raises SpecError and WorkerError."""
    _require_table(facts)
    if not 0 <= column < facts.shape[0]:
        raise SpecError(f"There is no column {column + 1}; the last one is {facts.shape[0]}.")
    x = np.asarray(_test_samples(arrays)[0], np.float32)
    given = x[:, column][np.isfinite(x[:, column])]
    if not given.size:
        raise WorkerError(f"{facts.feature(column)} has no value in the test samples.")
    told = facts.columns[column] if facts.columns else None
    is_word = told is not None and told.kind == "category"
    values = np.unique(given if is_word else np.quantile(given, np.linspace(0, 1, GRID)))[:GRID]
    curves = []
    for value in values:
        changed = x.copy()
        changed[:, column] = value
        curves.append(network.outputs(changed, batch).mean(axis=0, dtype=np.float64))
    labels = tuple(told.word(float(value)) for value in values) if told is not None and is_word else ()
    return Effect(values.astype(np.float32), np.asarray(curves, np.float32), labels)


@dataclass(frozen=True)
class Projection:
    """The test samples by the two directions in which a step's values differ most."""

    points: Floats
    """(samples, 2)."""
    targets: Array
    shares: tuple[float, float]
    """Of the variance that each direction has."""


def projection(steps: LayerSteps, arrays: Arrays, step: int, batch: int) -> Projection:
    """By PCA. Raises SpecError and WorkerError."""
    from sklearn.decomposition import PCA

    x, y = _test_samples(arrays)
    if len(x) < 2:
        raise WorkerError("A scatter needs two test samples at least.")
    parts = []
    for start in range(0, len(x), batch):
        values = steps.values(x[start : start + batch])[step]
        if values.dtype.kind not in "fiub":
            raise SpecError("Texts are no numbers; choose a later layer.")
        flat = values.reshape(len(values), -1)
        parts.append(flat[:, :: -(-flat.shape[1] // MOST_NUMBERS)].astype(np.float32))
    rows = np.nan_to_num(np.concatenate(parts), posinf=0.0, neginf=0.0)
    if rows.shape[1] == 1:
        rows = np.concatenate([rows, np.zeros_like(rows)], axis=1)
    found = PCA(2, random_state=0)
    points = np.asarray(found.fit_transform(rows), np.float32)
    first, second = (float(share) if np.isfinite(share) else 0.0 for share in found.explained_variance_ratio_)
    return Projection(points, np.asarray(y), (first, second))


def _require_table(facts: DataFacts) -> None:
    if not facts.is_table:
        raise SpecError("That is for tables: these samples have no columns.")


def _test_samples(arrays: Arrays) -> tuple[Array, Array]:
    """The first of them. Raises WorkerError where there is none."""
    if not len(arrays.x_test):
        raise WorkerError("There are no test samples here to look at.")
    return arrays.x_test[:MOST_SAMPLES], np.asarray(arrays.y_test[:MOST_SAMPLES])
