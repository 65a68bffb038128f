"""What a pane shows of a dataset: how many of each class, one sample of each, and how far the columns reach."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.arrays import Arrays
from tuinn.data.catalogue import find, load
from tuinn.spec.dataset import DataFacts


@dataclass(frozen=True)
class Column:
    """How far one column of a table reaches over the training samples, in the column's own unit."""

    name: str
    low: float
    mean: float
    high: float

    @classmethod
    def of(cls, name: str, values: NDArray[Any]) -> "Column":
        """From the values of one column, at least one of them."""
        return cls(name, float(values.min()), float(values.mean(dtype=np.float64)), float(values.max()))


@dataclass(frozen=True)
class Preview:
    """A dataset at a glance."""

    counts: tuple[int, ...]
    """Training samples per class, in the order of the labels; empty for a regression."""
    test_counts: tuple[int, ...]
    """Test samples per class, likewise."""
    samples: tuple[int, ...]
    """The first training sample of each class that has one, as indices into `x_train`; empty for a regression."""
    columns: tuple[Column, ...]
    """One per feature of a table; empty for images."""
    target: Column | None
    """What a regression is to predict; None for classes."""


def preview(name: str) -> Preview:
    """The preview of a dataset in the catalogue. Raises SpecProblem as `catalogue.load` does."""
    return preview_of(load(name), find(name).facts)


def preview_of(arrays: Arrays, facts: DataFacts) -> Preview:
    """The preview of these arrays."""
    columns = tuple(Column.of(name, arrays.x_train[:, at]) for at, name in enumerate(facts.features))
    if not facts.classes:
        return Preview((), (), (), columns, Column.of("target", arrays.y_train))
    _, firsts = np.unique(arrays.y_train, return_index=True)
    return Preview(
        counts=per_class(arrays.y_train, facts),
        test_counts=per_class(arrays.y_test, facts),
        samples=tuple(int(first) for first in firsts),
        columns=columns,
        target=None,
    )


def per_class(labels: NDArray[Any], facts: DataFacts) -> tuple[int, ...]:
    """How often each label occurs, in the order of `facts.classes`."""
    return tuple(int(count) for count in np.bincount(labels, minlength=len(facts.classes)))
