"""Samples that are at hand as arrays, one by one."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from tuinn.data.arrays import Arrays
from tuinn.spec.dataset import DataFacts


@dataclass(frozen=True)
class ArraysBrowser:
    """A Browser of arrays."""

    arrays: Arrays
    facts: DataFacts

    def labels(self, part: str) -> NDArray[Any]:
        """(n,) targets of `train` or `test`."""
        return self.arrays.y_train if part == "train" else self.arrays.y_test

    def sample(self, part: str, at: int) -> Any:
        """An array of the facts' shape, or a text."""
        return (self.arrays.x_train if part == "train" else self.arrays.x_test)[at]
