"""A folder in which one process works, and which others follow and ask: a run's, a sweep's, the queue's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

import msgspec

from tuinn import atomic_io
from tuinn.errors import FolderError
from tuinn.runs.journal import JournalWriter

Command = TypeVar("Command", bound=msgspec.Struct)
"""What may be asked there."""


@dataclass(frozen=True)
class ProcessFolder(Generic[Command]):
    """One such folder. Every path is a name only; the file may not be there yet."""

    WHO: ClassVar[str] = "worker"
    """Who works here, in a word."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def events_file(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def commands_file(self) -> Path:
        return self.path / "commands.jsonl"

    @property
    def log_file(self) -> Path:
        """Stdout and stderr of whoever works here."""
        return self.path / f"{self.WHO}.log"

    @property
    def lock_file(self) -> Path:
        return self.path / "lock"

    def is_alive(self) -> bool:
        """True while somebody works here, and so holds the lock."""
        return atomic_io.is_held(self.lock_file)

    @contextmanager
    def hold_lock(self, patience: float = 3.0) -> Iterator[bool]:
        """The lock of whoever works here, held inside the block; yields False when another process has it.

        A reader that asks `is_alive` holds it for an instant, hence the patience, in seconds.
        """
        with atomic_io.hold_lock(self.lock_file, patience) as mine:
            yield mine

    def ask(self, *commands: Command) -> None:
        """Append wishes for whoever works here. Raises FolderError where the folder is not writable."""
        try:
            appender = JournalWriter(self.commands_file)
            try:
                for command in commands:
                    appender.append(command)
            finally:
                appender.close()
        except OSError as error:
            raise FolderError(
                f"The {self.WHO} cannot be told: {self.commands_file} is not writable ({error.strerror})."
            ) from None
