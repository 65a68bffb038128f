"""A chart for every metric, as many as have room; the loss stays, the others are turned over like pages."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Grid
from textual.message import Message

from tuinn.text import join_names
from tuinn.ui.widgets.line_chart import LineChart
from tuinn.view.chart_model import ChartOptions, chart_grid
from tuinn.view.run_view import RunView


class ChartGrid(Grid):
    """Told what to show; asks nothing."""

    class LaidOut(Message):
        """How many metrics have room is another number now."""

    DEFAULT_CSS = "ChartGrid { height: 1fr; grid-gutter: 0 1; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.page = 0
        self.view: RunView | None = None
        self.options = ChartOptions()
        self.end = 1.0
        self.others: Sequence[RunView] = ()
        self.metrics: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        yield LineChart("loss", id="chart-loss")

    def show(
        self,
        view: RunView | None,
        options: ChartOptions,
        end: float,
        others: Sequence[RunView] = (),
        metrics: Sequence[str] = (),
    ) -> None:
        """The run as it is now, None: there is none; `metrics` are those that it will report."""
        self.view, self.options, self.end, self.others, self.metrics = view, options, end, others, metrics
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()
        self.post_message(self.LaidOut())

    def turn(self) -> None:
        """The next page of metrics, round the end."""
        self.page += 1
        self._lay_out()

    @property
    def names(self) -> list[str]:
        """Metrics that have a chart, the loss first: those that were reported, or before that those asked for."""
        known = self.view.curves if self.view is not None and self.view.curves else self.metrics
        return ["loss", *(name for name in known if name != "loss")]

    def shown(self) -> tuple[list[str], int]:
        """The metrics of this page, and in how many columns their charts stand."""
        names = self.names
        columns, rows = chart_grid(len(names), *self.size)
        if len(names) <= columns * rows:
            return names, columns
        if columns * rows == 1:
            return [names[self.page % len(names)]], 1
        others = columns * rows - 1
        pages = -(-(len(names) - 1) // others)
        first = 1 + self.page % pages * others
        return ["loss", *names[first : first + others]], columns

    def words(self) -> str:
        """Which metrics the key shows, where not all have room."""
        names, (shown, _) = self.names, self.shown()
        last = names.index(shown[-1])
        hidden = [name for name in (*names[last + 1 :], *names[:last]) if name not in shown]
        return f"m {join_names(hidden, 2)}" if hidden else ""

    def _lay_out(self) -> None:
        names, columns = self.shown()
        charts = list(self.query(LineChart))
        while len(charts) < len(names):
            charts.append(LineChart())
            self.mount(charts[-1])
        if self.styles.grid_size_columns != columns:
            self.styles.grid_size_columns = columns
        for at, chart in enumerate(charts):
            wanted = at < len(names)
            if chart.display != wanted:
                chart.display = wanted
            if wanted:
                self._show_in(chart, names[at])

    def _show_in(self, chart: LineChart, name: str) -> None:
        view = self.view
        if view is None:
            chart.show(name, None, self.options, self.end)
            return
        others = [other.curves.get(name) for other in self.others]
        best = view.best.epoch if view.best else None
        chart.show(name, view.curves.get(name), self.options, self.end, others, view.marks, best)
