"""The files that `keras.datasets` uses, in its own folder: where each of them is, and whether it is the one published.

Nothing here is changed or removed: what a user has already is used as it is.
"""

import os
from dataclasses import dataclass
from pathlib import Path

GOOGLE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
"""Where Keras' developers keep their copies."""


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
    also: tuple[str, ...] = ()
    """Names under which older versions of Keras keep the same file."""
    optional: bool = False
    """Nice to have: the samples can be read without it."""

    def place(self) -> Path:
        """Where it is, or where it would have to be put."""
        folder = datasets_folder() / self.folder
        here = (folder / name for name in (self.name, *self.also))
        return next((path for path in here if os.path.lexists(path)), folder / self.name)

    def is_there(self) -> bool:
        """Whether there is a file of this name. Whether it is the right one, `is_right` says."""
        return os.path.isfile(self.place())  # noqa: PTH113 - False, too, where a folder may not be entered

    def is_right(self) -> bool:
        """Whether the file that is there is the one published, by its hash. Raises OSError."""
        return self.holds(self.place())

    def holds(self, path: Path) -> bool:
        """Whether the file at this path is the one published. The answer is remembered. Raises OSError."""
        from tuinn.data import cache

        if self.md5:
            return cache.signature(path, "md5") == self.md5
        return cache.signature(path, "sha256", unpacked=self.unpacked) == self.sha256


def datasets_folder() -> Path:
    """`$KERAS_HOME/datasets`, or `~/.keras/datasets`, as in Keras."""
    told = os.environ.get("KERAS_HOME")
    return Path(os.path.expanduser(told or "~/.keras")).absolute() / "datasets"  # noqa: PTH111 - as Keras reads it


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
