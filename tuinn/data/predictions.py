"""What a run's network has predicted, as files: the outputs for the test samples, and the pictures from outside."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.atomic_io import open_stored, replacing
from tuinn.spec.dataset import Task

Outputs = NDArray[np.float32]
"""Test samples × outputs: probabilities, or values of a regression."""


def save_predictions(file: Path, outputs: Outputs) -> None:
    """Replace the file, whole or not at all. Raises OSError."""
    save_in_parts(file, len(outputs), [outputs])


def save_in_parts(file: Path, count: int, parts: Iterable[Outputs]) -> None:
    """Replace the file by `count` rows that come in parts, each written before the next is made. Raises OSError."""
    # Not durable: after a power cut the next epoch writes it anew.
    with replacing(file, durable=False) as temporary, temporary.open("wb") as out:
        for at, part in enumerate(parts):
            if at == 0:
                shape = (count, *part.shape[1:])
                head = {"descr": "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(out, head)
            out.write(np.ascontiguousarray(part, dtype="<f4").tobytes())


def read_predictions(file: Path) -> Outputs | None:
    """Return the outputs, read from the disk as they are looked at; None where the file is missing or damaged.

    A file that takes the place of this one later doesn't change them.
    """
    try:
        with open_stored(file) as opened:
            version = np.lib.format.read_magic(opened)
            if version != (1, 0):
                return None
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(opened)
            if dtype != np.dtype("<f4") or len(shape) != 2 or 0 in shape:
                return None
            outputs: Outputs = np.memmap(opened, dtype, "r", opened.tell(), shape, "F" if fortran else "C")
    except Exception:  # NumPy has many names for "damaged", a shape beyond all memory among them
        return None
    return outputs


MOST_PICTURES = 100
"""Pictures from outside that a run keeps, the newest ones, training samples that are like them among them."""


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


def predicted_labels(outputs: Outputs, thresholds: Sequence[float] = ()) -> NDArray[np.intp]:
    """(n, outputs) → (n,): the label of the likeliest class; -1 where an output is not finite.

    `thresholds`: from where on the second of two classes is predicted; none: 0.5.
    """
    if outputs.shape[1] == 1 or (thresholds and outputs.shape[1] == 2):
        # As doubles, as one sample's outputs are in the journal: all who decide decide alike.
        labels = np.where(outputs[:, -1].astype(np.float64) > (thresholds[0] if thresholds else 0.5), 1, 0)
    else:
        labels = outputs.argmax(axis=1)
    found: NDArray[np.intp] = np.where(np.all(np.isfinite(outputs), axis=1), labels, -1)
    return found


def predicted_sets(outputs: Outputs, thresholds: Sequence[float] = ()) -> NDArray[np.bool_]:
    """(n, labels): which of several labels are predicted. `thresholds`: one for each; none: all 0.5."""
    found: NDArray[np.bool_] = outputs.astype(np.float64) > (np.array(thresholds) if thresholds else 0.5)
    return found


def errors_of(outputs: NDArray[np.floating], truth: NDArray[np.generic]) -> NDArray[np.float64]:
    """(n, outputs) → predicted minus true numbers, (n,), or (n, targets) of several."""
    wide = outputs.astype(np.float64)
    return np.asarray((wide if truth.ndim == 2 else wide[:, 0]) - truth.astype(np.float64))


def mean_errors(outputs: NDArray[np.floating], truth: NDArray[np.generic]) -> NDArray[np.float64]:
    """(n, outputs) → by how much each prediction is off, (n,); of several targets the mean in their standard deviations."""
    found = np.abs(errors_of(outputs, truth))
    if found.ndim == 1:
        return found
    return np.asarray((found / np.maximum(truth.astype(np.float64).std(axis=0), 1e-12)).mean(axis=1))


def wrong_predictions(
    outputs: Outputs, targets: NDArray[np.generic], task: Task, thresholds: Sequence[float] = ()
) -> NDArray[np.bool_] | None:
    """Return for each sample whether the outputs miss the dataset's own target; None for a regression.

    Of several labels every one must be right. An output that is not finite is wrong.
    """
    if task is Task.REGRESSION:
        return None
    if task is not Task.LABELS:
        return np.asarray(predicted_labels(outputs, thresholds) != targets)
    said = predicted_sets(outputs, thresholds)
    wrong: NDArray[np.bool_] = np.any(said != (targets.astype(np.float32) > 0.5), axis=1)
    return wrong | ~np.isfinite(outputs).all(axis=1)
