"""A picture in the terminal: half blocks where there is colour, characters elsewhere."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tuinn.ui.widgets.cell_lines import CellLines, centred, fitted, is_ascii_only
from tuinn.view.ascii_image import GAP, Sheet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.float32]


def draws_plain(app: App[object]) -> bool:
    """Whether pictures are drawn with characters, whatever the user has chosen."""
    return app.no_color or is_ascii_only(app)


def as_shown(app: App[object], pixels: "Pixels", plain: bool, dark_ground: bool) -> "Pixels":
    """The pixels as they are drawn: of a picture light on dark the negative where the screen is light, and the other
    way round once the user has asked for that. `plain`: with characters, whose ink is dark on a light screen."""
    is_light = not app.current_theme.dark
    negative = (is_light and dark_ground) != bool(getattr(app, "negative", False))
    return 1 - pixels if negative != (plain and is_light) else pixels


def redraw_with_theme(widget: Widget, redraw: Callable[[], None]) -> None:
    """Call `redraw` whenever `as_shown` may give something else."""
    for name in ("theme", "negative"):
        if hasattr(type(widget.app), name):
            widget.watch(widget.app, name, redraw, init=False)


class Picture(CellLines):
    """Pixels as large as whole factors allow. `pixels` is height × width (× 3) in 0..1."""

    DEFAULT_CSS = "Picture { width: 1fr; height: 1fr; }"

    ascii: reactive[bool] = reactive(False)
    """Characters instead of half blocks."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.pixels: NDArray[np.float32] | None = None
        self.dark_ground = False
        """Whether it is light on dark."""

    def on_mount(self) -> None:
        redraw_with_theme(self, self._redraw)

    def show(self, pixels: "NDArray[np.float32] | None", dark_ground: bool = False) -> None:
        shown, self.pixels = self.pixels, pixels
        was_dark, self.dark_ground = self.dark_ground, dark_ground
        if was_dark != dark_ground or not _are_equal(shown, pixels):
            self._redraw()

    @property
    def is_plain(self) -> bool:
        """Whether it is drawn with characters."""
        return self.ascii or draws_plain(self.app)

    def cells(self, height: int, width: int, rows: int, columns: int) -> tuple[int, int]:
        """Rows and columns that a picture of height × width pixels takes in a box of cells."""
        from tuinn.view.ascii_image import cells_of

        return cells_of(height, width, rows, columns, self.is_plain)

    def on_resize(self) -> None:
        self._redraw()

    def watch_ascii(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size
        if self.pixels is None or not width or not height:
            self.show_strips([])
            return
        draw = characters if self.is_plain else half_blocks
        pixels = as_shown(self.app, self.pixels, self.is_plain, self.dark_ground)
        self.show_strips(centred(draw(pixels, height, width), width, height))


def _are_equal(shown: "Pixels | None", pixels: "Pixels | None") -> bool:
    if shown is None or pixels is None:
        return shown is pixels
    return shown.shape == pixels.shape and bool((shown == pixels).all())


def characters(pixels: "NDArray[np.float32]", rows: int, columns: int) -> "list[Strip]":
    """A strip per row of the picture, drawn with characters."""
    from tuinn.view.ascii_image import ascii_rows

    return [Strip([Segment(line)]) for line in ascii_rows(pixels, rows, columns)]


def half_blocks(pixels: "NDArray[np.float32]", rows: int, columns: int) -> "list[Strip]":
    """A strip per row of the picture, two pixels to a cell."""
    import numpy as np

    from tuinn.view import ascii_image

    cells = ascii_image.half_blocks(pixels, rows, columns)
    colours = cells.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    return [
        Strip([Segment("▀" * len(list(alike)), _style(*pair)) for pair, alike in groupby(map(tuple, line))])
        for line in colours.tolist()
    ]


@lru_cache(maxsize=1 << 14)
def _style(upper: int, lower: int) -> Style:
    """Of half blocks, from two colours as 0xRRGGBB."""
    return Style(color=f"#{upper:06x}", bgcolor=f"#{lower:06x}")


SPREAD = 8
"""Cells that a picture may stand further from the next than it must."""


def sheet_strips(
    pictures: "Sequence[Pixels | None]",
    captions: Sequence[str],
    sheet: Sheet,
    width: int,
    plain: bool,
    marked: int | None = None,
    mark: Style | None = None,
) -> list[Strip]:
    """The sheet row by row, spread over `width` cells. `plain`: characters instead of half blocks. A picture that is None stays blank.

    The caption of picture `marked` gets the style `mark`, and a sign.
    """
    if sheet.rows < 1 or sheet.columns < 1:
        return []
    pitch = max(min((width + GAP) // sheet.across, sheet.columns + GAP + SPREAD), sheet.columns + GAP)
    strips: list[Strip] = []
    for first in range(0, min(len(pictures), sheet.places), sheet.across):
        places = range(first, min(first + sheet.across, len(pictures)))
        blocks = [_block(pictures[at], sheet, pitch, plain) for at in places]
        strips += [_beside([block[row] for block in blocks]) for row in range(sheet.rows)]
        strips.append(_beside([_caption(captions[at], pitch, at == marked, mark) for at in places]))
    return strips


def _block(picture: "Pixels | None", sheet: Sheet, pitch: int, plain: bool) -> list[Strip]:
    draw = characters if plain else half_blocks
    drawn = draw(picture, sheet.rows, sheet.columns)[: sheet.rows] if picture is not None else []
    left = Segment(" " * ((pitch - GAP - sheet.columns) // 2))
    rows = [Strip([left, *strip]).adjust_cell_length(pitch) for strip in drawn]
    return rows + [Strip.blank(pitch)] * (sheet.rows - len(rows))


def _beside(blocks: Sequence[Strip]) -> Strip:
    return Strip([segment for block in blocks for segment in block])


def _caption(text: str, pitch: int, marked: bool, mark: Style | None) -> Strip:
    caption = fitted("▸" + text if marked else text, pitch - GAP, centre=True)
    return Strip([Segment(caption, mark if marked else Style(dim=True)), Segment(" " * GAP)])
