"""What a run's network has predicted, as files: the outputs for the first test samples, and the pictures from outside."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.atomic_io import open_stored, replacing
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
        with open_stored(file) as opened:
            outputs: Outputs = np.load(opened, allow_pickle=False)
    except Exception:  # NumPy has many names for "damaged", a shape beyond all memory among them
        return None
    return outputs if outputs.ndim == 2 else None


MOST_PICTURES = 50
"""Pictures from outside that a run keeps, the newest ones."""


def save_picture(folder: Path, request: str, pixels: NDArray[np.generic]) -> str:
    """Keep a picture as the network saw it, and return its file's name. Raises OSError.

    `folder`: the run's folder of pictures, created here; `request`: of the question.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{hashlib.sha256(request.encode()).hexdigest()[:16]}.npy"
    with replacing(folder / name, durable=False) as temporary, temporary.open("wb") as out:
        np.save(out, pixels, allow_pickle=False)
    by_age = sorted(folder.glob("[!.]*.npy"), key=lambda file: file.stat().st_mtime_ns)
    for old in by_age[:-MOST_PICTURES]:
        old.unlink(missing_ok=True)
    return name


def read_picture(folder: Path, name: str) -> NDArray[np.generic] | None:
    """The pixels under this name, as `PictureAnswered.pixels` says it; None where there are none, or not any more."""
    if not name:
        return None
    try:
        with open_stored(folder / Path(name).name) as opened:
            pixels: NDArray[np.generic] = np.load(opened, allow_pickle=False)
    except Exception:  # NumPy has many names for "damaged", a shape beyond all memory among them
        return None
    return pixels


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
