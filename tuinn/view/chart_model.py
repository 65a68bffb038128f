"""A chart before it is drawn: which lines, which marks, which axes. Pure, so that a thread or a test may make one."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, log10
from typing import Literal

from tuinn.view.chart_ticks import LABEL_WIDTH, Tick, epoch_ticks, log_axis, value_axis
from tuinn.view.run_view import Curve, Mark
from tuinn.view.series import Series, decimate

Run = list[tuple[float, float]]
Role = Literal["train", "validation", "other"]

NARROWEST, LOWEST = 48, 9
"""Cells of a chart that has room for its legend and still shows what a curve does."""

AROUND = 3
"""Rows of a chart that are not for its curves: the frame's upper and lower edge, and the labels of the epochs."""

SMOOTHINGS = (0.0, 0.6, 0.9)
"""Weights of the past in the moving average; 0 is the curve as it is."""

LARGEST = 1e100
"""Beyond this a value is drawn at the edge: differences of larger numbers would overflow."""


@dataclass(frozen=True)
class ChartOptions:
    """How the user wants to see the curves."""

    log: bool = False
    smoothing: float = 0.0
    window: tuple[float, float] | None = None
    """First and last epoch shown; None: all there is."""
    cursor: int | None = None
    """The epoch whose values are read out."""
    by_epoch: bool = False
    """Training as Keras' mean over each epoch, not as means between two reports of batches."""

    def smoother(self) -> "ChartOptions":
        """The next smoothing, round the end."""
        after = SMOOTHINGS[(SMOOTHINGS.index(self.smoothing) + 1) % len(SMOOTHINGS)]
        return replace(self, smoothing=after)

    def zoomed(self, factor: float, end: float, about: float | None = None) -> "ChartOptions":
        """A window `factor` as wide, round `about`, else the cursor, else in the middle. Never under two epochs."""
        low, high = self.window or (0.0, end)
        width = max((high - low) * factor, 2.0)
        if width >= end:
            return replace(self, window=None)
        about = self.cursor if about is None else about
        middle = about if about is not None else high - width / 2
        low = min(max(middle - width / 2, 0.0), end - width)
        return replace(self, window=(low, low + width))

    def panned(self, share: float, end: float) -> "ChartOptions":
        """The window moved by so much of its width, within 0..end. Without a window there is nothing to move."""
        if self.window is None:
            return self
        low, high = self.window
        width = high - low
        low = min(max(low + share * width, 0.0), max(end - width, 0.0))
        return replace(self, window=(low, low + width))

    def moved(self, by: int, newest: int) -> "ChartOptions":
        """The cursor `by` epochs on, within 1..newest; the window follows it."""
        if newest < 1:
            return self
        cursor = newest if self.cursor is None else min(max(self.cursor + by, 1), newest)
        window = self.window
        if window is not None and not window[0] <= cursor <= window[1]:
            width = window[1] - window[0]
            low = max(cursor - width, 0.0) if cursor > window[1] else max(cursor - 1.0, 0.0)
            window = (low, low + width)
        return replace(self, cursor=cursor, window=window)


@dataclass(frozen=True)
class Line:
    """One curve: stretches without a gap, each drawn on its own."""

    role: Role
    runs: tuple[Run, ...]
    which: int = 0
    """Of another run's line: which colour and marker it has, counted from 1, which is that of validation."""
    dots: bool = False
    """Points that no line joins."""


@dataclass(frozen=True)
class ChartModel:
    """All that is drawn, in the order in which it is drawn."""

    lines: tuple[Line, ...] = ()
    gaps: tuple[float, ...] = ()
    """Where values were not finite, in epochs: the first of each stretch."""
    marks: tuple[tuple[float, str], ...] = ()
    """Where something was done to the run, in epochs, with a letter for it."""
    best: tuple[float, float] | None = None
    """The best epoch, as a point."""
    cursor: float | None = None
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)
    """In powers of ten where `log` is set."""
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    x_name: str = "epoch"
    """What the x axis counts: a word of at most LABEL_WIDTH cells."""
    spot: tuple[float, float] | None = None
    """The one point that the user looks at."""


def make_chart(
    curve: Curve,
    options: ChartOptions,
    end: float,
    size: tuple[int, int],
    others: Sequence[Curve | None] = (),
    marks: Sequence[Mark] = (),
    best: int | None = None,
) -> ChartModel:
    """The figure of a metric for a chart of `size` (columns, rows), its x axis from 0 to `end` epochs.

    `others` are the same metric of other runs, laid under, None where one has it not; `best` is the best epoch.
    """
    window = options.window or (0.0, max(end, 1.0))
    train = curve.epochs if options.by_epoch else curve.train
    lines = [
        Line("other", _runs(main_series(other), options, window, size[0]), which)
        for which, other in enumerate(others, start=2)
        if other is not None
    ]
    lines.append(Line("train", _runs(train, options, window, size[0])))
    lines.append(Line("validation", _runs(curve.validation, options, window, size[0])))
    gaps = starts_of_gaps(curve.train) or starts_of_gaps(curve.validation)
    chart = _framed(lines, options, window, size)
    return replace(
        chart,
        gaps=tuple(x for x in gaps if window[0] <= x <= window[1]),
        marks=tuple((mark.x, mark.sign) for mark in marks if window[0] <= mark.x <= window[1]),
        best=_point(main_series(curve), best, options, chart),
    )


