"""The playground's surface and network as rows of cells: coloured half blocks, or characters where there is no colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from tuinn.labs.playground.clouds import Array
from tuinn.labs.playground.session import SIDE, Playground, pixels_of
from tuinn.ui.labs.playground_state import Shown
from tuinn.ui.widgets.picture import half_blocks

Levels = NDArray[np.int64]

STEPS = 5
"""Shades on either side of the middle: few, so that a frame changes few cells."""

STAYS = 0.8
"""Within so much of a step a pixel keeps its shade; 0.5 is half-way to the next."""

CONFIDENCES = 3
"""Shades of a class among several."""

TILE_STEPS, LINE_STEPS = 2, 4

POINT_SIGNS = "ox+v#%"
REGION_SIGNS = " .:'-~"
"""Of points and of regions, class by class, where there is no colour."""

RAMP = "@%*=- .:+xX#"
"""From −1 to 1 where there is no colour; the middle is blank."""

NAME_CELLS = 6
"""Left of the network: the names of the features."""

MOST_TILE = 10
"""Pixels of a unit's own surface, across and down."""

LEAST_LINE = 3
"""Pixels between two layers below which lines would be a tangle: then none are drawn."""

THICK = 0.66
"""The share of the layer's largest weight from which on a line is two pixels thick."""


@dataclass(frozen=True)
class Colours:
    """What each level looks like, as shares of red, green and blue."""

    ground: Array
    classes: Array
    """(classes, 3); of a number: −1, then 1."""

    @classmethod
    def of(cls, theme: Mapping[str, str]) -> "Colours":
        """The theme's own."""
        names = ("curve-validation", "curve-train", *(f"curve-{at}" for at in range(2, 6)))
        return cls(_rgb(theme["background"]), np.stack([_rgb(theme[name]) for name in names]))

    def mixed(self, which: int, share: float) -> Array:
        """So much of a class's colour on the ground."""
        return np.asarray(self.ground + (self.classes[which] - self.ground) * share)

    def scale(self, steps: int, most: float) -> Array:
        """The first colour, through the ground, to the second: (2 · steps + 1, 3)."""
        shares = [abs(at) / steps * most for at in range(-steps, steps + 1)]
        return np.stack([self.mixed(int(at > steps), share) for at, share in enumerate(shares)])

    def regions(self, count: int) -> Array:
        """Of each class of several, by how sure the network is: (classes × CONFIDENCES, 3)."""
        shades = [0.15 + 0.13 * at for at in range(CONFIDENCES)]
        return np.stack([self.mixed(at, share) for at in range(count) for share in shades])


def _rgb(name: str) -> Array:
    return np.array(Color.parse(name).get_truecolor()) / 255


def output_levels(play: Playground, output: Array, before: Levels | None = None) -> Levels:
    """Return the level of each pixel of the output's surface (SIDE, SIDE, outputs): 0..2·STEPS, or class × CONFIDENCES + shade."""
    if play.kind == "classes":
        best, count = output.argmax(axis=2), output.shape[2]
        sure = (output.max(axis=2) - 1 / count) / (1 - 1 / count)
        shade = np.clip(sure * CONFIDENCES, 0, CONFIDENCES - 1).astype(np.int64)
        return np.asarray(best * CONFIDENCES + shade)
    value = output[..., 0] * 2 - 1 if play.kind == "binary" else output[..., 0]
    return _stepped(value, STEPS, before)


def _stepped(value: Array, steps: int, before: Levels | None = None) -> Levels:
    """Of a value in −1..1. One that has hardly left its step stays on it: else borders would flicker, and be sent."""
    exact = np.clip(value, -1, 1) * steps + steps
    level = np.rint(exact).astype(np.int64)
    return level if before is None else np.where(np.abs(exact - before) < STAYS, before, level)


def points_shown(play: Playground, shown: Shown) -> tuple[Levels, Levels, Array]:
    """Return row, column and value of each point that lies on the surface."""
    which = {"training": play.train_at, "test": play.test_at, "no": play.test_at[:0]}[shown]
    rows, columns = pixels_of(play.points[which])
    inside = (rows >= 0) & (rows < SIDE) & (columns >= 0) & (columns < SIDE)
    return rows[inside], columns[inside], play.values[which][inside]


