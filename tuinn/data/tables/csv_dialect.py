"""How a table in a text file is written: its encoding, separator, header and decimal sign. Guessed from its bytes."""

import codecs
import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tuinn.data.regular_file import check_kind
from tuinn.data.tables.csv_cleanup import (
    EMPTY_ROW,
    MAX_TITLES,
    RowText,
    count_comments,
    cut_rows,
    declared_separator,
    is_title,
    single_blanks,
    table_width,
    usual_width,
    without_lines,
)
from tuinn.data.tables.csv_header import MISSING_VALUES, guess_header, unique_names
from tuinn.data.tables.number_format import COMMA_NUMBER, is_number
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec

csv.field_size_limit(sys.maxsize)  # a text in a cell may be longer than 131,072 characters

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
BLANK = " "
"""Of columns that any number of blanks and tabs separate."""

HEAD_CHARACTERS = 65_536
"""Bytes that are looked at to guess; rows beyond it are held to what was guessed."""
WIDE_LINES, WIDE_CHARACTERS = 10, 2_000_000
"""A table of thousands of columns has few lines in that: it is read on to so many lines, or characters."""
CHUNK = 4_194_304
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+")


@dataclass(frozen=True)
class CsvDialect:
    """Enough to read the file."""

    encoding: str
    """Python's name for it."""
    separator: str
    header: bool
    """The first row holds names."""
    decimal_comma: bool
    names: tuple[str, ...]
    """Of the columns: printable, and no two alike."""
    duplicate_names: tuple[str, ...] = ()
    """Names that the file gives to several columns; all but the first were given another."""
    is_plain: bool = True
    """UTF-8 with line feeds: a library can read the file itself."""
    has_quotes: bool = False
    """There are quotes in it somewhere."""
    skipped: int = 0
    """Lines before the table: titles, comments, `sep=;`."""
    is_padded: bool = False
    """Rows are empty, or have empty cells at their ends that belong to no column."""
    none: str = "auto"
    """What the word None is, as `DatasetSpec.none`."""

    def text(self, path: Path) -> io.TextIOBase:
        """The table, opened as text, without what stands around it."""
        file = path.open(encoding=self.encoding, newline=None)
        for _ in range(self.skipped):
            file.readline()
        if self.separator == BLANK:
            return RowText(single_blanks(file), file)
        if self.is_padded:
            return RowText(cut_rows(all_rows(file, self.separator), self.separator, len(self.names)), file)
        return file


def detect_dialect(dataset: DatasetSpec, path: Path) -> CsvDialect:
    """What the file at `path` looks like; the spec's header and separator have the last word. Raises SpecError."""
    try:
        found = path.stat()
        check_kind(path, found, "dataset.path", "give a CSV file")
        if not found.st_size:  # also what the system makes up while it is read, such as /proc/kmsg
            raise no_rows(path)
        dialect = _detect(path, found.st_size, found.st_mtime_ns, dataset.header, dataset.separator)
        return dialect if dataset.none == dialect.none else replace(dialect, none=dataset.none)
    except OSError as error:
        raise SpecError(f"{path} can't be read ({error.strerror}).", "dataset.path") from error


@lru_cache(maxsize=16)
def _detect(path: Path, size: int, changed: int, header: str, separator: str) -> CsvDialect:
    encoding, quoted, returns = scan_bytes(path)
    rows_of = FirstLines(path, encoding)
    skipped, separator = skip_lines_before(rows_of, separator)
    rows = rows_of(separator)
    if not rows:
        raise no_rows(path)
    width = table_width(rows_of(separator, HEAD_CHARACTERS))
    padded = separator != BLANK and (
        any(len(row) > width for row in rows) or EMPTY_ROW.search(rows_of.text) is not None
    )
    if padded:
        width = max(width, whole_width(path, encoding, separator, skipped))
        rows = [row[:width] for row in rows]
    check_first_width(path, rows, skipped)
    has_header = header == "yes" or (header == "auto" and guess_header(rows))
    names, duplicate_names = unique_names(rows[0] if has_header else [""] * len(rows[0]))
    body = rows[1:] if has_header else rows
    comma = has_decimal_comma(body, separator)
    plain = encoding in ("utf-8", "utf-8-sig") and not returns
    plain = plain and not (skipped or padded or separator == BLANK)
    return CsvDialect(
        encoding, separator, has_header, comma, names, duplicate_names, plain, quoted, skipped, padded
    )


