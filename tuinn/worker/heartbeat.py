"""Signs of life: a file that is touched as the worker goes on, and that says how long the next touch may take."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from tuinn.errors import WorkerError

EVERY = 1.0
"""Seconds between two touches at least."""

PATIENCE = 60.0
"""Seconds after which a worker is overdue, at least; ten times its longest step where that is more."""

LONG = 900.0
"""Seconds that loading, building, the first step and saving may take."""


class Heartbeat:
    """Touches the heartbeat file, at most once a second."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.file, self.clock = file, clock
        self.heard = self.touched = clock()
        self.longest = 0.0
        """Seconds between two beats, the longest so far."""
        self.told = 0.0
        """What the file says."""

    def expect(self, seconds: float) -> None:
        """Something begins that may take so long. Raises WorkerError where the run folder is gone."""
        try:
            self.file.write_text(f"{seconds:.0f}")
        except OSError:
            self.check_folder()
        self.told, self.heard = seconds, self.clock()
        self.touched = self.heard

    def beat(self) -> None:
        """A step is done. Raises WorkerError where the run folder is gone."""
        now = self.clock()
        if self.told < LONG:
            self.longest = max(self.longest, now - self.heard)
        self.heard = now
        due = max(PATIENCE, 10 * self.longest)
        if self.told >= LONG or due > 1.5 * self.told:
            self.expect(min(due, LONG - 1))
        elif now >= self.touched + EVERY:
            self.touched = now
            self._touch()

    def _touch(self) -> None:
        try:
            os.utime(self.file)
        except OSError:
            self.check_folder()

    def check_folder(self) -> None:
        """A file that can't be written is no matter; a folder that is gone is: raises WorkerError."""
        folder = self.file.parent
        if not folder.is_dir():
            raise WorkerError(
                f"The run folder {folder} was deleted or renamed, so the training ended. "
                "Where it was renamed, resume it by its new name."
            )
