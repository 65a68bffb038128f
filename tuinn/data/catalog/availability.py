"""Which datasets are here, where they lie, and how to say that one is not."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from tuinn.data.catalog.catalog import BUNDLED_FOLDER, find
from tuinn.data.info import DatasetInfo, KerasFile, datasets_folder, file_size
from tuinn.errors import SpecError
from tuinn.spec.dataset import Finding, Task

if TYPE_CHECKING:
    from tuinn.data.cache import CacheEntry

State = Literal["bundled", "here", "absent"]

VERSION = 1
"""Grows whenever the same files would give other samples than before."""


@dataclass(frozen=True)
class Availability:
    """Where a dataset of the catalog is, or should be put."""

    state: State
    folder: Path
    """Of its files."""
    missing: tuple[KerasFile, ...]
    """What would have to be fetched, optional files included."""
    bytes: int
    """Its files' size on disk; of one that isn't here, what they will take."""

    @property
    def missing_bytes(self) -> int:
        return sum(file.bytes for file in self.missing)


def availability_of(name: str) -> Availability:
    """Where this dataset is. A few looks at the disk; no file is read. Raises SpecError for an unknown name."""
    info = find(name)
    if not info.files:
        file = BUNDLED_FOLDER / f"{name}.npz"
        return Availability("bundled", BUNDLED_FOLDER, (), file_size(file))
    folder = datasets_folder() / info.files[0].folder
    missing = tuple(file for file in info.files if not file.exists())
    needed = any(not file.optional for file in missing)
    state: State = "absent" if needed and not is_cached(info) else "here"
    sizes = (file.bytes if file in missing else file_size(file.path()) for file in info.files)
    return Availability(state, folder, missing, sum(sizes))


def is_available(name: str) -> bool:
    """Whether it can be trained on without fetching anything. Raises SpecError for an unknown name."""
    return availability_of(name).state != "absent"


def cached(info: DatasetInfo) -> "CacheEntry":
    """Return its place in the cache. It follows from the published hashes, so that no file is read to find it."""
    from tuinn.data import cache

    facts, hashes = info.facts, [file.sha256 for file in info.files if not file.optional]
    # This word and the order of these values name folders that exist on users' disks.
    options = (facts.shape, facts.words, facts.dtype, facts.train, facts.test)
    return cache.entry(cache.cache_key("catalogue", VERSION, info.name, hashes, *options))


def is_cached(info: DatasetInfo) -> bool:
    """Whether its samples are in the cache, so that its files are no longer needed."""
    return cached(info).facts() is not None


def with_availability(info: DatasetInfo) -> DatasetInfo:
    """The info, with an error among its findings where it isn't here, or where a file of it is not the right one."""
    if not info.files or is_cached(info):
        return info
    found = availability_of(info.name)
    if found.state == "absent":
        finding = not_available(info, found)
    elif wrong := find_wrong_file(info):
        finding = Finding(wrong_file_message(info, wrong), "error", *_use_bundled(info))
    else:
        return info
    return replace(info, facts=msgspec.structs.replace(info.facts, findings=(finding,)))


def not_available(info: DatasetInfo, found: Availability) -> Finding:
    """That it isn't here yet."""
    megabytes = max(0.1, found.missing_bytes / 1e6)
    return Finding(
        f"{info.title} is not here yet. Fetch it ({megabytes:.1f} MB): tuinn datasets fetch {info.name}.",
        "error",
        *_use_bundled(info),
    )


def find_wrong_file(info: DatasetInfo) -> KerasFile | None:
    """The first file that is there and not the one published; its hash is worked out once. Raises SpecError."""
    for file in info.files:
        try:
            if not file.optional and file.exists() and not file.is_valid():
                return file
        except OSError as error:
            raise SpecError(f"{file.path()} can't be read ({error.strerror}).", "dataset.name") from error
    return None


def wrong_file_message(info: DatasetInfo, file: KerasFile) -> str:
    """The sentence about a file with another hash than the published one."""
    return (
        f"{file.path()} is not the file that {info.title} is made of; it was left alone. "
        f"`tuinn datasets fetch {info.name} --replace` fetches the right one and keeps yours under another name."
    )


def similar_bundled(info: DatasetInfo) -> DatasetInfo:
    """What comes with tuinn and is most like it."""
    if info.facts.is_image:
        return find("digits" if info.name == "mnist" else "fashion_mnist_mini")
    return find({Task.REGRESSION: "diabetes", Task.BINARY: "breast_cancer"}.get(info.facts.task, "wine"))


def _use_bundled(info: DatasetInfo) -> tuple[str, dict[str, str]]:
    """A fix that needs no network, in words, and as a setting."""
    other = similar_bundled(info)
    return f"train on {other.title}, which comes with tuinn", {"dataset.name": other.name}
