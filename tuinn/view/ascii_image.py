"""Pixels → rows of characters, or of half blocks. A cell of a terminal is about twice as high as wide."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


RAMP = " .:-=+*#%@"
"""From dark to light: ten steps that look alike in every font."""


def unit(pixels: "NDArray[np.generic]", low: float, high: float) -> "NDArray[np.float32]":
    """Pixels of range low..high as float32 in 0..1, height × width (× 3)."""
    import numpy as np

    scaled = (pixels.astype(np.float32) - low) / ((high - low) or 1.0)
    if scaled.ndim == 3 and scaled.shape[-1] == 1:
        scaled = scaled[..., 0]
    clipped: NDArray[np.float32] = np.clip(scaled[..., :3] if scaled.ndim == 3 else scaled, 0.0, 1.0)
    return clipped


def fit(height: int, width: int, rows: int, columns: int) -> tuple[int, int]:
    """The largest (rows, columns) of half-block pixels that keeps a picture's aspect inside a box of cells.

    Half-block pixels are square; a box of `rows` cells holds 2 × rows of them. Enlarges by whole factors only,
    so that every pixel of a small picture has the same size.
    """
    scale = min(2 * rows / height, columns / width)
    if scale >= 1:
        scale = int(scale)
    return max(1, round(height * scale)), max(1, round(width * scale))


def cells_of(height: int, width: int, rows: int, columns: int, plain: bool) -> tuple[int, int]:
    """Rows and columns of cells that a picture takes in a box of cells; `plain`: drawn with characters."""
    if not plain:
        high, wide = fit(height, width, rows, columns)
        return -(-high // 2), wide
    scale = min(rows / height, columns / (2 * width))
    scale = int(scale) if scale >= 1 else scale
    return max(1, round(height * scale)), max(1, round(2 * width * scale))


def half_blocks(picture: "NDArray[np.float32]", rows: int, columns: int) -> "NDArray[np.uint8]":
    """Colours of `▀` cells: shape (rows, columns, 2, 3), foreground (the upper half) first, 0..255.

    `picture` is height × width (× 3) in 0..1; it is resized to fit the box, aspect kept.
    """
    import numpy as np

    height, width = fit(picture.shape[0], picture.shape[1], rows, columns)
    colours = resized(picture, height, width)
    if colours.ndim == 2:
        colours = np.repeat(colours[..., None], 3, axis=2)
    if height % 2:
        colours = np.concatenate([colours, colours[-1:]])
    cells = (colours * 255).round().astype(np.uint8).reshape(-1, 2, width, 3)
    return cells.transpose(0, 2, 1, 3)


def ascii_rows(picture: "NDArray[np.float32]", rows: int, columns: int) -> list[str]:
    """Lines of characters from `RAMP`, a cell covering twice as much height as width."""
    import numpy as np

    height, width = picture.shape[:2]
    high, wide = cells_of(height, width, rows, columns, plain=True)
    grey = picture if picture.ndim == 2 else picture @ np.array([0.299, 0.587, 0.114], np.float32)
    small = resized(grey, high, wide)
    steps = (small * (len(RAMP) - 1)).round().astype(int)
    return ["".join(RAMP[step] for step in line) for line in steps]


def resized(picture: "NDArray[np.float32]", height: int, width: int) -> "NDArray[np.float32]":
    """Mean over what a new pixel covers of the old ones, parts of them included; repetition when enlarging."""
    return _along(_along(picture, height, 0), width, 1)


def _along(picture: "NDArray[np.float32]", size: int, axis: int) -> "NDArray[np.float32]":
    import numpy as np

    old = picture.shape[axis]
    if size >= old:
        repeated: NDArray[np.float32] = np.take(picture, np.arange(size) * old // size, axis=axis)
        return repeated
    # The sum up to any point, fractions of a pixel included; a new pixel is the difference of two of them.
    sums = np.cumsum(picture, axis=axis, dtype=np.float64)
    sums = np.concatenate([np.zeros_like(np.take(sums, [0], axis=axis)), sums], axis=axis)
    edges = np.arange(size + 1) * (old / size)
    whole = np.minimum(edges.astype(int), old - 1)
    shape = [1] * picture.ndim
    shape[axis] = size + 1
    part = (edges - whole).reshape(shape)
    low, high = np.take(sums, whole, axis=axis), np.take(sums, whole + 1, axis=axis)
    return np.asarray(np.diff(low + part * (high - low), axis=axis) * (size / old), dtype=np.float32)


GAP = 1
"""Cells between two pictures."""

CAPTION = 1
"""Rows under each picture."""


@dataclass(frozen=True)
class Sheet:
    """Pictures of one size, row by row."""

    across: int
    down: int
    rows: int
    """Cells of one picture, its caption left out."""
    columns: int

    @property
    def places(self) -> int:
        return self.across * self.down


def sheet_for(count: int, height: int, width: int, rows: int, columns: int) -> Sheet:
    """The sheet that shows `count` pictures of height × width pixels as large as the box allows.

    Where the box has no room for all of them, at least one place is given.
    """
    return max(
        (_sheet(across, -(-count // across), height, width, rows, columns) for across in range(1, count + 1)),
        key=lambda sheet: (sheet.columns * sheet.rows, -sheet.places, sheet.across),
        default=Sheet(1, 1, max(rows - CAPTION, 1), max(columns, 1)),
    )


def sheet_of_size(count: int, least: int, height: int, width: int, rows: int, columns: int) -> Sheet:
    """The sheet with as many of `count` pictures as can be `least` pixels high, or have their own height if that is
    less. Where that is too much to ask, as many as can be as high as one alone."""
    sheets = [sheet_for(shown, height, width, rows, columns) for shown in range(count, 0, -1)]
    if not sheets:
        return sheet_for(1, height, width, rows, columns)
    wanted = min(least, height, pixels_high(sheets[-1], height, width))
    return next(sheet for sheet in sheets if pixels_high(sheet, height, width) >= wanted)


def filled_sheet(
    picture: tuple[int, int], box: tuple[int, int], high: int, caption: int, narrowest: int, plain: bool
) -> Sheet:
    """The sheet that fills a box of (rows, columns) with pictures of (height, width) pixels, each in at most `high` rows,
    over `caption` rows of words, and in `narrowest` columns or more. At least one place is given."""
    rows, columns = box
    tall, wide = cells_of(*picture, min(high, max(1, rows - caption)), columns, plain)
    across = max(1, (columns + GAP) // (max(wide, narrowest) + GAP))
    return Sheet(across, max(1, rows // (tall + caption)), tall, wide)


def pixels_high(sheet: Sheet, height: int, width: int) -> int:
    """Of each picture as it is drawn."""
    return fit(height, width, sheet.rows, sheet.columns)[0]


def _sheet(across: int, down: int, height: int, width: int, rows: int, columns: int) -> Sheet:
    box_rows, box_columns = rows // down - CAPTION, (columns + GAP) // across - GAP
    if box_rows < 1 or box_columns < 1:
        return Sheet(across, down, 0, 0)
    high, wide = fit(height, width, box_rows, box_columns)
    return Sheet(across, down, (high + 1) // 2, wide)
