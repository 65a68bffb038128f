"""What stands in which cell of a chart."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from rich.color import Color

from tuinn.ui.themes import DARK
from tuinn.ui.widgets.cell_lines import Cells
from tuinn.ui.widgets.chart_drawing import QUADRANTS, Canvas, Paint, _traced, draw, paint, trace
from tuinn.view.chart_model import AROUND, ChartOptions, Line, comparison_chart, make_chart
from tuinn.view.chart_ticks import LABEL_WIDTH
from tuinn.view.regression import Regression
from tuinn.view.run_view import Curve, Mark
from tuinn.view.series import Series

TRAIN, VALIDATION = "#56b4e9", "#e69f00"
OTHERS = tuple(f"#0000{number:02x}" for number in range(6))
PAINT = Paint((TRAIN, VALIDATION, *OTHERS), "#111111", "#222222", "#333333", "#444444", "#555555")
WIDTH, HEIGHT = 60, 14
INSIDE = slice(LABEL_WIDTH + 1, WIDTH - 1)


def series(values: Sequence[float | None]) -> Series:
    return Series(points=[(float(epoch), value) for epoch, value in enumerate(values, start=1)])


def cells(curve: Curve, paint: Paint = PAINT, **more: object) -> list[Cells]:
    """The cells inside the frame."""
    figure = make_chart(curve, ChartOptions(), 20, (WIDTH, HEIGHT), **more)  # type: ignore[arg-type]
    strips = draw(figure, WIDTH, HEIGHT, paint)[1 : 1 - AROUND]
    return [[(letter, one.style) for one in strip for letter in one.text][INSIDE] for strip in strips]


def columns_of(rows: list[Cells], colour: str) -> set[int]:
    """Columns in which this colour can be seen, as ink or as ground."""
    wanted = Color.parse(colour)
    return {
        column
        for row in rows
        for column, (letter, style) in enumerate(row)
        if letter in QUADRANTS[1:] and style and wanted in (style.color, style.bgcolor)
    }


FALLING: list[float | None] = [2 / epoch for epoch in range(1, 21)]


def test_a_curve_is_one_whole_line_of_blocks() -> None:
    seen = sorted(columns_of(cells(Curve(train=series(FALLING))), TRAIN))
    assert all(after == before + 1 for before, after in pairwise(seen))
    assert len(seen) > WIDTH - LABEL_WIDTH - 6


@pytest.mark.parametrize("apart", [0.0, 0.005, 0.05])
def test_two_curves_that_run_together_are_both_seen(apart: float) -> None:
    other: list[float | None] = [(value or 0) + apart for value in FALLING]
    rows = cells(Curve(train=series(FALLING), validation=series(other)))
    for colour in (TRAIN, VALIDATION):
        seen = sorted(columns_of(rows, colour))
        assert max(after - before for before, after in pairwise(seen)) <= 3


def test_without_colour_training_is_a_line_and_validation_is_dotted() -> None:
    level: list[float | None] = [1.0] * 20
    curve = Curve(train=series(level), validation=series([2.0] * 20))
    rows = cells(curve, PAINT._replace(no_color=True))
    drawn = {letter for row in rows for letter, _ in row if letter in QUADRANTS[1:]}
    assert drawn & set("▄▀")
    assert drawn & set("▖▘")
    assert all(style is None or style.bgcolor is None for row in rows for _, style in row)


def test_marks_and_the_best_epoch_stand_on_their_own_curve() -> None:
    values: list[float | None] = [1.0] * 20
    curve = Curve(train=series(values), validation=series([3.0] * 9 + [2.9] + [3.0] * 10))
    rows = cells(curve, marks=[Mark(12.4, "paused")], best=10)
    (paused,) = [(y, x) for y, row in enumerate(rows) for x, (letter, _) in enumerate(row) if letter == "P"]
    (best,) = [(y, x) for y, row in enumerate(rows) for x, (letter, _) in enumerate(row) if letter == "★"]
    ink = Color.parse(TRAIN)
    assert all(rows[paused[0]][paused[1] + by][1].color == ink for by in (-1, 1))  # type: ignore[union-attr]
    validation = {
        (y, x)
        for y, row in enumerate(rows)
        for x, (_, style) in enumerate(row)
        if style and style.color == Color.parse(VALIDATION)
    }
    assert {(best[0] + down, best[1] + by) for by in (-1, 1) for down in (-1, 0)} & validation


def test_a_compared_run_has_its_sign_on_its_own_line() -> None:
    curves = [Curve(epochs=series(FALLING)), Curve(epochs=series([1.9] * 20))]
    figure = comparison_chart(curves, ChartOptions(), 20, (WIDTH, HEIGHT))
    strips = draw(figure, WIDTH, HEIGHT, PAINT)[1 : 1 - AROUND]
    rows = [[letter for one in strip for letter in one.text][INSIDE] for strip in strips]
    signs = [(y, x) for y, row in enumerate(rows) for x, letter in enumerate(row) if letter == "▲"]
    assert len(signs) > 2
    assert len({y for y, _ in signs}) == 1
    assert all(rows[y][x - 1] in QUADRANTS[1:] for y, x in signs[1:])


def test_the_axis_says_that_it_counts_epochs() -> None:
    figure = make_chart(Curve(train=series(FALLING)), ChartOptions(), 20, (WIDTH, HEIGHT))
    assert draw(figure, WIDTH, HEIGHT, PAINT)[-1].text.split() == ["epoch", "1", "5", "10", "15", "20"]


@pytest.mark.parametrize(("ascii_only", "no_color", "sign"), [(False, True, "•"), (True, True, "o")])
def test_a_line_among_points_is_seen_without_colours(ascii_only: bool, no_color: bool, sign: str) -> None:
    truth = np.repeat(np.linspace(0.0, 10.0, 200), 200)
    predicted = np.tile(np.linspace(0.0, 10.0, 200), 200)
    chart = Regression(truth, predicted).chart("scatter", (60, 20))
    rows = [
        strip.text[7:-1] for strip in draw(chart, 60, 20, paint(DARK.variables, ascii_only, no_color))[1:-2]
    ]
    assert [sign in row for row in rows] == [True] * len(rows)
    dots = "#" if ascii_only else "█"
    assert all(row.replace(sign, dots).strip(dots + " ┈┊.▘▝▀▖▌▞▛▗▚▐▜▄▙▟") == "" for row in rows)


def test_points_that_fill_a_cell_leave_a_line_in_it_to_be_seen() -> None:
    truth = np.repeat(np.linspace(0.0, 10.0, 200), 200)
    predicted = np.tile(np.linspace(0.0, 10.0, 200), 200)
    colours = paint(DARK.variables)
    strips = draw(Regression(truth, predicted).chart("scatter", (60, 20)), 60, 20, colours)
    line = [(segment.text, segment.style) for strip in strips for segment in strip if segment.style]
    shared = [style for _, style in line if style.bgcolor and style.color]
    assert shared
    assert {(style.color.name, style.bgcolor.name) for style in shared if style.color and style.bgcolor} == {
        (colours.of(1).lower(), colours.of(0).lower())
    }


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("height", [7, 10, 14, 25])
def test_what_is_positive_never_lies_below_the_line_at_zero(height: int, ascii_only: bool) -> None:
    values: list[float | None] = [1 / 1.7**epoch for epoch in range(1, 21)]
    figure = make_chart(Curve(train=series(values)), ChartOptions(), 20, (WIDTH, height))
    shown = PAINT._replace(ascii_only=ascii_only)
    canvas = Canvas(WIDTH - LABEL_WIDTH - 2, height - AROUND, figure, shown)
    assert canvas.row(0.0) == canvas.height - 1
    assert 0.0 in [tick for tick, _ in figure.y_ticks]
    lowest = [mask for (row, _), mask in trace(figure.lines[0], canvas).items() if row == canvas.row(0.0)]
    assert lowest
    # The line at zero runs through the middle of its row: nothing is in the lower half.
    assert ascii_only or {mask & 12 for mask in lowest} == {0}


def test_a_curve_that_stays_is_not_drawn_again_by_plotext() -> None:
    canvas = Canvas(WIDTH, HEIGHT, make_chart(Curve(), ChartOptions(), 20, (WIDTH, HEIGHT)), PAINT)
    line = Line("train", ([(0.0, 0.1), (7.0, 0.9), (20.0, 0.123)],))
    first, before = trace(line, canvas), _traced.cache_info()
    assert trace(line, canvas) == first
    assert _traced.cache_info().hits == before.hits + 1
    trace(line, canvas).clear()  # a caller's own copy
    assert trace(line, canvas) == first
