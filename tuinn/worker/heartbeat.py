"""The heartbeat file: touched as the worker goes on; it holds the seconds after which the next touch is overdue."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from tuinn.atomic_io import open_to_store
from tuinn.errors import WorkerError

TOUCH_SECONDS = 1.0
"""Between two touches at least."""

SHORTEST_LIMIT = 60.0
"""Seconds after which a worker is overdue, at least; ten times its longest step where that is more."""

LONG = 900.0
"""Seconds that loading, building, the first step and saving may take."""


class Heartbeat:
    """Touches the heartbeat file, at most once a second."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.file, self.clock = file, clock
        self.last_beat = self.touched_at = clock()
        self.longest = 0.0
        """Seconds between two beats, the longest so far."""
        self.limit = 0.0
        """Seconds in the file."""

    def expect(self, seconds: float) -> None:
        """Allow so many seconds until the next beat. Raises WorkerError where the run folder is gone."""
        try:
            with open_to_store(self.file) as file:
                file.write(f"{seconds:.0f}".encode())
        except OSError:
            self.check_folder()
        self.limit, self.last_beat = seconds, self.clock()
        self.touched_at = self.last_beat

    def beat(self) -> None:
        """A step is done. Raises WorkerError where the run folder is gone."""
        now = self.clock()
        if self.limit < LONG:
            self.longest = max(self.longest, now - self.last_beat)
        self.last_beat = now
        limit = max(SHORTEST_LIMIT, 10 * self.longest)
        if self.limit >= LONG or limit > 1.5 * self.limit:
            self.expect(min(limit, LONG - 1))
        elif now >= self.touched_at + TOUCH_SECONDS:
            self.touched_at = now
            try:
                os.utime(self.file)
            except OSError:
                self.check_folder()

    def check_folder(self) -> None:
        """Raise WorkerError where the run folder is gone. A heartbeat file that can't be written is ignored."""
        folder = self.file.parent
        if not folder.is_dir():
            raise WorkerError(
                f"The run folder {folder} was deleted or renamed, so the training ended. "
                "Where it was renamed, resume it by its new name."
            )
