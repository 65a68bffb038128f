"""Some samples of a dataset in a few lines: pictures side by side, columns of a table, or beginnings of texts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.text import format_number, printable
from tuinn.ui.widgets.cell_lines import CellLines, fitted
from tuinn.ui.widgets.picture import as_shown, draws_plain, redraw_with_theme, sheet_strips
from tuinn.view.ascii_image import sheet_of_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tuinn.data.explore.preview import Preview

MIN_GREY_HEIGHT, MIN_COLOUR_HEIGHT = 12, 22
"""Pixels in height below which a picture can't be recognised; a photo needs more than a drawing."""


class SampleStrip(CellLines):
    """Shows as many samples as have room at a size at which they can be recognised."""

    DEFAULT_CSS = "SampleStrip { height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.pictures: Sequence[NDArray[np.float32]] = ()
        self.captions: Sequence[str] = ()
        self.table: Preview | None = None
        self.texts: Sequence[tuple[str, str]] = ()

    def on_mount(self) -> None:
        redraw_with_theme(self, self._redraw)

    def clear(self) -> None:
        self.show()

    def show(
        self,
        pictures: "Sequence[NDArray[np.float32]]" = (),
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
        least = MIN_COLOUR_HEIGHT if self.pictures[0].ndim == 3 else MIN_GREY_HEIGHT
        plain = draws_plain(self.app)
        sheet = sheet_of_size(len(self.pictures), 2 * least if plain else least, high, wide, height, width)
        from tuinn.data.dataset_arrays import has_dark_ground

        dark = has_dark_ground(self.pictures)
        pictures = [as_shown(self.app, pixels, plain, dark) for pixels in self.pictures]
        return sheet_strips(pictures, self.captions, sheet, width, plain)

    def _columns(self, table: "Preview", width: int, height: int) -> list[Strip]:
        columns = table.columns
        longest = max((len(column.name) for column in columns), default=0)
        name = min(longest, max(10, width - 31))
        # Numbers are shown whole or not at all.
        parts = ("min", "mean", "max") if name + 30 <= width else ("min", "max")
        head = f"{'column':<{name}}" + "".join(f" {part:>9}" for part in parts)
        lines = [Strip([Segment(head, Style(dim=True))])]
        shown = columns if len(columns) < height else columns[: height - 2]
        for column in shown:
            values = {"min": column.low, "mean": column.mean, "max": column.high}
            numbers = column.words or " ".join(f"{format_number(values[part]):>9}" for part in parts)
            words = fitted(printable(numbers), 10 * len(parts) - 1)
            lines.append(Strip([Segment(f"{fitted(printable(column.name), name)} {words}")]))
        if len(shown) < len(columns):
            lines.append(Strip([Segment(f"and {len(columns) - len(shown)} more columns", Style(dim=True))]))
        return lines

    def _texts(self, width: int) -> list[Strip]:
        longest = min(max(len(label) for label, _ in self.texts), width // 4)
        return [
            Strip(
                [
                    Segment(fitted(label, longest), Style(bold=True)),
                    Segment(fitted(f"  {text}", width - longest)),
                ]
            )
            for label, text in self.texts
        ]
