"""The rows of a table of runs, of which only the visible ones are drawn; a cursor, marks, and a head to click on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.message import Message

from tuinn.runs.listing import ListedRun
from tuinn.runs.state import RunState
from tuinn.text import count, duration, metrics_line, printable, size
from tuinn.ui.themes import RUN_STATE_SIGNS
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.view.run_table import (
    BY_NAME,
    RunColumn,
    Sizes,
    cell,
    columns_for,
    gap_for,
    head,
    shown_state,
    title_cell,
    unused,
)

EDGE = 4
"""Cells before the first column: the cursor, a mark, the sign of the state, a space."""


class RunTable(CellLines, can_focus=True):
    """Answers keys that move the cursor; the screen around it does the rest."""

    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
    ]

    class Moved(Message):
        """The cursor is on another run."""

    class Opened(Message):
        """The run under the cursor was clicked on twice."""

    @dataclass
    class HeadClicked(Message):
        """The user wants the rows sorted by this column."""

        column: str

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.runs: Sequence[ListedRun] = ()
        self.sizes: Sizes = {}
        self.order = ("when", False)
        """Column, and whether the other way round."""
        self.marked: set[str] = set()
        """Names of runs."""
        self.at = 0
        self.top = 0
        """The first row that is drawn."""

    @property
    def current(self) -> ListedRun | None:
        """The run under the cursor."""
        return self.runs[self.at] if self.runs else None

    def show(self, runs: Sequence[ListedRun], sizes: Sizes, order: tuple[str, bool]) -> None:
        """These rows, in this order. The cursor stays on its run, or where that was."""
        name = self.current.name if self.current else ""
        self.runs, self.sizes, self.order = runs, sizes, order
        there = next((at for at, run in enumerate(runs) if run.name == name), None)
        self.at = there if there is not None else max(min(self.at, len(runs) - 1), 0)
        self.draw()

    def draw(self) -> None:
        rows = max(self.size.height - 1, 1)
        self.top = min(max(self.top, self.at - rows + 1), self.at, max(len(self.runs) - rows, 0))
        self.show_text(self._text)

    def on_resize(self) -> None:
        self.draw()

    # ---------------------------------------------------------------------------------------------- the cursor

    def action_move(self, by: int) -> None:
        at = max(min(self.at + by, len(self.runs) - 1), 0)
        if at != self.at:
            self.at = at
            self.draw()
            self.post_message(self.Moved())

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.size.height - 2, 1))

    def toggle_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away, and go to the next."""
        if self.current is not None:
            self.marked ^= {self.current.name}
            self.action_move(1)
            self.draw()

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            left = EDGE
            for column, width in self._columns(self.size.width):
                if left <= event.x < left + width:
                    self.post_message(self.HeadClicked(column.name))
                left += width + gap_for(self.size.width - EDGE)
        elif self.top + event.y - 1 < len(self.runs):
            again = self.at == self.top + event.y - 1 and event.chain > 1
            self.action_move(self.top + event.y - 1 - self.at)
            if again:
                self.post_message(self.Opened())

    def on_mouse_scroll_down(self) -> None:
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-3)

    # ------------------------------------------------------------------------------------------------- drawing

    def _columns(self, width: int) -> list[tuple[RunColumn, int]]:
        return columns_for(width - EDGE, without=unused(self.runs))

    def _text(self, width: int) -> Text:
        columns = self._columns(width)
        gap = " " * gap_for(width - EDGE)
        names = gap.join(head(columns, *self.order))
        lines = [Text(" " * EDGE + names, style="dim", no_wrap=True)]
        for at in range(self.top, min(self.top + self.size.height - 1, len(self.runs))):
            lines.append(self._line(at, columns, gap, width))
        return Text("\n", no_wrap=True).join(lines)

    def _line(self, at: int, columns: list[tuple[RunColumn, int]], gap: str, width: int) -> Text:
        run, colours = self.runs[at], self.app.theme_variables
        here, marked = at == self.at, run.name in self.marked
        sign, hue = sign_of(run)
        cells = [
            title_cell(run.title, wide)
            if column.name == "run"
            else cell(column.text(run, self.sizes), wide, column.right)
            for column, wide in columns
        ]
        text = Text.assemble(
            ("▸" if here else " ", f"bold {colours['accent']}"),
            ("*" if marked else " ", f"bold {colours['accent']}"),
            (sign, colours[hue]),
            f" {gap.join(cells)}",
        )
        text.pad_right(max(width - text.cell_len, 0))
        if here:
            text.stylize(f"bold on {colours['row-cursor']}")
        elif run.is_active:
            text.stylize("bold")
        elif run.state is None:
            text.stylize("dim")
        return text


