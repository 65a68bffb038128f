"""Whether the rows of a table stand in the order of time, and which of them are then the test."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tuinn.data.split import Indices
from tuinn.data.tables.columns import looks_like_dates

if TYPE_CHECKING:
    import polars as pl

LEAST_ROWS = 20
"""Fewer rows tell nothing of their order."""
TIME_NAMES = (
    *(
        "date",
        "datetime",
        "time",
        "timestamp",
        "t",
        "year",
        "month",
        "week",
        "day",
        "hour",
        "minute",
        "second",
    ),
    *("step", "period", "epoch"),
)
"""Names of columns of numbers that tell the time, whatever their case."""
UNIX_SECONDS, UNIX_MILLISECONDS = (1e8, 1e10), (1e11, 1e13)
DAY_FIRST = r"^(\d{2})[-/.](\d{2})[-/.](\d{4})"


@dataclass(frozen=True)
class TimeOrder:
    """A column that tells the time."""

    column: str
    is_sorted: bool
    """The rows go up or down by it."""
    is_backwards: bool = False
    """They go down: the newest comes first."""


def time_order(rows: "pl.DataFrame") -> TimeOrder | None:
    """Return the first column by whose time the rows are sorted, else the first one with times; None where there is none."""
    unsorted = None
    for column in rows if rows.height >= LEAST_ROWS else ():
        if not tells_time(column):
            continue
        found = order_by(column)
        if found.is_sorted:
            return found
        unsorted = unsorted or found
    return unsorted


def tells_time(column: "pl.Series") -> bool:
    """True for dates and times, and for numbers that are so by their name or as seconds since 1970."""
    known = column.drop_nulls()
    if known.n_unique() < 3:
        return False
    if not column.dtype.is_numeric():
        return looks_like_dates(column)
    if column.name.casefold() in TIME_NAMES:
        return True
    low, high = known.min(), known.max()
    assert isinstance(low, float)
    assert isinstance(high, float)
    since_1970 = any(start <= low and high <= end for start, end in (UNIX_SECONDS, UNIX_MILLISECONDS))
    return since_1970 and (known.is_sorted() or known.is_sorted(descending=True))


def order_by(column: "pl.Series") -> TimeOrder:
    """Whether the rows go up or down by this column, whichever of day and month comes first in its dates."""
    known = column.drop_nulls()
    tried = [known]
    if not column.dtype.is_numeric():
        tried = [known.str.replace(DAY_FIRST, form) for form in ("${3}-${2}-${1}", "${3}-${1}-${2}")]
    for told in tried:
        if told.is_sorted():
            return TimeOrder(column.name, True)
        if told.is_sorted(descending=True):
            return TimeOrder(column.name, True, True)
    return TimeOrder(column.name, False)


def split_in_time(count: int, share: float, is_backwards: bool) -> tuple[Indices, Indices]:
    """Indices to train on, and the last `share` of `count` rows in time to test on; both from the oldest to the newest.

    The training part keeps at least one row.
    """
    tested = max(0, min(round(share * count), count - 1))
    order = np.arange(count, dtype=np.int64)
    order = order[::-1] if is_backwards else order
    return order[: count - tested], order[count - tested :]
