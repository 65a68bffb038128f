"""Texts and tables: what the first layer must be, and the fixes that put it there."""

from collections.abc import Callable

import msgspec
import pytest

from tests.spec.test_advice import TABLE, TEXTS
from tuinn.spec.advice.advise import adapt_to_dataset, advise
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import digits_mlp, iris_lab
from tuinn.spec.run import RunSpec

OWN = DatasetSpec.at("/data")


def kinds(spec: RunSpec) -> list[str]:
    return [layer.type_name for layer in spec.model.layers]


def test_a_network_for_numbers_is_offered_layers_that_read_the_words_first() -> None:
    problem = advise(iris_lab().with_dataset(OWN), TEXTS)[0]
    assert str(problem) == "layer 1: The data are texts, and Dense takes numbers."
    assert problem.fixes[0].label == (
        "put TextVectorization max_tokens=10000 output_sequence_length=200 and Embedding 10000 16 mask_zero=true "
        "and GlobalAveragePooling1D first"
    )


@pytest.mark.parametrize(
    ("preset", "then"), [(iris_lab, ["Dense", "Dense"]), (digits_mlp, ["Dense", "Dense"])]
)
def test_a_draft_carried_over_to_texts_can_be_trained_and_scales_no_pixels(
    preset: Callable[[], RunSpec], then: list[str]
) -> None:
    fitted = adapt_to_dataset(preset(), OWN, TEXTS)
    assert kinds(fitted) == ["TextVectorization", "Embedding", "GlobalAveragePooling1D", *then]
    summary = summarize(fitted.model, (), is_text=True)
    assert (summary.mismatch, summary.input_text) == (None, "a text")


def test_few_texts_are_given_few_words() -> None:
    few = msgspec.structs.replace(TEXTS, train=60)
    fitted = adapt_to_dataset(iris_lab(), OWN, few)
    assert fitted.model.layers[0].options["max_tokens"] == fitted.model.layers[1].options["input_dim"] == 500


def test_columns_that_are_normalised_already_are_not_scaled_again() -> None:
    draft = digits_mlp().with_dataset(OWN)
    messages = [str(problem) for problem in advise(draft, TABLE)]
    assert (
        "layer 1: The columns are normalised already; times 0.0625 they are too small to learn from."
        in messages
    )
    assert kinds(adapt_to_dataset(draft, OWN, TABLE)) == ["Flatten", "Dense", "Dense"]
    assert adapt_to_dataset(draft, OWN, TABLE).model.layers[-1].units == 1