def surface_strips(play: Playground, levels: Levels, shown: Shown, colours: Colours) -> list[Strip]:
    """The plane in half blocks, SIDE × SIDE pixels, the points on it."""
    several = play.kind == "classes"
    table = colours.regions(len(play.classes)) if several else colours.scale(STEPS, 0.55)
    pixels = table[levels]
    rows, columns, values = points_shown(play, shown)
    if play.kind == "number":
        pixels[rows, columns] = _strong(colours)[_stepped(values, STEPS)]
    else:
        pixels[rows, columns] = colours.classes[values.astype(int)]
    return half_blocks(pixels.astype(np.float32), SIDE // 2, SIDE)


def _strong(colours: Colours) -> Array:
    """Of points with a number: never so faint that they can't be seen."""
    shares = [0.6 + 0.4 * abs(at) / STEPS for at in range(-STEPS, STEPS + 1)]
    strong = np.stack([colours.mixed(int(at >= STEPS), share) for at, share in enumerate(shares)])
    strong[STEPS] = colours.classes[:2].mean(axis=0)  # near 0: neither
    return strong


def surface_characters(play: Playground, levels: Levels, shown: Shown) -> list[Strip]:
    """The plane in characters, a cell covering two pixels: signs for points, others for what the network says."""
    levels = levels[::2]
    if play.kind == "number":
        region = [[RAMP[level] for level in line] for line in levels.tolist()]
    else:
        classes = levels // CONFIDENCES if play.kind == "classes" else (levels > STEPS).astype(int)
        region = [[REGION_SIGNS[one] for one in line] for line in classes.tolist()]
    rows, columns, values = points_shown(play, shown)
    for row, column, value in zip(rows.tolist(), columns.tolist(), values.tolist(), strict=True):
        sign = ("o" if value < 0 else "x") if play.kind == "number" else POINT_SIGNS[int(value)]
        region[row // 2][column] = sign
    return [Strip([Segment("".join(line))]) for line in region]


def legend(play: Playground, shown: Shown, colours: Colours, plain: bool) -> Text:
    """Which colour or sign stands for what."""
    text = Text()
    names = play.classes or ("-1", "1")
    for at, name in enumerate(names):
        if plain:
            sign = POINT_SIGNS[at]
            text.append(
                f"{sign} {name} on '{REGION_SIGNS[at]}'  " if play.classes else f"{sign} towards {name}  "
            )
        else:
            text.append("■ ", hex_of(colours.classes[at])).append(f"{name}  ")
    if shown != "no":
        count = len(play.train_at if shown == "training" else play.test_at)
        text.append(f"{count} {shown} points", "dim")
    return text


def hex_of(share: Array) -> str:
    """As Rich names it."""
    red, green, blue = (round(255 * part) for part in share.tolist())
    return f"#{red:02x}{green:02x}{blue:02x}"


# ----------------------------------------------------------------------------------------------- the network


@dataclass(frozen=True)
class Layout:
    """Where the units stand, in pixels of a box."""

    high: int
    wide: int
    counts: Sequence[int]
    """Units of each column: features, hidden layers, output."""

    @property
    def tile(self) -> int:
        """Across and down."""
        columns = len(self.counts)
        across = (self.wide - 2 * (columns - 1)) // columns
        return max(
            min(MOST_TILE, self.high // max(self.counts) - 1, across, 2 * self.wide // (3 * columns)), 1
        )

    def left(self, column: int) -> int:
        """The first pixel of a column."""
        return round(column * (self.wide - self.tile) / max(len(self.counts) - 1, 1))

    def top(self, column: int, unit: int) -> int:
        """The first pixel of a unit."""
        return int((unit + 0.5) * self.high / self.counts[column] - self.tile / 2)


def network_strips(
    play: Playground, surfaces: Sequence[Array], rows: int, columns: int, colours: Colours
) -> list[Strip]:
    """Each unit's own surface, and a line for each weight: its colour the sign, its strength the size."""
    layout = Layout(2 * rows, columns, [one.shape[2] for one in surfaces])
    pixels = np.tile(colours.ground, (layout.high, layout.wide, 1))
    for at, kernel in enumerate(play.network.kernels):
        _draw_lines(pixels, layout, at, kernel, colours)
    table, middle = colours.scale(TILE_STEPS, 0.8), colours.mixed(0, 0) * 0.8 + 0.1
    table[TILE_STEPS] = middle
    side = np.linspace(0, SIDE - 1, layout.tile).astype(int)
    for at, surface in enumerate(surfaces):
        for unit in range(surface.shape[2]):
            values = surface[np.ix_(side, side)][..., unit]
            if at == len(surfaces) - 1 and play.kind != "number":
                values = 2 * values - 1
            largest = max(float(np.abs(values).max()), 1e-9)
            level = _stepped(values / max(largest, 1.0), TILE_STEPS)
            top, left = layout.top(at, unit), layout.left(at)
            pixels[top : top + layout.tile, left : left + layout.tile] = table[level]
    return half_blocks(pixels.astype(np.float32), rows, columns)


def _draw_lines(pixels: Array, layout: Layout, at: int, kernel: Array, colours: Colours) -> None:
    largest = max(float(np.abs(kernel).max()), 1e-9)
    shares = np.abs(kernel) / largest
    left, right, middle = layout.left(at) + layout.tile, layout.left(at + 1) - 1, layout.tile // 2
    if right - left < LEAST_LINE:
        return
    for flat in np.argsort(shares, axis=None):  # the strongest on top
        source, unit = divmod(int(flat), kernel.shape[1])
        level = int(np.ceil(shares[source, unit] * LINE_STEPS))
        top, bottom = layout.top(at, source) + middle, layout.top(at + 1, unit) + middle
        steps = max(right - left, abs(bottom - top)) + 1
        x, y = (np.linspace(*ends, steps).round().astype(int) for ends in ((left, right), (top, bottom)))
        colour = colours.mixed(int(kernel[source, unit] > 0), 0.12 + 0.68 * level / LINE_STEPS)
        pixels[y, x] = colour
        if shares[source, unit] > THICK:
            pixels[np.minimum(y + 1, layout.high - 1), x] = colour


def named_network(
    play: Playground, surfaces: Sequence[Array], rows: int, columns: int, colours: Colours
) -> list[Strip]:
    """The network in a box of cells, with the names of the features at its left and the units of each layer above."""
    rows, columns = rows - 1, columns - NAME_CELLS
    if rows < 4 or columns < 12:
        return []
    layout = Layout(2 * rows, columns, [one.shape[2] for one in surfaces])
    names = [""] * rows
    for at, name in enumerate(play.settings.features):
        names[min((layout.top(0, at) + layout.tile // 2) // 2, rows - 1)] = name
    head = " " * NAME_CELLS
    for at, count in enumerate(layout.counts):
        word = "out" if at == len(layout.counts) - 1 else "in" if not at else str(count)
        start = NAME_CELLS + layout.left(at) + max((layout.tile - len(word)) // 2, 0)
        head = head.ljust(min(start, NAME_CELLS + columns - len(word))) + word
    drawn = network_strips(play, surfaces, rows, columns, colours)
    lines = [
        Strip([Segment(f"{name:>{NAME_CELLS - 1}} "), *strip])
        for name, strip in zip(names, drawn, strict=True)
    ]
    return [Strip([Segment(head, Style(dim=True))]), *lines]


def weight_signs(play: Playground) -> Text:
    """The network without colours: a row a unit, for each input up to three signs by the size of its weight."""
    text, names = Text(), [*play.settings.features]
    kernels = play.network.kernels
    for at, kernel in enumerate(kernels):
        title = "output" if at == len(kernels) - 1 else f"layer {at + 1}"
        text.append(f"{title:9}", "bold").append(
            "".join(f"{name:>6}" if not at else f"{name:>4}" for name in names) + "\n"
        )
        largest = max(float(np.abs(kernel).max()), 1e-9)
        for unit in range(kernel.shape[1]):
            cells = "".join(
                _signs(kernel[source, unit] / largest).rjust(6 if not at else 4)
                for source in range(len(names))
            )
            text.append(f"  unit {unit + 1:<2}{cells}\n")
        names = [str(unit + 1) for unit in range(kernel.shape[1])]
    return text


def _signs(share: float) -> str:
    count = int(np.ceil(abs(share) * 3 - 0.25))
    return ("+" if share > 0 else "-") * count or "."
