"""Two runs or more on one screen: their curves in one chart, how they ended, and where their specs differ."""

from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen

from tuinn.text import plural
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys import bindings_for
from tuinn.ui.runs.comparison_table import ComparisonTable
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import KeyFooter
from tuinn.ui.widgets.line_chart import Chart
from tuinn.view.chart_model import NARROWEST, ChartModel, ChartOptions, comparison_chart
from tuinn.view.run_comparison import Row, differences, last_values, results, values_at
from tuinn.view.run_follower import RunFollower
from tuinn.view.run_view import Curve

SECONDS = 1.0
"""Between two looks at the journals."""

AT_ONCE = 5_000_000
"""Bytes of journals that are read before the screen stands."""


class ComparisonScreen(Screen[None]):
    """Reads the runs' journals, and reads on while one of them is on."""

    CSS_PATH = "comparison_screen.tcss"
    BINDINGS = bindings_for("comparison")

    def __init__(self, runs: Sequence[RunFollower], titles: Sequence[str]) -> None:
        super().__init__()
        self.runs = runs
        self.titles = titles
        self.look = ChartOptions()
        self.page = 0
        self.training = False
        self.reading = True

    def compose(self) -> ComposeResult:
        yield CellLines(id="comparison-head")
        with Horizontal(id="comparison-charts"):
            yield ComparisonChart()
            yield ComparisonChart()
            yield ComparisonChart()
        yield ComparisonTable(id="comparison-table")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(ComparisonTable).focus()
        if sum(run.unread() for run in self.runs) <= AT_ONCE:
            for run in self.runs:
                run.catch_up()
            self.reading = False
        else:
            self._catch_up()
        self.set_interval(SECONDS, self._poll)
        self.call_after_refresh(self.show)

    @work(thread=True)
    def _catch_up(self) -> None:
        """Long journals are read beside the screen; nothing of them is drawn before they are whole."""
        for run in self.runs:
            run.catch_up()
        self.reading = False
        self.app.call_from_thread(self.show)

    def _poll(self) -> None:
        news = [] if self.reading else [run.poll() for run in self.runs if run.is_active]
        if any(news):
            self.show()

    def on_resize(self) -> None:
        self.show()

    # ---------------------------------------------------------------------------------------------- what is shown

    @property
    def names(self) -> list[str]:
        """Metrics that any run has, the loss first."""
        found = dict.fromkeys(name for run in self.runs for name in run.view.curves)
        return sorted(found, key=lambda name: name != "loss")

    @property
    def end(self) -> float:
        return float(max(1, *(run.view.epoch for run in self.runs)))

    def show(self) -> None:
        """Draw the runs as they are now."""
        self.query_one("#comparison-head", CellLines).show_text(self._head())
        if self.reading or not self.is_attached:
            return
        names, charts = self.names, list(self.query(ComparisonChart))
        room = max(1, min(len(charts), len(names), self.app.size.width // (2 * NARROWEST)))
        shown = [names[(self.page + at) % len(names)] for at in range(room)] if names else []
        for at, chart in enumerate(charts):
            chart.display = at < len(shown)
            if at < len(shown):
                curves = [run.view.curves.get(shown[at]) for run in self.runs]
                chart.show(shown[at], curves, self.look, self.end, self.training)
        self.query_one(ComparisonTable).show_rows(self.titles, self._rows())

    def _rows(self) -> list[Row]:
        views = [run.view for run in self.runs]
        rows = values_at(views, self.look.cursor) if self.look.cursor else []
        rows += results(views)
        unlike = differences([run.spec for run in self.runs])
        rows += (
            [Row("settings that differ", ()), *unlike] if unlike else [Row("their specs are the same", ())]
        )
        return [*rows, Row("last epoch", ()), *last_values(views)]

    def _head(self) -> Text:
        text = Text.assemble(
            ("tuinn ", f"bold {self.app.theme_variables['accent']}"), ("  Compare", "bold"), no_wrap=True
        )
        told = [plural(len(self.runs), "run"), "training" if self.training else "validation"]
        look = self.look
        told += ["log y"] if look.log else []
        told += [f"smoothed {look.smoothing:g}"] if look.smoothing else []
        told += [f"epochs {look.window[0]:.0f} to {look.window[1]:.0f}"] if look.window else []
        if self.reading:
            told = ["reading long journals…"]
        return text.append(f" · {' · '.join(told)}", style="dim")

    # ------------------------------------------------------------------------------------------------------ wishes

    def change(self, look: ChartOptions) -> None:
        self.look = look
        self.show()

    @on(Chart.Pointed)
    def _point(self, event: Chart.Pointed) -> None:
        cursor = min(event.epoch, int(self.end))
        if cursor != self.look.cursor:
            self.change(replace(self.look, cursor=cursor))

    @on(Chart.Zoomed)
    def _zoom_at(self, event: Chart.Zoomed) -> None:
        self.change(self.look.zoomed(event.factor, self.end, event.epoch))

    def action_cursor(self, by: int) -> None:
        self.change(self.look.moved(by, int(self.end)))

    def action_zoom(self, factor: float) -> None:
        self.change(self.look.zoomed(factor, self.end))

    def action_pan(self, share: float) -> None:
        self.change(self.look.panned(share, self.end))

    def action_log(self) -> None:
        self.change(replace(self.look, log=not self.look.log))

    def action_smooth(self) -> None:
        self.change(self.look.smoother())

    def action_training(self) -> None:
        self.training = not self.training
        self.show()

    def action_metric(self) -> None:
        self.page += 1
        self.show()

    def action_help(self) -> None:
        self.app.push_screen(Help("comparison"))

    def action_back(self) -> None:
        """Everything again first, then out of the screen."""
        if self.look != ChartOptions():
            self.change(ChartOptions())
        else:
            self.dismiss(None)


class ComparisonChart(Chart):
    """Each run has a colour and a marker of its own; the table below says which."""

    def __init__(self) -> None:
        super().__init__()
        self.metric = ""
        self.curves: Sequence[Curve | None] = ()
        self.training = False

    def show(
        self, name: str, curves: Sequence[Curve | None], look: ChartOptions, end: float, training: bool
    ) -> None:
        """Draw this metric, None where a run has it not."""
        self.metric, self.curves, self.look, self.end, self.training = name, curves, look, end, training
        self.redraw()

    @property
    def has_figure(self) -> bool:
        return bool(self.curves)

    def figure(self, size: tuple[int, int]) -> ChartModel:
        return comparison_chart(self.curves, self.look, self.end, size, self.training)

    def head(self) -> Text:
        validated = not self.training and any(curve and curve.validation for curve in self.curves)
        text = Text(f" {'val_' if validated else ''}{self.metric}", style="bold")
        if self.look.cursor:
            text.append(f" @{self.look.cursor}", style=self.app.theme_variables["chart-cursor"])
        return text
