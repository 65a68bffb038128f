"""Curves of a metric. The only importer of plotext, and only of its public functions."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from rich.text import Text
from textual import events, work
from textual.message import Message
from textual.worker import get_current_worker

from tuinn.text import format_metric
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.view.chart_model import (
    LABEL_WIDTH,
    ChartModel,
    ChartOptions,
    Line,
    Run,
    make_chart,
    readout,
    starts_of_gaps,
)
from tuinn.view.run_view import Curve, Mark

Colour = tuple[int, int, int]

PLOTEXT = threading.Lock()
"""plotext draws on one figure for the whole process."""


MARKERS = "●▲■◆✚▼○□"
"""Of lines, beside their colours; a validation line has the first."""

ASCII_MARKERS = "Ox+#%@&="

BEST, ASCII_BEST = "★", "*"


class Paint(NamedTuple):
    """Red, green and blue of each thing drawn, 0..255."""

    curves: tuple[Colour, ...]
    """Training, validation, and those of other runs."""
    axis: Colour
    gap: Colour
    cursor: Colour
    best: Colour

    def of(self, line: Line) -> Colour:
        """The colour of a line."""
        return self.curves[style_number(line) % len(self.curves)]


def style_number(line: Line) -> int:
    """Which colour and marker a line has: 0 is that of training, which has no marker."""
    return {"train": 0, "validation": 1}.get(line.role, line.which)


def marker(which: int, ascii_only: bool) -> str:
    """What stands on the points of a line; `which` counts from 1."""
    signs = ASCII_MARKERS if ascii_only else MARKERS
    return signs[(which - 1) % len(signs)]


def paint(colours: Mapping[str, str]) -> Paint:
    """The theme's own."""
    names = ("curve-train", "curve-validation", *(f"curve-{number}" for number in range(2, 8)))
    single = ("chart-axis", "chart-gap", "chart-cursor", "chart-best")
    return Paint(tuple(_rgb(colours[name]) for name in names), *(_rgb(colours[name]) for name in single))


def draw(figure: ChartModel, width: int, height: int, paint: Paint, ascii_only: bool = False) -> str:
    """The chart as ANSI text of exactly `height` lines and at most `width` cells."""
    import plotext

    with PLOTEXT:
        plotext.clear_figure()
        plotext.plotsize(width, height)
        plotext.canvas_color("default")
        plotext.axes_color("default")
        plotext.ticks_color(paint.axis)
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        for x, _ in figure.marks:
            plotext.vertical_line(x, color=paint.axis)
        if figure.cursor is not None:
            plotext.vertical_line(figure.cursor, color=paint.cursor)
        for line in figure.lines:
            _draw_line(line, paint, ascii_only)
        # On top of all lines, or one run would hide another where they are alike.
        for line in figure.lines:
            _draw_markers(line, len(figure.lines), width, paint, ascii_only)
        for gap in figure.gaps:
            plotext.vertical_line(gap, color=paint.gap)
        for x, sign in (*figure.marks, *((gap, "x" if ascii_only else "✗") for gap in figure.gaps)):
            plotext.text(sign, x, figure.y[1], color=paint.gap if sign in "x✗" else paint.cursor)
        if figure.best is not None:
            plotext.text(ASCII_BEST if ascii_only else BEST, *figure.best, color=paint.best)
        plotext.xlim(*figure.x)
        plotext.ylim(*figure.y)
        plotext.xticks(*_apart(figure.x_ticks))
        plotext.yticks(*_apart(figure.y_ticks))
        return str(plotext.build())


def _draw_line(line: Line, paint: Paint, ascii_only: bool) -> None:
    import plotext

    dots = {"train": ".", "validation": "o"}.get(line.role, ",") if ascii_only else "braille"
    for run in line.runs:
        plotext.plot(*zip(*run, strict=True), marker=dots, color=paint.of(line))