def comparison_chart(
    curves: Sequence[Curve | None],
    options: ChartOptions,
    end: float,
    size: tuple[int, int],
    training: bool = False,
) -> ChartModel:
    """One metric of several runs, None where a run has it not: of each the line that counts, or that of training."""
    window = options.window or (0.0, max(end, 1.0))
    lines = []
    for which, curve in enumerate(curves, start=1):
        if curve is not None:
            series = (curve.epochs if options.by_epoch else curve.train) if training else main_series(curve)
            lines.append(Line("other", _runs(series, options, window, size[0]), which))
    return _framed(lines, options, window, size)


def _framed(
    lines: Sequence[Line], options: ChartOptions, window: tuple[float, float], size: tuple[int, int]
) -> ChartModel:
    """These lines with axes round them."""
    low, high = _bounds([value for line in lines for run in line.runs for _, value in run])
    rows = size[1] - AROUND
    y, y_ticks = (log_axis if options.log else value_axis)(low, high, rows)
    if y[0] == 0 and not options.log:
        y = above_zero(y[1], rows)
    return ChartModel(
        lines=tuple(lines),
        cursor=float(options.cursor) if options.cursor is not None else None,
        x=window,
        y=y,
        x_ticks=tuple((tick, str(tick)) for tick in epoch_ticks(*window, size[0] - LABEL_WIDTH - 2)),
        y_ticks=tuple(y_ticks),
    )


def above_zero(last: float, rows: int) -> tuple[float, float]:
    """Bounds from zero to `last` with zero in the upper half of the lowest row: its grid line runs through the middle of
    that row, and a value that is positive is drawn in half rows, never below that line."""
    return (-last / max(2 * rows - 2, 1), last)


def main_series(curve: Curve) -> Series:
    """The line that a run is judged by."""
    return curve.validation or curve.epochs or curve.train


def starts_of_gaps(series: Series) -> list[float]:
    """x of each value that was not finite and comes after one that was, or first."""
    points = series.points
    return [x for at, (x, y) in enumerate(points) if y is None and (at == 0 or points[at - 1][1] is not None)]


def _point(
    series: Series, epoch: int | None, options: ChartOptions, chart: ChartModel
) -> tuple[float, float] | None:
    """Where the value of this epoch lies; None where it is outside, or a logarithm of it isn't."""
    value = _at(series, epoch) if epoch is not None else None
    if epoch is None or value is None or (options.log and value <= 0):
        return None
    y = log10(value) if options.log else value
    inside = chart.x[0] <= epoch <= chart.x[1] and chart.y[0] <= y <= chart.y[1]
    return (float(epoch), y) if inside else None


def _runs(
    series: Series, options: ChartOptions, window: tuple[float, float], columns: int
) -> tuple[Run, ...]:
    drawn = []
    for run in series.finite_runs():
        points = smooth(run, options.smoothing)
        if options.log:
            points = [(x, log10(y)) for x, y in points if y > 0]
        points = [(x, min(max(y, -LARGEST), LARGEST)) for x, y in points if window[0] <= x <= window[1]]
        if points:
            drawn.append(decimate(points, columns))
    return tuple(drawn)


def smooth(run: Run, weight: float) -> Run:
    """Exponential moving average, freed of its start: s ← w·s + (1 − w)·y, shown as s / (1 − wⁿ).

    The same as TensorBoard's and as Adam's bias correction (Kingma and Ba, 2015).
    """
    if not weight:
        return run
    total, share, smoothed = 0.0, 1.0, []
    for x, y in run:
        total = weight * total + (1 - weight) * y
        share *= weight
        smoothed.append((x, total / (1 - share)))
    return smoothed


def _bounds(values: list[float]) -> tuple[float, float]:
    """Lowest and highest, a little apart even when all are equal."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
        pad = abs(high) * 0.1 or 0.5
        return low - pad, high + pad
    return low, high


def chart_grid(charts: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows in which so many charts stand in a box of cells; fewer where more would be too small to read."""
    columns = max(1, min(charts, width // NARROWEST))
    rows = max(1, min(-(-charts // columns), height // LOWEST))
    return min(columns, -(-charts // rows)), rows


def readout(curve: Curve, epoch: int) -> tuple[float | None, float | None]:
    """Training and validation value of a metric in this epoch; None where there is none or it was not finite."""
    return _at(curve.epochs, epoch), _at(curve.validation, epoch)


def newest(curve: Curve) -> tuple[float | None, float | None]:
    """The last training and validation value: of the epoch that has just ended, or of the batches since."""
    epochs = curve.epochs if curve.epochs.reaches(curve.train) else curve.train
    return epochs.last(), curve.validation.last()


def broken_epoch(curve: Curve) -> int | None:
    """The first epoch in which a value was not finite."""
    gaps = starts_of_gaps(curve.train) or starts_of_gaps(curve.validation)
    return max(ceil(gaps[0]), 1) if gaps else None


def _at(series: Series, epoch: int) -> float | None:
    at = bisect_left(series.points, epoch - 0.5, key=lambda point: point[0])
    near = min(series.points[at : at + 2], key=lambda point: abs(point[0] - epoch), default=None)
    return near[1] if near is not None and abs(near[0] - epoch) < 0.5 else None
