"""How much the journal may grow: freely in the first minutes, and by less than 10 MB a day however long a run is."""

import time
from collections.abc import Callable

import msgspec

from tuinn.runs.events import Event
from tuinn.worker.scribe import Say

STORE = 1_500_000.0
"""Bytes that may be written at once; also what is left to begin with."""

REFILL = 90.0
"""Bytes that come back a second: 7.8 MB a day."""

FOR_EPOCHS = STORE / 2
"""Bytes that batches leave to epochs."""


class Ration:
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
