"""Columns of a table as the network takes them: numbers with gaps, and words by their codes."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tuinn.spec.dataset import Column

if TYPE_CHECKING:
    import polars as pl

MAX_CATEGORIES = 100
"""Of a category; the rarest beyond are "any other"."""
RARE_SHARE = 0.001
"""A word in a smaller share of the rows has too little to be learned from, and is "any other"."""


def describe_column(values: "pl.Series") -> Column:
    """How the network takes a column in, by its training rows: Float64 or String, null for a gap."""
    if values.dtype.is_numeric():
        return Column(values.name, "number")
    words = values.drop_nulls().value_counts(sort=True, name="count")
    least = max(1, round(RARE_SHARE * len(values)))
    found = sorted(words.rows(), key=lambda row: (-row[1], row[0]))
    kept = [word for word, count in found if count >= least][:MAX_CATEGORIES] or [word for word, _ in found][
        :1
    ]
    return Column(values.name, "category", tuple(kept))


def encode_columns(frame: "pl.DataFrame", columns: tuple[Column, ...]) -> NDArray[np.float32]:
    """(rows, columns): numbers, NaN where there is none; of a category the code of the word."""
    coded = frame.select(_encode(frame[column.name], column) for column in columns)
    return coded.to_numpy(order="c")


def _encode(values: "pl.Series", column: Column) -> "pl.Series":
    import polars as pl

    if column.kind == "number":
        small = values.cast(pl.Float64, strict=False).cast(pl.Float32)
        if small.null_count():
            small = small.fill_null(float("nan"))
        if small.is_infinite().any():  # too large for float32: as good as none
            small = small.set(small.is_infinite(), float("nan"))
        return small
    places = values.cast(pl.String).cast(pl.Enum(list(column.vocabulary)), strict=False).to_physical()
    return (places.cast(pl.Float32) + 1).fill_null(0.0)


def decode_row(row: NDArray[Any], columns: tuple[Column, ...]) -> tuple[str, ...]:
    """One sample of `coded` in words, a text for each column; a gap is empty, any other word is "other"."""
    told = []
    for value, column in zip(row, columns, strict=True):
        if column.kind == "number":
            told.append("" if np.isnan(value) else f"{value:.6g}")
        else:
            told.append(column.vocabulary[int(value) - 1] if value else "other")
    return tuple(told)
