"""A folder in which one process works, and which others follow and ask: a run's, a sweep's, the queue's."""

import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

import msgspec

from tuinn import atomic_io
from tuinn.errors import FolderError
from tuinn.runs.journal import JournalWriter

Command = TypeVar("Command", bound=msgspec.Struct)
"""What may be asked there."""


def new_name(label: str) -> str:
    """Return a name for a new folder: the time, what it is about, and four hexadecimal digits of chance."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", label)[:40]
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{stem}-{secrets.token_hex(2)}"


def is_drawn_name(name: str) -> bool:
    """Whether a folder's name begins as those of `new_name` do, with a date and a time; else somebody chose it."""
    return name[:15].replace("-", "").isdigit() and name[8:9] == "-"


def make_folder(parent: Path, label: str, files: Mapping[str, str], noun: str, name: str = "") -> Path:
    """Make a folder, mode 0700, with these text files in it, and return its path. Raises FolderError.

    `name`: one that `new_name` gave, whose folder may be there without its files. Else a name is drawn, and another
    one as long as it is taken: many folders a second may get the same digits.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        path = parent / name if name else _make_new(parent, label)
        path.mkdir(mode=0o700, exist_ok=True)
        for file, text in files.items():
            atomic_io.write_whole(path / file, text.encode())
    except OSError as error:
        raise FolderError(
            f"No {noun} folder can be made in {parent} ({error.strerror}). "
            "Free some space, or set TUINN_HOME to a folder you may write to."
        ) from None
    return path


def _make_new(parent: Path, label: str) -> Path:
    while True:
        path = parent / new_name(label)
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
            return path


@dataclass(frozen=True)
class ProcessFolder(Generic[Command]):
    """One such folder. Every path is a name only; the file may not be there yet."""

    PROCESS: ClassVar[str] = "worker"
    """What the process that works here is called in messages."""
    LOG: ClassVar[str] = "worker.log"
    """File name of its output."""

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
        """Stdout and stderr of the process that works here."""
        return self.path / self.LOG

    @property
    def lock_file(self) -> Path:
        return self.path / "lock"

    def commands_size(self) -> int:
        """Return how many bytes of commands there are; a process that starts now may ignore them."""
        try:
            return self.commands_file.stat().st_size
        except OSError:
            return 0

    def is_alive(self) -> bool:
        """True while a process works here, and so holds the lock."""
        return atomic_io.is_held(self.lock_file)

    @contextmanager
    def hold_lock(self, patience: float = 3.0) -> Iterator[bool]:
        """Hold the lock inside the block; yield False when another process has it.

        A reader that asks `is_alive` holds it for an instant, hence the patience, in seconds.
        """
        with atomic_io.hold_lock(self.lock_file, patience) as mine:
            yield mine

    def ask(self, *commands: Command) -> None:
        """Append commands for the process that works here. Raises FolderError where the folder is not writable."""
        try:
            appender = JournalWriter(self.commands_file)
            try:
                for command in commands:
                    appender.append(command)
            finally:
                appender.close()
        except OSError as error:
            raise FolderError(
                f"The {self.PROCESS} cannot be reached: {self.commands_file} is not writable ({error.strerror})."
            ) from None
