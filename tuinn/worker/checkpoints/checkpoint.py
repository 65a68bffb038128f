"""What a run can be resumed from, as a file: plain numbers and arrays, whole or not at all, written beside the training."""

import io
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tuinn.atomic_io import FULL, open_stored, replacing, write_whole
from tuinn.errors import SpecError, WorkerError
from tuinn.runs.events import Metrics
from tuinn.runs.folder import RunFolder
from tuinn.runs.worker_record import why_not_written
from tuinn.spec.run import RunSpec
from tuinn.worker.checkpoints.retention import CheckpointRetention
from tuinn.worker.errors import first_line
from tuinn.worker.keras_types import Array

FORMAT = 1

WRITE_SECONDS = 1.0
"""Between two files, unless somebody waits for one. A newer state replaces one that is not written yet."""

State = dict[str, Any]
"""A tree of dicts, lists, numbers, texts, None and arrays."""


class DamagedCheckpointError(WorkerError):
    """A file that is no whole checkpoint."""


@dataclass(frozen=True)
class Position:
    """How far a training is."""

    epoch: int = 1
    """The one that is trained next, or is being trained, counted from 1."""
    step: int = 0
    """Batches of it that are done."""
    seconds: float = 0.0
    """Spent in it so far, pauses left out."""
    metrics: Metrics = field(default_factory=dict)
    """Running means since it began; empty at its beginning."""


@dataclass(frozen=True)
class BestEpoch:
    """The epoch whose `val_loss`, or `loss` where nothing is validated, was the lowest."""

    epoch: int = 0
    """Counted from 1; 0: none yet."""
    value: float = float("inf")


@dataclass(frozen=True)
class Checkpoint:
    """All that decides how a training goes on, save the order of the samples: that follows from seed and epoch."""

    position: Position
    epochs: int
    """Asked for, by then."""
    best: BestEpoch = field(default_factory=BestEpoch)
    state: State = field(default_factory=dict)
    """Of `training_state.take`."""
    settings_changed: int | None = None
    """SettingChanges in the journal by then, as `tuinn.worker.commands` counts them; None: nobody counted."""
    score: float | None = None
    """`val_loss`, or `loss` where nothing is validated, of the epoch that just ended; None in the middle of one."""
    spec: RunSpec | None = None
    """What is trained; None in files of a version that didn't keep it."""

    def with_batch_size(self, size: int) -> "Checkpoint":
        """The same place with batches of another size: as many samples of its epoch are done, or up to a batch fewer."""
        if self.spec is None or self.spec.fit.batch_size == size:
            return self
        step = self.position.step * self.spec.fit.batch_size // size
        spec = self.spec.with_fit(batch_size=size)
        return replace(self, position=replace(self.position, step=step), spec=spec)

    @property
    def epochs_done(self) -> int:
        """Epochs that are trained whole."""
        return self.position.epoch - 1

    @property
    def last_epoch(self) -> int:
        """The last one of which something is trained."""
        return self.position.epoch if self.position.step else self.epochs_done

    def write(self, file: Path) -> None:
        """Write it under its name whole or not at all: aside first, brought to the disk, renamed. Raises OSError."""
        arrays: list[Array] = []
        header = {
            "format": FORMAT,
            "place": asdict(self.position),
            "epochs": self.epochs,
            "best": asdict(self.best) if self.best.epoch else None,
            "heeded": self.settings_changed,
            "score": self.score,
            "spec": self.spec.raw() if self.spec else None,
            "state": _pack(self.state, arrays),
        }
        packed = io.BytesIO()
        head = np.frombuffer(json.dumps(header).encode(), np.uint8)
        np.savez(
            packed, allow_pickle=False, head=head, **{f"a{at}": array for at, array in enumerate(arrays)}
        )
        write_whole(file, packed.getbuffer())

    @classmethod
    def read(cls, file: Path) -> "Checkpoint":
        """Raises DamagedCheckpointError, WorkerError for a file of a newer tuinn, FileNotFoundError where there is none."""
        try:
            with open_stored(file) as opened, np.load(opened, allow_pickle=False) as arrays:
                header = json.loads(arrays["head"].tobytes())
                spec = _spec_of(header, file)
                state = _unpack(header["state"], arrays)
            return cls(
                Position(**header["place"]),
                header["epochs"],
                BestEpoch(**header["best"]) if header["best"] else BestEpoch(),
                state,
                header.get("heeded"),
                header.get("score"),
                spec,
            )
        except (FileNotFoundError, PermissionError, MemoryError, WorkerError):
            raise  # the file may be whole
        except Exception as error:  # zip, zlib, JSON and NumPy each have their own names for "damaged"
            raise DamagedCheckpointError(f"The checkpoint {file} is damaged ({first_line(error)}).") from None


def read_spec(file: Path) -> RunSpec | None:
    """The spec with which this checkpoint was trained, without its arrays; None where it can't be read."""
    try:
        with open_stored(file) as opened, np.load(opened, allow_pickle=False) as arrays:
            return _spec_of(json.loads(arrays["head"].tobytes()), file)
    except Exception:  # zip, zlib, JSON and NumPy each have their own names for "damaged"
        return None


