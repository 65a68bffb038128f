"""A table with a class for each image, such as labels.csv: which column names the images, and which the classes."""

import csv
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tuinn.data.images.folder_scan import is_image_name
from tuinn.data.regular_file import open_regular
from tuinn.errors import SpecError
from tuinn.text import join_names, shorten

FIELD = "dataset.label_source"

SEPARATORS = ",;\t| "

MAX_BYTES = 500_000_000
"""Bytes of a table beyond which it is refused."""

SAMPLE = 200
"""Lines by which separator and columns are told."""

LABEL_COLUMNS = (
    *("label", "labels", "class", "category", "target", "class_name", "classname", "label_name"),
    *("species", "breed", "diagnosis", "tag", "type", "class_id", "label_id", "y"),
)
"""What columns with the classes are called, the likeliest first."""

FILE_COLUMNS = (
    *("file", "filename", "file_name", "filepath", "path", "image", "image_id", "image_name", "image_path"),
    *("img", "photo", "picture", "id", "name"),
)
"""What columns with the names of the files are called."""

GAPS = frozenset(("", "nan", "na", "n/a", "?"))
"""Cells that give no class."""

SEVERAL = -1
"""The place of a name that fits several images."""


@dataclass(frozen=True)
class LabelTable:
    """What a table says of the images of a folder."""

    labels: tuple[str | None, ...]
    """The class of each image; None where the table has none, or two."""
    column: str
    """Where the classes stand, in words."""
    absent: tuple[str, ...]
    """Names in the table that are those of no image."""
    unclear: tuple[str, ...]
    """Names that fit several images."""
    contradicted: tuple[int, ...]
    """Places of the images that have two different classes."""


def plain_name(file: str) -> str:
    """A file's path as text that can be compared: letters with marks composed, no bytes that are no text."""
    return unicodedata.normalize("NFC", os.fsencode(file).decode("utf-8", "replace"))


def without_suffix(name: str) -> str:
    return name[: name.rfind(".")] if is_image_name(name) else name


class ImageNames:
    """Find images by their names: with or without folders in front, with or without the suffix."""

    def __init__(self, files: Sequence[str]) -> None:
        self.exact: dict[str, int] = {}
        self.paths: dict[str, int] = {}
        self.names: dict[str, int] = {}
        for at, file in enumerate(files):
            path = plain_name(file)
            self.exact[path] = at
            lower = path.casefold()
            for known, word in ((self.paths, lower), (self.names, lower.rpartition("/")[2])):
                for key in {word, without_suffix(word)}:
                    known[key] = SEVERAL if key in known else at

    def find(self, cell: str) -> int | None:
        """The place of the image that is meant, SEVERAL, or None."""
        path = unicodedata.normalize("NFC", cell.strip()).replace("\\", "/").removeprefix("./").lstrip("/")
        if not path:
            return None
        if path in self.exact:
            return self.exact[path]
        lower = path.casefold()
        name = lower.rpartition("/")[2]
        while True:
            for key in (lower, without_suffix(lower)):
                if key in self.paths:
                    return self.paths[key]
            if "/" not in lower:
                break
            lower = lower.partition("/")[2]
        return self.names.get(name, self.names.get(without_suffix(name)))


def read_label_table(file: Path, files: Sequence[str], column: str = "") -> LabelTable:
    """Read the classes of these images; `column`: the one with the classes, where it is known.

    Raises SpecError for a file that can't be used, and where it isn't clear what the classes are.
    """
    names, lines = ImageNames(files), read_lines(file)
    separator, place = _layout(file, lines, names)
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator, skipinitialspace=True) if row]
    except csv.Error as error:
        raise SpecError(f"{shorten(file.name, 100)} can't be read as a table ({error}).", FIELD) from None
    header: list[str] = []
    if _found(names, rows[0], place) is None:
        header, rows = [cell.strip() for cell in rows[0]], rows[1:]
    found = [(_found(names, row, place), row) for row in rows]
    matched = [row for at, row in found if at is not None]
    width = max(len(row) for row in matched)
    titles = [header[at] if at < len(header) and header[at] else f"column {at + 1}" for at in range(width)]
    chosen = label_column(file, titles, matched, place, column)
    words = titles[chosen] if chosen is not None else "a column for each class"
    cells = [(at, row, _label(row, titles, place, chosen)) for at, row in found]
    return _collected(len(files), cells, place, words)


def _label(row: list[str], titles: list[str], place: int, chosen: int | None) -> str:
    """The class in this line: the cell of the chosen column, or the title of the one with a 1."""
    if chosen is not None:
        return row[chosen].strip() if chosen < len(row) else ""
    return next((titles[at] for at, cell in enumerate(row) if at != place and _is_one(cell)), "")


