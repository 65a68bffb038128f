"""What travels on the line between a screen here and a run there: structs, a line of JSON each."""

from pathlib import PurePosixPath

import msgspec

from tuinn.errors import FolderError

PROTOCOL = 1
"""Raised when one side would misread the other."""


class Follow(msgspec.Struct, frozen=True, tag=True):
    """From here, first: which run, and how much of its journal is here already."""

    run: str
    """As for `find_run`; empty: the newest."""
    known: dict[str, int] = {}
    """Name of a run → bytes of its journal that are here."""
    protocol: int = PROTOCOL


class Asked(msgspec.Struct, frozen=True, tag=True):
    """From here: whole lines for the run's command file."""

    lines: str
    until: int
    """Bytes of the command file here, these included: how far it has gone there."""
    sender: str
    """Whose command file that is: a word that stays the same while the line is opened again and again."""


class Welcome(msgspec.Struct, frozen=True, tag=True):
    """From there, first: the run that is meant."""

    run: str
    version: str
    taken: dict[str, int] = {}
    """Sender → its last `Asked.until` that has arrived."""
    protocol: int = PROTOCOL


class Refused(msgspec.Struct, frozen=True, tag=True):
    """From there, instead of a welcome or later: why not, in a sentence."""

    problem: str


class JournalGrew(msgspec.Struct, frozen=True, tag=True):
    """From there: whole lines of the journal, packed, and at which byte they begin. One zlib stream packs all frames of a line."""

    offset: int
    data: bytes


class FileChanged(msgspec.Struct, frozen=True, tag=True):
    """From there: a file of the run's folder, packed likewise."""

    name: str
    """Its path within the folder."""
    data: bytes


class Condition(msgspec.Struct, frozen=True, tag=True):
    """From there, every second: whether a worker is at work, and its last sign of life."""

    alive: bool
    silent: float = 0.0
    """Seconds since then."""
    limit: str = ""
    """What the heartbeat file says: the seconds after which the next one is overdue; empty: there has been none."""


FromHere = Follow | Asked
FromThere = Welcome | Refused | JournalGrew | FileChanged | Condition

_encode = msgspec.json.Encoder().encode
_from_here: msgspec.json.Decoder[FromHere] = msgspec.json.Decoder(FromHere)
_from_there: msgspec.json.Decoder[FromThere] = msgspec.json.Decoder(FromThere)


def written(frame: FromHere | FromThere) -> bytes:
    """Return the frame as a line."""
    return _encode(frame) + b"\n"


def read_from_here(line: bytes) -> FromHere:
    """Raises ValueError for a line that is none of these."""
    return _from_here.decode(line)


def read_from_there(line: bytes) -> FromThere:
    """Raises ValueError for a line that is none of these, as a greeting of the shell there."""
    return _from_there.decode(line)


def within(name: str, most: int = 99) -> PurePosixPath:
    """Return what another machine named as a path of `most` parts at most, which stays in its folder. Raises FolderError."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or len(path.parts) > most:
        raise FolderError(f"The other machine sent a file that doesn't belong to a run: {name!r}.")
    return path
