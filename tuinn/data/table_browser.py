"""The samples of a table too large to be read for a look: its first rows are at hand."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.reader import Browser
from tuinn.data.split import Indices
from tuinn.data.table_target import Target
from tuinn.spec.dataset import DataFacts


class FirstRows:
    """A Browser. A sample further down is looked up when it is asked for."""

    def __init__(
        self,
        facts: DataFacts,
        target: Target,
        parts: tuple[Indices, Indices],
        first: NDArray[np.float32],
        rest: Callable[[], Browser],
    ) -> None:
        self._facts = facts
        self.target = target
        """Of all rows that have one."""
        self.parts = parts
        """Which of them are trained on and which tested on."""
        self.first = first
        """(rows, columns): the beginning of those rows."""
        self.rest = rest
        """Who knows all rows. Raises SpecProblem."""

    @property
    def facts(self) -> DataFacts:
        return self._facts

    @cached_property
    def _whole(self) -> Browser:
        return self.rest()

    def _rows(self, part: str) -> Indices:
        return self.parts[0 if part == "train" else 1]

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
        return np.asarray(self._whole.sample(part, at))