def _draw_markers(line: Line, lines: int, width: int, paint: Paint, ascii_only: bool) -> None:
    """Of several runs each has its markers on other points than the next."""
    import plotext

    which = style_number(line)
    for run in line.runs if which else ():
        if line.role == "validation":
            points = sparse(run, width // 3)
        else:
            points = sparse(run, width // 3, every=lines, first=which)
        plotext.scatter(*zip(*points, strict=True), marker=marker(which, ascii_only), color=paint.of(line))


def _apart(ticks: tuple[tuple[float, str], ...]) -> tuple[list[float], list[str]]:
    return [tick for tick, _ in ticks], [label for _, label in ticks]


def sparse(run: Run, most: int, every: int = 1, first: int = 0) -> Run:
    """At most about `most` of the points, evenly: room for markers. The newest is among them.

    Of several lines each marks other points, one in `every`, counted back from the one before the last `first`.
    """
    step = max(-(-len(run) // max(most, 1)), min(every, len(run)), 1)
    return run[::-1][first % step if every > 1 else 0 :: step][::-1]


class Chart(CellLines):
    """A figure drawn in a thread, under a line of words. A click, or a drag, moves the cursor there; the wheel zooms."""

    DEFAULT_CSS = "Chart { height: 1fr; width: 1fr; }"

    @dataclass
    class Pointed(Message):
        """The user wants the values of this epoch."""

        epoch: int

    @dataclass
    class Zoomed(Message):
        """The user wants a window so many times as wide, round this epoch."""

        factor: float
        epoch: float

    options = ChartOptions()
    end = 1.0

    @property
    def has_figure(self) -> bool:
        """Whether there is anything to draw yet."""
        raise NotImplementedError

    def figure(self, size: tuple[int, int]) -> ChartModel:
        """What to draw in a box of (columns, rows). Called in a thread."""
        raise NotImplementedError

    def head(self) -> Text:
        """The first line."""
        raise NotImplementedError

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Draw the figure anew, in a thread; the screen changes once it is done."""
        width, height = self.size.width, self.size.height - 1
        if width < 16 or height < 4 or not self.has_figure:
            self.show_strips([])
        else:
            self._build(width, height, paint(self.app.theme_variables))

    @work(thread=True, exclusive=True, group="chart")
    def _build(self, width: int, height: int, paint: Paint) -> None:
        # A view that is folded meanwhile only grows: at worst the newest point is missing.
        figure = self.figure((width, height))
        text = Text.from_ansi(draw(figure, width, height, paint, self.app.ascii_only))  # type: ignore[attr-defined]
        if not get_current_worker().is_cancelled:  # else a newer picture is on its way
            self.app.call_from_thread(self._show_drawn, text)

    def _show_drawn(self, text: Text) -> None:
        self.show_text(Text.assemble(self.head(), "\n", text))

    # ------------------------------------------------------------------------------------------------ the mouse

    def _epoch_at(self, x: int) -> float:
        low, high = self.options.window or (0.0, self.end)
        share = (x - LABEL_WIDTH - 1) / max(self.size.width - LABEL_WIDTH - 2, 1)
        return low + min(max(share, 0.0), 1.0) * (high - low)

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Pointed(max(1, round(self._epoch_at(event.x)))))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if event.button:
            self.post_message(self.Pointed(max(1, round(self._epoch_at(event.x)))))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Zoomed(0.5, self._epoch_at(event.x)))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Zoomed(2.0, self._epoch_at(event.x)))


class LineChart(Chart):
    """A metric of one run: its name and numbers in the first line, the curves below, other runs' laid under."""

    def __init__(self, name: str = "loss", id: str | None = None) -> None:
        super().__init__(id)
        self.metric = name
        self.curve: Curve | None = None
        self.others: Sequence[Curve | None] = ()
        self.marks: Sequence[Mark] = ()
        self.best: int | None = None

    def show(
        self,
        name: str,
        curve: Curve | None,
        options: ChartOptions,
        end: float,
        others: Sequence[Curve | None] = (),
        marks: Sequence[Mark] = (),
        best: int | None = None,
    ) -> None:
        """Draw this curve; `best` is the run's best epoch."""
        self.metric, self.curve, self.options, self.end = name, curve, options, end
        self.others, self.marks, self.best = others, marks, best
        self.redraw()

    @property
    def has_figure(self) -> bool:
        return self.curve is not None

    def figure(self, size: tuple[int, int]) -> ChartModel:
        return make_chart(
            self.curve or Curve(), self.options, self.end, size, self.others, self.marks, self.best
        )

    def head(self) -> Text:
        """Name, numbers and the legend in one: the latest values, or those under the cursor."""
        colours = self.app.theme_variables
        curve, cursor = self.curve or Curve(), self.options.cursor
        train, validation = (
            readout(curve, cursor) if cursor else (curve.train.last(), curve.validation.last())
        )
        plain = bool(self.app.ascii_only)  # type: ignore[attr-defined]
        dot, (rule, star) = marker(1, plain), ("-", ASCII_BEST) if plain else ("━", BEST)
        words = Text.assemble((f"{self.metric:>{LABEL_WIDTH}}", "bold"))
        if cursor:
            words.append(f" @{cursor}", style=f"bold {colours['chart-cursor']}")
        elif gaps := starts_of_gaps(curve.train) or starts_of_gaps(curve.validation):
            return words.append(f" ✗ broke in epoch {ceil(gaps[0]) or 1}", style=colours["chart-gap"])
        if curve.train:
            words.append(f" {rule} {format_metric(train)}", style=colours["curve-train"])
        room = self.size.width - words.cell_len
        if curve.validation:
            value = f"  {dot} val {format_metric(validation)}"
            value = value if len(value) <= room else f" {dot} {format_metric(validation)}"
            words.append(value, style=colours["curve-validation"])
            room -= len(value)
        if self.best and not cursor and len(best := f"  {star}@{self.best}") <= room:
            words.append(best, style=colours["chart-best"])
        return words


def _rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
