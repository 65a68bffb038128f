"""Arrays in .npy and .npz files that nobody has checked: headers first, and rows a few at a time. Nothing is unpickled."""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from tuinn.data.npy_writer import CHUNK_BYTES
from tuinn.data.regular_file import check_kind
from tuinn.errors import SpecError
from tuinn.text import shorten

MAX_LOADED_BYTES = 256_000_000
"""Bytes of a packed array that are kept in memory to be looked at; of a larger one, each look unpacks all before it."""

BOMB_BYTES, BOMB_RATIO = 1_000_000_000, 500
"""A file that unpacks to more than this, and to so many times its own size, holds one value over and over: no data."""

MAX_ARRAYS = 1000

DAMAGE_ERRORS = (
    ValueError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    MemoryError,
)
"""What zip, zlib and NumPy call a file that is damaged, or packed in a way that they can't unpack."""


@dataclass(frozen=True)
class StoredArray:
    """One array, of which only the header was read."""

    path: Path
    """The file it is in."""
    name: str
    """In an .npz, or the stem of a .npy."""
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    columnwise: bool
    """In Fortran's order."""
    packed: bool
    """In an .npz."""
    changed: int
    """Of the file: nanoseconds since 1970."""

    @property
    def count(self) -> int:
        return self.shape[0] if self.shape else 0

    @property
    def size(self) -> int:
        """Bytes, unpacked."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=object))

    def chunks(self, most: int = CHUNK_BYTES) -> Iterator[NDArray[np.generic]]:
        """All rows, so many bytes of them at a time, at least one row. Raises SpecError where the file is damaged."""
        step = max(1, most // max(1, self.size // max(1, self.count)))
        with raising_spec_errors(self.path):
            if not self.packed or self.columnwise:
                whole = load_packed(self) if self.packed else map_plain(self)
                for start in range(0, self.count, step):
                    yield whole[start : start + step]
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(f"{self.name}.npy") as file:
                read_npy_header(file)
                for start in range(0, self.count, step):
                    yield self._read(file, min(step, self.count - start))
                file.read(1)  # at the end, where its checksum is compared

    def whole(self) -> NDArray[np.generic]:
        """All of it, in memory. Raises SpecError."""
        parts = list(self.chunks())
        return np.concatenate(parts) if parts else np.empty(self.shape, self.dtype)

    def row(self, at: int) -> NDArray[np.generic]:
        """One row. Raises SpecError."""
        with raising_spec_errors(self.path):
            if not self.packed:
                return np.asarray(map_plain(self)[at])
            if self.columnwise or self.size <= MAX_LOADED_BYTES:
                return np.asarray(load_packed(self)[at])
            with zipfile.ZipFile(self.path) as archive, archive.open(f"{self.name}.npy") as file:
                read_npy_header(file)
                file.seek(file.tell() + at * (self.size // self.count))
                return np.asarray(self._read(file, 1)[0])

    def _read(self, file: IO[bytes], rows: int) -> NDArray[np.generic]:
        """The next rows. `ZipExtFile` gives no more than the archive says is there, whatever it unpacks to."""
        size = rows * (self.size // self.count)
        raw = file.read(size)
        if len(raw) < size:
            raise EOFError
        return np.frombuffer(raw, self.dtype).reshape(rows, *self.shape[1:])


@lru_cache(maxsize=2)
def map_plain(member: StoredArray) -> NDArray[np.generic]:
    """The array of a .npy, on disk."""
    found: NDArray[np.generic] = np.load(
        member.path, mmap_mode="r" if member.size else None, allow_pickle=False
    )
    return found


@lru_cache(maxsize=2)
def load_packed(member: StoredArray) -> NDArray[np.generic]:
    """The array out of an .npz, in memory."""
    with np.load(member.path, allow_pickle=False) as archive:
        found: NDArray[np.generic] = archive[member.name]
        return found


def stored_arrays(path: Path) -> tuple[StoredArray, ...]:
    """Every array in an .npz, or the one in a .npy, checked by its header. Raises SpecError."""
    with raising_spec_errors(path):
        check_kind(path, path.stat(), "dataset.path", "give an .npz or .npy file")
        return arrays_in_npz(path) if path.suffix.lower() == ".npz" else (array_in_npy(path),)


def array_in_npy(path: Path) -> StoredArray:
    with path.open("rb") as file:
        shape, columnwise, dtype = read_npy_header(file)
        begins, found = file.tell(), os.fstat(file.fileno())
    member = StoredArray(path, path.stem, shape, dtype, columnwise, False, found.st_mtime_ns)
    if not dtype.hasobject and found.st_size - begins < member.size:
        raise EOFError
    return member


def arrays_in_npz(path: Path) -> tuple[StoredArray, ...]:
    """Those of an .npz; one that says it is larger than the archive says is damaged."""
    changed = path.stat().st_mtime_ns
    members = []
    with zipfile.ZipFile(path) as archive:
        told = [one for one in archive.infolist() if one.filename.endswith(".npy")]
        if len(told) > MAX_ARRAYS:
            raise SpecError(
                f"{file_name(path)} has {len(told):,} arrays; keep x and y, or fewer than {MAX_ARRAYS:,}.",
                "dataset.path",
            )
        total = sum(one.file_size for one in told)
        if total > BOMB_BYTES and total > BOMB_RATIO * path.stat().st_size:
            raise SpecError(
                f"{file_name(path)} has {path.stat().st_size / 1e6:,.1f} MB and would unpack to {total / 1e9:,.1f} GB "
                "of the same values: no data. Save it without compression if it is meant.",
                "dataset.path",
            )
        for one in told:
            with archive.open(one) as file:
                shape, columnwise, dtype = read_npy_header(file)
                begins = file.tell()
            name = one.filename.removesuffix(".npy")
            member = StoredArray(path, name, shape, dtype, columnwise, True, changed)
            if not dtype.hasobject and begins + member.size != one.file_size:
                raise EOFError
            members.append(member)
    return tuple(members)


def read_npy_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Shape, whether by columns, and type. Raises ValueError or EOFError."""
    version = np.lib.format.read_magic(file)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ValueError("a version of .npy that isn't known")
    shape, columnwise, dtype = readers[version](file)
    if any(side < 0 for side in shape):
        raise ValueError("a side below 0")
    return shape, columnwise, dtype


@contextmanager
def raising_spec_errors(path: Path) -> Iterator[None]:
    """What goes wrong in reading this file, as a SpecError."""
    try:
        yield
    except SpecError:
        raise
    except OSError as error:
        raise SpecError(
            f"{file_name(path)} can't be read ({error.strerror or error}).", "dataset.path"
        ) from error
    except DAMAGE_ERRORS as error:
        raise SpecError(
            f"{file_name(path)} is damaged, cut off, or no {path.suffix.lower()} file; save or copy it again.",
            "dataset.path",
        ) from error


def file_name(path: Path) -> str:
    return shorten(path.name, 100)
