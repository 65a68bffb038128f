"""A table in a text file → a polars frame whose columns are numbers (Float64, null for a gap) or words (String)."""

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tuinn.data.tables.csv_dialect import MISSING_VALUES, CsvDialect, parse_rows
from tuinn.errors import SpecError
from tuinn.text import shorten

if TYPE_CHECKING:
    import polars as pl

GUESS_ROWS = 10_000
"""Rows from which a column's type is guessed; what doesn't hold to it further down is put right, slower."""
NUMBER_SHARE = 0.95
"""A column with this share of numbers is one of numbers; the rest are gaps."""

ANY_TYPE: Mapping[str, bool] = MappingProxyType({})


def read_frame(
    path: Path,
    form: CsvDialect,
    columns: tuple[str, ...] | None = None,
    rows: int | None = None,
    numbers: Mapping[str, bool] = ANY_TYPE,
) -> "pl.DataFrame":
    """The rows as they stand, blank ones as gaps.

    `columns`: only these; `rows`: only the first so many; `numbers`: name → whether it holds numbers, where that is known.
    Raises SpecError for rows of another width, and for what polars can't read.
    """
    import polars as pl

    source = _source(path, form)
    wanted = None if columns is None else [form.names.index(name) for name in columns]
    try:
        types = _types(path, form, numbers)
        # The fastest first: to look for words that stand for a gap takes polars half as long again.
        for words, into in (((), types), (MISSING_VALUES, types), ((), dict.fromkeys(types, pl.String))):
            read = _read(source, {**_options(form), "null_values": list(words)}, into, wanted, rows)
            if read is not None:
                break
    except pl.exceptions.PolarsError as error:
        check_row_widths(path, form)
        why = shorten(str(error).splitlines()[0], 200)
        raise SpecError(f"{path.name} can't be read as a table ({why}).", "dataset.path") from error
    assert read is not None
    read.columns = list(columns or form.names)
    if columns is None and read.height and read[read.columns[-1]].null_count():
        check_row_widths(path, form)  # a row that is too short reads as one with gaps at its end
    return read.with_columns(_put_right(read, numbers))


def _source(path: Path, form: CsvDialect) -> Any:
    """What polars can read: the path, or the same text in UTF-8."""
    if form.plain:
        return path
    with form.text(path) as file:
        return io.BytesIO(file.read().encode())


@lru_cache(maxsize=8)
def _guessed(path: Path, changed: int, form: CsvDialect) -> tuple[tuple[str, bool], ...]:
    """polars' name of each column, and whether its first rows hold numbers. Raises polars' errors."""
    import polars as pl

    source = _source(path, form)
    found = pl.scan_csv(source, infer_schema_length=GUESS_ROWS, glob=False, **_options(form)).collect_schema()
    if len(found) != len(form.names):
        raise pl.exceptions.ComputeError(f"{len(found)} columns, where there should be {len(form.names)}")
    return tuple((own, dtype.is_numeric() or dtype == pl.Null) for own, dtype in found.items())


def _types(path: Path, form: CsvDialect, numbers: Mapping[str, bool]) -> dict[str, Any]:
    """Float64 or String for each column, by the name that polars has for it. Raises polars' errors."""
    import polars as pl

    guessed = _guessed(path, path.stat().st_mtime_ns, form)
    return {
        own: pl.Float64 if numbers.get(name, number) else pl.String
        for name, (own, number) in zip(form.names, guessed, strict=True)
    }


def _options(form: CsvDialect) -> dict[str, Any]:
    """For polars."""
    return {
        "has_header": form.header,
        "separator": form.separator,
        "decimal_comma": form.decimal_comma,
    }


def _read(
    source: Any,
    options: dict[str, Any],
    types: dict[str, Any],
    wanted: list[int] | None,
    rows: int | None,
) -> "pl.DataFrame | None":
    """None where a value is not of its column's type."""
    import polars as pl

    if isinstance(source, io.BytesIO):
        source.seek(0)
    try:
        read = pl.read_csv(source, schema_overrides=types, columns=wanted, n_rows=rows, glob=False, **options)
    except pl.exceptions.ComputeError as error:
        if "could not parse" in str(error) and pl.Float64 in types.values():
            return None
        raise
    return read


def _put_right(read: "pl.DataFrame", kinds: Mapping[str, bool]) -> list["pl.Series"]:
    """Words without the blanks around them; numbers where nearly all the words are numbers; nothing infinite."""
    import polars as pl

    changed = []
    for column in read:
        if column.dtype == pl.Float64:
            if not column.is_finite().all():
                changed.append(column.set(~column.is_finite(), None))
            continue
        words = column.str.strip_chars()
        gaps = words.is_in(list(MISSING_VALUES))
        if gaps.any():
            words = words.set(gaps, None)
        if kinds.get(column.name) is False:
            changed.append(words)
            continue
        numbers = words.cast(pl.Float64, strict=False)
        numbers = numbers.set(~numbers.is_finite(), None)
        told, held = len(words) - words.null_count(), len(numbers) - numbers.null_count()
        changed.append(numbers if kinds.get(column.name) or (held and held >= NUMBER_SHARE * told) else words)
    return changed


def check_row_widths(path: Path, form: CsvDialect) -> None:
    """Raises SpecError that names the first line with more or fewer cells than there are columns."""
    width = len(form.names)
    with form.text(path) as file:
        if form.quoted:
            counted: Any = ((len(row), row) for row in parse_rows(file, form.separator))
        else:
            counted = ((line.count(form.separator) + 1, line.strip("\n")) for line in file)
        for at, (cells, row) in enumerate(counted, start=1):
            if cells != width and row:
                raise SpecError(
                    f"{'Row' if form.quoted else 'Line'} {at:,} of {path.name} has {cells} "
                    f"{'cell' if cells == 1 else 'cells'}, where there are {width} columns. Put that line right.",
                    "dataset.path",
                )
