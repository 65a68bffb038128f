"""How long texts are, and which words are the commonest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuinn.data.spread import Spread

LONGEST = 20_000
"""Characters of one text that are looked at."""


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
