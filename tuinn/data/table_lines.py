"""The rows of a large table one by one, found in its file by the line feeds: nothing is read but what is asked for."""

import mmap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.csv_form import GAPS, Form
from tuinn.data.split import Indices
from tuinn.data.table_target import Target
from tuinn.spec.dataset import Column, DataFacts
from tuinn.spec.problem import SpecProblem

CHUNK = 16_777_216


@dataclass
class LineBrowser:
    """A Browser of a plain file without quotes, in which a line is a row."""

    facts: DataFacts
    path: Path
    form: Form
    target: Target
    """Of all rows."""
    parts: tuple[Indices, Indices]
    """Which of those that have one are trained on and which tested on."""
    ends: NDArray[np.int64] = field(init=False)
    """Where the lines end."""

    def __post_init__(self) -> None:
        self.ends = line_ends(self.path)
        self.rows = np.flatnonzero(self.target.present)
        self.at = {name: place for place, name in enumerate(self.form.names)}
        self.codes = [
            {word: code for code, word in enumerate(column.vocabulary, 1)} for column in self.facts.columns
        ]

    def labels(self, part: str) -> NDArray[Any]:
        """(n,) targets of `train` or `test`."""
        return self.target.values[self._places(part)]

    def _places(self, part: str) -> Indices:
        return self.parts[0 if part == "train" else 1]

    def sample(self, part: str, at: int) -> NDArray[np.float32]:
        """One row as the cache would keep it. Raises SpecProblem where the file has changed."""
        line = int(self.rows[self._places(part)[at]]) + self.form.header
        try:
            start = int(self.ends[line - 1]) + 1 if line else 0
            with self.path.open("rb") as file:
                file.seek(start)
                raw = file.read(int(self.ends[line]) - start)
            cells = raw.decode("utf-8-sig").rstrip("\r").split(self.form.separator)
            return self._coded(cells)
        except (OSError, IndexError, UnicodeDecodeError) as error:
            raise SpecProblem(
                f"{self.path.name} changed while it was read. Look again.", "dataset.path"
            ) from error

    def _coded(self, cells: list[str]) -> NDArray[np.float32]:
        found = np.zeros(len(self.facts.columns), np.float32)
        for place, (column, codes) in enumerate(zip(self.facts.columns, self.codes, strict=True)):
            cell = cells[self.at[column.name]].strip()
            found[place] = self._number(cell, column) if column.kind == "number" else codes.get(cell, 0)
        return found

    def _number(self, cell: str, column: Column) -> float:
        try:
            value = float(cell.replace(",", ".") if self.form.decimal_comma else cell)
        except ValueError:
            return float("nan")
        return value if cell not in GAPS and abs(value) < np.finfo(np.float32).max else float("nan")


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
