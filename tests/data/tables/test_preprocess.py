"""Rows and texts from outside become samples like those of the data."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from tests.spec.test_advice import TABLE, TEXTS
from tuinn.data.catalog import catalog
from tuinn.data.tables.preprocess import MAX_SAMPLES, columns_without_target, preprocess_rows
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts, Task


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


@pytest.mark.parametrize(
    ("features", "target", "names", "expected"),
    [
        ((2, 3, 4), "column 1", 3, (2, 3, 4)),
        ((2, 3, 4), "", 3, (2, 3, 4)),  # of classes the target's name is not kept: it is the gap
        ((2, 3, 4), "column 1", 4, (1, 2, 3, 4)),
        ((1, 3), "column 2", 2, (1, 3)),
        ((1, 2, 3), "column 4", 3, (1, 2, 3)),
        ((1, 2, 3), "", 3, (1, 2, 3)),
        ((1, 4), "", 3, (1, 2, 3)),  # two gaps: nobody knows which was the target
    ],
)
def test_a_file_without_names_and_target_is_read_by_the_places_that_were_learned(
    features: tuple[int, ...], target: str, names: int, expected: tuple[int, ...]
) -> None:
    facts = DataFacts(
        task=Task.REGRESSION,
        shape=(len(features),),
        dtype="float32",
        low=0,
        high=1,
        classes=(),
        train=1,
        test=0,
        features=tuple(f"column {at}" for at in features),
        target=target,
    )
    given = [f"column {at}" for at in range(1, names + 1)]
    assert columns_without_target(given, facts) == tuple(f"column {at}" for at in expected)
    assert columns_without_target(["size", "price"], facts) == ("size", "price")
