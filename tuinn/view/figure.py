"""A chart before it is drawn: which lines, which marks, which axes. Pure, so that a thread or a test may make one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor, isfinite, log10
from typing import Literal

from tuinn.view.run_view import Curve
from tuinn.view.series import Series, decimate

Run = list[tuple[float, float]]
Role = Literal["train", "validation", "other"]

LABEL_WIDTH = 6
"""Cells of a y label; constant, or the axis would jump."""

SMOOTHINGS = (0.0, 0.6, 0.9)
"""Weights of the past in the moving average; 0 is the curve as it is."""

LARGEST = 1e100
"""Beyond this a value is drawn at the edge: differences of larger numbers would overflow."""


@dataclass(frozen=True)
class Look:
    """How the user wants to see the curves."""

    log: bool = False
    smoothing: float = 0.0
    window: tuple[float, float] | None = None
    """First and last epoch shown; None: all there is."""
    cursor: int | None = None
    """The epoch whose values are read out."""

    def smoother(self) -> "Look":
        """The next smoothing, round the end."""
        after = SMOOTHINGS[(SMOOTHINGS.index(self.smoothing) + 1) % len(SMOOTHINGS)]
        return replace(self, smoothing=after)

    def zoomed(self, factor: float, end: float) -> "Look":
        """A window `factor` as wide, around the cursor, or ending where it did. Never under two epochs."""
        low, high = self.window or (0.0, end)
        width = max((high - low) * factor, 2.0)
        if width >= end:
            return replace(self, window=None)
        middle = self.cursor if self.cursor is not None else high - width / 2
        low = min(max(middle - width / 2, 0.0), end - width)
        return replace(self, window=(low, low + width))

    def moved(self, by: int, newest: int) -> "Look":
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


@dataclass(frozen=True)
class Figure:
    """All that is drawn, in the order in which it is drawn."""

    lines: tuple[Line, ...] = ()
    gaps: tuple[float, ...] = ()
    """Where a value was not finite, in epochs."""
    marks: tuple[float, ...] = ()
    """Where something was done to the run, in epochs."""
    cursor: float | None = None
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)
    """In powers of ten where `log` is set."""
    x_ticks: tuple[tuple[float, str], ...] = ()
    y_ticks: tuple[tuple[float, str], ...] = field(default=())


def make_figure(
    curve: Curve,
    look: Look,
    end: float,
    size: tuple[int, int],
    others: Sequence[Curve] = (),
    marks: Sequence[float] = (),
) -> Figure:
    """The figure of a metric for a chart of `size` (columns, rows), its x axis from 0 to `end` epochs.

    `others` are the same metric of other runs, laid under.
    """
    columns, rows = size
    window = look.window or (0.0, max(end, 1.0))
    lines = [Line("other", _runs(_main(other), look, window, columns)) for other in others]
    lines.append(Line("train", _runs(curve.train, look, window, columns)))
    lines.append(Line("validation", _runs(curve.validation, look, window, columns)))
    y = _bounds([value for line in lines for run in line.runs for _, value in run])
    y_ticks = nice_ticks(*y, max(2, (rows - 2) // 3 + 1))
    return Figure(
        lines=tuple(lines),
        gaps=tuple(
            x for x in (curve.train.gaps() or curve.validation.gaps())[:1] if window[0] <= x <= window[1]
        ),
        marks=tuple(x for x in marks if window[0] <= x <= window[1]),
        cursor=float(look.cursor) if look.cursor is not None else None,
        x=window,
        y=(min(y[0], y_ticks[0]), max(y[1], y_ticks[-1])),
        x_ticks=tuple((tick, str(tick)) for tick in epoch_ticks(*window, columns - LABEL_WIDTH - 2)),
        y_ticks=tuple((tick, tick_label(10.0 ** min(tick, 300) if look.log else tick)) for tick in y_ticks),
    )


def _main(curve: Curve) -> Series:
    """Of another run only the line that counts."""
    return curve.validation or curve.epochs or curve.train


def _runs(series: Series, look: Look, window: tuple[float, float], columns: int) -> tuple[Run, ...]:
    drawn = []
    for run in series.finite_runs():
        points = smooth(run, look.smoothing)
        if look.log:
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


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers that span low..high, about `most` of them (Heckbert's nice numbers, Graphics Gems 1990)."""
    step = _nice((high - low) / max(most - 1, 1))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    while last - first + 1 > most and last - first > 2:  # round zero there are always three
        step = _nice(step * 1.5)
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, max(last, first + 1) + 1)]


def _nice(step: float) -> float:
    if step <= 0 or not isfinite(step):
        return 1.0
    power = 10.0 ** floor(log10(step))
    return power * next((nice for nice in (1, 2, 2.5, 5, 10) if step / power <= nice + 1e-9), 10)


def tick_label(value: float) -> str:
    """At most six characters, right-aligned."""
    text = f"{value:.6g}"
    if len(text) > LABEL_WIDTH:
        text = f"{value:.3g}"
    if len(text) > LABEL_WIDTH:
        text = f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return text[:LABEL_WIDTH].rjust(LABEL_WIDTH)


def epoch_ticks(low: float, high: float, columns: int) -> list[int]:
    """Whole epochs from low to high, as many as have room; about ten at most."""
    room = max(2, min(11, columns // (len(str(ceil(high))) + 3)))
    step = max(1, ceil(_nice(max(1.0, (high - low) / (room - 1)))))
    first = ceil(low / step) * step
    return [tick for tick in range(first, floor(high) + 1, step) if tick >= low]


def readout(curve: Curve, epoch: int) -> tuple[float | None, float | None]:
    """Training and validation value of a metric in this epoch; None where there is none or it was not finite."""
    return _at(curve.epochs, epoch), _at(curve.validation, epoch)


def _at(series: Series, epoch: int) -> float | None:
    near = min(series.points, key=lambda point: abs(point[0] - epoch), default=None)
    return near[1] if near is not None and abs(near[0] - epoch) < 0.5 else None
