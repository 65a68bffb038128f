"""One metric's curves. The only importer of plotext, and only of its public functions."""

import threading
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import NamedTuple

from rich.text import Text
from textual import work
from textual.worker import get_current_worker

from tuinn.ui.widgets.lines import Lines
from tuinn.view.run_view import Curve
from tuinn.view.series import decimate
from tuinn.view.words import metric

Run = list[tuple[float, float]]
Colour = tuple[int, int, int]


class Paint(NamedTuple):
    """Red, green and blue of each thing drawn, 0..255."""

    train: Colour
    validation: Colour
    axis: Colour
    gap: Colour


PLOTEXT = threading.Lock()
"""plotext draws on one figure for the whole process."""

LABEL_WIDTH = 6


@dataclass(frozen=True)
class Picture:
    """All that a chart shows, copied out of the view so that a thread may draw it."""

    train: tuple[Run, ...] = ()
    validation: tuple[Run, ...] = ()
    gaps: tuple[float, ...] = ()
    """Where a value was not finite, in epochs."""
    epochs: int = 1
    """Right end of the axis."""

    @classmethod
    def of(cls, curve: Curve, epochs: int, columns: int) -> "Picture":
        return cls(
            tuple(decimate(run, columns) for run in curve.train.finite_runs()),
            tuple(decimate(run, columns) for run in curve.validation.finite_runs()),
            tuple((curve.train.gaps() or curve.validation.gaps())[:1]),
            max(epochs, 1),
        )

    def bounds(self) -> tuple[float, float]:
        """Lowest and highest y, a little apart even when all are equal."""
        values = [y for run in (*self.train, *self.validation) for _, y in run]
        if not values:
            return 0.0, 1.0
        low, high = min(values), max(values)
        if high - low < 1e-12:
            pad = abs(high) * 0.1 or 0.5
            return low - pad, high + pad
        return low, high


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers that span low..high, at most `most` of them (Heckbert's nice numbers, Graphics Gems 1990)."""
    step = _nice((high - low) / max(most - 1, 1))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    while last - first + 1 > most:
        step = _nice(step * 1.5)
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        if last - first < 2:
            break
    return [round(index * step, 12) for index in range(first, last + 1)]


def _nice(step: float) -> float:
    power = 10.0 ** floor(log10(step)) if step > 0 else 1.0
    share = step / power
    return power * next(nice for nice in (1, 2, 2.5, 5, 10) if share <= nice + 1e-9)


def tick_label(value: float) -> str:
    """At most six characters, right-aligned, so that the axis never jumps."""
    text = f"{value:.6g}"
    if len(text) > LABEL_WIDTH:
        text = f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return text.rjust(LABEL_WIDTH)


def draw(picture: Picture, width: int, height: int, paint: Paint) -> str:
    """The chart as ANSI text of exactly `height` lines and at most `width` cells."""
    import plotext

    low, high = picture.bounds()
    y_ticks = nice_ticks(low, high, max(2, (height - 2) // 3 + 1))
    x_ticks = epoch_ticks(picture.epochs, width - LABEL_WIDTH - 2)
    with PLOTEXT:
        plotext.clear_figure()
        plotext.plotsize(width, height)
        plotext.canvas_color("default")
        plotext.axes_color("default")
        plotext.ticks_color(paint.axis)
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        for run in picture.train:
            plotext.plot(*zip(*run, strict=True), marker="braille", color=paint.train)
        for run in picture.validation:
            if len(run) > 1:
                plotext.plot(*zip(*run, strict=True), marker="braille", color=paint.validation)
            plotext.scatter(*zip(*sparse(run, width // 3), strict=True), marker="●", color=paint.validation)
        for gap in picture.gaps:
            plotext.vertical_line(gap, color=paint.gap)
        plotext.xlim(0, picture.epochs)
        plotext.ylim(min(low, y_ticks[0]), max(high, y_ticks[-1]))
        plotext.yticks(y_ticks, [tick_label(tick) for tick in y_ticks])
        plotext.xticks(x_ticks, [str(tick) for tick in x_ticks])
        return str(plotext.build())


def sparse(run: Run, most: int) -> Run:
    """At most about `most` of the points, evenly, the newest always among them: room for markers."""
    step = -(-len(run) // max(most, 1))
    return run[::-step][::-1]


def epoch_ticks(epochs: int, columns: int) -> list[int]:
    """Whole epochs, as many as fit; 0 and about ten in all."""
    room = max(2, min(11, columns // (len(str(epochs)) + 3)))
    step = max(1, int(_nice(max(1.0, epochs / (room - 1)))))
    while epochs / step > room:
        step += 1
    return list(range(0, epochs + 1, step))


class LineChart(Lines):
    """A metric: its name and latest numbers in the first line, the curves below."""

    DEFAULT_CSS = "LineChart { height: 1fr; width: 1fr; }"

    def __init__(self, name: str = "loss", id: str | None = None) -> None:
        super().__init__(id)
        self.metric = name
        self.curve: Curve | None = None
        self.epochs = 1

    def show(self, name: str, curve: Curve | None, epochs: int) -> None:
        """Draw this curve, in a thread; the screen changes once it is done."""
        self.metric, self.curve, self.epochs = name, curve, epochs
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size.width, self.size.height - 1
        if self.curve is None or width < 16 or height < 4:
            self.show_strips([])
            return
        picture = Picture.of(self.curve, self.epochs, width)
        colours = self.app.theme_variables
        names = ("curve-train", "curve-validation", "chart-axis", "chart-gap")
        self._build(picture, width, height, Paint(*(_rgb(colours[name]) for name in names)))

    @work(thread=True, exclusive=True, group="chart", exit_on_error=True)
    def _build(self, picture: Picture, width: int, height: int, paint: Paint) -> None:
        text = Text.from_ansi(draw(picture, width, height, paint))
        if not get_current_worker().is_cancelled:  # else a newer picture is on its way
            self.app.call_from_thread(self._show_drawn, text)

    def _show_drawn(self, text: Text) -> None:
        self.show_text(Text.assemble(self.head(), "\n", text))

    def head(self) -> Text:
        """Name, latest numbers, and the legend in one."""
        colours = self.app.theme_variables
        words = Text.assemble((f"{self.metric:>{LABEL_WIDTH}} ", "bold"))
        curve = self.curve or Curve()
        if gaps := curve.train.gaps() or curve.validation.gaps():
            return words.append(f"✗ broke in epoch {ceil(gaps[0]) or 1}", style=colours["chart-gap"])
        if curve.train:
            words.append(f"━ {metric(curve.train.last())}", style=colours["curve-train"])
        if curve.validation:
            words.append(f"  ● val {metric(curve.validation.last())}", style=colours["curve-validation"])
        return words


def _rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
