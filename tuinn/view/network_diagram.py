"""The network as boxes and lines in text, with shapes: what `plot_model(show_shapes=True)` draws."""

from dataclasses import dataclass

from tuinn.spec.layers.catalog import format_shape
from tuinn.spec.layers.shapes import LayerRow, Summary
from tuinn.text import printable

NARROWEST = 16
LANE = 2
"""Columns that a line beside the boxes takes."""


@dataclass(frozen=True)
class _Rail:
    """A line beside the boxes, from one box down to another. Boxes count from 0, the input."""

    start: int
    end: int
    lane: int


def draw(summary: Summary, width: int) -> list[str]:
    """A box per layer, input first, none wider than `width` columns; layers that are switched off are left out.

    A layer that takes another than the one above it is joined to it by a line on the right. Where there are more
    such lines than the width bears, the box says in words what it takes.
    """
    width = max(NARROWEST, width)
    live = [at for at, row in enumerate(summary.rows) if not row.layer.disabled]
    box_of = {-1: 0} | {at: box for box, at in enumerate(live, start=1)}
    takes = [[box_of[place] for place in summary.rows[at].source_indices or (at - 1,)] for at in live]
    rails = _rails([(start, box) for box, starts in enumerate(takes, start=1) for start in starts])
    lanes = max((rail.lane + 1 for rail in rails), default=0)
    told = lanes * LANE + 2 > width - NARROWEST
    if told:
        rails, lanes = [], 0
    texts = [("input", summary.input_text)]
    texts += [_text(summary, at, told and takes[box] != [box]) for box, at in enumerate(live)]
    widest = max(len(line) for text in texts for line in text)
    inner = min(widest + 2, width - 2 - (lanes * LANE + 1 if lanes else 0))
    inner -= 1 - inner % 2  # odd, so that the lines leave from the middle
    grid = _boxes(texts, inner, takes)
    for rail in rails:
        _lay(grid, rail, inner + 2)
    return ["".join(line).rstrip() for line in grid]


def _text(summary: Summary, at: int, told: bool) -> tuple[str, str]:
    row: LayerRow = summary.rows[at]
    given = [
        summary.rows[place].shape if place >= 0 else summary.input_shape
        for place in row.source_indices or (at - 1,)
    ]
    before = " + ".join(format_shape(shape) if shape is not None else "?" for shape in dict.fromkeys(given))
    after = format_shape(row.shape) if row.shape is not None else "does not fit"
    sources = f" (from {', '.join(row.sources)})" if told and row.sources else ""
    return printable(f"{row.name}: {row.layer.type_name}"), printable(f"{before} → {after}{sources}")


def _rails(edges: list[tuple[int, int]]) -> list[_Rail]:
    """A lane for each edge that isn't to the next box, such that no two that overlap share one."""
    rails: list[_Rail] = []
    for start, end in sorted((edge for edge in edges if edge[1] - edge[0] != 1), key=lambda e: e[1] - e[0]):
        taken = {rail.lane for rail in rails if rail.start < end and start < rail.end}
        lane = next(lane for lane in range(len(rails) + 1) if lane not in taken)
        rails.append(_Rail(start, end, lane))
    return rails


def _boxes(texts: list[tuple[str, str]], inner: int, takes: list[list[int]]) -> list[list[str]]:
    """Four lines a box: top, name, shapes, bottom."""
    middle, grid = inner // 2, []
    for box, text in enumerate(texts):
        above = box > 0 and box - 1 in takes[box - 1]
        below = box < len(takes) and box in takes[box]
        top, bottom = ["─"] * inner, ["─"] * inner
        if above:
            top[middle] = "┴"
        if below:
            bottom[middle] = "┬"
        grid.append(["┌", *top, "┐"])
        grid += [["│", *_centred(line, inner), "│"] for line in text]
        grid.append(["└", *bottom, "┘"])
    return grid


def _centred(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").center(width)


def _lay(grid: list[list[str]], rail: _Rail, edge: int) -> None:
    """Leave the box on its line of shapes, enter the other on its line of the name."""
    out, into, column = rail.start * 4 + 2, rail.end * 4 + 1, edge + 1 + rail.lane * LANE
    grid[out][edge - 1] = "├"
    grid[into][edge - 1] = "◄"
    for line, corner in ((out, "╮"), (into, "╯")):
        for at in range(edge, column):
            _put(grid[line], at, "─")
        _put(grid[line], column, corner)
    for line in range(out + 1, into):
        _put(grid[line], column, "│")


_CROSSED = {
    ("─", "│"): "┼",
    ("│", "─"): "┼",
    ("╮", "─"): "┬",
    ("─", "╮"): "┬",
    ("╯", "─"): "┴",
    ("─", "╯"): "┴",
}


def _put(line: list[str], at: int, sign: str) -> None:
    line += [" "] * (at + 1 - len(line))
    line[at] = _CROSSED.get((line[at], sign), sign)


def skip_connections(summary: Summary) -> tuple[str, ...]:
    """A string per row, all of one width; empty ones where each layer takes the one above.

    A rail starts at its source with `╭`, passes by with `│`, and ends at its last taker with `╰`; takers between
    have `├`. A rail from the input starts above the first row.
    """
    links = _links(summary)
    columns = _columns(links)
    width = max(columns.values(), default=-1) + 1
    lines = [[" "] * width for _ in summary.rows]
    for source, takers in links.items():
        column, last = columns[source], takers[-1]
        for at in range(max(source, 0), last + 1):
            lines[at][column] = "╭" if at == source else "╰" if at == last else "├" if at in takers else "│"
    for source, takers in links.items():
        for at in (source, *takers):
            if at >= 0:
                _reach_out(lines[at], columns[source])
    return tuple("".join(line) for line in lines)


def _links(summary: Summary) -> dict[int, list[int]]:
    """Source → the rows that take it and don't stand just below it."""
    links: dict[int, list[int]] = {}
    above = -1
    for at, row in enumerate(summary.rows):
        if row.layer.disabled:
            continue
        for place in row.source_indices:
            if place != above and at not in links.get(place, []):
                links.setdefault(place, []).append(at)
        above = at
    return dict(sorted(links.items()))


def _columns(links: dict[int, list[int]]) -> dict[int, int]:
    """The leftmost column that is free from the source to the last taker."""
    free_from: list[int] = []
    columns = {}
    for source, takers in links.items():
        column = next((at for at, row in enumerate(free_from) if row < source), len(free_from))
        free_from[column:] = [takers[-1], *free_from[column + 1 :]]
        columns[source] = column
    return columns


def _reach_out(line: list[str], column: int) -> None:
    """From the rail to the row's text, across whatever passes by on its right."""
    for at in range(column + 1, len(line)):
        line[at] = {" ": "─", "│": "┼"}.get(line[at], line[at])
