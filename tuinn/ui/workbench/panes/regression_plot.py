"""What a regression gets wrong, as a chart: predictions over the truth, the errors, or the curve over a single input."""

from dataclasses import dataclass, replace

from rich.text import Text
from textual import events
from textual.message import Message

from tuinn.text import printable, shorten
from tuinn.ui.widgets.chart_drawing import AMONG_DOTS, ASCII_SPOT, SPOT, stroke
from tuinn.ui.widgets.line_chart import Chart
from tuinn.view.chart_model import AROUND, ChartModel
from tuinn.view.chart_ticks import LABEL_WIDTH
from tuinn.view.regression import Plot, Regression


class RegressionPlot(Chart):
    """A point for each test sample; the one that is looked at stands out. A click goes to the nearest."""

    @dataclass
    class Picked(Message):
        """The user wants to see this test sample, counted from 0."""

        at: int

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.regression: Regression | None = None
        self.plot: Plot = "scatter"
        self.names = ("", "")
        """Of the input and of the target, as their columns are called."""
        self.at: int | None = None

    def show(self, regression: Regression | None, names: tuple[str, str], at: int | None) -> None:
        """Draw this; `at`: the sample that is looked at, counted from 0."""
        self.names = names
        if regression is not None:
            other = self.regression is None or self.regression.plots != regression.plots
            self.plot = regression.plots[0] if other else self.plot
        self.regression = regression
        self.at = at
        self.redraw()

    def turn(self) -> None:
        """Draw the next kind of chart."""
        if self.regression is not None:
            plots = self.regression.plots
            self.plot = plots[(plots.index(self.plot) + 1) % len(plots)]
            self.redraw()

    @property
    def has_figure(self) -> bool:
        return self.regression is not None and bool(self.regression.finite.any())

    def figure(self, size: tuple[int, int]) -> ChartModel:
        assert self.regression is not None
        chart = self.regression.chart(self.plot, size, self.at)
        name = printable(shorten(self.names[0], LABEL_WIDTH))
        return replace(chart, x_name=name) if self.plot == "curve" and name else chart

    def head(self) -> Text:
        """What the points are, what the line is, and which sample is marked."""
        colours, paint = self.app.theme_variables, self.paint
        source, target = (printable(shorten(name, 12)) for name in self.names)
        points, line = {
            "scatter": ("predicted over true", "exact"),
            "residuals": ("predicted - true", "no error"),
            "curve": (f"true {target or 'value'} over {source or 'input'}", "predicted"),
        }[self.plot]
        sign = "##" if paint.ascii_only else "▪▪"
        plain_line = paint.no_color and not paint.ascii_only
        words = Text.assemble(
            (f" {sign} {points} ", colours["curve-train"]),
            (f" {2 * AMONG_DOTS if plain_line else stroke(1, paint)} {line} ", colours["curve-validation"]),
        )
        if self.at is not None:
            spot = ASCII_SPOT if paint.ascii_only else SPOT
            words.append(f" {spot} #{self.at + 1} ", f"bold {colours['chart-cursor']}")
        return words

    def on_click(self, event: events.Click) -> None:
        """Take the place of the chart's own, which speaks of epochs."""
        event.prevent_default()
        width, height = self.size.width - LABEL_WIDTH - 2, self.size.height - AROUND
        if self.regression is None or width < 2 or height < 2 or not self.has_figure:
            return
        chart = self.figure((self.size.width, self.size.height))
        across = (event.x - LABEL_WIDTH - 1) / (width - 1)
        up = 1 - (event.y - 1) / (height - 1)
        x = chart.x[0] + across * (chart.x[1] - chart.x[0])
        y = chart.y[0] + up * (chart.y[1] - chart.y[0])
        at = self.regression.nearest(self.plot, x, y, chart)
        if at is not None:
            self.post_message(self.Picked(at))
