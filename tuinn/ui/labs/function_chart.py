"""The chart of a lab page: curves of functions, drawn as the curves of a run are."""

from collections.abc import Sequence

from rich.text import Text

from tuinn.ui.widgets.chart_drawing import draw, marker, stroke
from tuinn.ui.widgets.line_chart import Chart
from tuinn.view.chart_model import ChartModel
from tuinn.view.chart_ticks import Axis
from tuinn.view.function_chart import FunctionLine, function_chart


class FunctionChart(Chart):
    """Draws what it was given last; the first line names the curves."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.lines: Sequence[FunctionLine] = ()
        self.names: Sequence[str] = ()
        self.x: tuple[float, float] | None = None
        self.x_name = "x"
        """What stands under the axis."""
        self.before: tuple[tuple[int, int], Axis] | None = None
        """The size, and the y axis that was drawn last."""
        self.spot: tuple[float, float] | None = None

    def show(
        self,
        lines: Sequence[FunctionLine],
        names: Sequence[str],
        x: tuple[float, float] | None = None,
        spot: tuple[float, float] | None = None,
    ) -> None:
        """Draw these curves, later ones over earlier ones. `names`: of each line, for the legend; empty leaves one out."""
        self.lines, self.names, self.x, self.spot = lines, names, x, spot
        self.redraw()

    @property
    def has_figure(self) -> bool:
        return bool(self.lines)

    def redraw(self) -> None:
        """Draw at once, with all else that a key has changed: of a few curves most stay, and a thread would take longer."""
        width, height = self.size
        if width < 16 or height < 5 or not self.has_figure:
            self.show_strips([])
        else:
            self._show_drawn(draw(self.figure((width, height)), width, height, self.paint))

    def figure(self, size: tuple[int, int]) -> ChartModel:
        axis = self.before[1] if self.before and self.before[0] == size else None
        figure = function_chart(self.lines, size, self.x_name, x=self.x, spot=self.spot, before=axis)
        self.before = size, (figure.y, list(figure.y_ticks))
        return figure

    def head(self) -> Text:
        """The legend, as much as has room; the line on top comes first."""
        head = Text(" ")
        for line, name in reversed(list(zip(self.lines, self.names, strict=True))):
            if not name:
                continue
            which = {"train": 0, "validation": 1}.get(line.role, line.which)
            sign = stroke(which, self.paint) if which < 2 else marker(which, self.paint.ascii_only)
            piece = Text(f" {sign} {name} ", self.paint.of(which))
            if head.cell_len + piece.cell_len <= self.size.width - 2:
                head.append_text(piece)
        return head
