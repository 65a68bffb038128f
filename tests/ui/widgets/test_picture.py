"""Half blocks carry every pixel's colour, in few pieces; only the cells that changed are drawn again."""

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.ui.widgets.cell_lines import changed_stretch
from tuinn.ui.widgets.picture import half_blocks
from tuinn.view import ascii_image

BOLD = Style(bold=True)


def test_each_cell_has_the_colours_of_its_two_pixels_and_equal_neighbours_are_one_piece() -> None:
    pixels = np.random.default_rng(0).random((6, 5, 3)).astype(np.float32)
    pixels[:2, 1:4] = 0.5
    strips = half_blocks(pixels, 3, 5)
    assert len(strips[0]._segments) == 3
    for strip, line in zip(strips, ascii_image.half_blocks(pixels, 3, 5), strict=True):
        drawn = [segment.style for segment in strip for _ in segment.text]
        assert [style and (style.color, style.bgcolor) for style in drawn] == [
            (colour(upper), colour(lower)) for upper, lower in line.tolist()
        ]


def colour(parts: list[int]) -> object:
    return Style(color="#{:02x}{:02x}{:02x}".format(*parts)).color


def test_the_stretch_that_changed_holds_every_cell_that_did() -> None:
    def row(*pieces: tuple[str, Style | None]) -> Strip:
        return Strip([Segment(*piece) for piece in pieces])

    before = row(("abcdef", None))
    assert changed_stretch(before, before) is None
    assert changed_stretch(before, row(("abc", None), ("def", None))) is None
    assert changed_stretch(before, row(("aXcYef", None))) == (1, 4)
    assert changed_stretch(before, row(("ab", None), ("c", BOLD), ("def", None))) == (2, 3)
    assert changed_stretch(row(("日本", None)), row(("日木", None))) == (0, 4), "wide: the whole row"
