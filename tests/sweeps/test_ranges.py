"""What a sweep may try of a field, as typed; each bad range is refused with what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinn.errors import SpecError
from tuinn.spec.presets.catalog import default_draft
from tuinn.sweeps.ranges import Between, Choices, as_text, read_range

BASE = default_draft()
LOWS = st.floats(1e-6, 50, allow_nan=False)


@pytest.mark.parametrize(
    ("over", "read"),
    [
        ("fit.learning_rate=log:1e-4..1e-1", Between("fit.learning_rate", 1e-4, 1e-1, log=True)),
        ("fit.learning_rate = 0.1..0.5", Between("fit.learning_rate", 0.1, 0.5)),
        ("layers[3].units=16..64/16", Between("layers[3].units", 16, 64, whole=True, step=16)),
        ("layers[3].units=log:16..64", Between("layers[3].units", 16, 64, whole=True, log=True)),
        ("layers[3].units=32, 64,32", Choices("layers[3].units", (32, 64))),
        ("fit.optimizer=adam,SGD", Choices("fit.optimizer", ("adam", "sgd"))),
        ("fit.shuffle=yes|no", Choices("fit.shuffle", (True, False))),
        (
            "fit.metrics=accuracy|accuracy,top_5_accuracy",
            Choices("fit.metrics", ("accuracy", "accuracy, top_5_accuracy")),
        ),
    ],
)
def test_a_range_is_read_as_it_is_meant(over: str, read: Between | Choices) -> None:
    assert read_range(BASE, over) == read


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ("fit.learning_rate", "names no values"),
        ("fit.learning_rate=", "names no values"),
        ("fit.rate=1,2", "is not a setting of fit"),
        ("mood=1,2", "a setting is written fit.NAME"),
        ("layers[9].units=1,2", "there is no layer 9"),
        ("layers[2].units=1,2", "is not a setting of layers[2]"),
        ("fit.learning_rate=0.1", "is one value, and a sweep tries several"),
        ("fit.learning_rate=0.1,0.10", "is one value"),
        ("fit.learning_rate=0.5..0.1", "is empty"),
        ("fit.learning_rate=0.1..0.1", "is empty"),
        ("fit.learning_rate=log:0..1", "must be a number above 0"),
        ("layers[5].rate=log:0..0.5", "a logarithmic range begins above 0"),
        ("layers[5].rate=log:0.1..0.5/0.1", "a logarithmic range has no steps"),
        ("fit.learning_rate=log:0.1,0.2", "needs two bounds"),
        ("fit.learning_rate=0.1..nan", "must be a number above 0"),
        ("fit.learning_rate=0.1..1000", "must be a number above 0 to 100"),
        ("fit.epochs=1..9/0", "the step must be a whole number above 0"),
        ("fit.epochs=1..9/0.5", "the step must be a whole number above 0"),
        ("fit.epochs=1..9/99", "within the range"),
        ("fit.optimizer=adam..sgd", "has no lowest and highest"),
        ("fit.optimizer=adam,adamm", "must be one of"),
        ("fit.epochs=2,0", "must be a whole number from 1"),
        ("fit.epochs=1\x1b[2J,2", "must be a whole number"),
    ],
)
def test_a_bad_range_is_refused_with_what_to_do(over: str, why: str) -> None:
    with pytest.raises(SpecError) as problem:
        read_range(BASE, over)
    assert why in str(problem.value)
    assert "\x1b" not in str(problem.value)


@given(LOWS, LOWS, st.booleans())
def test_a_range_of_numbers_is_written_as_it_is_read_and_its_corners_are_allowed(
    one: float, other: float, log: bool
) -> None:
    low, high = sorted((one, other))
    if low == high:
        return
    made = Between("fit.learning_rate", low, high, log=log)
    assert read_range(BASE, f"fit.learning_rate={made.text}") == made
    for corner in made.corners():
        assert BASE.with_setting("fit.learning_rate", as_text(corner)).fit.learning_rate == corner


@given(LOWS, LOWS, st.floats(0, 1))
def test_a_rounded_value_never_leaves_its_range(one: float, other: float, share: float) -> None:
    low, high = sorted((one, other))
    rounded = Between("fit.learning_rate", low, high).rounded(low + share * (high - low))
    assert isinstance(rounded, float)
    assert low <= rounded <= high


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 50))
def test_a_range_in_steps_has_its_points_within_its_bounds(low: int, width: int, step: int) -> None:
    if step > width:
        return
    made = read_range(BASE, f"layers[3].units={low}..{low + width}/{step}")
    assert made.countable is not None
    points = [made.point(number) for number in range(made.countable)]
    assert points == list(range(low, low + width + 1, step))


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=9, unique=True))
def test_values_are_written_as_they_are_read(values: list[int]) -> None:
    made = Choices("layers[3].units", tuple(values))
    assert read_range(BASE, f"layers[3].units={made.text}") == made


FIELDS = st.sampled_from(
    [
        "fit.learning_rate",
        "layers[3].units",
        "fit.optimizer",
        "fit.shuffle",
        "fit.metrics",
        "dataset.validation",
    ]
)
PIECES = st.sampled_from(
    ["log:", "..", ",", "|", "/", "-1", "0", "0.1", "1e400", "nan", "9" * 5000, "adam", "true", " ", "="]
)


@given(FIELDS, st.lists(PIECES | st.text(max_size=4), max_size=7).map("".join))
def test_whatever_is_typed_is_a_range_or_a_sentence(field: str, text: str) -> None:
    try:
        made = read_range(BASE, f"{field}={text}")
    except SpecError:
        return
    assert read_range(BASE, f"{field}={made.text}") == made
    for corner in made.corners():
        BASE.with_setting(field, as_text(corner))
