"""How many pictures go side by side into a box of cells, and how large."""

from dataclasses import dataclass

from tuinn.view.ascii_image import fit

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


def pixels_high(sheet: Sheet, height: int, width: int) -> int:
    """Of each picture as it is drawn."""
    return fit(height, width, sheet.rows, sheet.columns)[0]


def _sheet(across: int, down: int, height: int, width: int, rows: int, columns: int) -> Sheet:
    box_rows, box_columns = rows // down - CAPTION, (columns + GAP) // across - GAP
    if box_rows < 1 or box_columns < 1:
        return Sheet(across, down, 0, 0)
    high, wide = fit(height, width, box_rows, box_columns)
    return Sheet(across, down, (high + 1) // 2, wide)
