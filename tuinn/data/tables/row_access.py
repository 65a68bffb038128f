"""The rows of a large table one by one, found in its file by the line feeds: nothing is read but what is asked for."""

import mmap
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.data.protocols import SampleBrowser
from tuinn.data.split import Indices
from tuinn.data.tables.csv_dialect import CsvDialect
from tuinn.data.tables.csv_header import MISSING_VALUES
from tuinn.data.tables.number_format import parse_written
from tuinn.data.tables.target import Target
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts

CHUNK = 16_777_216


@dataclass
class LineBrowser:
    """A SampleBrowser of a plain file without quotes, in which a line is a row."""

    facts: DataFacts
    path: Path
    dialect: CsvDialect
    target: Target
    """Of all rows."""
    parts: tuple[Indices, Indices]
    """Which of those that have one are trained on and which tested on."""
    ends: NDArray[np.int64] = field(init=False)
    """Where the lines end."""

    def __post_init__(self) -> None:
        self.ends = line_ends(self.path)
        self.rows = np.flatnonzero(self.target.present)
        self.at = {name: place for place, name in enumerate(self.dialect.names)}
        self.codes = [
            {word: code for code, word in enumerate(column.vocabulary, 1)} for column in self.facts.columns
        ]

    def labels(self, part: str) -> NDArray[np.generic]:
        """(n,) targets of `train` or `test`."""
        return self.target.values[self._places(part)]

    def _places(self, part: str) -> Indices:
        return self.parts[0 if part == "train" else 1]

    def sample(self, part: str, at: int) -> NDArray[np.float32]:
        """One row as the cache would keep it. Raises SpecError where the file has changed."""
        line = int(self.rows[self._places(part)[at]]) + self.dialect.header
        try:
            start = int(self.ends[line - 1]) + 1 if line else 0
            with self.path.open("rb") as file:
                file.seek(start)
                raw = file.read(int(self.ends[line]) - start)
            cells = raw.decode("utf-8-sig").rstrip("\r").split(self.dialect.separator)
            return self._coded(cells)
        except (OSError, IndexError, UnicodeDecodeError) as error:
            raise SpecError(
                f"{self.path.name} changed while it was read. Look again.", "dataset.path"
            ) from error

    def _coded(self, cells: list[str]) -> NDArray[np.float32]:
        found = np.zeros(len(self.facts.columns), np.float32)
        for place, (column, codes) in enumerate(zip(self.facts.columns, self.codes, strict=True)):
            cell = cells[self.at[column.name]].strip()
            found[place] = self._number(cell, column) if column.kind == "number" else codes.get(cell, 0)
        return found

    def _number(self, cell: str, column: Column) -> float:
        value = None if cell in MISSING_VALUES else parse_written(cell, column.thousands)
        return float("nan") if value is None or not abs(value) < np.finfo(np.float32).max else value


def line_ends(path: Path) -> NDArray[np.int64]:
    """Where the line feeds are, and the end of the file where its last line has none."""
    size = path.stat().st_size
    found = []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        for start in range(0, size, CHUNK):
            chunk = np.frombuffer(mapped[start : start + CHUNK], np.uint8)
            found.append(np.flatnonzero(chunk == ord("\n")) + start)
    ends = np.concatenate(found) if found else np.empty(0, np.int64)
    if not len(ends) or ends[-1] != size - 1:
        ends = np.append(ends, size)
    return ends.astype(np.int64)


class FirstRowsBrowser:
    """A SampleBrowser of a large file: the first rows are in memory, others are read when they are asked for."""

    def __init__(
        self,
        facts: DataFacts,
        target: Target,
        parts: tuple[Indices, Indices],
        first: NDArray[np.float32],
        rest: Callable[[], SampleBrowser],
    ) -> None:
        self._facts = facts
        self.target = target
        """Of all rows that have one."""
        self.parts = parts
        """Which of them are trained on and which tested on."""
        self.first = first
        """(rows, columns): the beginning of those rows."""
        self.rest = rest
        """Who knows all rows. Raises SpecError."""

    @property
    def facts(self) -> DataFacts:
        return self._facts

    @cached_property
    def _whole(self) -> SampleBrowser:
        return self.rest()

    def _rows(self, part: str) -> Indices:
        return self.parts[0 if part == "train" else 1]

    def labels(self, part: str) -> NDArray[np.generic]:
        """(n,) targets."""
        return self.target.values[self._rows(part)]

    def at_hand(self, part: str) -> Indices:
        """Samples that can be had without reading the file whole."""
        return np.flatnonzero(self._rows(part) < len(self.first)).astype(np.int64)

    def sample(self, part: str, at: int) -> NDArray[np.float32]:
        """(columns,). Raises SpecError where the file can't be read any more."""
        row = int(self._rows(part)[at])
        if row < len(self.first):
            return np.asarray(self.first[row])
        return np.asarray(self._whole.sample(part, at))
