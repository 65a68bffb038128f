"""`predictions.npy`, the outputs for a run's first test samples: write it, read it, and say which are wrong."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.atomic_io import replacing
from tuinn.spec.dataset import Task

Outputs = NDArray[np.float32]
"""Test samples × outputs: probabilities, or values of a regression."""


def save_predictions(file: Path, outputs: Outputs) -> None:
    """Replace the file, whole or not at all. Raises OSError."""
    # Not durable: after a power cut the next epoch writes it anew.
    with replacing(file, durable=False) as temporary, temporary.open("wb") as out:
        np.save(out, outputs, allow_pickle=False)


def read_predictions(file: Path) -> Outputs | None:
    """Return the outputs; None where the file is missing or damaged."""
    try:
        outputs: Outputs = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return outputs if outputs.ndim == 2 else None


def wrong_predictions(outputs: Outputs, targets: NDArray[np.generic], task: Task) -> NDArray[np.bool_] | None:
    """Return for each sample whether the outputs miss the dataset's own target; None for a regression.

    Of several labels every one must be right. An output that is not finite is wrong.
    """
    if task is Task.REGRESSION:
        return None
    wrong: NDArray[np.bool_]
    if task is Task.LABELS:
        wrong = np.any((outputs > 0.5) != (targets.astype(np.float32) > 0.5), axis=1)
    elif outputs.shape[1] == 1:
        wrong = (outputs[:, 0] > 0.5) != (targets.astype(np.float32) > 0.5)
    else:
        wrong = outputs.argmax(axis=1) != targets
    return wrong | ~np.isfinite(outputs).all(axis=1)
