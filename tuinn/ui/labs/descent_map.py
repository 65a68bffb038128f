"""A loss over two weights as a map: shades by height, contours between them, and the paths of the optimizers."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from textual.strip import Strip

from tuinn.labs.descent.curves import Array
from tuinn.labs.descent.landscapes import Landscape
from tuinn.labs.descent.optimizers import Path
from tuinn.ui.widgets.picture import half_blocks

BANDS = 10
"""Heights between two contours, by a root of what lies above the lowest, so that the bottom shows too."""

RAMP = " .:-=+*%#@"
"""From low to high, where there is no colour."""

HUES = ("curve-train", "curve-validation", "curve-2", "curve-3")
"""The theme's colours of the optimizers, in their order."""


def bands(landscape: Landscape, rows: int, columns: int) -> NDArray[np.int64]:
    """Return the band of each pixel, 0 the lowest: (rows, columns), w₂ growing upwards."""
    (left, low), (right, high) = landscape.low, landscape.high
    w1, w2 = np.meshgrid(np.linspace(left, right, columns), np.linspace(high, low, rows))
    height = np.maximum(landscape.loss(np.stack([w1, w2], axis=-1)) - landscape.least, 0) ** 0.4
    return np.asarray(np.minimum(height / height.max() * BANDS, BANDS - 1).astype(np.int64))


def pixels(
    landscape: Landscape, points: Array, rows: int, columns: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return row and column of each pair of weights; outside the map for those beside it."""
    (left, low), (right, high) = landscape.low, landscape.high
    across = (points[:, 0] - left) / (right - left) * (columns - 1)
    down = (high - points[:, 1]) / (high - low) * (rows - 1)
    far = 10 * max(rows, columns)
    return (
        np.clip(np.rint(down), -far, far).astype(np.int64),
        np.clip(np.rint(across), -far, far).astype(np.int64),
    )


def line_pixels(landscape: Landscape, path: Path, rows: int, columns: int) -> list[tuple[int, int]]:
    """Return the pixels that a path crosses, in its order."""
    down, across = pixels(landscape, np.stack(path.points), rows, columns)
    found = [(int(down[0]), int(across[0]))]
    for at in range(1, len(down)):
        steps = int(max(abs(down[at] - down[at - 1]), abs(across[at] - across[at - 1]), 1))
        ys = np.linspace(down[at - 1], down[at], steps + 1)[1:].round().astype(int)
        xs = np.linspace(across[at - 1], across[at], steps + 1)[1:].round().astype(int)
        found += zip(ys.tolist(), xs.tolist(), strict=True)
    return [(y, x) for y, x in found if 0 <= y < rows and 0 <= x < columns]


def _rgb(name: str) -> Array:
    return np.array(Color.parse(name).get_truecolor()) / 255


def map_strips(
    landscape: Landscape, paths: Sequence[tuple[int, Path]], rows: int, columns: int, theme: Mapping[str, str]
) -> list[Strip]:
    """The map in half blocks. `paths`: each with the number of its optimizer."""
    high = 2 * rows
    heights = bands(landscape, high, columns)
    ground, ink = _rgb(theme["background"]), _rgb(theme["foreground"])
    shades = np.stack([ground + (ink - ground) * (0.04 + 0.3 * at / BANDS) for at in range(BANDS)])
    drawn = shades[heights]
    edge = np.zeros_like(heights, dtype=bool)
    edge[:, 1:] |= heights[:, 1:] != heights[:, :-1]
    edge[1:] |= heights[1:] != heights[:-1]
    drawn[edge] = ground + (ink - ground) * 0.5
    for number, path in paths:
        hue = _rgb(theme[HUES[number]])
        crossed = line_pixels(landscape, path, high, columns)
        for y, x in crossed:
            drawn[y, x] = hue
        _draw_end(drawn, landscape, path, (hue + 2 * ink) / 3)
    return half_blocks(drawn.astype(np.float32), rows, columns)


def _draw_end(drawn: Array, landscape: Landscape, path: Path, colour: Array) -> None:
    """A small cross where the path has come."""
    rows, columns = drawn.shape[:2]
    down, across = pixels(landscape, path.weights[None], rows, columns)
    for y, x in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
        at_y, at_x = int(down[0]) + y, int(across[0]) + x
        if 0 <= at_y < rows and 0 <= at_x < columns:
            drawn[at_y, at_x] = colour


def map_characters(
    landscape: Landscape, paths: Sequence[tuple[int, Path]], rows: int, columns: int
) -> list[Strip]:
    """The map in characters: the sign of an optimizer along its path, the height elsewhere."""
    drawn = [[RAMP[band] for band in line] for line in bands(landscape, rows, columns).tolist()]
    for _, path in paths:
        for y, x in line_pixels(landscape, path, rows, columns):
            drawn[y][x] = path.optimizer.sign
        down, across = pixels(landscape, path.weights[None], rows, columns)
        if 0 <= down[0] < rows and 0 <= across[0] < columns:
            drawn[int(down[0])][int(across[0])] = "O"
    return [Strip([Segment("".join(line))]) for line in drawn]
