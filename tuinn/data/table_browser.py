"""The samples of a table too large to be read for a look: its first rows are at hand."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.arrays import Arrays
from tuinn.data.split import Indices
from tuinn.data.table_target import Target
from tuinn.spec.dataset import DataFacts


class FirstRows:
    """A Browser. Whoever asks for a sample further down waits until the file is read whole."""

    def __init__(
        self,
        facts: DataFacts,
        target: Target,
        test: float,
        first: NDArray[np.float32],
        read: Callable[[], Arrays],
    ) -> None:
        self._facts = facts
        self.target = target
        """Of all rows that have one."""
        self.test = test
        """Share of the rows that are kept for the test."""
        self.first = first
        """(rows, columns): the beginning of those rows."""
        self.read = read
        """Reads everything. Raises SpecProblem."""

    @property
    def facts(self) -> DataFacts:
        return self._facts

    @cached_property
    def _parts(self) -> tuple[Indices, Indices]:
        return self.target.parts(self.test)

    @cached_property
    def _whole(self) -> Arrays:
        return self.read()

    def _rows(self, part: str) -> Indices:
        return self._parts[0 if part == "train" else 1]

    def labels(self, part: str) -> NDArray[Any]:
        """(n,) targets."""
        return self.target.values[self._rows(part)]

    def at_hand(self, part: str) -> Indices:
        """Samples that can be had without reading the file whole."""
        return np.flatnonzero(self._rows(part) < len(self.first)).astype(np.int64)

    def sample(self, part: str, at: int) -> NDArray[np.float32]:
        """(columns,). Raises SpecProblem where the file can't be read any more."""
        row = int(self._rows(part)[at])
        if row < len(self.first):
            return np.asarray(self.first[row])
        return np.asarray((self._whole.x_train if part == "train" else self._whole.x_test)[at])
