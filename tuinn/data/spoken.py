"""Texts that are kept as rows of word numbers, given back as words to look at."""

from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace
from numpy.typing import NDArray

from tuinn.data.reader import Browser
from tuinn.data.word_index import as_text, words_of
from tuinn.spec.dataset import DataFacts, DatasetSpec


@dataclass(frozen=True)
class Spoken:
    """A Browser of texts made from another one's numbers."""

    browser: Browser
    words: tuple[str, ...]
    """By number; empty where nobody knows them."""

    @property
    def facts(self) -> DataFacts:
        return replace(self.browser.facts, shape=(), dtype="str", words=0)

    def labels(self, part: str) -> NDArray[Any]:
        return self.browser.labels(part)

    def sample(self, part: str, at: int) -> str:
        """The words, or the numbers themselves."""
        return as_text((int(number) for number in self.browser.sample(part, at)), self.words)


def readable(dataset: DatasetSpec, browser: Browser) -> Browser:
    """The browser, or one that gives words in place of their numbers."""
    return Spoken(browser, words_of(dataset.name)) if browser.facts.words and dataset.name else browser
