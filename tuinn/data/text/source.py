"""Texts of the user's own and their labels, as they lie on disk: a folder per class, a file per class, or a CSV."""

import codecs
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.regular_file import check_empty, open_regular
from tuinn.data.tables.csv_cleanup import without_lines
from tuinn.data.tables.csv_dialect import (
    CsvDialect,
    FirstLines,
    all_rows,
    detect_dialect,
    encoding_from_start,
)
from tuinn.data.tables.csv_header import unique_names
from tuinn.data.tables.csv_reader import read_frame
from tuinn.data.tables.table_file import is_table_file, unpacked
from tuinn.data.tables.target import USUAL_NAMES, read_target
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.options import did_you_mean
from tuinn.text import join_names, shorten

SUFFIX = ".txt"
TABLES = (".csv", ".tsv")
PARTS = ("train", "test")
TEXT_NAMES = ("text", "review", "sentence", "message", "content", "comment", "body", "tweet")
MAX_BYTES = 1_000_000_000
"""Of a text file."""
WORDS_PER_CELL = 4
"""A column with so many words in a cell, on average, holds text."""
MAX_COLUMNS = 3
"""A CSV with more columns is a table, though it may have texts among them."""
MIN_FILLED = 0.2
"""Columns with fewer cells than this share count for nothing: a text that ran over, or separators at the end."""
PROGRAM_FOLDERS = ("@eaDir", "#recycle", "__MACOSX")
"""Folders that storage devices and systems make for themselves."""


class TextFiles(Sequence[str]):
    """Texts that lie in a file each, read when they are asked for."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, at: Any) -> Any:
        return read_text(self.paths[at])


@dataclass(frozen=True)
class LabeledTexts:
    """Texts in the order of the cache, before they are cut into training and test."""

    texts: Sequence[str]
    values: NDArray[np.generic]
    """(texts,): labels, or the numbers to predict."""
    classes: tuple[str, ...]
    task: Task
    target: str
    tested: int = 0
    """The last so many are the test, as the folders say; 0: it is up to us."""
    notes: tuple[str, ...] = ()
    lost: int = 0
    """Rows that have no text or no label, and are left out."""
    choose_text_column: str = ""


def read_text(path: Path) -> str:
    """What stands in the file. Raises SpecError where that is no text."""
    try:
        if not path.stat().st_size and path.is_file():
            check_empty(path, "dataset.path", "give a text file")
            return ""
        with open_regular(path, MAX_BYTES, field="dataset.path", hint="give a text file") as file:
            raw = file.read(MAX_BYTES)
    except OSError as error:
        raise SpecError(f"{path} can't be read ({error.strerror}).", "dataset.path") from error
    encoding = encoding_from_start(raw[:4096])
    if not encoding and b"\0" in raw:
        raise SpecError(f"{path} holds NUL bytes, so it is no text. Take it away.", "dataset.path")
    for name in (encoding,) if encoding else ("utf-8", "cp1252", "latin-1"):
        try:
            return codecs.decode(raw, name)
        except UnicodeDecodeError:
            continue
    raise SpecError(f"{path} is not text in {encoding}, though it begins like it.", "dataset.path")


def is_text_source(path: Path) -> bool:
    """True for a folder with texts of classes, and for a CSV with a column of texts and few others."""
    try:
        if path.is_dir():
            return bool(class_files(path) or class_folders(path) or class_folders(path / "train"))
        if not is_text_table(path):
            return False
        path = unpacked(path)
        dialect = detect_dialect(DatasetSpec.at(str(path)), path)
        columns = list(filled_columns(path, dialect).values())
        others = [cells for cells in columns if not is_prose(cells)]
        told = [cells for cells in others if not is_row_number(cells)] or others[:1]
        return len(told) == 1 and len(others) < len(columns) <= MAX_COLUMNS
    except (OSError, SpecError):
        return False


def is_text_table(path: Path) -> bool:
    """True for the name of a CSV, in which a row is a text; any other file is one text."""
    return is_table_file(path, TABLES)


def first_cells(path: Path, dialect: CsvDialect) -> list[list[str]]:
    """The cells of each column in the first rows."""
    lines = FirstLines(path, dialect.encoding)
    lines.text = without_lines(lines.text, dialect.skipped)
    rows = lines(dialect.separator)[dialect.header :]
    return [[row[at] for row in rows if at < len(row)] for at in range(len(dialect.names))]


def filled_columns(path: Path, dialect: CsvDialect) -> dict[str, list[str]]:
    """The cells of each column in the first rows, without the columns that are all but empty."""
    every = dict(zip(dialect.names, first_cells(path, dialect), strict=True))
    rows = max(map(len, every.values()), default=0)
    return {
        name: cells
        for name, cells in every.items()
        if sum(1 for cell in cells if cell.strip()) >= MIN_FILLED * rows
    }


def is_prose(cells: list[str]) -> bool:
    """Many words, and nearly no cell twice."""
    told = [cell for cell in cells if cell.strip()]
    words = sum(len(cell.split()) for cell in told)
    return len(told) > 1 and words >= WORDS_PER_CELL * len(told) and len(set(told)) > 0.8 * len(told)


def is_row_number(cells: list[str]) -> bool:
    """Whole numbers, all of them different: they number the rows."""
    return all(cell.strip().isdecimal() for cell in cells) and len(set(cells)) == len(cells)


def list_folder(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder, by name, hidden things left out; nothing where it can't be read."""
    try:
        with os.scandir(folder) as found:
            return sorted(
                (one for one in found if not one.name.startswith(".") and one.name not in PROGRAM_FOLDERS),
                key=lambda one: one.name,
            )
    except OSError:
        return []


