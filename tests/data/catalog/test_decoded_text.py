"""Texts kept as word numbers are looked at as words."""

import numpy as np
import pytest

from tuinn.data.catalog import decoded_text
from tuinn.data.catalog.catalog import find
from tuinn.data.catalog.decoded_text import with_words
from tuinn.data.dataset_arrays import Arrays, ArraysBrowser
from tuinn.spec.dataset import DatasetSpec

ROWS, LABELS = np.array([[0, 0, 1, 5, 6], [0, 1, 6, 6, 5]], np.uint16), np.array([0, 1])


@pytest.fixture
def numbers() -> ArraysBrowser:
    return ArraysBrowser(Arrays(ROWS, LABELS, ROWS, LABELS), find("imdb").facts)


def test_numbers_become_words_where_the_words_are_known(
    numbers: ArraysBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        decoded_text, "word_list", lambda name: ("", "[start]", "[?]", "", "the", "good", "film")
    )
    seen = with_words(DatasetSpec("imdb"), numbers)
    assert seen.facts.is_text
    assert seen.sample("train", 0) == "[start] good film"
    assert seen.labels("test").tolist() == [0, 1]


def test_without_the_words_the_numbers_themselves_are_shown(
    numbers: ArraysBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoded_text, "word_list", lambda name: ())
    assert with_words(DatasetSpec("imdb"), numbers).sample("train", 1) == "1 6 6 5"


def test_all_other_data_are_left_as_they_are() -> None:
    facts = find("iris").facts
    browser = ArraysBrowser(Arrays(np.zeros((1, 4)), LABELS[:1], np.zeros((1, 4)), LABELS[:1]), facts)
    assert with_words(DatasetSpec("iris"), browser) is browser
