"""Texts that are kept as rows of word numbers, given back as words to look at."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from tuinn.data.catalog.catalog import find
from tuinn.data.protocols import SampleBrowser
from tuinn.spec.dataset import DataFacts, DatasetSpec


@dataclass(frozen=True)
class DecodedTexts:
    """A SampleBrowser of texts, decoded from another browser's word numbers."""

    browser: SampleBrowser
    words: tuple[str, ...]
    """By number; empty where nobody knows them."""

    @property
    def facts(self) -> DataFacts:
        return replace(self.browser.facts, shape=(), dtype="str", words=0)

    def labels(self, part: str) -> NDArray[np.generic]:
        return self.browser.labels(part)

    def sample(self, part: str, at: int) -> str:
        """The words, or the numbers themselves."""
        return decode_text((int(number) for number in self.browser.sample(part, at)), self.words)


def with_words(dataset: DatasetSpec, browser: SampleBrowser) -> SampleBrowser:
    """The browser, or one that gives words in place of their numbers."""
    return DecodedTexts(browser, word_list(dataset.name)) if browser.facts.words and dataset.name else browser


SPECIAL = ("", "[start]", "[?]")
"""What 0, 1 and 2 stand for: nothing, a text begins, a word that is too rare. 3 stands for no word."""


@lru_cache(maxsize=2)
def word_list(name: str) -> tuple[str, ...]:
    """The word of each number of this dataset, by number; empty where the list of words isn't here.

    Raises SpecError for an unknown name.
    """
    info = find(name)
    file = next((file for file in info.files if file.optional), None)
    if file is None or not info.facts.words:
        return ()
    try:
        if not file.is_valid():
            return ()
        ranks: dict[str, int] = json.loads(file.path().read_bytes())
    except (OSError, ValueError):
        return ()
    words = [*SPECIAL, *[""] * (1 + max(ranks.values(), default=0))]
    for word, rank in ranks.items():
        words[rank + len(SPECIAL)] = word
    return tuple(words)


def decode_text(numbers: Iterable[int], words: tuple[str, ...]) -> str:
    """A row of word numbers as a text; the numbers themselves where there are no words."""
    if words:
        return " ".join(words[number] for number in numbers if number < len(words) and words[number])
    return " ".join(str(number) for number in numbers if number)
