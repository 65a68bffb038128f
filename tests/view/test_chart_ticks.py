"""Ticks stand at round numbers, and there are three to six of them."""

from math import log10

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tuinn.view.chart_ticks import LABEL_WIDTH, epoch_ticks, log_axis, tick_label, value_axis


def labels(axis: tuple[object, list[tuple[float, str]]]) -> list[str]:
    return [label.strip() for _, label in axis[1]]


@pytest.mark.parametrize(
    ("low", "high", "rows", "expected"),
    [
        (0.07, 1.24, 11, ["0.00", "0.25", "0.50", "0.75", "1.00", "1.25"]),
        (0.07, 1.24, 5, ["0.0", "0.5", "1.0"]),
        (0.61, 0.97, 11, ["0.6", "0.7", "0.8", "0.9"]),
        (12, 330, 11, ["0", "100", "200", "300"]),
        (-1, 1, 11, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        (2.3012, 2.3049, 11, ["2.301", "2.302", "2.303", "2.304", "2.305"]),
    ],
)
def test_a_linear_axis_has_round_values_with_as_many_decimals_each(
    low: float, high: float, rows: int, expected: list[str]
) -> None:
    assert labels(value_axis(low, high, rows)) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.07, 1.25, ["0.1", "0.2", "0.5", "1"]),
        (0.02, 90, ["0.1", "1", "10"]),
        (12, 330, ["20", "50", "100", "200"]),
        (1e-5, 1, ["1e-05", "0.0001", "0.001", "0.01", "0.1", "1"]),
        (0.9, 1.3, ["0.9", "1.0", "1.1", "1.2", "1.3"]),
        (1e-12, 1, ["1e-12", "1e-09", "1e-06", "0.001", "1"]),
    ],
)
def test_a_log_axis_has_ones_twos_and_fives_or_other_round_values(
    low: float, high: float, expected: list[str]
) -> None:
    assert labels(log_axis(log10(low), log10(high), 11)) == expected


@example(low=1.0, width=3.0, rows=3, log=True)
@given(low=st.floats(-1e4, 1e4), width=st.floats(0.05, 1e5), rows=st.integers(3, 40), log=st.booleans())
def test_ticks_are_three_to_six_within_the_axis_and_the_axis_holds_the_values(
    low: float, width: float, rows: int, log: bool
) -> None:
    high = low + width
    assume(width > 0.01 * abs(low))
    if log:
        assume(low > 0.001)
        low, high = log10(low), log10(high)
    (first, last), ticks = (log_axis if log else value_axis)(low, high, rows)
    assert first <= low
    assert high <= last
    assert 3 <= len(ticks) <= 6
    places = [place for place, _ in ticks]
    assert places == sorted(places)
    slack = 1e-6 * (last - first)
    assert all(first - slack <= place <= last + slack for place in places)


def test_the_axis_stays_while_the_curve_moves_a_little() -> None:
    assert value_axis(0.07, 1.2) == value_axis(0.1, 1.19)


@given(value=st.floats(-1e99, 1e99))
def test_a_label_has_always_the_same_width(value: float) -> None:
    assert len(tick_label(value)) == LABEL_WIDTH


@given(low=st.floats(0, 1e5), width=st.floats(1, 1e6), columns=st.integers(8, 300))
def test_epoch_ticks_are_whole_and_have_room(low: float, width: float, columns: int) -> None:
    ticks = epoch_ticks(low, low + width, columns)
    assert len(ticks) <= 12
    assert all(max(low, 1) <= tick <= low + width for tick in ticks)
    assert ticks == sorted(set(ticks))


@pytest.mark.parametrize(
    ("end", "columns", "expected"),
    [
        (1, 68, [1]),
        (3, 68, [1, 2, 3]),
        (15, 68, [1, 5, 10, 15]),
        (60, 68, [1, 10, 20, 30, 40, 50, 60]),
        (5000, 68, [1, 1000, 2000, 3000, 4000, 5000]),
    ],
)
def test_epochs_are_counted_from_one(end: int, columns: int, expected: list[int]) -> None:
    assert epoch_ticks(0, end, columns) == expected
