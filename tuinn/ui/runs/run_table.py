"""The table of runs: a row per run with a cursor and marks, under a head whose columns can be clicked to sort."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.message import Message

from tuinn.runs.listing import ListedRun
from tuinn.runs.state import RunState
from tuinn.text import join_names, plural
from tuinn.ui.dialogs.pick_list import Pick
from tuinn.ui.runs.runs_controller import RunsController
from tuinn.ui.themes import RUN_STATE_SIGNS
from tuinn.ui.widgets.cell_lines import is_ascii_only
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.bars import plain
from tuinn.view.run_columns import BY_NAME, COLUMNS, HELP, RunColumn, shown_state
from tuinn.view.run_rows import RunRow, columns_of_rows
from tuinn.view.run_table import (
    NARROWEST,
    OWN_COLUMN,
    SETTINGS,
    cell,
    columns_for,
    differing_settings,
    gap_for,
    head,
    setting_column,
    title_cell,
    unused,
)

WIDEST_TITLE = 24
"""Cells that the run's own column has at least where its titles are long; a fifth of a wide screen."""

EDGE = 4
"""Cells before the first column: the cursor, a mark, the sign of the state, a space."""


class RunTable(VirtualList):
    """Shows the runs of a `RunsController`; marks and order are changed by the screen."""

    BINDINGS = [
        Binding("enter", "choose", "Open", tooltip="attach to the run, or take the marked ones"),
    ]

    @dataclass
    class ColumnClicked(Message):
        """The head of this column was clicked."""

        column: str

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.rows: Sequence[RunRow] = ()
        self.controller = RunsController()
        self.settings: Sequence[RunColumn] = ()
        self.layout_at: tuple[int, list[tuple[RunColumn, int]]] = (0, [])
        """The columns for a width."""

    @property
    def row(self) -> RunRow | None:
        """The row under the cursor."""
        return self.rows[self.at] if self.at < len(self.rows) else None

    @property
    def current(self) -> ListedRun | None:
        """The run under the cursor, of repeats the first."""
        return self.row.first if self.row is not None else None

    def head(self, heading: str, controller: RunsController, width: int) -> Text:
        """The first line of the screen: how many runs are shown, and how."""
        text = Text.assemble(
            ("tuinn ", f"bold {self.app.theme_variables['accent']}"), (f" {heading}", "bold")
        )
        if controller.in_trash:
            text.append(" · the trash", style="bold")
        text.append(f" · {' · '.join(controller.words())}", style="dim")
        if self.hidden:
            text.append(f" · no room for {plural(self.hidden, 'column')}", style="dim")
        if not self.rows:
            text.append("   " + controller.nothing_words())
        text.truncate(width, overflow="ellipsis")
        return text

    def show_runs(self, controller: RunsController, at: int | None = None) -> None:
        """Show the runs that pass the filter. The cursor goes to row `at`, or stays on its run, or where that was."""
        before = self.row
        self.controller, self.rows = controller, controller.rows()
        self.settings = self._settings()
        self.layout_at = (0, [])
        if at is None and before is not None:
            places = {row.name: place for place, row in enumerate(self.rows)}
            recipe = before.first.known.recipe
            at = places.get(before.name, places.get(recipe) if before.is_repeat else None)
        self.show(len(self.rows), self._row, at, head=self._head)

    def _settings(self) -> list[RunColumn]:
        """Columns of the settings that differ: those that the user chose, or the most telling ones."""
        runs, chosen = [row.first for row in self.rows if not row.is_repeat], self.controller.chosen
        if chosen:
            every = [run for row in self.rows for run in row.runs]
            labels = [label for label in differing_settings(every) if label in chosen]
        else:
            labels = [label for label in differing_settings(runs, 0.5) if label not in OWN_COLUMN]
            labels = labels[: len(SETTINGS)]
        return [setting_column(label, runs) for label in labels]

    @on(VirtualList.HeadClicked)
    def _head_clicked(self, event: VirtualList.HeadClicked) -> None:
        event.stop()
        left = EDGE
        for column, width in self.columns(self.width):
            if left <= event.x < left + width:
                self.post_message(self.ColumnClicked(column.name))
            left += width + gap_for(self.width - EDGE)

    # ---------------------------------------------------------------------------------------------- drawing

    def columns(self, width: int) -> list[tuple[RunColumn, int]]:
        """The columns in a row of this width."""
        if self.layout_at[0] != width:
            shown = [row.first for row in self.rows]
            title = max((len(row.text(BY_NAME["run"], {})) for row in self.rows), default=0)
            found = columns_for(
                width - EDGE,
                min(max(title, NARROWEST), max(WIDEST_TITLE, width // 5)),
                unused(shown),
                self.settings,
                self.controller.chosen,
                columns_of_rows(self.rows),
            )
            self.layout_at = (width, found)
        return self.layout_at[1]

    @property
    def column_names(self) -> list[str]:
        """The columns that are shown."""
        return [column.name for column, _ in self.columns(self.width)]

    @property
    def hidden(self) -> int:
        """Columns that the user chose and that have no room."""
        there = {*BY_NAME, *(column.name for column in self.settings)}
        return len({*self.controller.chosen} & there - {*self.column_names})

    def _head(self, width: int) -> Text:
        gap = " " * gap_for(width - EDGE)
        names = gap.join(head(self.columns(width), *self.controller.order))
        return Text(" " * EDGE + names, style="dim", no_wrap=True)

    def _row(self, at: int, width: int) -> Text:
        row, colours = self.rows[at], self.app.theme_variables
        run, names = row.first, {run.name for run in row.runs}
        is_current, accent = at == self.at, f"bold {colours['accent']}"
        sign, colour = sign_of(run)
        text = Text.assemble(
            ("▸" if is_current else " ", accent),
            ("*" if names <= self.controller.marked else " ", accent),
            (
                ("-" if row.is_open else "+") if row.is_group else sign,
                colours["accent" if row.is_group else colour],
            ),
            " ",
        )
        text.append_text(Text(" " * gap_for(width - EDGE)).join(self._cells(row, width)))
        if is_current or run.is_active:
            text.stylize("bold")
        elif run.state is None:
            text.stylize("dim")
        return text

    def _cells(self, row: RunRow, width: int) -> Iterator[Text]:
        columns = self.columns(width)
        has_state = any(column.name == "state" for column, _ in columns)
        for column, wide in columns:
            text = row.text(column, self.controller.sizes)
            if column.name == "best" and not text and not has_state:
                text = shown_state(row.first)
            if column.name == "run":
                yield Text(title_cell(text, wide))
            elif column.name == "curve":
                drawn = plain(text) if is_ascii_only(self.app) else text
                yield Text(cell(drawn, wide), style=self.app.theme_variables["curve-validation"])
            else:
                yield Text(cell(text, wide, column.right))


def sign_of(run: ListedRun) -> tuple[str, str]:
    """The sign for the state of a run, and the theme's name of its colour."""
    if run.state is None:
        return "?", "error"
    if run.is_queued:
        return RUN_STATE_SIGNS[RunState.STARTING]
    if shown_state(run) == "paused":
        return "‖", "warning"
    return RUN_STATE_SIGNS[RunState(run.summary.outcome) if run.summary.outcome else run.state]


def column_picks(runs: Sequence[ListedRun]) -> list[Pick]:
    """The columns that can be chosen: settings that differ between these runs, with their values, then the others."""
    picks = []
    for label in differing_settings(runs):
        values = {run.setting(label) for run in runs} - {""}
        if label not in HELP:
            picks.append(Pick(label, join_names(sorted(values), most=4)))
    return picks + [Pick(column.name, HELP[column.name]) for column in COLUMNS if column.name != "run"]