def sign_of(run: ListedRun) -> tuple[str, str]:
    """A sign for the state of a run, and the theme's name of its colour."""
    if run.state is None:
        return "?", "error"
    if shown_state(run) == "paused":
        return "‖", "warning"
    return RUN_STATE_SIGNS[RunState(run.summary.outcome) if run.summary.outcome else run.state]


class RunDetail(CellLines):
    """Name and place, result, network, and what was noted."""

    def show(self, run: ListedRun | None, sizes: Sizes) -> None:
        """None: there is no run to speak of."""
        damaged = run is not None and bool(run.known.problem)
        self.show_text(partial(self._fitted, run, sizes, damaged), wrap=damaged)

    def _fitted(self, run: ListedRun | None, sizes: Sizes, damaged: bool, width: int) -> Text:
        if run is None:
            return Text()
        text = self._text(run, sizes)
        if damaged:
            return text  # it is wrapped
        lines = text.split("\n", allow_blank=True)
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return Text("\n").join(lines)

    def _text(self, run: ListedRun, sizes: Sizes) -> Text:
        colours = self.app.theme_variables
        title = printable(run.annotations.title)
        name = Text.assemble((title or printable(run.name), "bold"))
        if title:
            name.append(f"  {printable(run.name)}", style="dim")
        if run.known.problem:
            return Text("\n").join([name, Text(f"✗ {printable(run.known.problem)}", style=colours["error"])])
        lines = [name, self._result(run), self._best(run), self._facts(run, sizes)]
        said = " ".join(
            [*(f"#{printable(tag)}" for tag in run.annotations.tags), printable(run.annotations.note)]
        ).strip()
        lines.append(Text(said or short_path(run.folder.path), style="" if said else "dim"))
        return Text("\n", no_wrap=True).join(lines)

    def _result(self, run: ListedRun) -> Text:
        summary = run.summary
        if summary.outcome == "failed":
            return Text(f"failed: {printable(summary.message)}")
        parts = [f"{shown_state(run)} {summary.done}/{run.epochs}"]
        if summary.tested:
            parts.append(f"test {metrics_line(summary.tested)}")
        if run.made:
            parts.append(BY_NAME["when"].text(run, {}))
        return Text(" · ".join(parts))

    def _best(self, run: ListedRun) -> Text:
        best = run.summary.best
        if best is None:
            return Text("no epoch yet", style="dim")
        validated = {name: value for name, value in best.metrics.items() if name.startswith("val_")}
        return Text(f"best epoch {best.epoch}: {metrics_line(validated or best.metrics)}")

    def _facts(self, run: ListedRun, sizes: Sizes) -> Text:
        summary = run.summary
        parts = [run.known.network]
        if summary.parameters:
            parts.append(f"{count(summary.parameters)} parameters")
        if summary.clock.seconds:
            parts.append(duration(summary.clock.seconds))
        if run.name in sizes:
            parts.append(f"{size(sizes[run.name])} on disk")
        if summary.device:
            parts.append(summary.device)
        return Text(printable(" · ".join(parts)), style="dim")


def short_path(path: Path) -> str:
    """With `~` for the user's own folder."""
    try:
        return printable(f"~/{path.relative_to(Path.home())}")
    except ValueError:
        return printable(str(path))