def read_lines(file: Path) -> list[str]:
    """The lines that aren't blank. Raises SpecError for what is missing, empty, too large or no file."""
    with open_regular(
        file, MAX_BYTES, field=FIELD, hint="give a CSV with a file and a class in each line"
    ) as opened:
        raw = opened.read()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = raw.decode("utf-16", "replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
    return [line for line in text.splitlines() if line.strip()]


def _found(names: ImageNames, row: Sequence[str], place: int) -> int | None:
    return names.find(row[place]) if place < len(row) else None


def _layout(file: Path, lines: list[str], names: ImageNames) -> tuple[str, int]:
    """The separator, and the column that names images: that by which most lines name one.

    A number may be the name of a file without its suffix and the number of a line; a name with its suffix is surer, and
    so is a column that is called as files are.
    """
    best, most = ("", 0), (0, False)
    for separator in SEPARATORS:
        counts: Counter[int] = Counter()
        rows = [row for row in _sampled(lines, separator) if len(row) > 1]
        for row in rows:
            counts.update(
                {at: 1 + is_image_name(cell) for at, cell in enumerate(row) if names.find(cell) is not None}
            )
        for at, count in sorted(counts.items()):
            is_called_so = at < len(rows[0]) and rows[0][at].strip().casefold() in FILE_COLUMNS
            if (count, is_called_so) > most:
                best, most = (separator, at), (count, is_called_so)
    if not most[0]:
        first = f", and begins with {shorten(lines[0].strip(), 60)!r}" if lines else ""
        raise SpecError(
            f"{shorten(file.name, 100)} names none of the images{first}. "
            "It needs a column with the names of the files and one with their classes.",
            FIELD,
        )
    return best


def _sampled(lines: list[str], separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines[:SAMPLE], delimiter=separator, skipinitialspace=True)
    except csv.Error:
        return


def label_column(file: Path, titles: list[str], rows: list[list[str]], place: int, wanted: str) -> int | None:
    """The column with the classes; None: there is a column of 0 and 1 for each class. Raises SpecError."""
    name = shorten(file.name, 100)
    if wanted:
        lower = [title.casefold() for title in titles]
        for at in range(len(titles)):
            if wanted.casefold() in (lower[at], f"column {at + 1}"):
                return at
        raise SpecError(f"{name} has no column {wanted}. It has {join_names(titles)}.", "dataset.target")
    values = {
        at: {row[at].strip() for row in rows if at < len(row)}
        for at in range(len(titles))
        if at != place and not titles[at].lower().startswith("unnamed")
    }
    others = [at for at, found in values.items() if found - {""}]
    by_name = sorted(
        (LABEL_COLUMNS.index(titles[at].casefold()), at)
        for at in others
        if titles[at].casefold() in LABEL_COLUMNS
    )
    if len(others) == 1 or by_name:
        return by_name[0][1] if by_name else others[0]
    are_flags = others and set().union(*(values[at] for at in others)) <= {"0", "1", "0.0", "1.0"}
    if are_flags and all(sum(_is_one(row[at]) for at in others if at < len(row)) == 1 for row in rows):
        return None
    repeated = [at for at in others if 2 <= len(values[at]) <= len(rows) / 2]
    if len(repeated) == 1:
        return repeated[0]
    if not others:
        raise SpecError(f"{name} has names of files, but no column with their classes.", FIELD)
    raise SpecError(
        f"{name} has several columns beside the names of the files: {join_names([titles[at] for at in others])}. "
        "Set target to the one with the classes.",
        "dataset.target",
    )


def _is_one(cell: str) -> bool:
    return cell.strip() in ("1", "1.0")


def _collected(
    count: int, rows: list[tuple[int | None, list[str], str]], place: int, column: str
) -> LabelTable:
    """The classes by image. `rows`: which image, the cells, and the class."""
    labels: list[str | None] = [None] * count
    absent, unclear, contradicted = [], [], set()
    whole = all(re.fullmatch(r"\d+\.0", value) for _, _, value in rows if value.lower() not in GAPS)
    for at, row, value in rows:
        label = value.removesuffix(".0") if whole else value
        if at is None:
            absent.append(row[place].strip() if place < len(row) else "")
        elif at == SEVERAL:
            unclear.append(row[place].strip())
        elif label.lower() not in GAPS:
            if labels[at] not in (None, label):
                contradicted.add(at)
            labels[at] = unicodedata.normalize("NFC", label)
    for at in contradicted:
        labels[at] = None
    return LabelTable(tuple(labels), column, tuple(absent), tuple(unclear), tuple(sorted(contradicted)))
