"""The columns of a table: guess whether they hold numbers or words, and encode them for the network."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tuinn.data.tables.csv_dialect import CsvDialect
from tuinn.data.tables.csv_header import MISSING_VALUES
from tuinn.data.tables.number_format import NUMBER_SHARE, NumberFormat, finite, read_numbers
from tuinn.spec.dataset import Column

if TYPE_CHECKING:
    import polars as pl

GUESS_ROWS = 10_000
"""Rows from which a column's type is guessed. Where a later row does not fit, the file is read once more, as words."""
NONE_SHARE = 0.05
"""The word None in this share of a column of words is one of them; rarer it is a gap, as programs write it."""
MAX_CATEGORIES = 100
"""Words of a category that have a code; the rarest beyond are "any other"."""
RARE_SHARE = 0.001
"""A word in a smaller share of the rows has too little to be learned from, and is "any other"."""
DATE = r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|^\d{1,2}[:.]\d{2}[:.]\d{2}\b|^\d{1,2}:\d{2}\b"
"""How dates and times begin."""


def guess_column_types(source: Path | io.BytesIO, dialect: CsvDialect) -> tuple[tuple[str, bool], ...]:
    """Guess from the first rows whether a column holds numbers: (its name in polars, whether it does) for each.

    Raises polars' errors.
    """
    import polars as pl

    schema = pl.scan_csv(
        source,
        has_header=dialect.header,
        separator=dialect.separator,
        decimal_comma=dialect.decimal_comma,
        infer_schema_length=GUESS_ROWS,
        glob=False,
    ).collect_schema()
    return tuple((name, dtype.is_numeric() or dtype == pl.Null) for name, dtype in schema.items())


def settle_column_types(
    frame: "pl.DataFrame", known: Mapping[str, bool], decimal_comma: bool, none: str = "auto"
) -> tuple[list["pl.Series"], dict[str, NumberFormat]]:
    """Return the columns that change once all rows are known, and how unusually written numbers are written.

    Words lose the blanks around them, a frequent None is a word, columns of which nearly all words are numbers become numbers, and infinite
    numbers count as missing. `known`: name → whether it holds numbers, where that need not be guessed. `none`: as `CsvDialect.none`.
    """
    import polars as pl

    changed, formats = [], {}
    for column in frame:
        if column.dtype == pl.Float64:
            if not column.is_finite().all():
                changed.append(finite(column))
            continue
        words = column.str.strip_chars()
        missing = words.is_in(list(MISSING_VALUES))
        if missing.any():
            words = words.set(missing, None)
        if known.get(column.name) is False:
            changed.append(_with_none(words, column, none))
            continue
        numbers, written = read_numbers(words, decimal_comma)
        word_count, number_count = len(words) - words.null_count(), len(numbers) - numbers.null_count()
        mostly = number_count and number_count >= NUMBER_SHARE * word_count
        if not (known.get(column.name) or mostly):
            changed.append(_with_none(words, column, none))
            continue
        changed.append(numbers)
        if written:
            formats[column.name] = written
    return changed, formats


def _with_none(words: "pl.Series", as_written: "pl.Series", how: str) -> "pl.Series":
    """Take the word None for one like the others where it stands beside them and is frequent, or as `how` says."""
    none = (as_written.str.strip_chars() == "None").fill_null(value=False)
    count = int(none.sum())
    is_rare = how == "auto" and (count < NONE_SHARE * len(words) or count < 2)
    if how == "gap" or is_rare or words.null_count() == len(words):
        return words
    return words.set(none, "None")


def describe_column(values: "pl.Series", written: NumberFormat | None = None) -> Column:
    """Describe how the network takes a column, from its training rows: Float64 or String, null where missing."""
    if values.dtype.is_numeric():
        return Column(values.name, "number", thousands=written.thousands if written else "")
    words = values.drop_nulls().value_counts(sort=True, name="count")
    least = max(1, round(RARE_SHARE * len(values)))
    found = sorted(words.rows(), key=lambda row: (-row[1], row[0]))
    kept = [word for word, count in found if count >= least][:MAX_CATEGORIES] or [word for word, _ in found][
        :1
    ]
    return Column(values.name, "category", tuple(kept))


def encode_columns(frame: "pl.DataFrame", columns: tuple[Column, ...]) -> NDArray[np.float32]:
    """Encode as (rows, columns): numbers, NaN where missing; of a category the code of the word, 0 for any other."""
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


def looks_like_dates(words: "pl.Series") -> bool:
    """By how the first ones begin."""
    return float(words.drop_nulls().head(200).str.contains(DATE).mean() or 0) > 0.9  # type: ignore[arg-type]