def _spec_of(header: Mapping[str, Any], file: Path) -> RunSpec | None:
    """The spec in a checkpoint. Raises WorkerError where a newer tuinn wrote it."""
    try:
        if header["format"] <= FORMAT:
            return RunSpec.from_dict(header["spec"]) if header.get("spec") else None
    except SpecError:
        pass
    raise WorkerError(f"The checkpoint {file} is from a newer tuinn. Resume the run with that one.")


def _pack(tree: object, arrays: list[Array]) -> object:
    """The tree as JSON; each array becomes its index in `arrays`."""
    if isinstance(tree, dict):
        return {key: _pack(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_pack(value, arrays) for value in tree]
    if isinstance(tree, np.generic):
        return tree.item()
    if isinstance(tree, np.ndarray):
        arrays.append(tree)
        return {"@": len(arrays) - 1}
    return tree


def _unpack(tree: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(tree, dict):
        if set(tree) == {"@"}:
            return arrays[f"a{tree['@']}"]
        return {key: _unpack(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_unpack(value, arrays) for value in tree]
    return tree


def without_early_stop(checkpoint: Checkpoint) -> Checkpoint:
    """The same, as if early stopping had not ended the training: who resumes a finished run wants more epochs."""
    for _, attributes in checkpoint.state.get("callbacks", []):
        if attributes.get("stopped_epoch"):
            attributes.update(stopped_epoch=0, wait=0)
    return checkpoint


class AsyncCheckpointer:
    """Writes checkpoints in a thread: `last.npz`, `best.npz` where one is the best so far, and where more than one is
    to be kept, `epoch-N.npz` of each of the best epochs.

    The training only hands over copies. What became of them is in `written` and `problems`, for it to report.
    """

    def __init__(
        self,
        folder: RunFolder,
        keep_best: int = 1,
        write: Callable[[Checkpoint, Path], None] = Checkpoint.write,
    ) -> None:
        self.folder, self.write = folder, write
        self.retention = CheckpointRetention(folder, keep_best)
        self.best: Checkpoint | None = None
        """The best so far, in memory, where this worker made it."""
        self.written: list[tuple[Position, Path]] = []
        self.problems: list[str] = []
        self.unwritten: dict[Path, Checkpoint] = {}
        """Those for which the disk had no room."""
        self._waiting: dict[Path, Checkpoint] = {}
        self._changed = threading.Condition()
        self._flushing = self._closed = False
        self._thread = threading.Thread(target=self._work, name="checkpointer", daemon=True)
        self._thread.start()

    def submit(self, checkpoint: Checkpoint, best: bool = False) -> None:
        """Write it soon. A newer one takes the place of one that is still waiting."""
        with self._changed:
            self._waiting[self.folder.last_checkpoint] = checkpoint
            if best:
                self._waiting[self.folder.best_checkpoint] = self.best = checkpoint
            if (file := self.retention.file_for(checkpoint)) is not None:
                self._waiting[file] = checkpoint
            for file in self.retention.to_remove:
                self._waiting.pop(file, None)
            self._changed.notify_all()

    def flush(self) -> None:
        """Return when all is written that was handed over."""
        with self._changed:
            self._flushing = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting or not self._thread.is_alive())
            self._flushing = False

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self.flush()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def write_unwritten(self) -> None:
        """Once more, after `close`. Raises OSError."""
        for file, checkpoint in list(self.unwritten.items()):
            self._write(file, checkpoint)

    def best_checkpoint(self) -> Checkpoint | None:
        """Of the best epoch; None where none was kept. Raises WorkerError where its file is damaged."""
        if self.best is not None:
            return self.best
        try:
            return Checkpoint.read(self.folder.best_checkpoint)
        except FileNotFoundError:
            return None

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                batch = dict(self._waiting)
            on_disk: dict[int, Path] = {}
            for file, checkpoint in batch.items():
                # One state under several names is one file.
                same = on_disk.get(id(checkpoint))
                if (same and _link(same, file)) or self._write_one(file, checkpoint):
                    on_disk[id(checkpoint)] = file
                    self.unwritten.pop(file, None)
            self.retention.remove()
            with self._changed:
                for file, checkpoint in batch.items():
                    if self._waiting.get(file) is checkpoint:
                        del self._waiting[file]
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._flushing or self._closed, timeout=WRITE_SECONDS)

    def _write(self, file: Path, checkpoint: Checkpoint) -> None:
        # Never create the run folder itself: where it is gone, the run is gone.
        file.parent.mkdir(mode=0o700, exist_ok=True)
        self.write(checkpoint, file)
        self.unwritten.pop(file, None)
        self.written.append((checkpoint.position, file))

    def _write_one(self, file: Path, checkpoint: Checkpoint) -> bool:
        """True when it is whole on disk."""
        try:
            self._write(file, checkpoint)
            return True
        except OSError as error:
            if error.errno in FULL:
                self.unwritten[file] = checkpoint
            why, remedy = why_not_written(error, self.folder.path)
            self.problems.append(
                f"The checkpoint {file} cannot be written ({why}). The training goes on, "
                f"but it cannot be resumed from here. {remedy}"
            )
        except Exception as error:  # the thread must live on; the training reports it
            self.problems.append(f"The checkpoint {file} cannot be written: {error}.")
        return False


def _link(existing: Path, file: Path) -> bool:
    """Give one file a second name. False where the disk can't."""
    try:
        with replacing(file, durable=False) as temporary:
            os.link(existing, temporary)
    except OSError:
        return False
    return True
