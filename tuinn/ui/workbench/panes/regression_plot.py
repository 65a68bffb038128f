"""What a regression gets wrong, as a chart: predictions over the truth, the errors, or the curve over a single input."""

from collections.abc import Sequence
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
        self.regressions: Sequence[Regression] = ()
        """One for each target."""
        self.target = 0
        """Which of them is drawn."""
        self.plot: Plot = "scatter"
        self.source = ""
        """The input, as its column is called."""
        self.targets: Sequence[str] = ("",)
        """The targets, likewise."""
        self.at: int | None = None

    @property
    def regression(self) -> Regression | None:
        """What is drawn; None before there are predictions."""
        return self.regressions[self.target] if self.regressions else None

    def show(
        self, regressions: Sequence[Regression], source: str, targets: Sequence[str], at: int | None
    ) -> None:
        """Draw one of these, one for each target; `at`: the sample that is looked at, counted from 0."""
        before, self.regressions = self.regression, regressions
        self.source, self.targets, self.at = source, targets, at
        if self.target >= len(targets):
            self.target = 0
        if (regression := self.regression) is not None and (
            before is None or before.plots != regression.plots
        ):
            self.plot = regression.plots[0]
        self.redraw()

    def turn(self) -> None:
        """Draw the next kind of chart; after the last one, those of the next target."""
        if self.regression is not None:
            plots = self.regression.plots
            at = plots.index(self.plot) + 1
            self.plot = plots[at % len(plots)]
            self.target = (self.target + at // len(plots)) % len(self.regressions)
            self.redraw()

    @property
    def has_figure(self) -> bool:
        return self.regression is not None and bool(self.regression.finite.any())

    def figure(self, size: tuple[int, int]) -> ChartModel:
        assert self.regression is not None
        chart = self.regression.chart(self.plot, size, self.at)
        name = printable(shorten(self.source, LABEL_WIDTH))
        return replace(chart, x_name=name) if self.plot == "curve" and name else chart

    def head(self) -> Text:
        """What the points are, what the line is, and which sample is marked."""
        colours, paint = self.app.theme_variables, self.paint
        source, target = (printable(shorten(name, 12)) for name in (self.source, self.targets[self.target]))
        points, line = {
            "scatter": ("predicted over true", "exact"),
            "residuals": ("predicted - true", "no error"),
            "curve": (f"true {target or 'value'} over {source or 'input'}", "predicted"),
        }[self.plot]
        points = f"{target}: {points}" if len(self.targets) > 1 else points
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
