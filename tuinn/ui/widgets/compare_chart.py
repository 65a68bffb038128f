"""One metric of several runs."""

from collections.abc import Sequence

from rich.text import Text

from tuinn.ui.widgets.line_chart import Chart
from tuinn.view.figure import Figure, Look, compare_figure
from tuinn.view.run_view import Curve


class CompareChart(Chart):
    """Each run has a colour and a marker of its own; the table below says which."""

    def __init__(self) -> None:
        super().__init__()
        self.metric = ""
        self.curves: Sequence[Curve | None] = ()
        self.training = False

    def show(self, name: str, curves: Sequence[Curve | None], look: Look, end: float, training: bool) -> None:
        """Draw this metric, None where a run has it not."""
        self.metric, self.curves, self.look, self.end, self.training = name, curves, look, end, training
        self.redraw()

    @property
    def has_figure(self) -> bool:
        return bool(self.curves)

    def figure(self, size: tuple[int, int]) -> Figure:
        return compare_figure(self.curves, self.look, self.end, size, self.training)

    def head(self) -> Text:
        validated = not self.training and any(curve and curve.validation for curve in self.curves)
        text = Text(f" {'val_' if validated else ''}{self.metric}", style="bold")
        if self.look.cursor:
            text.append(f" @{self.look.cursor}", style=self.app.theme_variables["chart-cursor"])
        return text
