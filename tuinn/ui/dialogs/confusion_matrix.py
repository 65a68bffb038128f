"""The confusion matrix of the test samples as a heat map; a cell leads to its samples."""

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.color import Color
from textual.widgets import Static

from tuinn.text import format_count, plural, printable, shorten
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.virtual_list import VirtualList

Cell = tuple[int, int]
"""True class and predicted class, by their labels."""

NAME = 14
"""Cells for the name of a true class."""

NARROWEST = 4
"""Cells of a column."""


class ConfusionMatrix(Dialog[Cell]):
    """A row per true class, a column per predicted one. Answers the cell whose samples are wanted."""

    BINDINGS = [
        Binding("left,h", "column(-1)", show=False),
        Binding("right,l", "column(1)", show=False),
        Binding("percent_sign", "shares", show=False),
        Binding("greater_than_sign", "sort", show=False),
        Binding("q,c", "dismiss(None)", show=False),
    ]

    def __init__(self, counts: Sequence[Sequence[int]], names: Sequence[str]) -> None:
        """`counts`: (true class, predicted class) → samples."""
        super().__init__()
        self.counts, self.names = counts, [printable(name) for name in names]
        count, right = sum(map(sum, counts)), sum(row[at] for at, row in enumerate(counts))
        self.heading = f"Confusion matrix · {format_count(right)} of {format_count(count)} right"
        self.pairs = worst_pairs(counts)
        self.column, self.first = 0, 0
        """The column under the cursor, and the first one in sight."""
        self.as_shares = self.as_pairs = False

    def body(self) -> ComposeResult:
        yield VirtualList(id="confusion-rows")
        yield Static(id="confusion-cell", markup=False)
        yield Static(classes="dialog-keys", id="confusion-keys", markup=False)

    def on_mount(self) -> None:
        self.column = self.pairs[0][1] if self.pairs else 0
        self._fill(self.pairs[0][0] if self.pairs else 0)
        self.query_one(VirtualList).focus()

    @on(VirtualList.Resized)
    def _resized(self) -> None:
        self._show_column()
        self._fill()

    # ----------------------------------------------------------------------------------------------- moving

    @property
    def cell(self) -> Cell | None:
        """The one under the cursor."""
        at = self.query_one(VirtualList).at
        if self.as_pairs:
            return self.pairs[at] if at < len(self.pairs) else None
        return at, self.column

    def action_column(self, by: int) -> None:
        if not self.as_pairs:
            self.column = max(0, min(self.column + by, len(self.names) - 1))
            self._show_column()
            self._fill()

    def action_shares(self) -> None:
        self.as_shares = not self.as_shares
        self._fill()

    def action_sort(self) -> None:
        """The worst pairs on top, or the matrix again."""
        cell, self.as_pairs = self.cell, not self.as_pairs
        if self.as_pairs:
            self._fill(self.pairs.index(cell) if cell in self.pairs else 0)
        else:
            row, self.column = cell or (0, 0)
            self._show_column()
            self._fill(row)

    @on(VirtualList.Moved)
    def _moved(self, event: VirtualList.Moved) -> None:
        event.stop()
        self._show_cell()

    @on(VirtualList.Chosen)
    def _chosen(self, event: VirtualList.Chosen) -> None:
        event.stop()
        if (cell := self.cell) is not None and self.counts[cell[0]][cell[1]]:
            self.dismiss(cell)

    def on_click(self, event: events.Click) -> None:
        rows = self.query_one(VirtualList)
        across = event.screen_x - rows.region.x - NAME
        if event.widget is rows and across >= 0 and not self.as_pairs:
            self.action_column(self.first + across // self.width - self.column)

    # ---------------------------------------------------------------------------------------------- drawing

    @property
    def width(self) -> int:
        """Cells of a column, one blank among them: more where there is room for more of the names."""
        least = max(NARROWEST, len(f"{max(map(max, self.counts)):,}") + 1)
        room = (self.query_one(VirtualList).width - NAME) // len(self.names)
        return max(least, min(room, max(map(len, self.names)) + 1))

    def _show_column(self) -> None:
        """Scroll sideways as far as the cursor needs."""
        room = max(1, (self.query_one(VirtualList).width - NAME) // self.width)
        self.first = max(0, min(self.first, self.column), self.column - room + 1)

    def _fill(self, at: int | None = None) -> None:
        rows = self.query_one(VirtualList)
        if self.as_pairs:
            rows.show(len(self.pairs), self._pair_line, at)
        else:
            rows.show(len(self.names), self._line, at, head=self._head)
        other = (
            "> the matrix"
            if self.as_pairs
            else "> the worst pairs · % " + ("counts" if self.as_shares else "shares")
        )
        self.query_one("#confusion-keys", Static).update(f"Enter shows the samples · {other} · Esc goes back")
        self._show_cell()

    def _show_cell(self) -> None:
        words = "No sample is predicted wrongly."
        if (cell := self.cell) is not None:
            true, said = cell
            count, of = self.counts[true][said], sum(self.counts[true])
            share = f", {100 * count / of:.1f} % of them" if of else ""
            words = f"{plural(count, 'sample')} of {self.names[true]} predicted as {self.names[said]}{share}."
        self.query_one("#confusion-cell", Static).update(words)

    def _head(self, width: int) -> Text:
        text = Text("true ↓ said →".ljust(NAME), style="dim", no_wrap=True)
        for at in range(self.first, len(self.names)):
            style = "bold" if at == self.column else "dim"
            text.append(self.names[at][: self.width - 1].rjust(self.width - 1) + " ", style)
        return text

    def _line(self, at: int, width: int) -> Text:
        row, of = self.counts[at], max(sum(self.counts[at]), 1)
        text = Text(shorten(self.names[at], NAME - 1).ljust(NAME), no_wrap=True)
        for column in range(self.first, len(row)):
            share = row[column] / of
            word = f"{100 * share:.0f}" if self.as_shares else f"{row[column]:,}"
            text.append(
                (word if row[column] else "·").rjust(self.width - 1) + " ", self._style(at, column, share)
            )
        return text

    def _pair_line(self, at: int, width: int) -> Text:
        true, said = self.pairs[at]
        text = Text(f"{self.counts[true][said]:>6,}  ", no_wrap=True)
        return text.append(f"{self.names[true]} → {self.names[said]}")

    def _style(self, at: int, column: int, share: float) -> Style:
        colours = self.app.theme_variables
        ground = Color.parse(colours["surface"])
        heat = Color.parse(colours["success" if at == column else "error"])
        cell = ground.blend(heat, 0.85 * share**0.5)
        letters = (
            cell.get_contrast_text(1.0) if share else Color.parse(colours["foreground"]).blend(ground, 0.5)
        )
        is_here = column == self.column and at == self.query_one(VirtualList).at
        return Style(color=letters.rich_color, bgcolor=cell.rich_color, bold=is_here, underline=is_here)


def worst_pairs(counts: Sequence[Sequence[int]]) -> list[Cell]:
    """The cells off the diagonal that have samples, the fullest first."""
    cells = [
        (at, column)
        for at, row in enumerate(counts)
        for column, count in enumerate(row)
        if count and at != column
    ]
    return sorted(cells, key=lambda cell: -counts[cell[0]][cell[1]])
