"""How some numbers lie: ends, mean, a histogram, gaps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 36
"""Of a histogram."""


@dataclass(frozen=True)
class Distribution:
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
    def of(cls, values: NDArray[np.generic]) -> "Distribution":
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


MAX_CHARACTERS = 20_000
"""Characters of one text that are looked at."""


@dataclass(frozen=True)
class TextStatistics:
    """Of texts."""

    words: Distribution
    """Words per text."""
    letters: Distribution
    """Characters per text."""
    commonest: tuple[tuple[str, int], ...]
    """Words in lower case, and how often each stands."""
    distinct_words: int
    """Words that differ, in the texts that were looked at."""


def text_statistics(texts: Sequence[str]) -> TextStatistics:
    """Of these texts; of a long one, of its beginning."""
    counts: Counter[str] = Counter()
    lengths, letters = [], []
    for text in texts:
        words = split_words(text)
        counts.update(words)
        lengths.append(len(words))
        letters.append(len(text))
    return TextStatistics(
        Distribution.of(np.array(lengths)),
        Distribution.of(np.array(letters)),
        tuple(counts.most_common(40)),
        len(counts),
    )


def split_words(text: str) -> list[str]:
    """Words as Keras' TextVectorization cuts them: lower case, punctuation gone, split at blanks."""
    return "".join(letter for letter in text[:MAX_CHARACTERS].lower() if letter not in PUNCTUATION).split()


PUNCTUATION = frozenset("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'")
"""What `lower_and_strip_punctuation` takes away."""
