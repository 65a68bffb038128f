"""What the numbers of a dataset are like, from a bounded number of samples spread over all of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.explore.distribution import Distribution, TextStatistics, text_statistics
from tuinn.data.protocols import SampleBrowser
from tuinn.spec.dataset import Column, DataFacts, Task

MAX_ROWS = 4_000
"""Rows or texts that are looked at."""

MAX_TENSORS = 300
"""Images and other tensors that are looked at: one may be a file to be decoded."""

MAX_VALUES = 2_000_000
"""Values that are looked at: fewer samples where each is large."""


@dataclass(frozen=True)
class ColumnStatistics:
    """One column of a table."""

    name: str
    kind: str
    """`number` or `category`."""
    distribution: Distribution
    """Of a category: of the codes."""
    words: tuple[tuple[str, int], ...] = ()
    """The commonest words of a category, and how often each stands."""
    distinct: int = 0
    """Different values."""
    association: float | None = None
    """How strongly it goes with the target, -1 to 1 or 0 to 1; None where one of the two doesn't vary."""
    measure: str = ""
    """Which: `r` Pearson's correlation, `eta` correlation ratio, `V` Cramér's V."""


@dataclass(frozen=True)
class Statistics:
    """A dataset in numbers."""

    sample_count: int
    """Training samples that the statistics were made from."""
    counts: tuple[int, ...]
    """Training samples per class, all of them; empty for a regression."""
    test_counts: tuple[int, ...]
    targets: tuple[tuple[str, Distribution], ...]
    """Of a regression: each target's name, or none, and how its values lie."""
    values: Distribution | None
    """Of all values; None for tables and texts."""
    columns: tuple[ColumnStatistics, ...]
    texts: TextStatistics | None


def evenly_spaced(total: int, most: int) -> NDArray[np.int64]:
    """At most so many of `total` samples, evenly spread, ascending."""
    return np.unique(np.linspace(0, total - 1, min(total, max(most, 1))).round().astype(np.int64))


def quick_indices(browser: SampleBrowser, most: int) -> NDArray[np.int64]:
    """At most so many training samples, evenly spread over those that can be had without reading everything."""
    at_hand = getattr(browser, "at_hand", None)
    if at_hand is None:
        return evenly_spaced(len(browser.labels("train")), most)
    found: NDArray[np.int64] = at_hand("train")
    return found[evenly_spaced(len(found), most)]


def class_counts(labels: NDArray[np.generic], facts: DataFacts) -> tuple[int, ...]:
    """How often each class occurs, in the order of `facts.classes`; empty for a regression."""
    if not facts.classes:
        return ()
    if facts.task is Task.LABELS:
        return tuple(int(n) for n in (np.asarray(labels) > 0).sum(axis=0))
    return tuple(int(n) for n in np.bincount(labels.astype(np.int64), minlength=len(facts.classes)))


def statistics(browser: SampleBrowser) -> Statistics:
    """Of the training samples. Raises SpecError where they can't be read."""
    facts = browser.facts
    labels = browser.labels("train")
    rows = MAX_ROWS if len(facts.shape) < 2 else MAX_TENSORS
    chosen = quick_indices(browser, min(rows, MAX_VALUES // max(int(np.prod(facts.shape)), 1)))
    samples = take_samples(browser, "train", chosen)
    targets: tuple[tuple[str, Distribution], ...] = ()
    if facts.task is Task.REGRESSION:
        columns_of = labels.reshape(len(labels), -1).T
        targets = tuple(
            zip(facts.target_names or (facts.target,), map(Distribution.of, columns_of), strict=True)
        )
    if facts.target_names:
        labels = labels[:, 0]  # columns are linked with the first one
    columns: tuple[ColumnStatistics, ...] = ()
    if facts.is_table:
        columns = tuple(_column(facts, at, samples[:, at], labels[chosen]) for at in range(facts.shape[0]))
    return Statistics(
        sample_count=len(chosen),
        counts=class_counts(labels, facts),
        test_counts=class_counts(browser.labels("test"), facts),
        targets=targets,
        values=None if facts.is_text or columns else Distribution.of(samples),
        columns=columns,
        texts=text_statistics(samples) if facts.is_text else None,
    )


def take_samples(browser: SampleBrowser, part: str, chosen: Sequence[int] | NDArray[np.int64]) -> Any:
    """These samples: an array (n, *shape), or a list of texts. Raises SpecError."""
    found = [browser.sample(part, int(at)) for at in chosen]
    return (
        found if browser.facts.is_text else np.stack(found) if found else np.empty((0, *browser.facts.shape))
    )


def _column(
    facts: DataFacts, at: int, values: NDArray[np.generic], labels: NDArray[np.generic]
) -> ColumnStatistics:
    name = facts.feature(at)
    column = facts.columns[at] if facts.columns else Column(name, "number")
    category = column.kind == "category"
    codes = np.nan_to_num(values).astype(np.int64)
    spread = Distribution.of(values)
    words: tuple[tuple[str, int], ...] = ()
    if category:
        spread = Distribution.of(np.where(codes > 0, codes, np.nan))
        words = tuple((column.word(code), n) for code, n in Counter(codes[codes > 0].tolist()).most_common(5))
    link, measure = association(codes if category else values, labels, category, facts.task)
    return ColumnStatistics(name, column.kind, spread, words, len(np.unique(values)), link, measure)


def association(
    values: NDArray[np.generic], target: NDArray[np.generic], category: bool, task: Task
) -> tuple[float | None, str]:
    """How strongly a column goes with the target, and which measure that is.

    Pearson's r for two rows of numbers (two classes count as 0 and 1), the correlation ratio where one of them is
    categories, Cramér's V where both are.
    """
    if task is Task.LABELS or not len(values):
        return None, ""
    known = np.isfinite(values.astype(np.float64)) & np.isfinite(target.astype(np.float64))
    values, target = values[known], target[known]
    numbers = task in (Task.REGRESSION, Task.BINARY)
    if not category:
        return (pearson(values, target), "r") if numbers else (correlation_ratio(target, values), "eta")
    return (
        (correlation_ratio(values, target), "eta")
        if task is Task.REGRESSION
        else (cramers_v(values, target), "V")
    )


def pearson(one: NDArray[np.generic], other: NDArray[np.generic]) -> float | None:
    """Pearson's correlation, -1..1; None where one of the two doesn't vary."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.clip(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()), -1, 1))


def correlation_ratio(groups: NDArray[np.generic], values: NDArray[np.generic]) -> float | None:
    """The correlation ratio, 0..1: the root of the share of the variance that lies between the groups."""
    numbers = values.astype(np.float64)
    if len(numbers) < 2 or numbers.std() == 0:
        return None
    _, place = np.unique(groups, return_inverse=True)
    sizes = np.bincount(place)
    if len(sizes) < 2:
        return None
    means = np.bincount(place, numbers) / sizes
    between = (sizes * (means - numbers.mean()) ** 2).sum() / len(numbers)
    return float(np.sqrt(np.clip(between / numbers.var(), 0, 1)))


def cramers_v(one: NDArray[np.generic], other: NDArray[np.generic]) -> float | None:
    """Cramér's V, 0..1, without the correction for small samples."""
    _, a = np.unique(one, return_inverse=True)
    _, b = np.unique(other, return_inverse=True)
    if not len(a) or not a.max() or not b.max():
        return None
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / len(a)
    chi = ((table - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi / len(a) / (min(table.shape) - 1)))
