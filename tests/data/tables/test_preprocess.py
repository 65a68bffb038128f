"""Rows and texts from outside become samples like those of the data."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from tests.spec.test_advice import TABLE, TEXTS
from tuinn.data.catalog import catalog
from tuinn.data.tables.preprocess import MAX_SAMPLES, preprocess_rows
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts


def test_numbers_are_read_words_become_codes_and_gaps_nan() -> None:
    rows = [
        {"size": "12.5", "colour": "blue"},
        {"size": "1,5", "colour": " red "},
        {"size": "NA", "colour": "green", "price": "9"},
        {},
    ]
    found = preprocess_rows(rows, TABLE)
    assert np.array_equal(found, [[12.5, 2], [1.5, 1], [np.nan, 0], [np.nan, 0]], equal_nan=True)
    assert found.dtype == np.float32


def test_texts_are_taken_as_they_are() -> None:
    assert preprocess_rows(["a", "ß"], TEXTS).text(1) == "ß"


@pytest.mark.parametrize(
    ("samples", "facts", "sentence"),
    [
        ([{"sise": "1"}], TABLE, "sise is no column. Did you mean size"),
        ([{}, {"size": "[x"}], TABLE, r"Row 2: size is a number, not '\[x'"),
        ([{"size": "1e99"}], TABLE, "size is a number"),
        ([], TABLE, "Ask about 1 to"),
        ([{}] * (MAX_SAMPLES + 1), TABLE, "not 10,001"),
        (["a text"], TABLE, "takes rows of a table, not texts"),
        ([{"a": "1"}], TEXTS, "reads texts, not rows"),
        ([{"sepal length (cm)": "1"}], catalog.find("iris").facts, r"sepal width \(cm\) has no value"),
        (["a text"], catalog.find("digits").facts, "takes pictures, not texts"),
    ],
)
def test_what_the_network_cannot_take_is_said(
    samples: Sequence[str | dict[str, str]], facts: DataFacts, sentence: str
) -> None:
    with pytest.raises(SpecError, match=sentence):
        preprocess_rows(samples, facts)


def test_a_number_is_read_with_the_marks_between_thousands_that_its_column_has() -> None:
    marked = msgspec.structs.replace(TABLE, columns=(Column("size", "number", thousands=","),))
    found = preprocess_rows([{"size": "1,250"}, {"size": "2,5"}, {"size": "$1,250.50"}], marked)
    assert found[:, 0].tolist() == [1250.0, 2.5, 1250.5]
