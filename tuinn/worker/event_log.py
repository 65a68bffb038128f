"""The events of a run: written to its journal within a limit of size, and passed on to the files that are made of them."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace

from tuinn.atomic_io import FULL, file_size_limit
from tuinn.errors import JournalError
from tuinn.runs.events import (
    BatchEnded,
    Checkpointed,
    EpochEnded,
    EpochStarted,
    Event,
    LoadMeasured,
    Noted,
    Predicted,
)
from tuinn.runs.folder import RESERVE, RunFolder
from tuinn.runs.journal import JournalWriter
from tuinn.runs.summary import judged_value
from tuinn.runs.worker_record import why_not_written
from tuinn.worker.keras_types import Model

Emit = Callable[[Event], None]
"""Writes one event. Raises JournalError."""

BURST_BYTES = 1_500_000.0
"""May be written at once; also what is left to begin with."""

REFILL_BYTES = 90.0
"""Come back a second: 7.8 MB a day."""

RESERVED_FOR_EPOCHS = BURST_BYTES / 2
"""Bytes that reports from within an epoch leave to those of epochs."""

TIMESTAMP_BYTES = 18
"""How many more an event has once it bears the time."""


FREQUENT = (EpochStarted, BatchEnded, LoadMeasured, Predicted, Checkpointed)
"""Kinds of which there are many. Before any other one, the epochs that were left out are written."""


class Listener(Protocol):
    """Keeps a file made of the events, such as history.csv. What it raises ends its listening, never the run."""

    def on_event(self, event: Event) -> None:
        """Called for each event, once it is in the journal, and for each epoch that is left out there."""

    def on_model_built(self, model: Model) -> None:
        """The network of the run is built and compiled."""


class EventLog:
    """Writes events with `write`, tells the listeners, and says whether there is room for more.

    Whoever has many events asks `allows_batch` or `allows_epoch` first; an event that is emitted is always written.
    Of the epochs that are left out, the best and the last one are written before the next event that isn't one of
    many. So the journal's best epoch and the ends of its curves are the true ones.
    """

    def __init__(
        self,
        write: Emit,
        listeners: Sequence[Listener] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.write, self.listeners, self.clock = write, list(listeners), clock
        self.bytes_left, self.counted_at = BURST_BYTES, clock()
        self.encoder = msgspec.json.Encoder()
        self.best_value: float | None = None
        self.best_omitted: EpochEnded | None = None
        self.last_omitted: EpochEnded | None = None

    def emit(self, event: Event) -> None:
        """Raises JournalError where the journal can't be written; nothing else."""
        if isinstance(event, EpochEnded):
            self.last_omitted = None  # the curves end with this one
            self._is_best(event)
        if not isinstance(event, FREQUENT):
            self._write_omitted()
        self._write(event)
        self._notify(lambda listener: listener.on_event(event))

    def omit(self, event: EpochEnded) -> None:
        """Leave an epoch out of the journal, which has no room for it. The listeners get it."""
        self.last_omitted = event
        if self._is_best(event):
            self.best_omitted = event
        self._notify(lambda listener: listener.on_event(event))

    def model_built(self, model: Model) -> None:
        """Show the listeners the network of the run."""
        self._notify(lambda listener: listener.on_model_built(model))

    def add_listener(self, listener: Listener) -> None:
        """From the next event on."""
        self.listeners.append(listener)

    def allows_batch(self) -> bool:
        """True when an event from within an epoch may be written."""
        return self._refilled() > RESERVED_FOR_EPOCHS

    def allows_epoch(self) -> bool:
        """True when an event of a whole epoch may be written."""
        return self._refilled() > 0

    def _is_best(self, event: EpochEnded) -> bool:
        """True where no epoch before it was as good; remembers its value."""
        value = judged_value(event.metrics)
        if value is None or (self.best_value is not None and value >= self.best_value):
            return False
        self.best_value = value
        return True

    def _write_omitted(self) -> None:
        best, last = self.best_omitted, self.last_omitted
        self.best_omitted = self.last_omitted = None
        for event in (best, None if last is best else last):
            if event is not None:
                self._write(event)

    def _write(self, event: Event) -> None:
        self.write(event)
        self.bytes_left -= len(self.encoder.encode(event)) + TIMESTAMP_BYTES

    def _refilled(self) -> float:
        now = self.clock()
        self.bytes_left = min(BURST_BYTES, self.bytes_left + REFILL_BYTES * (now - self.counted_at))
        self.counted_at = now
        return self.bytes_left

    def _notify(self, call: Callable[[Listener], None]) -> None:
        for listener in list(self.listeners):
            try:
                call(listener)
            except Exception as error:  # a file beside the run must not end it, whoever writes it
                self.listeners.remove(listener)
                why = getattr(error, "strerror", None) or str(error).partition("\n")[0]
                self.write(
                    Noted(
                        level="warning",
                        message=f"{type(listener).__name__} cannot be written any more ({why}). The training goes on.",
                    )
                )


DISK_FULL = "The disk was full"

LIMIT_REACHED = "Its journal has reached the limit of the size of files. Raise it (`ulimit -f`)"


def journal_of(folder: RunFolder, on_full: Callable[[str], None] = lambda why: None) -> Emit:
    """Open the journal of a run: what comes back appends one event, stamped with the present time.

    Both raise JournalError where the disk refuses. Where it is full, or the journal may grow no more, the room that was
    kept for the last events is used, and `on_full` is called with the reason: the training should end soon.
    """
    limit = file_size_limit()
    kept = None if limit is None else min(RESERVE, limit // 4)

    def lost(error: OSError) -> JournalError:
        why, remedy = why_not_written(error, folder.path)
        return JournalError(
            f"The journal {folder.events_file} cannot be written ({why}). "
            f"{remedy} Or set TUINN_HOME to a folder you may write to, and run again."
        )

    try:
        writer = JournalWriter(folder.events_file)
    except OSError as error:
        raise lost(error) from error

    def write(event: Event) -> None:
        stamped = replace(event, at=time.time())
        try:
            try:
                writer.append(stamped)
            except OSError as error:
                if error.errno not in FULL or not folder.reserve_file.exists():
                    raise
                folder.reserve_file.unlink()
                writer.append(stamped)
                on_full(DISK_FULL)
        except OSError as error:
            raise lost(error) from error
        if limit is not None and kept is not None and writer.file.size() > limit - kept:
            on_full(LIMIT_REACHED)

    return write
