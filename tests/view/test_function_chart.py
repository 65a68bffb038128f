"""The axes of a chart of functions: they stay while the curves change a little."""

import pytest

from tuinn.view.chart_ticks import Axis, value_axis
from tuinn.view.function_chart import FunctionLine, function_chart

SIZE = (100, 24)


def bounds(top: float, before: Axis | None = None, bottom: float = 0.0) -> tuple[float, float]:
    line = FunctionLine([0.0, 1.0, 2.0], [bottom, top, bottom])
    return function_chart([line], SIZE, before=before).y


@pytest.fixture
def before() -> Axis:
    return value_axis(0.0, 1.0, 20)


def test_the_axis_stays_while_the_curves_fit_and_fill_it(before: Axis) -> None:
    assert bounds(0.7) != bounds(1.0) == before[0]
    assert bounds(0.7, before) == before[0]


@pytest.mark.parametrize("values", [(0.0, 0.6), (0.0, 1.5), (-0.5, 0.7)], ids=["small", "high", "low"])
def test_it_is_made_anew_where_they_do_not(before: Axis, values: tuple[float, float]) -> None:
    bottom, top = values
    assert bounds(top, before, bottom) == bounds(top, bottom=bottom) != before[0]


def test_a_flat_line_has_an_axis_of_its_own(before: Axis) -> None:
    assert bounds(0.5, before, bottom=0.5) == bounds(0.5, bottom=0.5)
