"""What a pane shows of a dataset: how many of each class, one sample of each, and how far the columns reach."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuinn.data.explore.statistics import class_counts, evenly_spaced, quick_indices, take_samples
from tuinn.data.protocols import SampleBrowser
from tuinn.spec.dataset import DataFacts, Task

MAX_ROWS = 1_000
"""Rows of a table that a preview is made from."""


@dataclass(frozen=True)
class ColumnPreview:
    """How far one column of a table reaches over the training samples, in the column's own unit."""

    name: str
    low: float
    mean: float
    high: float
    words: str = ""
    """Of a category: its first words, in place of numbers."""

    @classmethod
    def of(cls, name: str, values: NDArray[np.generic]) -> "ColumnPreview":
        """From the values of one column; gaps are left out. Without any value all three are NaN."""
        known = values[np.isfinite(values)]
        if not len(known):
            return cls(name, np.nan, np.nan, np.nan)
        return cls(name, float(known.min()), float(known.mean(dtype=np.float64)), float(known.max()))


@dataclass(frozen=True)
class Preview:
    """What a pane shows of a dataset."""

    counts: tuple[int, ...]
    """Training samples per class, in the order of the labels; empty for a regression."""
    test_counts: tuple[int, ...]
    """Test samples per class, likewise."""
    samples: tuple[int, ...]
    """The first training sample of each class that has one, as indices into `x_train`; empty for a regression."""
    columns: tuple[ColumnPreview, ...]
    """One per feature of a table; empty for images and texts."""
    targets: tuple[ColumnPreview, ...]
    """What a regression is to predict; empty for classes."""


def preview(browser: SampleBrowser) -> Preview:
    """The preview of whatever can be browsed; of a long table, from rows spread over all of it. Raises SpecError."""
    facts = browser.facts
    labels = browser.labels("train")
    columns: tuple[ColumnPreview, ...] = ()
    if facts.is_table:
        rows = take_samples(browser, "train", quick_indices(browser, MAX_ROWS))
        columns = tuple(_column(facts, at, rows[:, at]) for at in range(facts.shape[0]))
    return Preview(
        counts=class_counts(labels, facts),
        test_counts=class_counts(browser.labels("test"), facts),
        samples=_first_of_each_class(labels, facts),
        columns=columns,
        targets=() if facts.classes else tuple(_targets(facts, labels)),
    )


def _targets(facts: DataFacts, values: NDArray[np.generic]) -> Iterator[ColumnPreview]:
    """Of the target of a regression, or of each of several."""
    names = facts.target_names or (facts.target or "target",)
    for name, column in zip(names, values.reshape(len(values), -1).T, strict=True):
        yield ColumnPreview.of(name, column)


def _column(facts: DataFacts, at: int, values: NDArray[np.generic]) -> ColumnPreview:
    told = facts.columns[at] if facts.columns else None
    if told is not None and told.kind == "category":
        return ColumnPreview(told.name, np.nan, np.nan, np.nan, ", ".join(told.vocabulary[:6]))
    return ColumnPreview.of(facts.feature(at), values)


def _first_of_each_class(labels: NDArray[np.generic], facts: DataFacts) -> tuple[int, ...]:
    """The first sample of each class that has one."""
    if facts.task is Task.LABELS:
        held = np.asarray(labels) > 0
        return tuple(int(held[:, at].argmax()) for at in range(held.shape[1]) if held[:, at].any())
    if not facts.classes:
        return ()
    _, firsts = np.unique(labels, return_index=True)
    return tuple(int(first) for first in firsts)


def sample_order(
    labels: NDArray[np.generic], chosen: int | None = None, seed: int | None = None
) -> NDArray[np.int64]:
    """Indices into `labels`, (n,) or (n, classes): those of one class or all, as stored or shuffled.

    The same seed gives the same order.
    """
    if chosen is None:
        order = np.arange(len(labels))
    elif labels.ndim == 2:
        order = np.flatnonzero(labels[:, chosen])
    else:
        order = np.flatnonzero(labels == chosen)
    if seed is not None:
        order = np.random.default_rng(seed).permutation(order)
    return order.astype(np.int64)


def some_of_each_class(labels: NDArray[np.generic], most: int) -> list[int]:
    """At most so many indices, classes taking turns: the first sample of each, then the second of each."""
    if labels.ndim == 2 or not np.issubdtype(labels.dtype, np.integer):
        return [int(at) for at in evenly_spaced(len(labels), most)]
    _, place = np.unique(labels, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(place.max(initial=-1) + 1))
    turn = np.empty(len(labels), np.int64)
    turn[order] = np.arange(len(labels)) - starts[place[order]]
    return [int(at) for at in np.lexsort((place, turn))[:most]]
