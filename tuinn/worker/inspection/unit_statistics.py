"""What the units of one step give over the test set: a number for each sample, and which of them never speak."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.errors import SpecError, WorkerError
from tuinn.worker.inspection.activations import LayerSteps
from tuinn.worker.keras_types import Array

MOST_SAMPLES = 1_000
"""Test samples that are looked at: the first ones."""

MOST_NUMBERS = 4_000_000
"""Numbers that are kept: samples × units."""


@dataclass(frozen=True)
class UnitStatistics:
    """Of one step; a unit is one place of its last axis."""

    means: NDArray[np.float32]
    """(samples, units): the mean over all other axes."""
    dead: NDArray[np.bool_]
    """(units,): it gave 0, and nothing else, for every sample."""
    targets: Array
    """(samples, …): as the dataset has them."""

    def arrays(self) -> Mapping[str, Array]:
        return {"means": self.means, "dead": self.dead, "targets": self.targets}


def over_samples(steps: LayerSteps, arrays: Arrays, step: int, batch: int) -> UnitStatistics:
    """What the step gives for the first test samples, `batch` at a time. Raises SpecError and WorkerError."""
    units = (steps.steps[step].shape or (1,))[-1]
    count = min(len(arrays.x_test), MOST_SAMPLES, max(1, MOST_NUMBERS // units))
    if not count:
        raise WorkerError("There are no test samples here to look at the units over.")
    means, alive = [], np.zeros(units, bool)
    for start in range(0, count, batch):
        values = steps.values(arrays.x_test[start : min(start + batch, count)])[step]
        if values.dtype.kind not in "iufb":
            raise SpecError("Texts have no units to look at.")
        flat = values.reshape(len(values), -1, units).astype(np.float32)
        means.append(flat.mean(axis=1))
        alive |= (flat != 0).any(axis=(0, 1))
    return UnitStatistics(np.concatenate(means), ~alive, np.asarray(arrays.y_test[:count]))
