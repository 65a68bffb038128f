"""Curves of a metric, drawn in a thread under a line that names them."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, work
from textual.message import Message
from textual.strip import Strip
from textual.worker import get_current_worker

from tuinn.text import format_metric, shorten
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.ui.widgets.chart_drawing import ASCII_BEST, ASCII_GAP, BEST, GAP, Paint, draw, paint, stroke
from tuinn.view.chart_model import ChartModel, ChartOptions, broken_epoch, make_chart, newest, readout
from tuinn.view.chart_ticks import LABEL_WIDTH
from tuinn.view.run_view import Curve, Mark

CURVES = ("curve-train", "curve-validation")
"""The theme's variables for a run's own curves."""

LEVELS = 4
"""How often the upper edge of a chart can be shortened."""


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
    is_drawing = False
    """Whether a thread is at work; the next one waits, for they would only slow each other and the keys down."""
    is_outdated = False
    """Whether something else is to be drawn since it began."""

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

    @property
    def paint(self) -> Paint:
        """The colours of the theme, and what the terminal can show."""
        return paint(self.app.theme_variables, is_ascii_only(self.app), self.app.no_color)

    def redraw(self) -> None:
        """Draw the figure anew, in a thread; the screen changes once it is done."""
        if not self._has_room:
            self.show_strips([])
        elif self.is_drawing:
            self.is_outdated = True
        else:
            self.is_drawing, self.is_outdated = True, False
            self._build(*self.size, self.paint)

    @property
    def _has_room(self) -> bool:
        """Whether there is a figure, and cells enough for it."""
        width, height = self.size
        return width >= 16 and height >= 5 and self.has_figure

    @work(thread=True, group="chart")
    def _build(self, width: int, height: int, paint: Paint) -> None:
        # A view that is folded meanwhile only grows: at worst the newest point is missing.
        strips = draw(self.figure((width, height)), width, height, paint)
        if not get_current_worker().is_cancelled:  # else the screen is gone
            self.app.call_from_thread(self._show_drawn, strips)

    def _show_drawn(self, strips: list[Strip]) -> None:
        self.is_drawing = False
        if self.is_outdated:
            self.redraw()
        if self._has_room:
            self.show_strips([self._titled(strips[0]), *strips[1:]])

    def _titled(self, edge: Strip) -> Strip:
        """The upper edge of the frame, with the legend in it."""
        head = self.head()
        strip = Strip(Text.assemble(head).render(self.app.console, end=""))
        return Strip.join([strip, edge.crop(min(strip.cell_length, edge.cell_length - 1))])

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
        """Name, numbers and the legend in one, as much as fits: the latest values, or those under the cursor."""
        room = self.size.width - 2
        broken = None if self.options.cursor else broken_epoch(self.curve or Curve())
        heads = (self._head(level, broken) for level in range(LEVELS))
        return next((head for head in heads if head.cell_len <= room), self._head(LEVELS, broken))

    def _head(self, level: int, broken: int | None) -> Text:
        """The head, with fewer words the higher the level."""
        colours, paint = self.app.theme_variables, self.paint
        curve, cursor = self.curve or Curve(), self.options.cursor
        train, validation = readout(curve, cursor) if cursor else newest(curve)
        name = shorten(self.metric, 20 if level < 3 else 10 if level < 4 else LABEL_WIDTH)
        words = Text.assemble((f"{name:>{LABEL_WIDTH}} ", "bold"))
        if cursor:
            words.append(f"@{cursor} " if level else f"in epoch {cursor} ", f"bold {colours['chart-cursor']}")
        legend = (("train", curve.train, train), ("val", curve.validation, validation))
        for which, (label, series, value) in enumerate(legend):
            if series:
                sign = stroke(which, paint)[: 2 if level < 2 else 1]
                words.append(f" {sign} {label} {format_metric(value)} ", colours[CURVES[which]])
        if not cursor and level < 3:
            words.append_text(self._news(curve, level, broken))
        return words

    def _news(self, curve: Curve, level: int, broken: int | None) -> Text:
        """Where the values broke, or else which epoch was the best."""
        colours = self.app.theme_variables
        if broken is not None:
            sign = ASCII_GAP if self.paint.ascii_only else GAP
            return Text(f" {sign} not finite in epoch {broken} ", colours["chart-gap"])
        if self.best is None:
            return Text()
        sign = ASCII_BEST if self.paint.ascii_only else BEST
        value = readout(curve, self.best)[bool(curve.validation)]
        if level or value is None:
            return Text(f" {sign} epoch {self.best} ", colours["chart-best"])
        best = "best " if self.metric == "loss" else ""
        return Text(f" {sign} {best}{format_metric(value)} in epoch {self.best} ", colours["chart-best"])
