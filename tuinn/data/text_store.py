"""Many texts on disk: their bytes one after the other, and where each begins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Texts:
    """A read-only sequence of texts, UTF-8, memory-mapped. It looks like an array of shape (n,)."""

    def __init__(self, blob: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self.blob, self.ends = blob, ends

    @classmethod
    def open(cls, path: Path) -> "Texts":
        """`PATH.utf8.npy` and `PATH.ends.npy`. Raises OSError or ValueError where they are damaged."""
        ends = np.load(path.with_name(f"{path.name}.ends.npy"), allow_pickle=False)
        file = path.with_name(f"{path.name}.utf8.npy")
        total = int(ends[-1]) if len(ends) else 0
        blob = np.load(file, mmap_mode="r" if total else None, allow_pickle=False)
        if (
            ends.ndim != 1
            or ends.dtype != np.int64
            or len(blob) != total
            or (np.diff(ends, prepend=0) < 0).any()
        ):
            raise ValueError(f"{file} is not what it was.")
        return cls(blob, ends)

    @classmethod
    def of(cls, texts: list[str]) -> "Texts":
        """In memory."""
        parts = [text.encode() for text in texts]
        return cls(
            np.frombuffer(b"".join(parts), np.uint8), np.cumsum([len(part) for part in parts], dtype=np.int64)
        )

    @staticmethod
    def write(path: Path, texts: Iterator[str]) -> int:
        """Both files, text by text; how many there were."""
        ends: list[int] = []
        total = 0
        raw = path.with_name(f"{path.name}.raw")
        with raw.open("wb") as out:
            for text in texts:
                part = text.encode("utf-8", "replace")
                total += out.write(part)
                ends.append(total)
        np.save(path.with_name(f"{path.name}.ends.npy"), np.array(ends, np.int64), allow_pickle=False)
        blob = np.memmap(raw, np.uint8, "r") if total else np.empty(0, np.uint8)
        np.save(path.with_name(f"{path.name}.utf8.npy"), blob, allow_pickle=False)
        del blob
        raw.unlink()
        return len(ends)

    @property
    def shape(self) -> tuple[int]:
        return (len(self.ends),)

    def __len__(self) -> int:
        return len(self.ends)

    def text(self, at: int) -> str:
        """One text."""
        at = range(len(self))[at]
        return bytes(self.blob[self.ends[at - 1] if at else 0 : self.ends[at]]).decode("utf-8", "replace")

    def __getitem__(self, chosen: Any) -> Any:
        """One text for a number; for a slice or an array of numbers, an object array of bytes, as TensorFlow takes it."""
        if isinstance(chosen, int | np.integer):
            return self.text(int(chosen))
        places = np.arange(len(self))[chosen]
        found = np.empty(len(places), object)
        for at, place in enumerate(places):
            found[at] = bytes(self.blob[self.ends[place - 1] if place else 0 : self.ends[place]])
        return found

    def setflags(self, write: bool) -> None:
        """They are read-only already."""
