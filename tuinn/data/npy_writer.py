"""A .npy file that is filled a few rows at a time, in any order and by several processes; memory holds none of it."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

CHUNK_BYTES = 8_000_000
"""How much is moved at once."""


class NpyWriter:
    """(count, *shape) on disk. The room is taken at once: a disk that is full says so before anything is read."""

    def __init__(self, path: Path, count: int, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        """Raises OSError."""
        self.path, self.count, self.shape, self.dtype = path, count, shape, np.dtype(dtype)
        self.row_bytes: int = int(np.prod(shape, dtype=np.int64)) * self.dtype.itemsize
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self.offset = self._write_header()
        if count and self.row_bytes:
            reserve(self.descriptor, self.offset, count * self.row_bytes)

    def _write_header(self) -> int:
        """The length of the header. NumPy leaves room in it, so that it is as long for any smaller count."""
        with os.fdopen(os.dup(self.descriptor), "r+b") as file:
            file.seek(0)
            np.lib.format.write_array_header_1_0(
                file,
                {
                    "descr": np.lib.format.dtype_to_descr(self.dtype),
                    "fortran_order": False,
                    "shape": (self.count, *self.shape),
                },
            )
            return file.tell()

    def place(self, row: int) -> int:
        """Where in the file a row begins, in bytes."""
        return self.offset + row * self.row_bytes

    def put(self, at: int, rows: NDArray[np.generic]) -> None:
        """Write these rows from row `at` on. Raises OSError."""
        write_at(self.descriptor, self.place(at), rows)

    def scatter(self, places: NDArray[np.int64], rows: NDArray[np.generic]) -> None:
        """Write each of these rows to its place. Raises OSError."""
        breaks = np.flatnonzero(np.diff(places) != 1) + 1
        for start, stop in zip([0, *breaks], [*breaks, len(places)], strict=True):
            if stop > start:
                self.put(int(places[start]), rows[start:stop])

    def keep(self, wanted: NDArray[np.bool_]) -> None:
        """Leave out the rows that aren't wanted; the others close ranks. `wanted` is (count,)."""
        places = np.flatnonzero(wanted)
        if len(places) == self.count:
            return
        step = max(1, CHUNK_BYTES // max(1, self.row_bytes))
        for start in range(0, len(places), step):
            chosen = places[start : start + step]
            first, last = int(chosen[0]), int(chosen[-1]) + 1
            raw = np.empty((last - first, *self.shape), self.dtype) if last - first <= 4 * step else None
            if raw is not None:
                read_at(self.descriptor, self.place(first), raw)
                self.put(start, np.ascontiguousarray(raw[chosen - first]))
                continue
            one = np.empty((1, *self.shape), self.dtype)  # few of many are wanted
            for at, place in enumerate(chosen, start):
                read_at(self.descriptor, self.place(int(place)), one)
                self.put(at, one)
        self.count = len(places)
        self._write_header()
        os.ftruncate(self.descriptor, self.place(self.count))

    def close(self) -> None:
        os.close(self.descriptor)


def reserve(descriptor: int, offset: int, size: int) -> None:
    """Make the file this long, on disk where the system can promise that. Raises OSError."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, offset, size)
    else:
        os.ftruncate(descriptor, offset + size)


def raw_bytes(rows: NDArray[np.generic]) -> memoryview:
    """The memory of a contiguous array."""
    return rows.reshape(-1).view(np.uint8).data if rows.size else memoryview(b"")


def write_at(descriptor: int, offset: int, rows: NDArray[np.generic]) -> None:
    """All the bytes of a contiguous array, at this place of the file. Raises OSError."""
    left = raw_bytes(rows)
    while left:
        done = os.pwrite(descriptor, left, offset)
        left, offset = left[done:], offset + done


def read_at(descriptor: int, offset: int, rows: NDArray[np.generic]) -> None:
    """Fill a contiguous array from this place of the file. Raises OSError, or EOFError where the file is shorter."""
    left = raw_bytes(rows)
    while left:
        done = os.preadv(descriptor, [left], offset)
        if not done:
            raise EOFError("The file is shorter than it was.")
        left, offset = left[done:], offset + done
