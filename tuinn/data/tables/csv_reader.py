"""Read a CSV file into a polars frame whose columns are numbers (Float64, null where missing) or words (String)."""

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinn.data.tables.columns import guess_column_types, settle_column_types
from tuinn.data.tables.csv_dialect import CsvDialect, parse_rows
from tuinn.data.tables.csv_header import MISSING_VALUES
from tuinn.data.tables.number_format import NumberFormat
from tuinn.data.tables.table_file import plain_copy
from tuinn.errors import SpecError
from tuinn.text import shorten

if TYPE_CHECKING:
    import polars as pl
    from polars._typing import PolarsDataType

IN_MEMORY_BYTES = 32_000_000
"""A larger file that polars can't read as it is gets a copy in the cache that it can."""
ANY_TYPE: Mapping[str, bool] = MappingProxyType({})


def read_frame(
    path: Path,
    dialect: CsvDialect,
    columns: tuple[str, ...] | None = None,
    rows: int | None = None,
    numbers: Mapping[str, bool] = ANY_TYPE,
) -> "pl.DataFrame":
    """Return the rows of `read_table` alone. Raises SpecError as it does."""
    return read_table(path, dialect, columns, rows, numbers)[0]


def read_table(
    path: Path,
    dialect: CsvDialect,
    columns: tuple[str, ...] | None = None,
    rows: int | None = None,
    numbers: Mapping[str, bool] = ANY_TYPE,
) -> "tuple[pl.DataFrame, dict[str, NumberFormat]]":
    """Return the rows as they are in the file, blank ones as missing values; and how unusual numbers are written.

    `columns`: only these; `rows`: only the first so many; `numbers`: name → whether it holds numbers, where that is
    known; the type of all other columns is guessed. Raises SpecError for rows of another width, and for what polars can't read.
    """
    import polars as pl

    source = _source(path, dialect)
    wanted = None if columns is None else [dialect.names.index(name) for name in columns]
    try:
        types = _types(path, dialect, numbers)
        all_words: dict[str, PolarsDataType] = dict.fromkeys(types, pl.String)
        # The fastest first: to look for words that stand for a gap takes polars half as long again.
        for words, into in (((), types), (MISSING_VALUES, types), ((), all_words)):
            read = _read(source, dialect, words, into, wanted, rows)
            if read is not None:
                break
        if words and read is not None:
            # A word that stands for a gap among numbers may be one among words.
            kept = [at for at, dtype in enumerate(read.dtypes) if dtype == pl.String]
            places = [wanted[at] if wanted else at for at in kept]
            again = _read(source, dialect, (), all_words, places, rows) if kept else None
            read = read if again is None else read.with_columns(again.get_columns())
    except pl.exceptions.PolarsError as error:
        check_row_widths(path, dialect)
        why = shorten(str(error).splitlines()[0], 200)
        raise SpecError(f"{path.name} can't be read as a table ({why}).", "dataset.path") from error
    assert read is not None
    read.columns = list(columns or dialect.names)
    if columns is None and read.height and read[read.columns[-1]].null_count():
        check_row_widths(path, dialect)  # a row that is too short reads as one with gaps at its end
    changed, formats = settle_column_types(read, numbers, dialect.decimal_comma, dialect.none)
    return read.with_columns(changed), formats


def _source(path: Path, dialect: CsvDialect) -> Path | io.BytesIO:
    """What polars can read: the path, or the same text in UTF-8, in memory or as a copy."""
    if dialect.is_plain:
        return path
    if path.stat().st_size > IN_MEMORY_BYTES:
        return plain_copy(path, dialect)
    with dialect.text(path) as file:
        return io.BytesIO(file.read().encode())


@lru_cache(maxsize=8)
def _guessed_types(path: Path, changed: int, dialect: CsvDialect) -> tuple[tuple[str, bool], ...]:
    """Guess the types, once for each state of the file. Raises polars' errors."""
    found = guess_column_types(_source(path, dialect), dialect)
    if len(found) != len(dialect.names):
        from polars.exceptions import ComputeError

        raise ComputeError(f"{len(found)} columns, where there should be {len(dialect.names)}")
    return found


def _types(path: Path, dialect: CsvDialect, numbers: Mapping[str, bool]) -> "dict[str, PolarsDataType]":
    """Return Float64 or String for each column, by the name that polars has for it. Raises polars' errors.

    Polars takes 1.250 for 1.25 also where commas are decimal, and such a number may come late: all cells decide there.
    """
    import polars as pl

    guessed = _guessed_types(path, path.stat().st_mtime_ns, dialect)
    return {
        polars_name: pl.Float64
        if is_number and numbers.get(name, True) and not dialect.decimal_comma
        else pl.String
        for name, (polars_name, is_number) in zip(dialect.names, guessed, strict=True)
    }


def _read(
    source: Path | io.BytesIO,
    dialect: CsvDialect,
    missing: Sequence[str],
    types: "dict[str, PolarsDataType]",
    wanted: list[int] | None,
    rows: int | None,
) -> "pl.DataFrame | None":
    """Read the file with these types; None where a value is not of its column's type."""
    import polars as pl

    if isinstance(source, io.BytesIO):
        source.seek(0)
    try:
        return pl.read_csv(
            source,
            has_header=dialect.header,
            separator=dialect.separator,
            decimal_comma=dialect.decimal_comma,
            null_values=list(missing),
            schema_overrides=types,
            columns=wanted,
            n_rows=rows,
            glob=False,
        )
    except pl.exceptions.ComputeError as error:
        if "could not parse" in str(error) and pl.Float64 in types.values():
            return None
        raise


def check_row_widths(path: Path, dialect: CsvDialect) -> None:
    """Raises SpecError that names the first line with more or fewer cells than there are columns."""
    width = len(dialect.names)
    with dialect.text(path) as file:
        if dialect.has_quotes:
            counted: Iterable[tuple[int, object]] = (
                (len(row), row) for row in parse_rows(file, dialect.separator)
            )
        else:
            counted = ((line.count(dialect.separator) + 1, line.strip("\n")) for line in file)
        for at, (cells, row) in enumerate(counted, start=1 + dialect.skipped):
            if cells != width and row:
                raise SpecError(
                    f"{'Row' if dialect.has_quotes else 'Line'} {at:,} of {path.name} has {cells} "
                    f"{'cell' if cells == 1 else 'cells'}, where there are {width} columns. Put that line right.",
                    "dataset.path",
                )
