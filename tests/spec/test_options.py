"""One field changed by its path, as `--set` does, and each option's value as a user types it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import values
from tuinn.errors import SpecError
from tuinn.spec.fit import FIT_OPTIONS
from tuinn.spec.layers.catalog import CATALOG
from tuinn.spec.options import Int, Option
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.spec.run import RunSpec

OPTIONS = [option for layer_type in CATALOG for option in layer_type.options] + list(FIT_OPTIONS)


@given(st.sampled_from(OPTIONS).flatmap(lambda option: st.tuples(st.just(option), values(option))))
def test_what_an_option_shows_is_read_back_as_the_same_value(pair: tuple[Option, object]) -> None:
    option, value = pair
    value = option.check(value)
    assert option.parse(option.show(value)) == value


@given(st.sampled_from(OPTIONS), st.text(max_size=12))
def test_whatever_is_typed_is_a_value_or_a_problem_in_one_line(option: Option, text: str) -> None:
    message = ""
    try:
        option.check(option.parse(text))
    except SpecError as problem:
        message = str(problem)
    assert message.isprintable()
    assert not message or message.startswith(f"{option.name}: must be {option.allowed}, not ")


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("fit.epochs", "3", lambda spec: spec.fit.epochs == 3),
        ("fit.learning_rate", "1e-2", lambda spec: spec.fit.learning_rate == 0.01),
        ("fit.metrics", "accuracy", lambda spec: spec.fit.metrics == ("accuracy",)),
        ("dataset.validation", "0", lambda spec: spec.dataset.validation == 0),
        ("layers[3].units", "64", lambda spec: spec.model.layers[2].units == 64),
        ("layers[1].scale", "1/16", lambda spec: spec.model.layers[0].options["scale"] == 1 / 16),
    ],
)
def test_a_setting_changes_its_field(path: str, text: str, found: Callable[[RunSpec], object]) -> None:
    assert found(fashion_lab().with_setting(path, text))


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("fit.epochs", "0", "fit.epochs: must be a whole number from 1"),
        ("fit.epochs", "many", "fit.epochs: must be a whole number from 1 to 1,000,000, not 'many'"),
        ("fit.epoch", "3", "fit.epoch: is not a setting of fit. Did you mean epochs?"),
        ("epochs", "3", "epochs: a setting is written fit.NAME, dataset.NAME or layers[N].NAME."),
        ("fit", "3", "fit: a setting is written"),
        ("layers[0].units", "3", "layers[0].units: there is no layer 0; layers count from 1 to 6."),
        ("layers[7].units", "3", "layers[7].units: there is no layer 7"),
        ("layers[2].units", "3", "layers[2].units: is not a setting of layers[2]"),
        (f"layers[{'9' * 5000}].units", "3", "layers[N].NAME"),
    ],
    ids=lambda word: str(word)[:20],
)
def test_a_setting_that_leads_nowhere_says_what_there_is(path: str, text: str, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        fashion_lab().with_setting(path, text)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "value"), [("1,000", 1000), ("12,345,678", 12_345_678), ("1_000", 1000), (" 128 ", 128)]
)
def test_commas_stand_between_thousands(typed: str, value: int) -> None:
    assert Int("batch_size", 1).parse(typed) == value


@pytest.mark.parametrize("typed", ["12,8", "1,5", "1,00", ",5", "1,0000", "5,", "128.0", "9" * 5000])
def test_a_comma_elsewhere_is_not_read_as_if_it_were_not_there(typed: str) -> None:
    with pytest.raises(SpecError, match="must be a whole number"):
        Int("batch_size", 1).parse(typed)
