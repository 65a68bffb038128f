"""Pictures side by side, each with its label under it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.ui.widgets.cells import boxed
from tuinn.ui.widgets.picture import characters, half_blocks
from tuinn.view.contact_sheet import GAP, Sheet

SPREAD = 8
"""Cells that a picture may stand further from the next than it must."""

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.float32]


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
    said = boxed("▸" + text if marked else text, pitch - GAP, centre=True)
    return Strip([Segment(said, mark if marked else Style(dim=True)), Segment(" " * GAP)])