def text_files_in(folder: Path) -> list[Path]:
    """The .txt files in a folder, in the order of their names."""
    return [
        Path(one.path) for one in list_folder(folder) if one.name.lower().endswith(SUFFIX) and one.is_file()
    ]


def bare_files_in(folder: Path) -> list[Path]:
    """Files without a suffix, as newsgroups and mails are kept, where most files of a folder are so and hold text."""
    files = [Path(one.path) for one in list_folder(folder) if one.is_file()]
    bare = [file for file in files if "." not in file.name]
    return bare if len(bare) > 1 and 2 * len(bare) > len(files) and begins_as_text(bare[0]) else []


def begins_as_text(path: Path) -> bool:
    """True where no byte at the start is one that text does not have."""
    try:
        with open_regular(path, MAX_BYTES, field="dataset.path", hint="give a text file") as file:
            start = file.read(1024)
    except (OSError, SpecError):
        return False
    return bool(start) and not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in start)


def class_folders(folder: Path) -> dict[str, list[Path]]:
    """Class → its files, of the folders in this one that hold text files."""
    inside = [one for one in list_folder(folder) if one.is_dir() and one.name not in PARTS]
    found = by_name((one.name, text_files_in(Path(one.path))) for one in inside)
    if found:
        return found
    found = by_name((one.name, bare_files_in(Path(one.path))) for one in inside)
    return found if len(found) > 1 else {}


def by_name(pairs: Iterable[tuple[str, list[Path]]]) -> dict[str, list[Path]]:
    """Class → its files, those with any. A name composed and decomposed is one class."""
    found: dict[str, list[Path]] = {}
    for name, files in pairs:
        if files:
            found.setdefault(unicodedata.normalize("NFC", name), []).extend(files)
    return found


def class_files(folder: Path) -> dict[str, Path]:
    """Class → its file, of a folder that holds nothing but text files, at least two."""
    inside = list_folder(folder)
    files = [Path(one.path) for one in inside if one.name.lower().endswith(SUFFIX) and one.is_file()]
    return {file.stem: file for file in files} if len(files) > 1 and len(files) == len(inside) else {}


def read_labeled_texts(dataset: DatasetSpec, path: Path) -> LabeledTexts:
    """All texts that can be read at this path. Raises SpecError."""
    if path.is_file():
        return texts_from_csv(dataset, path)
    if files := class_files(path):
        groups: dict[str, Sequence[str]] = {
            name: [line.strip() for line in read_text(file).splitlines() if line.strip()]
            for name, file in files.items()
        }
        return texts_by_class(dataset, path, groups, {}, "a text file for each class, with a text a line")
    train, test = class_folders(path / "train"), class_folders(path / "test")
    if train and test:
        groups = {name: TextFiles(files) for name, files in train.items()}
        aside: dict[str, Sequence[str]] = {name: TextFiles(files) for name, files in test.items()}
        return texts_by_class(dataset, path, groups, aside, "a folder for each class, in train/ and test/")
    folders = class_folders(path) or train or test
    if not folders:
        raise SpecError(
            f"{path} holds no texts. Give a folder with a folder of .txt files for each class, a folder with a "
            ".txt file for each class, or a CSV with a column of texts.",
            "dataset.path",
        )
    groups = {name: TextFiles(files) for name, files in folders.items()}
    return texts_by_class(dataset, path, groups, {}, "a folder for each class, with a text a file")


