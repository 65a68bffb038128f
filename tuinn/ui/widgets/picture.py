"""A picture in the terminal: half blocks where there is colour, characters elsewhere."""

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.app import RenderResult
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Picture(Widget):
    """Pixels as large as whole factors allow. `pixels` is height × width (× 3) in 0..1."""

    DEFAULT_CSS = "Picture { width: 1fr; height: 1fr; }"

    ascii: reactive[bool] = reactive(False)
    """Characters instead of half blocks."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.pixels: NDArray[np.float32] | None = None
        self._strips: list[Strip] = []

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
            self._strips = []
        elif self.ascii or self.app.no_color:
            self._strips = list(characters(self.pixels, height, width))
        else:
            self._strips = list(half_blocks(self.pixels, height, width))
        self.refresh()

    def render(self) -> RenderResult:
        return ""

    def render_line(self, y: int) -> Strip:
        style = self.rich_style
        top = (self.size.height - len(self._strips)) // 2
        if not top <= y < top + len(self._strips):
            return Strip.blank(self.size.width, style)
        strip = self._strips[y - top].apply_style(Style(bgcolor=style.bgcolor))
        left = (self.size.width - strip.cell_length) // 2
        right = self.size.width - strip.cell_length - left
        return Strip([Segment(" " * left, style), *strip, Segment(" " * right, style)])


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
