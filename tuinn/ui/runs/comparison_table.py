"""Runs side by side as a table that scrolls both ways: a column per run, under a head with its colour and marker."""

from collections.abc import Sequence

from rich.text import Text
from textual.binding import Binding

from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.line_chart import marker
from tuinn.view.run_comparison import Row
from tuinn.view.run_table import cell, title_cell

NAME = 20
"""Cells of the names of rows."""

NARROWEST, WIDEST = 13, 26
"""Cells of a run's column."""


class ComparisonTable(CellLines, can_focus=True):
    """Up and down scroll rows, `<` and `>` runs."""

    BINDINGS = [
        Binding("up,k", "scroll_rows(-1)", show=False),
        Binding("down,j", "scroll_rows(1)", show=False),
        Binding("pageup", "scroll_rows(-8)", show=False),
        Binding("pagedown", "scroll_rows(8)", show=False),
        Binding("less_than_sign", "scroll_runs(-1)", show=False),
        Binding("greater_than_sign", "scroll_runs(1)", show=False),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.titles: Sequence[str] = ()
        self.rows: Sequence[Row] = ()
        self.top = 0
        self.left = 0
        """The first run that is shown, counted from 0."""

    def show(self, titles: Sequence[str], rows: Sequence[Row]) -> None:
        """A title per run; a row without values is a heading."""
        self.titles, self.rows = titles, rows
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def action_scroll_rows(self, by: int) -> None:
        self.top += by
        self._draw()

    def action_scroll_runs(self, by: int) -> None:
        self.left += by
        self._draw()

    def on_mouse_scroll_down(self) -> None:
        self.action_scroll_rows(2)

    def on_mouse_scroll_up(self) -> None:
        self.action_scroll_rows(-2)

    def _draw(self) -> None:
        room, (shown, _) = max(self.size.height - 1, 1), self._columns(self.size.width)
        self.top = max(min(self.top, len(self.rows) - room), 0)
        self.left = max(min(self.left, len(self.titles) - shown), 0)
        self.show_text(self._text)

    def _columns(self, width: int) -> tuple[int, int]:
        """How many runs have room, and the width of each."""
        shown = max(min((width - NAME) // (NARROWEST + 1), len(self.titles)), 1)
        return shown, max(min((width - NAME) // shown - 1, WIDEST), 1)

    def _text(self, width: int) -> Text:
        shown, wide = self._columns(width)
        colours, ascii_only = self.app.theme_variables, self.app.ascii_only  # type: ignore[attr-defined]
        here = range(self.left, min(self.left + shown, len(self.titles)))
        hidden = len(self.titles) - len(here)
        head = Text(cell(f"< > {hidden} more" if hidden else "", NAME), style="dim", no_wrap=True)
        for at in here:
            title = f"{marker(at + 1, ascii_only)} {title_cell(self.titles[at], wide - 2).rstrip()}"
            head.append(f" {title:>{wide}}", style=f"bold not dim {colours[colour_of(at)]}")
        lines = [head]
        last = self.top + self.size.height - 1
        for row in self.rows[self.top : last]:
            lines.append(self._line(row, here, wide))
        return Text("\n", no_wrap=True).join(lines)

    def _line(self, row: Row, here: range, wide: int) -> Text:
        if not row.values:
            return Text(row.name, style=f"bold {self.app.theme_variables['accent']}")
        line = Text(cell(row.name, NAME), style="dim", no_wrap=True)
        for at in here:
            best = at in row.best
            # The star says what the weight of the letters says, where those are all alike.
            told = f"{row.values[at]}{'*' if best else ' ' if row.best else ''}"
            line.append(f" {cell(told, wide, right=True)}", style="bold not dim" if best else "not dim")
        return line


def colour_of(at: int) -> str:
    """The theme's name of a run's colour; `at` counts from 0."""
    return (
        "curve-validation"
        if (which := (at + 1) % 8) == 1
        else "curve-train"
        if which == 0
        else f"curve-{which}"
    )
