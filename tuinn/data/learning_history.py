"""What a network said of the first test samples after each epoch, as a file of the run: when did it get which one?

A record for each epoch, appended: epoch and count as int32, then for each sample the probability of its class as uint8, 255
being 1, and the predicted label as int16. All little-endian. A record voids earlier ones of its own and later epochs: the
training went back to before them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.atomic_io import open_stored
from tuinn.data.predictions import Outputs, predicted_labels
from tuinn.spec.dataset import Task

MOST_BYTES = 8_000_000
"""Of the file; what comes later is not kept."""

HEAD = np.dtype([("epoch", "<i4"), ("count", "<i4")])

SAMPLE = np.dtype([("share", "u1"), ("said", "<i2")])


@dataclass(frozen=True)
class LearningHistory:
    """By epoch, rising."""

    epochs: tuple[int, ...]
    shares: NDArray[np.float64]
    """(epochs, samples): probability of the sample's own class, 0..1."""
    said: NDArray[np.int64]
    """(epochs, samples): predicted label; -1 where that was not finite."""


def append_epoch(file: Path, epoch: int, outputs: Outputs, truth: NDArray[np.generic], task: Task) -> None:
    """Append what the network says, (n, outputs), of samples of the classes `truth`, (n,). Nothing for other tasks. Raises OSError."""
    if task not in (Task.BINARY, Task.CLASSES):
        return
    labels = truth.astype(np.int64)
    wide = np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs
    records = np.empty(len(labels), SAMPLE)
    own = wide[np.arange(len(labels)), labels]
    records["share"] = np.round(255 * np.clip(np.nan_to_num(own, nan=0.0), 0, 1))
    records["said"] = predicted_labels(outputs)
    record = np.array([(epoch, len(labels))], HEAD).tobytes() + records.tobytes()
    with file.open("ab", buffering=0) as out:
        size = out.tell()
        if size < MOST_BYTES and out.write(record) < len(record):
            out.truncate(size)  # the disk is full: later records must not be read as the rest of this one


def read_history(file: Path) -> LearningHistory | None:
    """What was kept, up to a record that is torn; None where there is none."""
    try:
        with open_stored(file) as opened:
            content = opened.read(2 * MOST_BYTES)
    except OSError:
        return None
    found: dict[int, NDArray[np.void]] = {}
    at = 0
    while at + HEAD.itemsize <= len(content):
        ((epoch, count),) = np.frombuffer(content, HEAD, 1, at)
        at += HEAD.itemsize
        if count < 1 or at + count * SAMPLE.itemsize > len(content):
            break
        while found and next(reversed(found)) >= epoch:
            found.popitem()
        found[int(epoch)] = np.frombuffer(content, SAMPLE, count, at)
        at += int(count) * SAMPLE.itemsize
    if not found:
        return None
    fewest = min(map(len, found.values()))
    table = np.stack([record[:fewest] for record in found.values()])
    return LearningHistory(tuple(found), table["share"] / 255.0, table["said"].astype(np.int64))
