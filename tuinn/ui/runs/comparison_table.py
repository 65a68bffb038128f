"""Runs side by side: a column per run under its colour and marker; scrolls down the rows and across the runs."""

from collections.abc import Sequence

from rich.text import Text
from textual.binding import Binding

from tuinn.ui.widgets.cell_lines import is_ascii_only
from tuinn.ui.widgets.chart_drawing import marker
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.run_comparison import Row
from tuinn.view.run_table import cell, title_cell

NAME_WIDTH = 20
"""Cells of the names of rows."""

NARROWEST, WIDEST = 13, 26
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
        shown = max(min((width - NAME_WIDTH) // (NARROWEST + 1), len(self.titles)), 1)
        left = max(min(self.left, len(self.titles) - shown), 0)
        column = max(min((width - NAME_WIDTH) // shown - 1, WIDEST), 1)
        return range(left, min(left + shown, len(self.titles))), column

    def _head(self, width: int) -> Text:
        runs, column = self._columns(width)
        colours, hidden = self.app.theme_variables, len(self.titles) - len(runs)
        head = Text(cell(f"< > {hidden} more" if hidden else "", NAME_WIDTH), style="dim", no_wrap=True)
        for at in runs:
            sign = marker(at + 1, is_ascii_only(self.app))
            title = f"{sign} {title_cell(self.titles[at], column - 2).rstrip()}"
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
