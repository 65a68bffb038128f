"""One metric's curves. The only importer of plotext, and only of its public functions."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from rich.text import Text
from textual import events, work
from textual.message import Message
from textual.worker import get_current_worker

from tuinn.ui.widgets.lines import Lines
from tuinn.view.figure import LABEL_WIDTH, Figure, Look, Run, make_figure, readout
from tuinn.view.run_view import Curve
from tuinn.view.words import metric

Colour = tuple[int, int, int]

PLOTEXT = threading.Lock()
"""plotext draws on one figure for the whole process."""


class Paint(NamedTuple):
    """Red, green and blue of each thing drawn, 0..255."""

    train: Colour
    validation: Colour
    other: Colour
    axis: Colour
    gap: Colour


def draw(figure: Figure, width: int, height: int, paint: Paint, ascii_only: bool = False) -> str:
    """The chart as ANSI text of exactly `height` lines and at most `width` cells."""
    import plotext

    dots = {"train": ".", "validation": "o", "other": ","} if ascii_only else {}
    with PLOTEXT:
        plotext.clear_figure()
        plotext.plotsize(width, height)
        plotext.canvas_color("default")
        plotext.axes_color("default")
        plotext.ticks_color(paint.axis)
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        for mark in figure.marks:
            plotext.vertical_line(mark, color=paint.axis)
        if figure.cursor is not None:
            plotext.vertical_line(figure.cursor, color=paint.axis)
        for line in figure.lines:
            colour = getattr(paint, line.role)
            for run in line.runs:
                plotext.plot(*zip(*run, strict=True), marker=dots.get(line.role, "braille"), color=colour)
                if line.role == "validation":
                    points = sparse(run, width // 3)
                    plotext.scatter(
                        *zip(*points, strict=True), marker="O" if ascii_only else "●", color=colour
                    )
        for gap in figure.gaps:
            plotext.vertical_line(gap, color=paint.gap)
        plotext.xlim(*figure.x)
        plotext.ylim(*figure.y)
        plotext.xticks(*_apart(figure.x_ticks))
        plotext.yticks(*_apart(figure.y_ticks))
        return str(plotext.build())


def _apart(ticks: tuple[tuple[float, str], ...]) -> tuple[list[float], list[str]]:
    return [tick for tick, _ in ticks], [label for _, label in ticks]


def sparse(run: Run, most: int) -> Run:
    """At most about `most` of the points, evenly, the newest always among them: room for markers."""
    step = -(-len(run) // max(most, 1))
    return run[::-step][::-1]


class LineChart(Lines):
    """A metric: its name and numbers in the first line, the curves below. A click moves the cursor there."""

    DEFAULT_CSS = "LineChart { height: 1fr; width: 1fr; }"

    @dataclass
    class Pointed(Message):
        """The user wants the values of this epoch."""

        epoch: int

    def __init__(self, name: str = "loss", id: str | None = None) -> None:
        super().__init__(id)
        self.metric = name
        self.curve: Curve | None = None
        self.look = Look()
        self.end = 1.0
        self.others: Sequence[Curve] = ()
        self.marks: Sequence[float] = ()

    def show(
        self,
        name: str,
        curve: Curve | None,
        look: Look,
        end: float,
        others: Sequence[Curve] = (),
        marks: Sequence[float] = (),
    ) -> None:
        """Draw this curve, in a thread; the screen changes once it is done."""
        self.metric, self.curve, self.look, self.end = name, curve, look, end
        self.others, self.marks = others, marks
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def on_click(self, event: events.Click) -> None:
        low, high = self.look.window or (0.0, self.end)
        share = (event.x - LABEL_WIDTH - 1) / max(self.size.width - LABEL_WIDTH - 2, 1)
        self.post_message(self.Pointed(max(1, round(low + share * (high - low)))))

    def _redraw(self) -> None:
        width, height = self.size.width, self.size.height - 1
        if self.curve is None or width < 16 or height < 4:
            self.show_strips([])
            return
        figure = make_figure(self.curve, self.look, self.end, (width, height), self.others, self.marks)
        colours = self.app.theme_variables
        names = ("curve-train", "curve-validation", "curve-other", "chart-axis", "chart-gap")
        self._build(figure, width, height, Paint(*(_rgb(colours[name]) for name in names)))

    @work(thread=True, exclusive=True, group="chart")
    def _build(self, figure: Figure, width: int, height: int, paint: Paint) -> None:
        text = Text.from_ansi(draw(figure, width, height, paint, self.app.ascii_only))  # type: ignore[attr-defined]
        if not get_current_worker().is_cancelled:  # else a newer picture is on its way
            self.app.call_from_thread(self._show_drawn, text)

    def _show_drawn(self, text: Text) -> None:
        self.show_text(Text.assemble(self.head(), "\n", text))

    def head(self) -> Text:
        """Name, numbers and the legend in one: the latest values, or those under the cursor."""
        colours = self.app.theme_variables
        curve, cursor = self.curve or Curve(), self.look.cursor
        words = Text.assemble((f"{self.metric:>{LABEL_WIDTH}} ", "bold"))
        train, validation = (
            readout(curve, cursor) if cursor else (curve.train.last(), curve.validation.last())
        )
        if cursor:
            words.append(f"@{cursor} ", style="bold")
        elif gaps := curve.train.gaps() or curve.validation.gaps():
            return words.append(f"✗ broke in epoch {ceil(gaps[0]) or 1}", style=colours["chart-gap"])
        if curve.train:
            words.append(f"━ {metric(train)}", style=colours["curve-train"])
        if curve.validation:
            words.append(f"  ● val {metric(validation)}", style=colours["curve-validation"])
        return words


def _rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
