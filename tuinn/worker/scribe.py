"""Writes what happened into the run's journal, with the time. The one place where the disk may refuse an event."""

import time
from collections.abc import Callable

from msgspec.structs import replace

from tuinn.runs.events import Event
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import Appender
from tuinn.worker.problem import JournalLost

Say = Callable[[Event], None]


class Scribe:
    """Appends events to the journal of one run."""

    def __init__(self, folder: RunFolder) -> None:
        """Raises JournalLost where the journal can't be opened."""
        self.file = folder.events_file
        try:
            self.appender = Appender(self.file)
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
