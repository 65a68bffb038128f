"""Commands that come over the line go into the run's command file: none twice and none lost, wherever a line breaks."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from tuinn.atomic_io import LineFile, hold_lock, write_whole
from tuinn.errors import FolderError
from tuinn.runs.commands import Question
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import read_struct
from tuinn.runs.launch import launch
from tuinn.runs.remote.frames import Asked

SENDERS = 20
"""Of which it is known what has arrived."""

PATIENCE = 3.0
"""Seconds for another line to be done."""


class Arriving(msgspec.Struct, frozen=True):
    """Commands that have come, and are not all in the command file yet."""

    lines: str
    begins_at: int
    """Bytes of the command file before."""


class Taken(msgspec.Struct, frozen=True):
    """`taken.json` in the run's folder."""

    until: dict[str, int] = {}
    """Sender → its last `Asked.until`; the newest last."""
    last: Arriving | None = None
    """Written down first: a relay that is killed meanwhile leaves the rest of the work to the next one."""


def take(folder: RunFolder, asked: Asked) -> None:
    """Put those lines into the command file that have not come over another line.

    Raises OSError, and FolderError where another line is at it.
    """
    with _alone(folder):
        until = dict(_read(folder).until)
        lines = asked.lines.encode()
        known = until.pop(asked.sender, 0) - (asked.until - len(lines))
        if known >= len(lines):
            return
        until = dict([*until.items(), (asked.sender, asked.until)][-SENDERS:])
        last = Arriving(lines[max(known, 0) :].decode(), folder.commands_size())
        _write(folder, Taken(until, last), durable=True)
        _put(folder, last)
        _write(folder, Taken(until))


def settle(folder: RunFolder) -> dict[str, int]:
    """Return how much of each sender's has arrived, once what a killed relay left is done.

    Raises OSError, and FolderError where another line is at it.
    """
    taken = _read(folder)
    if taken.last is None:
        return taken.until
    with _alone(folder):
        taken = _read(folder)
        if taken.last is not None:
            _put(folder, taken.last)
            _write(folder, Taken(taken.until))
        return taken.until


@contextmanager
def _alone(folder: RunFolder) -> Iterator[None]:
    with hold_lock(folder.path / "taken.lock", PATIENCE) as mine:
        if not mine:
            raise FolderError("Another line is putting commands into this run. Try again.")
        yield


def _read(folder: RunFolder) -> Taken:
    """Nothing where there is no file, or a damaged one."""
    try:
        return read_struct(folder.path / "taken.json", Taken)
    except (OSError, ValueError):
        return Taken()


def _write(folder: RunFolder, taken: Taken, durable: bool = False) -> None:
    write_whole(folder.path / "taken.json", msgspec.json.encode(taken), durable=durable)


def _put(folder: RunFolder, arriving: Arriving) -> None:
    """Append those lines that are not there yet. A question needs a worker: one is started where none is at work."""
    missing = arriving.lines.encode().splitlines(keepends=True)
    file = LineFile(folder.commands_file)
    try:
        with folder.commands_file.open("rb") as there:
            there.seek(arriving.begins_at)
            for line in there:
                if missing and line == missing[0]:
                    del missing[0]
        for line in missing:
            file.append(line)
    finally:
        file.close()
    asked = folder.commands(arriving.begins_at).read_new()
    if any(isinstance(command, Question) for command in asked) and not folder.is_alive():
        launch(folder, "--serve", "--commands-from", str(arriving.begins_at))
