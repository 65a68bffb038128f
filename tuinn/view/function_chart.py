"""A chart of functions of one number: curves over an x axis that need not begin at 0."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from tuinn.view.chart_model import AROUND, ChartModel, Line, Role, Run
from tuinn.view.chart_ticks import LABEL_WIDTH, Axis, value_axis
from tuinn.view.series import decimate

X_TICK = 9
"""Columns that a tick of the x axis needs."""

FAR = 1e6
"""Values beyond this are drawn at the edge: the axis shows the rest."""

LEAST = 2 / 3
"""Of a y axis the values take, or it is made anew."""


@dataclass(frozen=True)
class FunctionLine:
    """A curve through points, or the points themselves."""

    x: Sequence[float]
    y: Sequence[float]
    """Where one is not finite the curve has a gap."""
    role: Role = "train"
    which: int = 0
    """Its colour and marker, where the role is `other`; from 2 on."""
    dots: bool = False


def function_chart(
    lines: Sequence[FunctionLine],
    size: tuple[int, int],
    x_name: str = "x",
    x: tuple[float, float] | None = None,
    spot: tuple[float, float] | None = None,
    before: Axis | None = None,
) -> ChartModel:
    """The chart of these lines in a box of (columns, rows). `x`: first and last value of the axis; None: all there is.

    The first line is drawn first; later ones lie over it. `before`: the y axis of the chart that this one follows. It stays
    while it does, so that a change is seen on the curves, not on the numbers beside them.
    """
    every = [value for line in lines for value in (line.x[0], line.x[-1]) if len(line.x)]
    low, high = x or (min(every, default=0.0), max(every, default=1.0))
    drawn = [Line(line.role, _runs(line, size[0]), line.which, line.dots) for line in lines]
    values = [y for line in drawn for run in line.runs for _, y in run]
    bottom, top = min(values, default=0.0), max(values, default=1.0)
    if top - bottom < 1e-9 * max(abs(top), 1e-9):
        bottom, top = bottom - 0.5, top + 0.5
    if before and before[0][0] <= bottom < top <= before[0][1] and top - bottom >= LEAST * _length(before[0]):
        y, y_ticks = before
    else:
        y, y_ticks = value_axis(bottom, top, size[1] - AROUND)
    x_ticks = value_axis(low, high, max(3, (size[0] - LABEL_WIDTH - 2) // X_TICK))[1]
    return ChartModel(
        lines=tuple(drawn),
        x=(low, high),
        y=y,
        x_ticks=tuple((at, label.strip()) for at, label in x_ticks if low <= at <= high),
        y_ticks=tuple(y_ticks),
        x_name=x_name,
        spot=spot,
    )


def _length(bounds: tuple[float, float]) -> float:
    return bounds[1] - bounds[0]


def _runs(line: FunctionLine, columns: int) -> tuple[Run, ...]:
    """Its finite stretches, thinned to what so many columns can show."""
    found: list[Run] = [[]]
    for x, y in zip(line.x, line.y, strict=True):
        if isfinite(x) and isfinite(y):
            found[-1].append((float(x), min(max(float(y), -FAR), FAR)))
        elif found[-1]:
            found.append([])
    return tuple(run if line.dots else decimate(run, columns) for run in found if run)
