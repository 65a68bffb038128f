"""Data that come to a machine of the cluster: each once, in `sent/` of its TUINN_HOME, by a hash of all that is in them.

The same functions tell here what there is to send. As with `there.py`, the runner calls them in the process of a Dask worker.
"""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tuinn.atomic_io import write_whole
from tuinn.errors import FolderError, SpecError
from tuinn.runner.cluster.files import CHUNK
from tuinn.runs.folder import home
from tuinn.runs.remote.frames import within
from tuinn.spec.dataset import DatasetSpec


@dataclass(frozen=True)
class Part:
    """A part of a file that is sent."""

    name: str
    """Of the file, within what is sent."""
    offset: int
    data: bytes


def files_below(path: Path) -> list[tuple[str, Path]]:
    """Return the files of a file or a folder, by their names within its parent, in order. Raises OSError."""
    if path.is_file():
        return [(path.name, path)]
    found: list[Path] = []
    seen = set()
    for folder, folders, names in os.walk(path, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:  # a link that leads upward
            folders.clear()
            continue
        seen.add(real)
        found += [Path(folder, name) for name in names]
    return sorted((str(file.relative_to(path.parent)), file) for file in found if file.is_file())


def stamp(path: str) -> str:
    """Return what is the same where two machines see the same disk: names, sizes and times; empty where nothing is there."""
    try:
        found = [
            (name, (told := file.stat()).st_size, told.st_mtime_ns) for name, file in files_below(Path(path))
        ]
    except OSError:
        return ""
    return hashlib.sha256(repr(found).encode()).hexdigest() if found else ""


def content_hash(path: Path) -> str:
    """Return what changes whenever a name or a byte of a file or a folder does. Raises OSError."""
    whole = hashlib.sha256()
    for name, file in files_below(path):
        with file.open("rb") as opened:
            one = hashlib.file_digest(opened, "sha256")
        whole.update(f"{name}\0{one.hexdigest()}\n".encode())
    return whole.hexdigest()[:32]


def parts_of(path: Path) -> Iterator[list[Part]]:
    """Cut a file or a folder into parts, about `CHUNK` bytes of them at a time. Raises OSError."""
    batch: list[Part] = []
    room = CHUNK
    for name, file in files_below(path):
        with file.open("rb") as opened:
            offset = 0
            while (data := opened.read(room)) or not offset:
                batch.append(Part(name, offset, data))
                offset, room = offset + len(data), room - len(data) - 256  # what a name takes
                if room <= 0:
                    yield batch
                    batch, room = [], CHUNK
                if not data:
                    break
    if batch:
        yield batch


def sent_folder() -> Path:
    """Where the data are."""
    return home() / "sent"


def find_data(word: str) -> str:
    """Return the folder in which the data of this hash are; empty where they were not sent yet."""
    folder = sent_folder() / word
    return str(folder) if folder.is_dir() else ""


def put_data(token: str, parts: list[Part]) -> None:
    """Write parts of files that are on their way. Raises OSError, FolderError.

    `token`: a word for this way alone.
    """
    for part in parts:
        file = _underway(token) / within(part.name)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("r+b" if part.offset else "wb") as opened:
            opened.seek(part.offset)
            opened.write(part.data)


async def settle_data(token: str, word: str) -> str:
    """All parts have come: put them in their place, and return the folder. Raises OSError, FolderError where it is not what was sent."""
    return await asyncio.to_thread(_settle, _underway(token), word)


def _settle(underway: Path, word: str) -> str:
    top = [*underway.iterdir()]
    if len(top) != 1 or content_hash(top[0]) != word:
        shutil.rmtree(underway, ignore_errors=True)
        raise FolderError(
            "The data were changed while they were sent. Resume the sweep to send them as they are now."
        )
    place = sent_folder() / word
    try:
        underway.rename(place)
    except OSError:
        if not place.is_dir():
            raise
        shutil.rmtree(underway, ignore_errors=True)  # others have sent them, too
    return str(place)


def give_up_data(token: str) -> None:
    """Remove what has come; it will not be all."""
    shutil.rmtree(_underway(token), ignore_errors=True)


def _underway(token: str) -> Path:
    return sent_folder() / f".{within(token)}"


def missing_dataset_files(name: str) -> list[str]:
    """Return the names of the files that a dataset of the catalog lacks here; none where it is here. Raises SpecError."""
    from tuinn.data.catalog import availability

    found = availability.availability_of(name)
    return [file.name for file in found.missing] if found.state == "absent" else []


def put_dataset_file(dataset: str, name: str, offset: int, data: bytes, last: bool) -> None:
    """Write a part of a file of a dataset of the catalog; with the last part it gets its name. Raises OSError, SpecError."""
    from tuinn.data.catalog import catalog

    file = next((file for file in catalog.find(dataset).files if file.name == name), None)
    if file is None:
        raise SpecError(f"{dataset} has no file {name}.")
    path = file.path()
    part = path.with_name(f".{path.name}.sent")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("r+b" if offset else "wb") as opened:
        opened.seek(offset)
        opened.write(data)
    if last:
        part.replace(path)


def put_verdicts(dataset: DatasetSpec, verdicts: bytes) -> None:
    """Keep what was decided about the labels of these data. Raises OSError."""
    from tuinn.data.label_verdicts import verdicts_file

    file = verdicts_file(dataset)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(file, verdicts)