def whole_width(path: Path, encoding: str, separator: str, skipped: int) -> int:
    """Return `table_width` of all rows: cells that are empty in the first ones may not be so further down."""
    try:
        with path.open(encoding=encoding, newline=None) as file:
            for _ in range(skipped):
                file.readline()
            return table_width(parse_rows(file, separator))
    except UnicodeError:
        return 0  # which is said when the rows are read


def skip_lines_before(rows_of: "FirstLines", separator: str) -> tuple[int, str]:
    """Leave out what stands before the table: how many lines that are, and the separator of the columns."""
    declared = declared_separator(rows_of.text)
    skipped = 1 if declared else count_comments(rows_of.text)
    separator = separator or declared
    whole = rows_of.text
    rows_of.text = without_lines(whole, skipped)
    separator = separator or guess_separator(rows_of)
    if skipped and not declared and is_commented_header(whole, skipped, rows_of(separator), separator):
        skipped -= 1
        rows_of.text = without_lines(whole, skipped)
    for _ in range(MAX_TITLES):
        rows = rows_of(separator)
        if not rows or not is_title(rows[0], rows[1:]):
            break
        lines = rows_of.text.splitlines()
        at = next(at for at, line in enumerate(lines, start=1) if line.strip(" \t\r" + separator))
        skipped, rows_of.text = skipped + at, without_lines(rows_of.text, at)
    return skipped, separator


def is_commented_header(text: str, skipped: int, rows: list[list[str]], separator: str) -> bool:
    """True where the last of the comments has as many cells as the rows after it, and these have no names."""
    last = text.splitlines()[skipped - 1]
    cells = next(parse_rows(io.StringIO(last), separator), [])
    return bool(rows) and 1 < len(cells) == len(rows[0]) and not guess_header(rows)


def check_first_width(path: Path, rows: list[list[str]], skipped: int) -> None:
    """Raises SpecError where the first line alone has another number of cells than the rows after it."""
    width, cells = usual_width(rows[1:]), len(rows[0])
    if len(rows) > 2 and width > 1 and cells != width:
        raise SpecError(
            f"Line {skipped + 1} of {path.name} is not like the others: it has {cells} "
            f"{'cell' if cells == 1 else 'cells'}, and they have {width}. Put that line right.",
            "dataset.path",
        )


def has_decimal_comma(rows: list[list[str]], separator: str) -> bool:
    """True where numbers have a decimal comma, rather than commas between their thousands."""
    if separator == ",":
        return False
    cells = [cell.strip() for row in rows for cell in row]
    commas = [cell for cell in cells if COMMA_NUMBER.fullmatch(cell)]
    if not all(THOUSANDS.fullmatch(cell) for cell in commas):
        return True
    return bool(commas) and separator == ";" and not any(POINT_NUMBER.fullmatch(cell) for cell in cells)


def no_rows(path: Path) -> SpecError:
    """Return the error to raise for a table without a row."""
    return SpecError(f"{path.name} holds no rows. Give a file with a row for each sample.", "dataset.path")


def scan_bytes(path: Path) -> tuple[str, bool, bool]:
    """Encoding, whether there are quotes, and whether lines end in carriage returns alone. Raises SpecError."""
    decoder, utf8 = codecs.getincrementaldecoder("utf-8")(), True
    quoted = returns = feeds = nul = False
    with path.open("rb") as file:
        head = file.read(4096)
        marked = encoding_from_start(head)
        file.seek(0)
        while chunk := file.read(CHUNK):
            quoted = quoted or b'"' in chunk
            returns, feeds = returns or b"\r" in chunk, feeds or b"\n" in chunk
            nul = nul or b"\0" in chunk
            if utf8 and not (chunk.isascii() and not decoder.getstate()[0]):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = False
    if marked:
        return marked, quoted, returns and not feeds
    if nul:
        raise SpecError(
            f"{path.name} holds NUL bytes, so it is no text. Save the table as a CSV file in UTF-8.",
            "dataset.path",
        )
    return "utf-8" if utf8 else latin_encoding(path), quoted, returns and not feeds


