"""Files of runs on a machine of the cluster: the runner puts them there, and reads them, a part at a time.

As with `there.py`, the runner calls these functions in the process of a Dask worker.
"""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tuinn.atomic_io import write_whole
from tuinn.runs.folder import RunFolder, home, runs_folder
from tuinn.runs.remote.frames import within

CHUNK = 1024 * 1024
"""Bytes that travel in one answer, at most."""

STAYS = {
    "spec.toml",
    "events.jsonl",
    "commands.jsonl",
    "heartbeat",
    "lock",
    "about.json",
    "taken.json",
    "taken.lock",
}
"""Files of a run's folder that are not brought home at its end: they are there, or nobody needs them there."""


def is_copy(run: str, offset: int, digest: str) -> bool:
    """Whether so many bytes of the journal here are those that the runner has; where they aren't, put the folder aside.

    `digest`: SHA-256 of the runner's. A worker that still trains in a folder that is renamed ends by itself.
    """
    folder = RunFolder(runs_folder() / run)
    if not folder.spec_file.is_file():
        return False
    with suppress(OSError):
        if digest_of(folder.events_file, offset) == digest:
            return True
    aside = home() / "trash" / f"{run}-{secrets.token_hex(2)}"
    aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.path.rename(aside)
    return False


def digest_of(file: Path, size: int) -> str:
    """SHA-256 of the first bytes of a file; empty where it has fewer. Raises OSError."""
    if not size:
        return hashlib.sha256().hexdigest()
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while size and (data := opened.read(min(size, CHUNK))):
            found.update(data)
            size -= len(data)
    return "" if size else found.hexdigest()


def put(name: str, offset: int, data: bytes, last: bool) -> None:
    """Write a part of a file below TUINN_HOME, beside its place; with the last part it gets its name. Raises OSError."""
    file = home() / within(name)
    part = file.with_name(f".{file.name}.part")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with part.open("r+b" if offset else "wb") as opened:
        opened.seek(offset)
        opened.write(data)
    if last:
        part.replace(file)


def prepare(run: str, offset: int, digest: str, toml: str) -> bool:
    """Make the run's folder with this spec. True where it was there already, with a journal of which `is_copy` holds. Raises OSError."""
    known = is_copy(run, offset, digest)
    folder = RunFolder(runs_folder() / run)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder.spec_file, toml.encode())
    return known


def read_journal(run: str, offset: int) -> bytes:
    """Return whole lines of the journal from this byte on, `CHUNK` bytes at most."""
    try:
        with (runs_folder() / run / "events.jsonl").open("rb") as file:
            file.seek(offset)
            data = file.read(CHUNK)
    except FileNotFoundError:
        return b""
    return data[: data.rfind(b"\n") + 1]


def files_of(run: str, checkpoint: str) -> dict[str, int]:
    """Return the files of a run that are to be brought home, and their sizes in bytes.

    `checkpoint`: `last`, `best` or `none`; other checkpoints stay.
    """
    folder = runs_folder() / run
    found = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if hidden or not file.is_file() or str(name) in STAYS:
            continue
        if name.parts[0] != "checkpoints" or file.stem == checkpoint:
            found[str(name)] = file.stat().st_size
    return found


@dataclass(frozen=True)
class Pack:
    """What is brought home of a run that has ended."""

    small: dict[str, bytes]
    """Files by their names within the run's folder."""
    large: list[str]
    """Names of files that are to be `read`."""
    journal: bytes
    """Its next whole lines."""


def pack(run: str, checkpoint: str, offset: int) -> Pack:
    """Return what is to be brought home of a run. `checkpoint` as in `files_of`, `offset` as in `read_journal`. Raises OSError."""
    found, room = Pack({}, [], read_journal(run, offset)), CHUNK
    for name, size in files_of(run, checkpoint).items():
        if size <= room:
            found.small[name] = (runs_folder() / run / name).read_bytes()
            room -= size
        else:
            found.large.append(name)
    return found


def read(run: str, name: str, offset: int) -> bytes:
    """Return a part of a file of the run's folder, `CHUNK` bytes at most. Raises OSError."""
    with (runs_folder() / run / within(name)).open("rb") as file:
        file.seek(offset)
        return file.read(CHUNK)
