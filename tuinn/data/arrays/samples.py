"""Arrays of samples → rows in the cache: of a type that networks take, and without what isn't finite."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuinn.data.arrays.file_access import StoredArray, file_name
from tuinn.data.arrays.targets import unusable
from tuinn.data.checks import row_hashes
from tuinn.data.npy_writer import NpyWriter
from tuinn.errors import SpecError
from tuinn.text import shorten

MAX_AXES = 4
"""Of a sample."""

SMALLER_TYPES = {"bool": "uint8", "float64": "float32", "longdouble": "float32", "float128": "float32"}
SMALLER_TYPES |= dict.fromkeys(("int64", "uint32", "uint64"), "int32")
"""Types that are kept as another one: a network computes in float32 anyway."""


def check_samples(members: Sequence[StoredArray]) -> None:
    """Raises SpecError for types and shapes that no network takes, or that differ from part to part."""
    for member in members:
        kind = member.dtype.kind
        if member.dtype.hasobject:
            raise unusable(
                member, "holds Python objects, which are never unpickled", "Save it as one array of numbers"
            )
        if kind in "US":
            raise unusable(
                member, "holds words, not numbers", "Give texts as a CSV or as a folder of text files"
            )
        if kind == "c":
            raise unusable(member, "holds complex numbers", "Save real and imaginary parts as two channels")
        if kind not in "biuf":
            raise unusable(member, f"is of type {shorten(str(member.dtype), 60)}", "Save it as numbers")
        if not member.count:
            raise unusable(member, "has no samples", "Save at least two")
        if 0 in member.shape:
            raise unusable(
                member, f"has samples of the shape {member.shape[1:]}, with nothing in them", "Save it again"
            )
        if len(member.shape) - 1 > MAX_AXES:
            raise unusable(
                member,
                f"has {len(member.shape) - 1} axes per sample",
                f"Give at most {MAX_AXES}, such as video",
            )
        if member.shape[1:] != members[0].shape[1:]:
            raise unusable(
                member,
                f"has samples of the shape {member.shape[1:]}, and {members[0].name} of {members[0].shape[1:]}",
                "Give both the same shape",
            )


def storage_type(members: Sequence[StoredArray]) -> np.dtype[np.generic]:
    """The type in which all of them are kept, in this machine's byte order."""
    return np.result_type(*(SMALLER_TYPES.get(member.dtype.name, member.dtype.name) for member in members))


def sample_shape(member: StoredArray) -> tuple[int, ...]:
    """Of one sample: a bare number is a row of one."""
    return member.shape[1:] or (1,)


def convert_rows(
    rows: NDArray[np.generic], dtype: np.dtype[np.generic], member: StoredArray
) -> NDArray[np.generic]:
    """The rows as they are kept. Raises SpecError for whole numbers that don't fit."""
    if rows.dtype.kind in "iu" and dtype.kind == "i" and rows.dtype.itemsize >= dtype.itemsize and rows.size:
        bounds = np.iinfo(dtype.name)
        if int(rows.max()) > bounds.max or int(rows.min()) < bounds.min:
            raise unusable(member, f"holds whole numbers beyond {bounds.max:,}", "Save it as float32")
    return np.ascontiguousarray(rows, dtype).reshape(len(rows), *sample_shape(member))


@dataclass
class ValueRange:
    """How far the values go, and what isn't finite, as far as they were read."""

    low: float = np.inf
    high: float = -np.inf
    samples: int = 0
    values: int = 0
    """Not finite."""
    bad_samples: int = 0
    """Those that have such values."""

    def add(self, rows: NDArray[np.generic]) -> NDArray[np.bool_]:
        """Take these rows into account; which of them are finite, (n,)."""
        flat = rows.reshape(len(rows), -1)
        good = np.isfinite(flat).all(axis=1) if rows.dtype.kind == "f" else np.ones(len(rows), bool)
        if not good.all():
            self.values += int((~np.isfinite(flat)).sum())
            self.bad_samples += int((~good).sum())
        if good.any():
            fine = flat if good.all() else flat[good]
            self.low, self.high = min(self.low, float(fine.min())), max(self.high, float(fine.max()))
        self.samples += len(rows)
        return good

    @property
    def bounds(self) -> tuple[float, float]:
        return (self.low, self.high) if self.low <= self.high else (0.0, 0.0)


class RowPlacement:
    """Where each sample of the file goes: a row of `x_train` or of `x_test`."""

    def __init__(self, train: NDArray[np.int64], test: NDArray[np.int64]) -> None:
        """Which samples become the rows of each, in their order."""
        total = len(train) + len(test)
        self.in_test = np.zeros(total, bool)
        self.in_test[test] = True
        self.row = np.empty(total, np.int64)
        self.row[train], self.row[test] = np.arange(len(train)), np.arange(len(test))


def write_samples(
    members: Sequence[StoredArray],
    place: RowPlacement,
    train: NpyWriter,
    test: NpyWriter,
    dtype: np.dtype[np.generic],
    reach: ValueRange,
) -> Iterator[tuple[int, NDArray[np.bool_], NDArray[np.int64]]]:
    """Every sample to its row. After each few: how many are done, which of these are finite, and their digests.

    Raises OSError or SpecError.
    """
    done = 0
    for member in members:
        for chunk in member.chunks():
            rows = convert_rows(chunk, dtype, member)
            good = reach.add(rows)
            here = slice(done, done + len(rows))
            for out, wanted in ((train, ~place.in_test[here]), (test, place.in_test[here])):
                out.scatter(place.row[here][wanted], rows[wanted])
            done += len(rows)
            yield done, good, row_hashes(rows)


def check_disk_space(members: Sequence[StoredArray], dtype: np.dtype[np.generic], free: int) -> None:
    """Raises SpecError where the disk of the cache has no room for the samples."""
    needed = sum(member.size // member.dtype.itemsize for member in members) * dtype.itemsize
    if needed > free:
        raise SpecError(
            f"The samples in {file_name(members[0].path)} take {needed / 1e9:,.1f} GB unpacked, and the disk of the cache "
            f"has {free / 1e9:,.1f} GB left. Free some, or set TUINN_HOME to a folder on another disk.",
            "dataset.path",
        )
