"""Counts as columns of characters, an eighth of a cell exact."""

from collections.abc import Sequence
from math import ceil, log1p

EIGHTHS = " ▁▂▃▄▅▆▇█"
ROUGH = " .:-=+*#@"
"""The same nine steps where there are no blocks."""


def columns(
    counts: Sequence[int], height: int, width: int, ascii_only: bool = False, log: bool = False
) -> list[str]:
    """`height` rows of `width` cells, from the top; every bin as wide as its share. A bin that isn't empty shows.

    `log`: heights go with the logarithm of 1 + count.
    """
    most = max(counts, default=0)
    if not most or width < 1:
        return [" " * width] * height
    scale = log1p if log else float
    heights = [ceil(scale(count) / scale(most) * height * 8 - 1e-9) for count in counts]
    spread = [heights[at * len(heights) // width] for at in range(width)]
    steps = ROUGH if ascii_only else EIGHTHS
    return [
        "".join(steps[min(max(high - 8 * row, 0), 8)] for high in spread) for row in reversed(range(height))
    ]
