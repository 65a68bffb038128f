"""What the numbers of a dataset are like, from a bounded number of samples spread over all of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dependence import link_of
from tuinn.data.reader import Browser
from tuinn.data.spread import Spread
from tuinn.data.text_statistics import TextStatistics, text_statistics
from tuinn.spec.dataset import Column, DataFacts, Task

MOST_ROWS = 4_000
"""Rows or texts that are looked at."""

MOST_TENSORS = 300
"""Images and other tensors that are looked at: one may be a file to be decoded."""

MOST_VALUES = 2_000_000
"""Values that are looked at: fewer samples where each is large."""


@dataclass(frozen=True)
class ColumnStatistics:
    """One column of a table."""

    name: str
    kind: str
    """`number` or `category`."""
    spread: Spread
    """Of a category: of the codes."""
    words: tuple[tuple[str, int], ...] = ()
    """The commonest words of a category, and how often each stands."""
    distinct: int = 0
    """Different values."""
    link: float | None = None
    """How strongly it goes with the target, -1 to 1 or 0 to 1; None where one of the two doesn't vary."""
    measure: str = ""
    """Which: `r` Pearson's correlation, `eta` correlation ratio, `V` Cramér's V."""


@dataclass(frozen=True)
class Statistics:
    """A dataset in numbers."""

    looked: int
    """Training samples that the statistics were made from."""
    counts: tuple[int, ...]
    """Training samples per class, all of them; empty for a regression."""
    test_counts: tuple[int, ...]
    target: Spread | None
    """Of a regression."""
    values: Spread | None
    """Of all values; None for tables and texts."""
    columns: tuple[ColumnStatistics, ...]
    texts: TextStatistics | None


def places(total: int, most: int) -> NDArray[np.int64]:
    """At most so many of `total` samples, evenly spread, ascending."""
    return np.unique(np.linspace(0, total - 1, min(total, max(most, 1))).round().astype(np.int64))


def cheap_places(browser: Browser, most: int) -> NDArray[np.int64]:
    """At most so many training samples, evenly spread over those that can be had without reading everything."""
    at_hand = getattr(browser, "at_hand", None)
    if at_hand is None:
        return places(len(browser.labels("train")), most)
    found: NDArray[np.int64] = at_hand("train")
    return found[places(len(found), most)]


def class_counts(labels: NDArray[Any], facts: DataFacts) -> tuple[int, ...]:
    """How often each class occurs, in the order of `facts.classes`; empty for a regression."""
    if not facts.classes:
        return ()
    if facts.task is Task.LABELS:
        return tuple(int(n) for n in (np.asarray(labels) > 0).sum(axis=0))
    return tuple(int(n) for n in np.bincount(labels.astype(np.int64), minlength=len(facts.classes)))


def statistics(browser: Browser) -> Statistics:
    """Of the training samples. Raises SpecProblem where they can't be read."""
    facts = browser.facts
    labels = browser.labels("train")
    rows = MOST_ROWS if len(facts.shape) < 2 else MOST_TENSORS
    chosen = cheap_places(browser, min(rows, MOST_VALUES // max(int(np.prod(facts.shape)), 1)))
    samples = take(browser, "train", chosen)
    target = Spread.of(labels) if facts.task is Task.REGRESSION else None
    columns: tuple[ColumnStatistics, ...] = ()
    if facts.is_table:
        columns = tuple(_column(facts, at, samples[:, at], labels[chosen]) for at in range(facts.shape[0]))
    return Statistics(
        looked=len(chosen),
        counts=class_counts(labels, facts),
        test_counts=class_counts(browser.labels("test"), facts),
        target=target,
        values=None if facts.is_text or columns else Spread.of(samples),
        columns=columns,
        texts=text_statistics(samples) if facts.is_text else None,
    )


def take(browser: Browser, part: str, chosen: Sequence[int] | NDArray[np.int64]) -> Any:
    """These samples: an array (n, *shape), or a list of texts. Raises SpecProblem."""
    found = [browser.sample(part, int(at)) for at in chosen]
    return (
        found if browser.facts.is_text else np.stack(found) if found else np.empty((0, *browser.facts.shape))
    )


def _column(facts: DataFacts, at: int, values: NDArray[Any], labels: NDArray[Any]) -> ColumnStatistics:
    name = facts.feature(at)
    column = facts.columns[at] if facts.columns else Column(name, "number")
    category = column.kind == "category"
    codes = np.nan_to_num(values).astype(np.int64)
    spread = Spread.of(values)
    words: tuple[tuple[str, int], ...] = ()
    if category:
        spread = Spread.of(np.where(codes > 0, codes, np.nan))
        words = tuple((column.word(code), n) for code, n in Counter(codes[codes > 0].tolist()).most_common(5))
    link, measure = link_of(codes if category else values, labels, category, facts.task)
    return ColumnStatistics(name, column.kind, spread, words, len(np.unique(values)), link, measure)
