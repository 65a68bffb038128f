"""The table of runs: a row per run with a cursor and marks, under a head whose columns can be clicked to sort."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.binding import Binding
from textual.message import Message

from tuinn.runs.listing import ListedRun
from tuinn.runs.state import RunState
from tuinn.ui.runs.runs_controller import RunsController
from tuinn.ui.themes import RUN_STATE_SIGNS
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.run_table import RunColumn, cell, columns_for, gap_for, head, shown_state, title_cell, unused

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
        self.runs: Sequence[ListedRun] = ()
        self.controller = RunsController()

    @property
    def current(self) -> ListedRun | None:
        """The run under the cursor."""
        return self.runs[self.at] if self.at < len(self.runs) else None

    def show_runs(self, controller: RunsController, at: int | None = None) -> None:
        """Show the runs that pass the filter. The cursor goes to row `at`, or stays on its run, or where that was."""
        name = self.current.name if self.current else ""
        self.controller, self.runs = controller, controller.shown()
        if at is None:
            at = next((place for place, run in enumerate(self.runs) if run.name == name), None)
        self.show(len(self.runs), self._row, at, head=self._head)

    @on(VirtualList.HeadClicked)
    def _head_clicked(self, event: VirtualList.HeadClicked) -> None:
        event.stop()
        left = EDGE
        for column, width in self._columns(self.width):
            if left <= event.x < left + width:
                self.post_message(self.ColumnClicked(column.name))
            left += width + gap_for(self.width - EDGE)

    # ---------------------------------------------------------------------------------------------- drawing

    def _columns(self, width: int) -> list[tuple[RunColumn, int]]:
        return columns_for(width - EDGE, without=unused(self.runs))

    def _head(self, width: int) -> Text:
        gap = " " * gap_for(width - EDGE)
        names = gap.join(head(self._columns(width), *self.controller.order))
        return Text(" " * EDGE + names, style="dim", no_wrap=True)

    def _row(self, at: int, width: int) -> Text:
        run, colours = self.runs[at], self.app.theme_variables
        is_current, accent = at == self.at, f"bold {colours['accent']}"
        sign, colour = sign_of(run)
        cells = [
            title_cell(run.title, wide)
            if column.name == "run"
            else cell(column.text(run, self.controller.sizes), wide, column.right)
            for column, wide in self._columns(width)
        ]
        text = Text.assemble(
            ("▸" if is_current else " ", accent),
            ("*" if run.name in self.controller.marked else " ", accent),
            (sign, colours[colour]),
            " " + (" " * gap_for(width - EDGE)).join(cells),
        )
        if is_current or run.is_active:
            text.stylize("bold")
        elif run.state is None:
            text.stylize("dim")
        return text


def sign_of(run: ListedRun) -> tuple[str, str]:
    """The sign for the state of a run, and the theme's name of its colour."""
    if run.state is None:
        return "?", "error"
    if shown_state(run) == "paused":
        return "‖", "warning"
    return RUN_STATE_SIGNS[RunState(run.summary.outcome) if run.summary.outcome else run.state]
