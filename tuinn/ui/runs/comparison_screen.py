"""Two or more runs on one screen: their curves in one chart, their results, and where their specs differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message

from tuinn.text import plural
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.ui.widgets.chart_drawing import marker
from tuinn.ui.widgets.controls import KeyFooter
from tuinn.ui.widgets.line_chart import Chart
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.chart_model import NARROWEST, ChartModel, ChartOptions, comparison_chart
from tuinn.view.run_comparison import (
    Row,
    differences,
    last_values,
    results,
    short_titles,
    starless,
    values_at,
    without_stars,
)
from tuinn.view.run_follower import RunFollower
from tuinn.view.run_table import cell, title_cell
from tuinn.view.run_view import Curve

POLL_SECONDS = 1.0
"""Between two readings of the journals."""

READ_AT_ONCE = 5_000_000
"""Bytes of journals that are read before the screen is drawn."""


class ComparisonScreen(AnswersOnce[None]):
    """Reads the runs' journals, and keeps reading while one of them is active."""

    @dataclass
    class DifferAsked(Message):
        """The user wants to know which test samples one of two runs gets and the other doesn't."""

        runs: Sequence[RunFollower]
        titles: Sequence[str]

    CSS_PATH = "comparison_screen.tcss"
    BINDINGS = bindings_for("comparison")

    def __init__(self, runs: Sequence[RunFollower], titles: Sequence[str]) -> None:
        super().__init__()
        self.runs = runs
        self.titles = titles
        self.options = ChartOptions()
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
        if sum(run.unread() for run in self.runs) <= READ_AT_ONCE:
            for run in self.runs:
                run.catch_up()
            self.reading = False
        else:
            self._catch_up()
        self.set_interval(POLL_SECONDS, self._poll)
        self.call_after_refresh(self.show)

    @work(thread=True)
    def _catch_up(self) -> None:
        """Read long journals in a thread; nothing is drawn before they are read to the end."""
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
        room = max(1, min(len(charts), len(names), self.app.size.width // NARROWEST))
        shown = [names[(self.page + at) % len(names)] for at in range(room)] if names else []
        for at, chart in enumerate(charts):
            chart.display = at < len(shown)
            if at < len(shown):
                curves = [run.view.curves.get(shown[at]) for run in self.runs]
                chart.show(shown[at], curves, self.options, self.end, self.training)
        self.query_one(ComparisonTable).show_rows(self.titles, self._rows())

    def _rows(self) -> list[Row]:
        views, specs = [run.view for run in self.runs], [run.spec for run in self.runs]
        which, why = starless(views, specs)
        rows = [Row(why, ())] if why else []
        rows += values_at(views, self.options.cursor) if self.options.cursor else []
        rows += results(views)
        unlike = differences(specs)
        rows += (
            [Row("settings that differ", ()), *unlike] if unlike else [Row("their specs are the same", ())]
        )
        return without_stars([*rows, Row("last epoch", ()), *last_values(views)], which)

    def _head(self) -> Text:
        text = Text.assemble(
            ("tuinn ", f"bold {self.app.theme_variables['accent']}"), ("  Compare", "bold"), no_wrap=True
        )
        parts = [plural(len(self.runs), "run"), "training" if self.training else "validation"]
        options = self.options
        parts += ["log y"] if options.log else []
        parts += [f"smoothed {options.smoothing:g}"] if options.smoothing else []
        parts += [f"epochs {options.window[0]:.0f} to {options.window[1]:.0f}"] if options.window else []
        if self.reading:
            parts = ["reading long journals…"]
        return text.append(f" · {' · '.join(parts)}", style="dim")

    # ------------------------------------------------------------------------------------------------------ keys

    def change(self, options: ChartOptions) -> None:
        self.options = options
        self.show()

    @on(Chart.Pointed)
    def _point(self, event: Chart.Pointed) -> None:
        cursor = min(event.epoch, int(self.end))
        if cursor != self.options.cursor:
            self.change(replace(self.options, cursor=cursor))

    @on(Chart.Zoomed)
    def _zoom_at(self, event: Chart.Zoomed) -> None:
        self.change(self.options.zoomed(event.factor, self.end, event.epoch))

    def action_cursor(self, by: int) -> None:
        self.change(self.options.moved(by, int(self.end)))

    def action_zoom(self, factor: float) -> None:
        self.change(self.options.zoomed(factor, self.end))

    def action_pan(self, share: float) -> None:
        self.change(self.options.panned(share, self.end))

    def action_log(self) -> None:
        self.change(replace(self.options, log=not self.options.log))

    def action_smooth(self) -> None:
        self.change(self.options.smoother())

    def action_training(self) -> None:
        self.training = not self.training
        self.show()

    def action_metric(self) -> None:
        self.page += 1
        self.show()

    def action_differ(self) -> None:
        self.post_message(self.DifferAsked(self.runs[:2], self.titles[:2]))

    def action_help(self) -> None:
        self.app.push_screen(Help("comparison"))

    def action_back(self) -> None:
        """Show everything again; when everything is shown, leave the screen."""
        if self.options != ChartOptions():
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
        self, name: str, curves: Sequence[Curve | None], options: ChartOptions, end: float, training: bool
    ) -> None:
        """Draw this metric; None for a run that has no such metric."""
        self.metric, self.curves, self.options, self.end, self.training = name, curves, options, end, training
        self.redraw()

    @property
    def has_figure(self) -> bool:
        return bool(self.curves)

    def figure(self, size: tuple[int, int]) -> ChartModel:
        return comparison_chart(self.curves, self.options, self.end, size, self.training)

    def head(self) -> Text:
        validated = not self.training and any(curve and curve.validation for curve in self.curves)
        text = Text(f" {'val_' if validated else ''}{self.metric} ", style="bold")
        if self.options.cursor:
            text.append(f"in epoch {self.options.cursor} ", style=self.app.theme_variables["chart-cursor"])
        return text


NAME_WIDTH = 20
"""Cells of the names of rows."""

NARROWEST_COLUMN, WIDEST_COLUMN = 13, 26
"""Cells of a run's column."""


class ComparisonTable(VirtualList):
    """Up and down scroll the rows, `<` and `>` the runs."""

    BINDINGS = [
        Binding("g", "screen.log", "Log", tooltip="logarithmic y axis, or linear again"),
        Binding("less_than_sign", "scroll_runs(-1)", show=False),
        Binding("greater_than_sign", "scroll_runs(1)", show=False),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id, cursor=False)
        self.titles: Sequence[str] = ()
        self.rows: Sequence[Row] = ()
        self.left = 0
        """The first run that is shown, counted from 0."""

    def show_rows(self, titles: Sequence[str], rows: Sequence[Row]) -> None:
        """Show a column per title; a row without values is a heading."""
        self.titles, self.rows = titles, rows
        self.show(len(rows), self._row, head=self._head)

    def action_scroll_runs(self, by: int) -> None:
        self.left = self._columns(self.width)[0].start + by
        self.show_rows(self.titles, self.rows)

    def _columns(self, width: int) -> tuple[range, int]:
        """Which runs have room, and the cells of each."""
        shown = max(min((width - NAME_WIDTH) // (NARROWEST_COLUMN + 1), len(self.titles)), 1)
        left = max(min(self.left, len(self.titles) - shown), 0)
        column = max(min((width - NAME_WIDTH) // shown - 1, WIDEST_COLUMN), 1)
        return range(left, min(left + shown, len(self.titles))), column

    def _head(self, width: int) -> Text:
        runs, column = self._columns(width)
        colours, hidden = self.app.theme_variables, len(self.titles) - len(runs)
        short = short_titles(self.titles)
        head = Text(cell(f"< > {hidden} more" if hidden else "", NAME_WIDTH), style="dim", no_wrap=True)
        for at in runs:
            sign = marker(at + 1, is_ascii_only(self.app))
            whole = self.titles[at]
            title = (
                f"{sign} {title_cell(whole if len(whole) <= column - 2 else short[at], column - 2).rstrip()}"
            )
            head.append(f" {title:>{column}}", style=f"bold not dim {colours[colour_of(at)]}")
        return head

    def _row(self, at: int, width: int) -> Text:
        row, (runs, column) = self.rows[at], self._columns(width)
        if not row.values:
            return Text(row.name, style=f"bold {self.app.theme_variables['accent']}")
        line = Text(cell(row.name, NAME_WIDTH), style="dim", no_wrap=True)
        for run in runs:
            is_best = run in row.best
            # The star shows the best value where the terminal has no bold letters.
            value = f"{row.values[run]}{'*' if is_best else ' ' if row.best else ''}"
            line.append(f" {cell(value, column, right=True)}", style="bold not dim" if is_best else "not dim")
        return line


def colour_of(at: int) -> str:
    """The theme's name of a run's colour; `at` counts from 0."""
    number = (at + 1) % 8
    return {0: "curve-train", 1: "curve-validation"}.get(number, f"curve-{number}")
