"""What the numbers of a dataset are like, from a bounded number of samples spread over all of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.reader import Browser
from tuinn.spec.dataset import Column, DataFacts, Task

MOST_ROWS = 4_000
"""Rows or texts that are looked at."""

MOST_TENSORS = 300
"""Images and other tensors that are looked at: one may be a file to be decoded."""

MOST_VALUES = 2_000_000
"""Values that are looked at: fewer samples where each is large."""

BINS = 36
"""Of a histogram."""

LONGEST = 20_000
"""Characters of one text that are looked at."""


@dataclass(frozen=True)
class Spread:
    """How some numbers lie, in their own unit."""

    count: int
    """Finite ones."""
    missing: int
    """NaN or infinite."""
    low: float = 0.0
    mean: float = 0.0
    deviation: float = 0.0
    """Standard deviation, divided by the count."""
    high: float = 0.0
    bins: tuple[int, ...] = ()
    """How many fall into each of BINS equal parts of low..high, or have each of a few whole numbers; empty where
    there is nothing to count."""

    @property
    def is_peaked(self) -> bool:
        """One part holds so much that all others would look empty."""
        return bool(self.bins) and max(self.bins) > 12 * sorted(self.bins)[len(self.bins) // 2]

    @classmethod
    def of(cls, values: NDArray[Any]) -> "Spread":
        """Of any number of values of any shape."""
        flat = np.asarray(values).ravel()
        whole = flat.astype(np.float64, copy=False)
        finite = whole[np.isfinite(whole)]
        missing = len(whole) - len(finite)
        if not len(finite):
            return cls(0, missing)
        low, high = float(finite.min()), float(finite.max())
        mean, deviation = float(finite.mean()), float(finite.std())
        if high <= low:
            counts = np.array([len(finite)])
        elif high - low < BINS and (finite == np.rint(finite)).all():
            counts = np.bincount((finite - low).astype(np.int64))  # whole numbers: one part for each
        else:
            counts = np.histogram(finite, BINS, (low, high))[0]
        return cls(len(finite), missing, low, mean, deviation, high, tuple(int(n) for n in counts))


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
class TextStatistics:
    """Of texts."""

    words: Spread
    """Words per text."""
    letters: Spread
    """Characters per text."""
    commonest: tuple[tuple[str, int], ...]
    """Words in lower case, and how often each stands."""
    different: int
    """Words that differ, in the texts that were looked at."""


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


# ------------------------------------------------------------------------------------------------------ tables


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


def link_of(
    values: NDArray[Any], target: NDArray[Any], category: bool, task: Task
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
        return (pearson(values, target), "r") if numbers else (ratio(target, values), "eta")
    return (ratio(values, target), "eta") if task is Task.REGRESSION else (cramer(values, target), "V")


def pearson(one: NDArray[Any], other: NDArray[Any]) -> float | None:
    """Pearson's correlation, -1..1; None where one of the two doesn't vary."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.clip(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()), -1, 1))


def ratio(groups: NDArray[Any], values: NDArray[Any]) -> float | None:
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


def cramer(one: NDArray[Any], other: NDArray[Any]) -> float | None:
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


# ------------------------------------------------------------------------------------------------------- texts


def text_statistics(texts: Sequence[str]) -> TextStatistics:
    """Of these texts; of a long one, of its beginning."""
    counts: Counter[str] = Counter()
    lengths, letters = [], []
    for text in texts:
        words = words_of(text)
        counts.update(words)
        lengths.append(len(words))
        letters.append(len(text))
    return TextStatistics(
        Spread.of(np.array(lengths)), Spread.of(np.array(letters)), tuple(counts.most_common(40)), len(counts)
    )


def words_of(text: str) -> list[str]:
    """Words as Keras' TextVectorization cuts them: lower case, punctuation gone, split at blanks."""
    return "".join(letter for letter in text[:LONGEST].lower() if letter not in PUNCTUATION).split()


PUNCTUATION = frozenset("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'")
"""What `lower_and_strip_punctuation` takes away."""
