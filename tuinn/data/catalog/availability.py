"""Which datasets are here, where they lie, and how to say that one is not."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from tuinn.data.catalog.catalog import BUNDLED, find
from tuinn.data.catalog.keras_files import KerasFile, datasets_folder, size_of
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, Finding, Task

State = Literal["bundled", "here", "absent"]


@dataclass(frozen=True)
class Availability:
    """Where a dataset of the catalogue is, or should be put."""

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


def entry_of(dataset: DatasetSpec) -> DatasetInfo:
    """The entry of a dataset of the catalogue, with its facts as the spec's options make them. Raises SpecError."""
    entry = find(dataset.name)
    if not entry.facts.words:
        return entry
    facts = msgspec.structs.replace(
        entry.facts, shape=(dataset.maxlen,), words=dataset.num_words, high=dataset.num_words - 1
    )
    return replace(entry, facts=facts)


def where(name: str) -> Availability:
    """Where this dataset is. A few looks at the disk; no file is read. Raises SpecError for an unknown name."""
    entry = find(name)
    if not entry.files:
        file = BUNDLED / f"{name}.npz"
        return Availability("bundled", BUNDLED, (), size_of(file))
    folder = datasets_folder() / entry.files[0].folder
    missing = tuple(file for file in entry.files if not file.is_there())
    needed = any(not file.optional for file in missing)
    state: State = "absent" if needed and not is_prepared(entry) else "here"
    sizes = (file.bytes if file in missing else size_of(file.place()) for file in entry.files)
    return Availability(state, folder, missing, sum(sizes))


def is_here(name: str) -> bool:
    """Whether it can be trained on without fetching anything. Raises SpecError for an unknown name."""
    return where(name).state != "absent"


def is_prepared(entry: DatasetInfo) -> bool:
    """Whether its samples lie in the cache, so that its files aren't needed any more."""
    from tuinn.data.catalog import dataset_cache

    return dataset_cache.kept(entry).facts() is not None


def described(entry: DatasetInfo) -> DatasetInfo:
    """The entry, with an error among its findings where it isn't here, or where a file of it is not the right one."""
    if not entry.files or is_prepared(entry):
        return entry
    found = where(entry.name)
    if found.state == "absent":
        finding = absence(entry, found)
    elif wrong := wrong_file(entry):
        finding = Finding(not_right(entry, wrong), "error", *_instead(entry))
    else:
        return entry
    return replace(entry, facts=msgspec.structs.replace(entry.facts, findings=(finding,)))


def absence(entry: DatasetInfo, found: Availability) -> Finding:
    """That it isn't here yet."""
    megabytes = max(0.1, found.missing_bytes / 1e6)
    return Finding(
        f"{entry.title} is not here yet. Fetch it ({megabytes:.1f} MB): tuinn datasets fetch {entry.name}.",
        "error",
        *_instead(entry),
    )


def wrong_file(entry: DatasetInfo) -> KerasFile | None:
    """The first file that is there and not the one published; its hash is worked out once. Raises SpecError."""
    for file in entry.files:
        try:
            if not file.optional and file.is_there() and not file.is_right():
                return file
        except OSError as error:
            raise SpecError(f"{file.place()} can't be read ({error.strerror}).", "dataset.name") from error
    return None


def not_right(entry: DatasetInfo, file: KerasFile) -> str:
    """The sentence about a file with another hash than the published one."""
    return (
        f"{file.place()} is not the file that {entry.title} is made of; it was left alone. "
        f"`tuinn datasets fetch {entry.name} --replace` fetches the right one and keeps yours under another name."
    )


def bundled_like(entry: DatasetInfo) -> DatasetInfo:
    """What comes with tuinn and is most like it."""
    if entry.facts.is_image:
        return find("digits" if entry.name == "mnist" else "fashion_mnist_mini")
    return find({Task.REGRESSION: "diabetes", Task.BINARY: "breast_cancer"}.get(entry.facts.task, "wine"))


def _instead(entry: DatasetInfo) -> tuple[str, dict[str, str]]:
    """A remedy that needs no network, in words, and as a setting."""
    other = bundled_like(entry)
    return f"train on {other.title}, which comes with tuinn", {"dataset.name": other.name}