def encoding_from_start(head: bytes) -> str:
    """The encoding that the first bytes give away, by a mark or by where their zeros are; empty where they don't."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    pairs = len(head) // 2
    if pairs >= 4:
        if head[1::2].count(0) >= 0.9 * pairs and not head[::2].count(0):
            return "utf-16-le"
        if head[::2].count(0) >= 0.9 * pairs and not head[1::2].count(0):
            return "utf-16-be"
    return ""


def latin_encoding(path: Path) -> str:
    """Windows' Latin encoding, or plain Latin-1 where a byte has no meaning in it."""
    try:
        with path.open(encoding="cp1252") as file:
            while file.read(CHUNK):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


class FirstLines:
    """The first rows of a file, cut at any separator."""

    def __init__(self, path: Path, encoding: str) -> None:
        try:
            with path.open(encoding=encoding, errors="strict") as file:
                self.text = file.read(HEAD_CHARACTERS)
                while self.text.count("\n") < WIDE_LINES and len(self.text) < WIDE_CHARACTERS:
                    if not (line := file.readline(WIDE_CHARACTERS)):
                        break
                    self.text += line
                if file.read(1):
                    # The last line is not whole.
                    self.text = self.text[: self.text.rfind("\n") + 1] or self.text
        except UnicodeError as error:
            raise SpecError(
                f"{path.name} is not text in {encoding}, though it begins like it. Save it as UTF-8.",
                "dataset.path",
            ) from error

    def __call__(self, separator: str, most: int = 200) -> list[list[str]]:
        """Rows that are not blank."""
        text = "".join(single_blanks(io.StringIO(self.text))) if separator == BLANK else self.text
        return list(_not_blank(parse_rows(io.StringIO(text), separator), most))


def _not_blank(rows: Iterator[list[str]], most: int) -> Iterator[list[str]]:
    for row in rows:
        if any(cell.strip() for cell in row):
            yield row
            most -= 1
        if not most:
            return


def parse_rows(text: io.TextIOBase | io.StringIO, separator: str) -> Iterator[list[str]]:
    """Rows of text; they end at the first that Python's csv can't take."""
    reader = csv.reader(text, delimiter=separator)
    while True:
        try:
            yield next(reader)
        except (StopIteration, csv.Error):
            return


def all_rows(text: io.TextIOBase | io.StringIO, separator: str) -> Iterator[list[str]]:
    """Rows of text to its end. Raises SpecError at one that Python's csv can't take."""
    reader = csv.reader(text, delimiter=separator)
    try:
        yield from reader
    except csv.Error as error:
        raise SpecError(f"can't be read from line {reader.line_num} on ({error}).") from None


def guess_separator(rows_of: FirstLines) -> str:
    """The one that cuts most rows into equally many cells, of which the fewest hold other separators."""
    best, choice = (0.0, 0.0, 0), ""
    for separator in SEPARATORS:
        rows = rows_of(separator)
        if not rows:
            continue
        width, times = Counter(len(row) for row in rows).most_common(1)[0]
        if width < 2:
            continue
        cells = [cell.strip() for row in rows for cell in row]
        clean = sum(
            COMMA_NUMBER.fullmatch(cell) is not None or not set(cell) & set(SEPARATORS) for cell in cells
        )
        score = (round(times / len(rows), 1), clean / len(cells), width)
        if score > best:
            best, choice = score, separator
    return BLANK if are_separated_by_blanks(rows_of, choice) else choice or ","


def are_separated_by_blanks(rows_of: FirstLines, other: str) -> bool:
    """True where blanks cut rows into equally many cells, mostly numbers, and `other` leaves several numbers in one."""
    rows = rows_of(BLANK)
    width = usual_width(rows)
    if width < 2 or len(rows) < 3:
        return False
    cells = [cell for row in rows for cell in row]
    if 2 * sum(is_number(cell) or cell in MISSING_VALUES for cell in cells) < len(cells):
        return False
    if not other:
        return True
    return any(
        len(parts) > 1 and all(map(is_number, parts))
        for row in rows_of(other)[1:]
        for parts in (cell.split() for cell in row)
    )
