"""What a run can be resumed from, as a file: plain numbers and arrays, whole or not at all, written beside the training."""

import io
import json
import os
import threading
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.atomic_io import replacing, write_whole
from tuinn.errors import WorkerError
from tuinn.runs.events import Metrics
from tuinn.runs.folder import RunFolder
from tuinn.worker.checkpoints.retention import CheckpointRetention

FORMAT = 1

PACE = 1.0
"""Seconds between two files, unless somebody waits for one. A newer state replaces one that is not written yet."""


@dataclass(frozen=True)
class Place:
    """How far a training is."""

    epoch: int = 1
    """The one in hand, counted from 1."""
    step: int = 0
    """Batches of it that are done."""
    seconds: float = 0.0
    """Spent in it so far, pauses left out."""
    metrics: Metrics = field(default_factory=dict)
    """Running means since it began; empty at its beginning."""


@dataclass(frozen=True)
class Best:
    """The epoch whose `val_loss`, or `loss` where nothing is validated, was the lowest."""

    epoch: int = 0
    """Counted from 1; 0: none yet."""
    value: float = float("inf")


@dataclass(frozen=True)
class Checkpoint:
    """All that decides how a training goes on, save the order of the data: that follows from seed and epoch."""

    place: Place
    epochs: int
    """Asked for, by then."""
    best: Best = field(default_factory=Best)
    state: dict[str, Any] = field(default_factory=dict)
    """Of `snapshot.take`: a tree of dicts, lists, numbers, texts and arrays."""
    heeded: int | None = None
    """Orders that the journal told by then, as `tuinn.worker.commands` counts them; None: nobody counted."""
    score: float | None = None
    """`val_loss`, or `loss` where nothing is validated, of the epoch that just ended; None in the middle of one."""

    @property
    def done(self) -> int:
        """Epochs that are trained whole."""
        return self.place.epoch - 1

    def write(self, file: Path) -> None:
        """Under its name whole or not at all: written aside, brought to the disk, renamed. Raises OSError."""
        arrays: list[NDArray[Any]] = []
        told = {
            "format": FORMAT,
            "place": asdict(self.place),
            "epochs": self.epochs,
            "best": asdict(self.best) if self.best.epoch else None,
            "heeded": self.heeded,
            "score": self.score,
            "state": _flatten(self.state, arrays),
        }
        packed = io.BytesIO()
        head = np.frombuffer(json.dumps(told).encode(), np.uint8)
        np.savez(packed, allow_pickle=False, head=head, **{f"a{at}": one for at, one in enumerate(arrays)})
        write_whole(file, packed.getbuffer())

    @classmethod
    def read(cls, file: Path) -> "Checkpoint":
        """Raises WorkerError where the file is damaged, FileNotFoundError where there is none."""
        try:
            with np.load(file, allow_pickle=False) as found:
                told = json.loads(found["head"].tobytes())
                if told["format"] > FORMAT:
                    raise WorkerError(f"{file} is from a newer tuinn. Install that one to go on with it.")
                state = _restore(told["state"], found)
            best = Best(**told["best"]) if told["best"] else Best()
            return cls(
                Place(**told["place"]), told["epochs"], best, state, told.get("heeded"), told.get("score")
            )
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise WorkerError(
                f"The checkpoint {file} is damaged ({error}). Remove it to begin again."
            ) from None


