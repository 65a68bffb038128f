"""Numbers as colours and characters: a heat map of any size, in half blocks or in ASCII."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App
from textual.color import Color
from textual.strip import Strip

from tuinn.data.inspection import Numbers
from tuinn.ui.widgets.picture import characters, draws_plain, half_blocks

Pixels = NDArray[np.float32]
Line = Text | Strip


@dataclass(frozen=True)
class Palette:
    """Colours for values below, at and above 0; RGB in 0..1."""

    negative: Pixels
    zero: Pixels
    positive: Pixels
    plain: bool
    """Characters only: there are no colours."""
    is_light: bool

    @classmethod
    def of(cls, app: App[object], plain: bool = False) -> "Palette":
        colours = app.theme_variables

        def rgb(name: str) -> Pixels:
            found = Color.parse(colours[name])
            return np.array([found.r / 255, found.g / 255, found.b / 255], np.float32)

        return cls(
            rgb("primary"),
            rgb("panel"),
            rgb("accent"),
            plain or draws_plain(app),
            not app.current_theme.dark,
        )

    def coloured(self, values: Numbers, scale: float) -> Pixels:
        """height × width → height × width × 3, or height × width of brightness where there are no colours.

        `scale`: the size of a value that gets the full colour. What isn't finite counts as 0.
        """
        share = np.clip(np.nan_to_num(values, nan=0.0, posinf=scale, neginf=-scale) / (scale or 1.0), -1, 1)
        if self.plain:
            return np.asarray(np.abs(share), np.float32)
        # The root lets small values stand out from none.
        weight = np.sqrt(np.abs(share))[..., None]
        far = np.where(share[..., None] < 0, self.negative, self.positive)
        return np.asarray(self.zero * (1 - weight) + far * weight, np.float32)


def scale_of(values: Numbers) -> float:
    """The largest size of a finite value; 1 where all are 0."""
    finite = values[np.isfinite(values)]
    return float(np.abs(finite).max()) if finite.size and finite.any() else 1.0


def heat(values: Numbers, scale: float, rows: int, columns: int, palette: Palette) -> list[Strip]:
    """A map in a box of cells, its proportions kept."""
    draw = characters if palette.plain else half_blocks
    return draw(palette.coloured(values, scale), rows, columns)


def stretched(values: Numbers, scale: float, rows: int, columns: int, palette: Palette) -> list[Strip]:
    """A map that fills the box exactly: each value is repeated, or every so many-th is taken."""
    high = rows if palette.plain else 2 * rows
    down = np.arange(high) * values.shape[0] // high
    across = np.arange(columns) * values.shape[1] // columns
    picture = palette.coloured(values[down][:, across], scale)
    if not palette.plain:
        return half_blocks(picture, rows, columns)
    from tuinn.view.ascii_image import RAMP

    steps = (picture * (len(RAMP) - 1)).round().astype(int)
    return [Strip([Segment("".join(RAMP[step] for step in line))]) for line in steps]


def marked(strips: Sequence[Strip], row: int, column: int, style: Style) -> list[Strip]:
    """The same with one cell marked, where it is among them."""
    found = list(strips)
    if 0 <= row < len(found) and 0 <= column < found[row].cell_length:
        strip = found[row]
        sign = Segment("┼", style)
        found[row] = Strip([*strip.crop(0, column), sign, *strip.crop(column + 1)])
    return found


def share_of(value: float, scale: float) -> float:
    """How long a bar for this value is, 0..1; none where it isn't finite."""
    return abs(value) / scale if np.isfinite(value) else 0.0


def number(value: float) -> str:
    """In at most seven characters."""
    if not np.isfinite(value):
        return "nan" if np.isnan(value) else "inf" if value > 0 else "-inf"
    size = abs(value)
    if value and (size < 0.005 or size >= 99_999.5):
        digits = 1 if 1e-99 <= size < 1e99 else 0
        mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:.2f}" if size < 999.5 else f"{value:.0f}"


def plain_number(value: float) -> str:
    """A whole number as such, any other as `number` has it."""
    return (
        f"{value:.0f}" if np.isfinite(value) and value == round(value) and abs(value) < 1e6 else number(value)
    )
