"""A picture in the terminal: half blocks where there is colour, characters elsewhere."""

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from tuinn.ui.widgets.lines import Lines, centred

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Picture(Lines):
    """Pixels as large as whole factors allow. `pixels` is height × width (× 3) in 0..1."""

    DEFAULT_CSS = "Picture { width: 1fr; height: 1fr; }"

    ascii: reactive[bool] = reactive(False)
    """Characters instead of half blocks."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.pixels: NDArray[np.float32] | None = None

    def show(self, pixels: "NDArray[np.float32] | None") -> None:
        self.pixels = pixels
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def watch_ascii(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size
        if self.pixels is None or not width or not height:
            self.show_strips([])
            return
        draw = characters if self.ascii or self.app.no_color else half_blocks
        self.show_strips(centred(draw(self.pixels, height, width), width, height))


def characters(pixels: "NDArray[np.float32]", rows: int, columns: int) -> "list[Strip]":
    """A strip per row of the picture, drawn with characters."""
    from tuinn.view.ascii_image import ascii_rows

    return [Strip([Segment(line)]) for line in ascii_rows(pixels, rows, columns)]


def half_blocks(pixels: "NDArray[np.float32]", rows: int, columns: int) -> "list[Strip]":
    """A strip per row of the picture, two pixels to a cell."""
    from tuinn.view import ascii_image

    cells = ascii_image.half_blocks(pixels, rows, columns)
    return [Strip([_cell(upper, lower) for upper, lower in line]) for line in cells]


def _cell(upper: "NDArray[np.uint8]", lower: "NDArray[np.uint8]") -> Segment:
    front = "#{:02x}{:02x}{:02x}".format(*(int(part) for part in upper))
    back = "#{:02x}{:02x}{:02x}".format(*(int(part) for part in lower))
    return Segment("▀", Style(color=front, bgcolor=back))