def _flatten(tree: Any, arrays: list[NDArray[Any]]) -> Any:
    """The tree as JSON; each array becomes its place in `arrays`."""
    if isinstance(tree, dict):
        return {key: _flatten(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_flatten(value, arrays) for value in tree]
    if isinstance(tree, np.generic):
        return tree.item()
    if isinstance(tree, np.ndarray):
        arrays.append(tree)
        return {"@": len(arrays) - 1}
    return tree


def _restore(tree: Any, arrays: Any) -> Any:
    if isinstance(tree, dict):
        if set(tree) == {"@"}:
            return arrays[f"a{tree['@']}"]
        return {key: _restore(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_restore(value, arrays) for value in tree]
    return tree


def wanting_more(checkpoint: Checkpoint) -> Checkpoint:
    """The same, where early stopping has not ended the training: whoever goes on with a run that finished wants more."""
    for _, kept in checkpoint.state.get("callbacks", []):
        if kept.get("stopped_epoch"):
            kept.update(stopped_epoch=0, wait=0)
    return checkpoint


def latest(folder: RunFolder) -> Checkpoint | None:
    """What to resume from; None where no checkpoint was ever whole. A damaged last one gives way to the best.

    Raises WorkerError where all there are, are damaged.
    """
    problem = None
    for file in (folder.last_checkpoint, folder.best_checkpoint):
        try:
            return Checkpoint.read(file)
        except FileNotFoundError:
            continue
        except WorkerError as damaged:
            problem = problem or damaged
    if problem:
        raise problem
    return None


class AsyncCheckpointer:
    """Writes checkpoints in a thread of its own: `last.npz`, `best.npz` where one is the best so far, and where more
    than one is to be kept, `epoch-N.npz` of each of the best epochs.

    The training only hands over copies. What became of them is in `written` and `problems`, for it to tell.
    """

    def __init__(
        self,
        folder: RunFolder,
        keep_best: int = 1,
        write: Callable[[Checkpoint, Path], None] = Checkpoint.write,
    ) -> None:
        self.folder, self.write = folder, write
        self.shelf = CheckpointRetention(folder, keep_best)
        self.best = Best()
        self.best_state: Checkpoint | None = None
        """The best so far, in memory, where this worker made it."""
        self.written: list[tuple[Place, Path]] = []
        self.problems: list[str] = []
        self._wanted: dict[Path, Checkpoint] = {}
        self._changed = threading.Condition()
        self._hurry = self._closed = False
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self._thread.start()

    def keep(self, checkpoint: Checkpoint, best: bool = False) -> None:
        """Write it soon. A newer one takes the place of one that is still waiting."""
        with self._changed:
            self._wanted[self.folder.last_checkpoint] = checkpoint
            if best:
                self._wanted[self.folder.best_checkpoint] = self.best_state = checkpoint
            if (file := self.shelf.place_for(checkpoint)) is not None:
                self._wanted[file] = checkpoint
            for gone in self.shelf.to_remove:
                self._wanted.pop(gone, None)
            self._changed.notify_all()

    def flush(self) -> None:
        """Return when all is written that was handed over."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._wanted or not self._thread.is_alive())
            self._hurry = False

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self.flush()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def best_checkpoint(self) -> Checkpoint | None:
        """The best epoch's; None where none was kept. Raises WorkerError where its file is damaged."""
        if self.best_state is not None:
            return self.best_state
        try:
            return Checkpoint.read(self.folder.best_checkpoint)
        except FileNotFoundError:
            return None

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._closed)
                if not self._wanted:
                    return
                batch = dict(self._wanted)
            whole: dict[int, Path] = {}
            for file, checkpoint in batch.items():
                # One state under several names is one file.
                there = whole.get(id(checkpoint))
                if (there and _link(there, file)) or self._write_one(file, checkpoint):
                    whole[id(checkpoint)] = file
            self.shelf.remove()
            with self._changed:
                for file, checkpoint in batch.items():
                    if self._wanted.get(file) is checkpoint:
                        del self._wanted[file]
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._hurry or self._closed, timeout=PACE)

    def _write_one(self, file: Path, checkpoint: Checkpoint) -> bool:
        """True when it is whole on disk."""
        try:
            # The run folder itself is never made anew: where it is gone, it is gone.
            file.parent.mkdir(mode=0o700, exist_ok=True)
            self.write(checkpoint, file)
            self.written.append((checkpoint.place, file))
            return True
        except OSError as error:
            self.problems.append(
                f"The checkpoint {file} cannot be written ({error.strerror or error}). The training goes on; "
                "free space on its disk, or it cannot be resumed from here."
            )
        except Exception as error:  # the thread must live on; the training tells it
            self.problems.append(f"The checkpoint {file} cannot be written: {error}.")
        return False


def _link(there: Path, file: Path) -> bool:
    """One file with two names. False where it can't be."""
    try:
        with replacing(file, durable=False) as temporary:
            os.link(there, temporary)
    except OSError:
        return False
    return True