def texts_by_class(
    dataset: DatasetSpec,
    path: Path,
    train: dict[str, Sequence[str]],
    test: dict[str, Sequence[str]],
    note: str,
) -> LabeledTexts:
    """From texts by class. Raises SpecError for a single class."""
    names = sorted({*train, *test})
    left = [name for name in names if name not in dataset.ignore]
    if len(left) < 2:
        raise SpecError(
            f"{path} has texts of one class only ({shorten(', '.join(left) or 'none', 60)}). Add those of another.",
            "dataset.path",
        )
    parts = [(at, part[name]) for part in (train, test) for at, name in enumerate(left) if name in part]
    labels = np.concatenate([np.full(len(texts), at, np.int64) for at, texts in parts])
    tested = sum(len(test.get(name, ())) for name in left)
    if all(isinstance(texts, TextFiles) for _, texts in parts):
        every: Sequence[str] = TextFiles([one for _, texts in parts for one in texts.paths])  # type: ignore[attr-defined]
    else:
        every = [text for _, texts in parts for text in texts]
    task = Task.BINARY if len(left) == 2 else Task.CLASSES
    if dataset.task not in ("auto", "classes", task.name.lower()):
        raise SpecError(
            f"These texts have {len(left)} classes, which is no {Task[dataset.task.upper()]}. Set dataset.task to auto.",
            "dataset.task",
        )
    return LabeledTexts(every, labels, unique_names(left)[0], task, "", tested, (note,))


def texts_from_csv(dataset: DatasetSpec, path: Path) -> LabeledTexts:
    """From a column of texts and one of labels. Raises SpecError."""
    path = unpacked(path)
    dialect = detect_dialect(dataset, path)
    text, target = choose_columns(dataset, path, dialect)
    rows = read_frame(path, dialect, columns=(text, target), numbers={text: False}).select(text, target)
    whole = rows.filter(rows[text].is_not_null() & rows[target].is_not_null())
    if not whole.height:
        raise SpecError(f"{path.name} has no row with a text and a label.", "dataset.path")
    found = read_target(whole[target], target, dataset.task)
    note = f"texts in the column {text}, labels in {target}"
    if sparse := set(dialect.names) - set(filled_columns(path, dialect)) - {target}:
        note += f"; left out, as good as empty: {join_names(sorted(sparse))}"
    lost = rows.height - whole.height
    return LabeledTexts(
        whole[text].to_list(), found.values, found.classes, found.task, target, 0, (note,), lost, text
    )


def choose_columns(dataset: DatasetSpec, path: Path, dialect: CsvDialect) -> tuple[str, str]:
    """The column of texts and that of labels. Raises SpecError."""
    if dataset.target and dataset.target not in dialect.names:
        raise SpecError(
            f"{shorten(dataset.target)} is no column of {path.name}. {did_you_mean(dataset.target, dialect.names)}",
            "dataset.target",
        )
    cells = filled_columns(path, dialect)
    left = [name for name in cells if name not in dataset.ignore and name != dataset.target]
    if len(left) + bool(dataset.target) < 2:
        raise SpecError(f"{path.name} has no two columns, one of texts and one of labels.", "dataset.path")
    text = choose_text_column({name: cells[name] for name in left})
    others = [name for name in left if name != text]
    target = dataset.target or next((name for name in others if name.casefold() in USUAL_NAMES), others[-1])
    return text, target


def choose_text_column(cells: dict[str, list[str]]) -> str:
    """The column with a usual name, else the one with the longest cells."""
    usual = [name for name in cells if name.casefold() in TEXT_NAMES]
    return (
        usual[0]
        if usual
        else max(cells, key=lambda name: sum(map(len, cells[name])) / max(1, len(cells[name])))
    )


def unlabeled_texts(path: Path) -> list[str]:
    """All texts of a CSV, which may have no labels. Raises SpecError."""
    path = unpacked(path)
    dialect = detect_dialect(DatasetSpec.at(str(path)), path)
    at = dialect.names.index(
        choose_text_column(dict(zip(dialect.names, first_cells(path, dialect), strict=True)))
    )
    with dialect.text(path) as opened:
        rows = [row for row in all_rows(opened, dialect.separator) if any(cell.strip() for cell in row)]
    return [row[at] for row in rows[dialect.header :] if at < len(row)]
