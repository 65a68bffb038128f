"""What programs write around a table: `sep=;`, titles, comments, separators at the ends of lines, columns set with blanks."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator

SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
BLANKS = re.compile(r'("[^"]*")|[ \t]+')
EMPTY_ROW = re.compile(r"^[ \t]*([,;|\t])(?:[ \t]|\1)*$", re.MULTILINE)
MAX_TITLES = 10
"""Lines of titles before a table, at most."""
ALIKE = 0.9
"""Where this share of the rows have one width, that is the width of the table."""


def declared_separator(text: str) -> str:
    """Return what a first line such as `sep=;` says, as spreadsheets write it; empty where there is none."""
    found = SEPARATOR_LINE.fullmatch(text.partition("\n")[0])
    return found[1] if found else ""


def count_comments(text: str) -> int:
    """Count the lines with a # at the beginning, and blank ones among them."""
    count = 0
    for at, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#"):
            count = at
        elif line.strip():
            break
    return count


def without_lines(text: str, count: int) -> str:
    """Return the text after so many lines."""
    for _ in range(count):
        text = text.partition("\n")[2]
    return text


def usual_width(rows: list[list[str]]) -> int:
    """Return the number of cells that nearly all rows have; 0 where they differ."""
    width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
    return width if times >= ALIKE * len(rows) else 0


def is_title(first: list[str], rest: list[list[str]]) -> bool:
    """True where the first row is one cell, and the rows after it, at least two, are a table."""
    width = usual_width(rest)
    return (
        len(rest) > 1 and width > 1 and len(first) < width and sum(bool(cell.strip()) for cell in first) < 2
    )


def table_width(rows: Iterable[list[str]]) -> int:
    """Return the number of cells without those at the ends of rows that are empty in all of them."""
    return max((at for row in rows for at, cell in enumerate(row, start=1) if cell.strip()), default=0)


def single_blanks(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines with one blank between their cells; quoted ones stay as they are."""
    for line in lines:
        yield BLANKS.sub(lambda found: found[1] or " ", line.strip()) + "\n"


def cut_rows(rows: Iterable[list[str]], separator: str, width: int) -> Iterator[str]:
    """Write the rows, one by one, without those that are empty, and without empty cells beyond that width."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator="\n")
    for row in rows:
        if any(cell.strip() for cell in row):
            last = len(row)
            while last > width and not row[last - 1].strip():
                last -= 1
            writer.writerow(row[:last])
            yield written.getvalue()
            written.seek(0)
            written.truncate()


class RowText(io.TextIOBase):
    """Text that is made a row at a time while it is read, so that memory never holds all of it."""

    def __init__(self, rows: Iterator[str], source: io.TextIOBase) -> None:
        """`source`: the file that the rows are made from; it is closed with this one."""
        self._rows, self._source, self._rest = rows, source, ""

    def readable(self) -> bool:
        return True

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        """Return the next row, which has line feeds in it where a cell has; nothing at the end."""
        row = self._rest or next(self._rows, "")
        end = len(row) if size < 0 else size
        self._rest = row[end:]
        return row[:end]

    def read(self, size: int | None = -1, /) -> str:
        """Return so many characters, or all; less than that only at the end."""
        most, parts = -1 if size is None or size < 0 else size, []
        while most and (part := self.readline(most)):
            parts.append(part)
            most -= len(part) if most > 0 else 0
        return "".join(parts)

    def close(self) -> None:
        self._source.close()
        super().close()
