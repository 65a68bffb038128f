"""One sample in detail: its picture with a cursor on it, shape and range, the numbers round the cursor, a histogram; and
the values of a row of a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, SupportsFloat

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.strip import Strip

from tuinn.spec.dataset import DataFacts
from tuinn.text import format_number, printable
from tuinn.ui.widgets.cell_lines import CellLines, centred, fitted, is_ascii_only
from tuinn.ui.widgets.picture import as_shown, characters, half_blocks, redraw_with_theme
from tuinn.view.bars import columns
from tuinn.view.tensor import channel_names, number, pixels_of, plane_of, tensor_lines, window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE = 38
"""Cells of the words beside the picture."""


class SampleDetail(Horizontal):
    """The picture left, the words right."""

    DEFAULT_CSS = f"""
    SampleDetail {{ height: 1fr; }}
    SampleDetail > #detail-picture {{ width: 1fr; height: 1fr; }}
    SampleDetail > #detail-words {{ width: {SIDE}; height: 1fr; padding: 0 0 0 2; }}
    """

    def compose(self) -> ComposeResult:
        yield CellLines(id="detail-picture")
        yield CellLines(id="detail-words")

    def on_mount(self) -> None:
        self.tensor: NDArray[np.generic] | None = None
        self.facts: DataFacts | None = None
        self.channel: int | None = None
        self.cursor = (0, 0)
        """Row and column of the pixel."""
        self.plain = False
        self.heading = Text()
        redraw_with_theme(self, self._redraw)

    def on_resize(self) -> None:
        self.call_after_refresh(self._redraw)

    def show_tensor(
        self, tensor: "NDArray[np.generic]", facts: DataFacts, heading: Text, channel: int | None, plain: bool
    ) -> None:
        """Draw this tensor; the cursor stays where it was, or as near as the tensor allows."""
        self.tensor, self.facts, self.heading, self.channel, self.plain = (
            tensor,
            facts,
            heading,
            channel,
            plain,
        )
        self.move(0, 0)

    def move(self, rows: int, columns: int) -> None:
        """Move the cursor, no further than the edges."""
        plane = self._plane()
        if plane is None:
            return
        row, column = self.cursor
        self.cursor = (
            min(max(row + rows, 0), plane.shape[0] - 1),
            min(max(column + columns, 0), plane.shape[1] - 1),
        )
        self._redraw()

    def _plane(self) -> "NDArray[np.generic] | None":
        """What is drawn, as height × width (× channels) of raw numbers."""
        if self.tensor is None:
            return None
        part, _ = plane_of(self.tensor)
        if part.ndim == 3 and self.channel is not None:
            part = part[..., self.channel % part.shape[-1]]
        return part

    def _redraw(self) -> None:
        plane = self._plane()
        if plane is None or self.facts is None or self.tensor is None:
            return
        self._draw_picture(plane, self.facts)
        words = self.query_one("#detail-words", CellLines)
        words.show_text(self._words(self.tensor, plane, words.content_size.width, words.size.height))

    def _draw_picture(self, plane: "NDArray[np.generic]", facts: DataFacts) -> None:
        box = self.query_one("#detail-picture", CellLines)
        width, height = box.size
        if width < 4 or height < 2:
            return
        from tuinn.data.dataset_arrays import has_dark_ground

        pixels = pixels_of(plane, facts.low, facts.high)
        pixels = as_shown(self.app, pixels, self.plain, has_dark_ground([pixels]))
        strips = (characters if self.plain else half_blocks)(pixels, height, width)
        cells_high, cells_wide = len(strips), strips[0].cell_length
        row, column = self.cursor
        y = min(int((row + 0.5) * cells_high / plane.shape[0]), cells_high - 1)
        x = min(int((column + 0.5) * cells_wide / plane.shape[1]), cells_wide - 1)
        accent = self.app.theme_variables["accent"]
        strips[y] = _marked(strips[y], x, Style(color="#000000", bgcolor=accent, bold=True))
        box.show_strips(centred(strips, width, height))

    def _words(
        self, tensor: "NDArray[np.generic]", plane: "NDArray[np.generic]", width: int, height: int
    ) -> Text:
        text = self.heading.copy()
        text.append("\n" + "\n".join(tensor_lines(tensor)) + "\n\n")
        self._append_numbers(text, plane, width, max(min(9, height - 14), 1))
        names = channel_names(tensor.shape)
        if names:
            shown = (
                "all channels (numbers: red)"
                if self.channel is None
                else f"channel {self.channel}, {names[self.channel]}"
            )
            text.append(f"\nh: {shown}\n", style="dim")
        rest = height - 2 - str(text).count("\n")
        if rest >= 2:
            self._append_histogram(text, plane, width, min(rest - 1, 8))
        return text

    def _append_numbers(self, text: Text, plane: "NDArray[np.generic]", width: int, rows: int) -> None:
        row, column = self.cursor
        here = plane[row, column]
        value_words = (
            number(here) if not here.ndim else "(" + ", ".join(number(value) for value in here) + ")"
        )
        text.append(f"[{row}, {column}] = ", style="dim").append(value_words, style="bold")
        flat = plane if plane.ndim == 2 else plane[..., 0]
        text.append("\n")
        lines, y, x = window(flat, row, column, rows, width)
        mark = Style(color=self.app.theme_variables["accent"], reverse=True, bold=True)
        for at, line in enumerate(lines):
            for place, word in enumerate(line):
                text.append(" ")
                text.append(word, style=mark if (at, place) == (y, x) else "")
            text.append("\n")

    def _append_histogram(self, text: Text, plane: "NDArray[np.generic]", width: int, height: int) -> None:
        from tuinn.data.explore.distribution import Distribution

        spread = Distribution.of(plane)
        if not spread.bins:
            return
        ascii_only = is_ascii_only(self.app)
        wide = width - width % len(spread.bins) or width
        rows = columns(spread.bins, height, wide, ascii_only, log=spread.is_peaked)
        text.append("\n" + "\n".join(rows), style=self.app.theme_variables["secondary"])
        low, high = format_number(spread.low), format_number(spread.high)
        scale = "log scale" if spread.is_peaked else ""
        text.append(f"\n{low}{scale:^{max(wide - len(low) - len(high), 1)}}{high}", style="dim")


def _marked(strip: Strip, at: int, style: Style) -> Strip:
    """The strip with a sign in one cell."""
    left, right = strip.crop(0, at), strip.crop(at + 1)
    return Strip([*left, Segment("+", style), *right])


def cell_words(facts: DataFacts, at: int, value: SupportsFloat, width: int) -> str:
    """A value of column `at` in `width` cells: the word of a category, a number, a dash for a gap."""
    column = facts.columns[at] if facts.columns else None
    if column is not None and column.kind == "category":
        return fitted(printable(column.word(float(value))), width)
    return fitted(format_number(float(value)), width)


def value_lines(
    facts: DataFacts, row: "Sequence[float] | NDArray[np.generic]", width: int | None = None
) -> Text:
    """A row of a table, a line per column: its name and its value. In `width` cells the names give way to the values."""
    names = [printable(facts.feature(at)) for at in range(facts.shape[0])]
    values = [cell_words(facts, at, row[at], 24).rstrip() for at in range(len(names))]
    longest = min(max(map(cell_len, names), default=0), 40)
    if width is not None:
        longest = max(min(longest, width - 2 - max(map(cell_len, values), default=0)), 4)
    lines = [f"{fitted(name, longest)}  {value}" for name, value in zip(names, values, strict=True)]
    return Text("\n".join(lines), no_wrap=True)
