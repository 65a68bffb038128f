"""A few real samples: pictures side by side with their labels, the columns of a table, beginnings of texts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.ui.widgets.cells import boxed
from tuinn.ui.widgets.lines import Lines
from tuinn.ui.widgets.pictures import sheet_strips
from tuinn.view.contact_sheet import sheet_of_size
from tuinn.view.words import figure, printable

if TYPE_CHECKING:
    from tuinn.data.preview import Preview

LEAST_GREY, LEAST_COLOUR = 12, 22
"""Pixels in height below which a picture can't be told; a photo needs more than a drawing."""


class Samples(Lines):
    """As many as have room at a size at which they can be told."""

    DEFAULT_CSS = "Samples { height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.pictures: Sequence[Any] = ()
        self.captions: Sequence[str] = ()
        self.table: Preview | None = None
        self.texts: Sequence[tuple[str, str]] = ()

    def clear(self) -> None:
        self.show()

    def show(
        self,
        pictures: Sequence[Any] = (),
        captions: Sequence[str] = (),
        table: "Preview | None" = None,
        texts: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Pixels in 0..1 with captions, or the columns of a table, or texts with their labels; nothing else."""
        self.pictures, self.captions, self.table, self.texts = pictures, captions, table, texts
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size
        if self.pictures and height > 2 and width > 8:
            self.show_strips(self._pictures(width, height))
        elif self.table is not None and height > 1:
            self.show_strips(self._columns(self.table, width, height))
        elif self.texts and height > 1:
            self.show_strips(self._texts(width))
        else:
            self.show_strips([])

    def _pictures(self, width: int, height: int) -> list[Strip]:
        high, wide = self.pictures[0].shape[:2]
        least = LEAST_COLOUR if self.pictures[0].ndim == 3 else LEAST_GREY
        plain = self.app.no_color or getattr(self.app, "ascii_only", False)
        sheet = sheet_of_size(len(self.pictures), 2 * least if plain else least, high, wide, height, width)
        return sheet_strips(self.pictures, self.captions, sheet, width, plain)

    def _columns(self, table: "Preview", width: int, height: int) -> list[Strip]:
        columns = table.columns
        longest = max((len(column.name) for column in columns), default=0)
        name = min(longest, max(10, width - 31))
        head = f"{'column':<{name}} {'min':>9} {'mean':>9} {'max':>9}"
        lines = [Strip([Segment(head, Style(dim=True))])]
        shown = columns if len(columns) < height else columns[: height - 2]
        for column in shown:
            numbers = (
                column.words or f"{figure(column.low):>9} {figure(column.mean):>9} {figure(column.high):>9}"
            )
            lines.append(
                Strip([Segment(f"{boxed(printable(column.name), name)} {boxed(printable(numbers), 29)}")])
            )
        if len(shown) < len(columns):
            lines.append(Strip([Segment(f"and {len(columns) - len(shown)} more columns", Style(dim=True))]))
        return lines

    def _texts(self, width: int) -> list[Strip]:
        longest = min(max(len(label) for label, _ in self.texts), width // 4)
        return [
            Strip(
                [
                    Segment(boxed(label, longest), Style(bold=True)),
                    Segment(boxed(f"  {text}", width - longest)),
                ]
            )
            for label, text in self.texts
        ]
