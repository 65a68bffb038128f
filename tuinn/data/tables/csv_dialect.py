"""How a table in a text file is written: its encoding, separator, header and decimal sign. Guessed from its bytes."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tuinn.data.regular_file import check_kind
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import shorten

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MISSING_VALUES = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "?", "-")
"""What stands for a value that is missing."""

HEAD_CHARACTERS = 65_536
"""Bytes that are looked at to guess; rows beyond it are held to what was guessed."""
WIDE_LINES, WIDE_CHARACTERS = 10, 2_000_000
"""A table of thousands of columns has few lines in that: it is read on to so many lines, or characters."""
CHUNK = 4_194_304
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf", re.IGNORECASE)
COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
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

    def text(self, path: Path) -> io.TextIOWrapper:
        """The file, opened as text, without a byte order mark."""
        return path.open(encoding=self.encoding, newline=None)


def detect_dialect(dataset: DatasetSpec, path: Path) -> CsvDialect:
    """What the file at `path` looks like; the spec's header and separator have the last word. Raises SpecError."""
    try:
        found = path.stat()
        check_kind(path, found, "dataset.path", "give a CSV file")
        if not found.st_size:  # also what the system makes up while it is read, such as /proc/kmsg
            raise no_rows(path)
        return _detect(path, found.st_size, found.st_mtime_ns, dataset.header, dataset.separator)
    except OSError as error:
        raise SpecError(f"{path} can't be read ({error.strerror}).", "dataset.path") from error


@lru_cache(maxsize=16)
def _detect(path: Path, size: int, changed: int, header: str, separator: str) -> CsvDialect:
    encoding, quoted, returns = scan_bytes(path)
    rows_of = FirstLines(path, encoding)
    separator = separator or guess_separator(rows_of)
    rows = rows_of(separator)
    if not rows:
        raise no_rows(path)
    has_header = header == "yes" or (header == "auto" and guess_header(rows))
    names, duplicate_names = unique_names(rows[0] if has_header else [""] * len(rows[0]))
    body = rows[1:] if has_header else rows
    comma = has_decimal_comma(body, separator)
    plain = encoding in ("utf-8", "utf-8-sig") and not returns
    return CsvDialect(encoding, separator, has_header, comma, names, duplicate_names, plain, quoted)


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
        return list(_not_blank(parse_rows(io.StringIO(self.text), separator), most))


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


def guess_separator(rows_of: FirstLines) -> str:
    """The one that cuts most rows into equally many cells, of which the fewest hold other separators."""
    best, choice = (0.0, 0.0, 0), ","
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
    return choice


def guess_header(rows: list[list[str]]) -> bool:
    """Names are no numbers, differ from each other, and don't come again as values of their own column."""
    first, body = [cell.strip() for cell in rows[0]], rows[1:]
    if not any(first) or any(NUMBER.fullmatch(cell) or COMMA_NUMBER.fullmatch(cell) for cell in first):
        return False
    columns = [{row[at].strip() for row in body if at < len(row)} for at in range(len(first))]
    return not any(cell and cell in column for cell, column in zip(first, columns, strict=True))


def unique_names(cells: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Printable names, no two alike, and those that the file gives to several columns."""
    names: list[str] = []
    duplicate_names: list[str] = []
    for at, cell in enumerate(cells):
        words = "".join(letter if letter.isprintable() else " " for letter in cell).split()
        name = first = shorten(" ".join(words), 100) or f"column {at + 1}"
        if name in names and name not in duplicate_names:
            duplicate_names.append(name)
        number = 2
        while name in names:
            name, number = f"{first} ({number})", number + 1
        names.append(name)
    return tuple(names), tuple(duplicate_names)
