"""Bars of characters, an eighth of a cell exact."""

from collections.abc import Sequence
from math import ceil, log1p

EIGHTHS = " ▏▎▍▌▋▊▉█"
COLUMNS = "▁▂▃▄▅▆▇█"


def bar(share: float, width: int, ascii_only: bool = False) -> str:
    """A bar of `width` cells filled to `share` (0..1), padded with spaces to its width."""
    share = min(max(share, 0.0), 1.0)
    if ascii_only:
        return ("#" * round(share * width)).ljust(width)
    whole, eighth = divmod(round(share * width * 8), 8)
    return ("█" * whole + (EIGHTHS[eighth] if eighth else "")).ljust(width)


def line(share: float, width: int, ascii_only: bool = False) -> str:
    """A thin bar, half a cell exact, that leaves room to the one below; more than nothing always shows."""
    halves = min(max(round(share * width * 2), 1 if share > 0 else 0), 2 * width)
    if ascii_only:
        return ("=" * -(-halves // 2)).ljust(width)
    return ("━" * (halves // 2) + "╸" * (halves % 2)).ljust(width)


def sparkline(values: Sequence[float], steps: str = COLUMNS) -> str:
    """A row of little columns, the lowest value as the lowest column; all alike give a middle line."""
    if not values:
        return ""
    low, high = min(values), max(values)
    if high <= low:
        return steps[3] * len(values)
    return "".join(steps[round((value - low) / (high - low) * (len(steps) - 1))] for value in values)


ROUGH_COLUMNS = "_.:-=+*#"
"""The same eight steps where there are no blocks."""


def curve(values: Sequence[float | None], width: int) -> str:
    """A sparkline of at most `width` cells, first and last value included; × where a value was not finite.

    The highest column leaves a gap to the line above, so that curves below one another stay apart.
    """
    if len(values) > width:
        values = [values[round(at * (len(values) - 1) / (width - 1))] for at in range(width)]
    drawn = iter(sparkline([value for value in values if value is not None], COLUMNS[:-1]))
    return "".join("×" if value is None else next(drawn) for value in values)


def plain(bars: str) -> str:
    """The same little columns in plain characters."""
    return bars.translate(str.maketrans(COLUMNS + "×", ROUGH_COLUMNS + "x"))


def gauge(shares: Sequence[float], width: int, ascii_only: bool = False) -> str:
    """A row of little columns for the last shares (0..1), the newest at the right; none is drawn where nothing is known."""
    columns = ROUGH_COLUMNS if ascii_only else COLUMNS
    last = [min(max(share, 0.0), 1.0) for share in shares[-width:]]
    return "".join(columns[round(share * (len(columns) - 1))] for share in last).rjust(width)


RISING_EIGHTHS = " ▁▂▃▄▅▆▇█"
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
    steps = ROUGH if ascii_only else RISING_EIGHTHS
    return [
        "".join(steps[min(max(high - 8 * row, 0), 8)] for high in spread) for row in reversed(range(height))
    ]
