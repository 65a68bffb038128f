"""Writes what happened into the run's journal, with the time. The one place where the disk may refuse an event."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from tuinn.errors import JournalLost
from tuinn.runs.events import Event, Noted
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalWriter

Say = Callable[[Event], None]


class EventLog:
    """Appends events to the journal of one run."""

    def __init__(self, folder: RunFolder) -> None:
        """Raises JournalLost where the journal can't be opened."""
        self.file = folder.events_file
        try:
            self.appender = JournalWriter(self.file)
        except OSError as error:
            raise self._lost(error) from error

    def say(self, event: Event) -> None:
        """One line, stamped with the present time. Raises JournalLost where the disk refuses it."""
        try:
            self.appender.append(replace(event, at=time.time()))
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: OSError) -> JournalLost:
        why = error.strerror or str(error)
        return JournalLost(
            f"The journal {self.file} cannot be written ({why}). "
            "Free space on its disk, or set TUINN_HOME to a folder you may write to, and run again."
        )


STORE = 1_500_000.0
"""Bytes that may be written at once; also what is left to begin with."""

REFILL = 90.0
"""Bytes that come back a second: 7.8 MB a day."""

FOR_EPOCHS = STORE / 2
"""Bytes that batches leave to epochs."""


class EventThrottle:
    """Passes events on and counts their bytes. Whoever has many asks first."""

    def __init__(self, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self.clock = say, clock
        self.left, self.counted_at = STORE, clock()
        self.encoder = msgspec.json.Encoder()

    def say(self, event: Event) -> None:
        self._say(event)
        self.left -= (
            len(self.encoder.encode(event)) + 18
        )  # the time, which the scribe adds, has 18 more digits

    def allows_batch(self) -> bool:
        """True when a report from within an epoch may be written."""
        return self._refilled() > FOR_EPOCHS

    def allows_epoch(self) -> bool:
        """True when an epoch may be told."""
        return self._refilled() > 0

    def _refilled(self) -> float:
        now = self.clock()
        self.left = min(STORE, self.left + REFILL * (now - self.counted_at))
        self.counted_at = now
        return self.left


class Listener(Protocol):
    """Keeps a file that tells of a run."""

    def hear(self, event: Event) -> None:
        """May raise whatever it likes: it is not heard of again."""


class EventListeners:
    """Passes events on to the journal, and then to the listeners. One that fails is told of once and left out."""

    def __init__(self, say: Say, listeners: Sequence[Listener] = ()) -> None:
        self._say, self.listeners = say, list(listeners)

    def add(self, listener: Listener) -> None:
        """From the next event on it hears them all."""
        self.listeners.append(listener)

    def say(self, event: Event) -> None:
        """Raises JournalLost where the journal can't be written; nothing else."""
        self._say(event)
        self._each("hear", event)

    def watch(self, model: Any) -> None:
        """The network stands: those who want to look at it may."""
        self._each("watch", model)

    def _each(self, what: str, thing: Any) -> None:
        for listener in list(self.listeners):
            try:
                if hasattr(listener, what):
                    getattr(listener, what)(thing)
            except Exception as error:  # a file beside the run must not end it, whoever writes it
                self.listeners.remove(listener)
                why = getattr(error, "strerror", None) or str(error).partition("\n")[0]
                self._say(
                    Noted(
                        level="warning",
                        message=f"{type(listener).__name__} cannot be written any more ({why}). The training goes on.",
                    )
                )
