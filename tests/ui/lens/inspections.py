"""What a worker would write about the network 4-3-2 of a table, by hand."""

from pathlib import Path

import msgspec
import numpy as np

from tests.factories import append
from tuinn.data.inspection import Inspection, Step, Trace, file_name, numbers_of, save_arrays
from tuinn.runs.events import Inspected
from tuinn.runs.folder import RunFolder

X = np.array([1.0, 2.0, 0.0, -1.0], np.float32)
KERNEL = np.array([[1, 0, -1], [0, 2, 0], [3, 0, 0], [0, 0, 2]], np.float32)
BIAS = np.array([0.5, -1.0, 0.0], np.float32)
DENSE = X @ KERNEL + BIAS
RELU = np.maximum(DENSE, 0)
SHARES = np.array([0.25, 0.75], np.float32)

STEPS = (
    Step("input", "Input", (4,), labels=("a", "b", "c", "d"), low=-1.0, mean=0.5, high=2.0, zeros=0.25),
    Step("dense", "Dense", (3,), (0,), {"units": 3, "use_bias": True}, weights=("kernel", "bias")),
    Step("dense", "Activation", (3,), (1,), {"activation": "relu"}, is_applied=True, zeros=0.33),
    Step("output", "Activation", (2,), (2,), {"activation": "softmax"}, labels=("cat", "dog")),
)
VALUES = {"v0": X, "v1": DENSE, "v2": RELU, "v3": SHARES}
WEIGHTS = {"dense/kernel": KERNEL, "dense/bias": BIAS}


def by_hand(epoch: int = 3, checkpoints: tuple[int, ...] = (1, 3)) -> Inspection:
    return Inspection(Trace(epoch, STEPS, False, checkpoints), VALUES, {}, WEIGHTS)


def answer(folder: RunFolder, request: str, epoch: int = 3, checkpoints: tuple[int, ...] = (1, 3)) -> Path:
    """Write the files, and the event that names them; return the inspection's."""
    file = folder.inspection / file_name(request)
    save_arrays(file, VALUES, msgspec.json.encode(Trace(epoch, STEPS, False, checkpoints)))
    weights = folder.inspection / f"weights-{file_name(request)}"
    save_arrays(weights, numbers_of(WEIGHTS))
    append(folder, Inspected(request=request, file=file.name, weights=weights.name))
    return file
