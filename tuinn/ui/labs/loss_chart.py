"""The losses of a lab, for training and test, as a small chart."""

from rich.text import Text

from tuinn.text import format_metric
from tuinn.ui.widgets.chart_drawing import stroke
from tuinn.ui.widgets.line_chart import Chart
from tuinn.view.chart_model import ChartModel, ChartOptions, make_chart
from tuinn.view.run_view import Curve
from tuinn.view.series import Series


class LossChart(Chart):
    """Draws the losses that it was given last."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.curve = Curve()
        self.last = (0.0, 0.0)
        self.end = 1.0

    def show(self, epochs: list[int], train: list[float], test: list[float]) -> None:
        """Draw these losses; each list has as many values."""
        self.curve = Curve(
            train=Series(points=list(zip(map(float, epochs), train, strict=True))),
            validation=Series(points=list(zip(map(float, epochs), test, strict=True))),
        )
        self.last, self.end = (train[-1], test[-1]), float(max(epochs[-1], 1))
        self.redraw()

    @property
    def has_figure(self) -> bool:
        return bool(self.curve.train)

    def figure(self, size: tuple[int, int]) -> ChartModel:
        return make_chart(self.curve, ChartOptions(), self.end, size)

    def head(self) -> Text:
        text = Text()
        for which, (name, value) in enumerate(zip(("train", "test"), self.last, strict=True)):
            text.append(f" {name} {stroke(which, self.paint)} {format_metric(value)} ", self.paint.of(which))
        return text
