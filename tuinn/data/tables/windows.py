"""Windows over the rows of a series: which rows make a sample, and what the network is given of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices, split
from tuinn.data.tables.columns import encode_columns
from tuinn.data.tables.preprocess import rows_to_matrix
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts

if TYPE_CHECKING:
    import polars as pl

SEED = 0
"""The test part is the same for every run on a file."""
CHUNK = 1024
"""Windows that are in memory at once."""

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Windows:
    """Windows by their first rows, in the order of time."""

    size: int
    """Rows of each."""
    horizon: int
    """The target is this many rows after the last row of the window."""
    train: Indices
    test: Indices

    def target_rows(self, starts: Indices) -> Indices:
        """The rows whose targets belong to these windows."""
        return starts + self.size - 1 + self.horizon


def cut_windows(present: NDArray[np.bool_], size: int, horizon: int, share: float, in_time: bool) -> Windows:
    """Return the windows over rows of which `present` have a target; `share` of them are the test.

    `in_time`: the test is over the last rows, and no window with its target has rows of both parts. Raises SpecError where a
    part has too few rows.
    """
    rows = len(present)
    if rows < size + horizon:
        raise too_few(rows, size, horizon, "the table")
    if in_time:
        tested = max(0, min(round(share * rows), rows - 1))
        starts = [_starts(0, rows - tested, size, horizon), _starts(rows - tested, rows, size, horizon)]
        counts = (rows - tested, "the part to train on"), (tested, "the test")
        for found, (count, what) in zip(starts, counts, strict=True):
            if count and not len(found):
                raise too_few(count, size, horizon, what)
        train, test = starts
    else:
        every = _starts(0, rows, size, horizon)
        every = every[present[every + size - 1 + horizon]]
        train, test = (every[places] for places in split(len(every), share, SEED))
    last = size - 1 + horizon
    return Windows(size, horizon, train[present[train + last]], test[present[test + last]])


def _starts(first: int, end: int, size: int, horizon: int) -> Indices:
    return np.arange(first, max(first, end - size - horizon + 1), dtype=np.int64)


def too_few(rows: int, size: int, horizon: int, what: str) -> SpecError:
    """Return the error to raise where no window has room."""
    return SpecError(
        f"of {size:,} rows, with a target {horizon:,} {'row' if horizon == 1 else 'rows'} later, needs "
        f"{size + horizon:,} rows, and {what} has {rows:,}. Make it smaller.",
        "dataset.window",
    )


def channel_names(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """What each number of a row is: a column, or a word of one."""
    found: list[str] = []
    for column in columns:
        words = (*column.vocabulary, "any other")
        found += [column.name] if column.kind == "number" else [f"{column.name} = {word}" for word in words]
    return tuple(found)


def encode_series(frame: "pl.DataFrame", columns: tuple[Column, ...]) -> Values:
    """Encode rows as (rows, channels): numbers, of which a gap takes the value before it; a 0 or 1 for each word."""
    return expand_words(fill_gaps(encode_columns(frame, columns)), columns)


def read_row(cells: Mapping[str, str], facts: DataFacts) -> Values:
    """Read one row as it stands in a file, (columns,), NaN for a gap. Raises SpecError."""
    found = rows_to_matrix([cells], facts.series, msgspec.structs.replace(facts, columns=facts.series))
    return np.asarray(found[0])


def encode_window(rows: Sequence[Values], facts: DataFacts) -> Values:
    """Encode the rows of one window that were read, from the oldest to the newest, (rows, channels)."""
    return expand_words(fill_gaps(np.stack(rows)), facts.series)


def fill_gaps(values: Values) -> Values:
    """Give each NaN of (rows, columns) the value above it, and those at the top the first value below."""
    missing = ~np.isfinite(values)
    if not missing.any():
        return values
    rows = np.arange(len(values))[:, None]
    above = np.maximum.accumulate(np.where(missing, -1, rows), axis=0)
    first = np.argmin(missing, axis=0)
    found = np.take_along_axis(values, np.where(above < 0, first, above), axis=0)
    return np.nan_to_num(found, nan=0.0)


def expand_words(values: Values, columns: tuple[Column, ...]) -> Values:
    """(rows, columns), with the codes of words → (rows, channels)."""
    parts = []
    for at, column in enumerate(columns):
        one = values[:, at : at + 1]
        if column.kind == "category":
            width = column.width
            codes = values[:, at].astype(np.int64)
            one = np.eye(width, dtype=np.float32)[np.where(codes > 0, codes - 1, width - 1)]
        parts.append(one)
    return np.concatenate(parts, axis=1)


def windows_of(values: Values, starts: Indices, size: int) -> Iterator[tuple[int, Values]]:
    """(rows, channels) → a few windows at a time, (n, size, channels), each with the place of its first."""
    views = np.lib.stride_tricks.sliding_window_view(values, size, axis=0)
    for at in range(0, len(starts), CHUNK):
        yield at, np.ascontiguousarray(views[starts[at : at + CHUNK]].transpose(0, 2, 1))
