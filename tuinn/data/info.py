"""What is known of a dataset before it is read: its facts, where it comes from, and the files it is downloaded as."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tuinn.spec.dataset import DataFacts, DatasetSpec


@dataclass(frozen=True)
class KerasFile:
    """One file, as `keras.datasets` names it."""

    name: str
    """On disk."""
    url: str
    bytes: int
    """To be fetched, and on disk."""
    sha256: str
    """Of the file; of what is packed in it, where `unpacked`."""
    unpacked: bool = False
    """The hash is that of the content of a .gz, which others pack in other ways (Debian does)."""
    folder: str = ""
    """Below `datasets/`."""
    md5: str = ""
    """Of the file, where its publisher gives that and no SHA-256."""
    other_names: tuple[str, ...] = ()
    """Names under which older versions of Keras keep the same file."""
    optional: bool = False
    """Nice to have: the samples can be read without it."""

    def path(self) -> Path:
        """Where it is, or where it would have to be put."""
        folder = datasets_folder() / self.folder
        here = (folder / name for name in (self.name, *self.other_names))
        return next((path for path in here if os.path.lexists(path)), folder / self.name)

    def exists(self) -> bool:
        """Whether there is a file of this name. Whether it is the right one, `is_valid` says."""
        return os.path.isfile(self.path())  # noqa: PTH113 - False, too, where a folder may not be entered

    def is_valid(self) -> bool:
        """Whether the file that is there is the one published, by its hash. Raises OSError."""
        return self.matches(self.path())

    def matches(self, path: Path) -> bool:
        """Whether the file at this path is the one published. The answer is remembered. Raises OSError."""
        from tuinn.data import cache

        if self.md5:
            return cache.file_hash(path, "md5") == self.md5
        return cache.file_hash(path, "sha256", unpacked=self.unpacked) == self.sha256


@dataclass(frozen=True)
class DatasetInfo:
    """One dataset, of the catalog or the user's own."""

    name: str
    """As in a spec; of the user's own data, the last part of the path."""
    title: str
    """As people call it."""
    facts: DataFacts
    licence: str
    source: str
    """The address of its web page, or the path of the user's own data."""
    description: str
    """One line: what the samples are, and what is to be learned."""
    background: Literal["dark", "any"] = "any"
    """`dark`: every image is a light object on black ground that reaches full brightness and touches the edges."""
    dark_corners: bool = False
    """Most of the grey training images have a dark ground, by their corners; known once they were read."""
    resize_mode: Literal["pad", "stretch"] = "pad"
    """How an image of another shape is brought to this one: proportions kept, or stretched."""
    notes: tuple[str, ...] = ()
    """What was found out about the user's own data, a short sentence each."""
    dataset: DatasetSpec | None = None
    """Of the user's own data: the spec with everything decided that was left open."""
    publisher: str = ""
    """Who published the data; empty for the user's own."""
    files: tuple[KerasFile, ...] = ()
    """What `keras.datasets` reads, of a dataset that has to be fetched; empty for all others."""


def datasets_folder() -> Path:
    """`$KERAS_HOME/datasets`, or `~/.keras/datasets`, as in Keras."""
    told = os.environ.get("KERAS_HOME")
    return Path(os.path.expanduser(told or "~/.keras")).absolute() / "datasets"  # noqa: PTH111 - as Keras reads it


def file_size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
