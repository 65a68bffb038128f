"""A chart as rows of cells: a frame with a light grid, and each curve as a whole line of quadrant blocks.

plotext draws the curves, each alone, so that two of them can share a cell: nothing covers another one's line.
The only importer of plotext, and only of its public functions.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from math import floor
from typing import NamedTuple

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.view.chart_model import AROUND, ChartModel, Line
from tuinn.view.chart_ticks import LABEL_WIDTH

PLOTEXT = threading.Lock()
"""plotext draws on one figure for the whole process."""

QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By bits: 1 is the upper left quarter, 2 the upper right, 4 the lower left, 8 the lower right."""

LEFT, WHOLE = 5, 15

MARKERS = "●▲■◆✚▼○□"
"""Of runs that are compared, beside their colours."""

ASCII_MARKERS = "Ox+%@&=$"

BEST, ASCII_BEST = "★", "*"
GAP, ASCII_GAP = "✗", "x"
SPOT, ASCII_SPOT = "◉", "@"
AMONG_DOTS = "•"
"""A line's cell among points, where there are no colours."""

BETWEEN_MARKERS = 12
"""Cells from one marker of a compared run to the next."""

Place = tuple[int, int]
"""Row and column of a cell of the part inside the frame, from the top and from the left."""

Cells = dict[Place, int]
"""Which quarters of which cells a curve passes."""


class Paint(NamedTuple):
    """The colour of each thing drawn, `#rrggbb`, and what the terminal can show."""

    curves: tuple[str, ...]
    """Training, validation, and those of other runs."""
    axis: str
    grid: str
    gap: str
    cursor: str
    best: str
    ascii_only: bool = False
    """Without blocks and box lines."""
    no_color: bool = False
    """Without colours: curves differ by their stroke."""

    def of(self, which: int) -> str:
        """The colour of a curve, by its number."""
        return self.curves[which % len(self.curves)]


def paint(colours: Mapping[str, str], ascii_only: bool = False, no_color: bool = False) -> Paint:
    """The theme's own."""
    names = ("curve-train", "curve-validation", *(f"curve-{number}" for number in range(2, 8)))
    axis, grid, gap, cursor, best = (
        colours[f"chart-{name}"] for name in ("axis", "grid", "gap", "cursor", "best")
    )
    curves = tuple(colours[name] for name in names)
    return Paint(curves, axis, grid, gap, cursor, best, ascii_only, no_color)


def style_number(line: Line) -> int:
    """Which colour, stroke and marker a line has: 0 is that of training, 1 that of validation."""
    return {"train": 0, "validation": 1}.get(line.role, line.which)


def marker(which: int, ascii_only: bool) -> str:
    """What stands here and there on the line of a compared run; `which` counts from 1."""
    signs = ASCII_MARKERS if ascii_only else MARKERS
    return signs[(which - 1) % len(signs)]


def stroke(which: int, paint: Paint) -> str:
    """Two cells of a curve, for a legend."""
    if paint.ascii_only:
        return 2 * _ascii_stroke(which)
    return 2 * QUADRANTS[_dotted(12) if which == 1 and paint.no_color else 12]


def draw(figure: ChartModel, width: int, height: int, paint: Paint) -> list[Strip]:
    """The chart as exactly `height` rows of `width` cells; the first is the frame's upper edge, with room for a legend."""
    canvas = Canvas(width - LABEL_WIDTH - 2, height - AROUND, figure, paint)
    canvas.draw_grid()
    layers = [(style_number(line), trace(line, canvas)) for line in figure.lines]
    canvas.draw_layers(layers)
    if len([line for line in figure.lines if line.runs]) > 1:
        for at, (which, cells) in enumerate(layers):
            if figure.lines[at].role == "other":
                canvas.draw_markers(which, cells, at)
    canvas.draw_signs(_main(figure, layers), [cells for _, cells in layers])
    return [*_framed(canvas, figure, paint)]


def _main(figure: ChartModel, layers: Sequence[tuple[int, Cells]]) -> list[Cells]:
    """The curves that are the run's own, the one it is judged by first."""
    own = [cells for line, (_, cells) in zip(figure.lines, layers, strict=True) if line.role != "other"]
    return [cells for cells in reversed(own) if cells]


def trace(line: Line, canvas: "Canvas") -> Cells:
    """The cells that a line passes, as plotext draws it."""
    if not line.runs or canvas.width < 1 or canvas.height < 1:
        return {}
    size, figure = (canvas.width, canvas.height), canvas.figure
    runs = tuple(map(tuple, line.runs))
    return dict(_traced(runs, line.dots, size, figure.x, figure.y, "#" if canvas.paint.ascii_only else "hd"))


@lru_cache(maxsize=16)  # plotext takes 6 ms for a curve, and of those on a chart most stay when one changes
def _traced(
    runs: tuple[tuple[tuple[float, float], ...], ...],
    dots: bool,
    size: tuple[int, int],
    x: tuple[float, float],
    y: tuple[float, float],
    sign: str,
) -> Cells:
    import plotext

    with PLOTEXT:
        plotext.clear_figure()
        plotext.plotsize(*size)
        plotext.xaxes(False, False)
        plotext.yaxes(False, False)
        plotext.xfrequency(0)
        plotext.yfrequency(0)
        for run in runs:
            (plotext.scatter if dots else plotext.plot)(*zip(*run, strict=True), marker=sign)
        plotext.xlim(*x)
        plotext.ylim(*y)
        drawn = plotext.uncolorize(plotext.build()).split("\n")
    return {
        (row, column): WHOLE if letter == "#" else QUADRANTS.index(letter)
        for row, letters in enumerate(drawn)
        for column, letter in enumerate(letters)
        if letter != " "
    }


@dataclass
class Canvas:
    """The part inside the frame, a character and a style per cell."""

    width: int
    height: int
    figure: ChartModel
    paint: Paint
    cells: list[list[tuple[str, Style]]] = field(default_factory=list)

    @property
    def has_dots(self) -> bool:
        """Whether a line runs among points, which would hide it where they are alike."""
        return any(line.dots for line in self.figure.lines)

    def __post_init__(self) -> None:
        self.cells = [[(" ", Style())] * self.width for _ in range(self.height)]

    def put(
        self, place: Place, sign: str, colour: str, ground: str | None = None, bold: bool = False
    ) -> None:
        """Draw one cell."""
        row, column = place
        if 0 <= row < self.height and 0 <= column < self.width:
            self.cells[row][column] = (sign, _style(colour, ground, bold))

    def column(self, x: float) -> int:
        """Of a place on the x axis."""
        return self._cell(x, self.figure.x, self.width)

    def row(self, y: float) -> int:
        """Of a place on the y axis."""
        return self.height - 1 - self._cell(y, self.figure.y, self.height)

    def _cell(self, value: float, bounds: tuple[float, float], cells: int) -> int:
        # plotext puts the bounds in the middle of the outermost quarters, or of the outermost cells.
        parts = 1 if self.paint.ascii_only else 2
        share = (value - bounds[0]) / (bounds[1] - bounds[0])
        return floor(round(0.5 + (parts * cells - 1) * share, 8)) // parts

    def draw_grid(self) -> None:
        """Dots along each tick, and the cursor."""
        across, down = (".", ".") if self.paint.ascii_only else ("┈", "┊")
        for x, _ in self.figure.x_ticks:
            self._upright(x, down, self.paint.grid)
        for y, _ in self.figure.y_ticks:
            row = self.row(y)
            for column in range(0, self.width, 2 if self.paint.ascii_only else 1):
                self.put((row, column), across, self.paint.grid)
        for x in self.figure.gaps:
            self._upright(x, "|" if self.paint.ascii_only else "┊", self.paint.gap)
        if self.figure.cursor is not None:
            self._upright(self.figure.cursor, "|" if self.paint.ascii_only else "│", self.paint.cursor)

    def _upright(self, x: float, sign: str, colour: str) -> None:
        column = self.column(x)
        for row in range(self.height):
            self.put((row, column), sign, colour)

    def draw_layers(self, layers: Sequence[tuple[int, Cells]]) -> None:
        """The curves; a cell shows the uppermost two of those that pass it."""
        passing: dict[Place, list[tuple[int, int]]] = {}
        for which, cells in layers:
            for place, mask in cells.items():
                passing.setdefault(place, []).append((which, mask))
        for place, curves in passing.items():
            if len(curves) > 1:
                self._share(place, *curves[-2:])
            else:
                self._put_curve(place, *curves[0])

    def _put_curve(self, place: Place, which: int, mask: int) -> None:
        paint = self.paint
        if paint.ascii_only:
            sign = _ascii_stroke(which)
        elif which == 1 and paint.no_color and self.has_dots:
            sign = AMONG_DOTS
        else:
            sign = QUADRANTS[_dotted(mask) if which == 1 and paint.no_color else mask]
        self.put(place, sign, paint.of(which))

    def _share(self, place: Place, under: tuple[int, int], over: tuple[int, int]) -> None:
        """Two curves in one cell: one in its ink, the other as its ground; where they run together, by turns."""
        plain = self.paint.ascii_only or self.paint.no_color
        if plain and self.has_dots:
            self._put_curve(place, *(under if under[0] == 1 else over))
        elif not plain and over[1] == WHOLE != under[1]:
            self.put(place, QUADRANTS[under[1]], self.paint.of(under[0]), self.paint.of(over[0]))
        elif plain or not under[1] & ~over[1]:
            self._put_curve(place, *(over if place[1] % 2 else under))
        else:
            colours = self.paint.of(over[0]), self.paint.of(under[0])
            self.put(place, QUADRANTS[over[1]], *colours)

    def draw_markers(self, which: int, cells: Cells, first: int) -> None:
        """Here and there on a curve the sign of its run, each run's in other columns."""
        for column in range((5 * first) % BETWEEN_MARKERS, self.width, BETWEEN_MARKERS):
            rows = sorted(row for row, at in cells if at == column)
            if rows:
                place = (rows[len(rows) // 2], column)
                self.put(place, marker(which, self.paint.ascii_only), self.paint.of(which))

    def draw_signs(self, own: Sequence[Cells], every: Sequence[Cells]) -> None:
        """The best epoch, what was done and where values broke, each on the curve it is about."""
        figure, paint = self.figure, self.paint
        for x, sign in figure.marks:
            self.put(self._on(own[::-1], self.column(x)), sign, paint.cursor, bold=True)
        for x in figure.gaps:
            broken = ASCII_GAP if paint.ascii_only else GAP
            self.put(self._on(own[::-1], self.column(x)), broken, paint.gap, bold=True)
        for line, cells in zip(figure.lines, every, strict=True):
            for run in line.runs:
                if len(run) == 1 and not line.dots:
                    self._put_dot(line, cells, run[0])
        if figure.best is not None:
            x, y = figure.best
            best = ASCII_BEST if paint.ascii_only else BEST
            self.put(self._on(own[:1], self.column(x), self.row(y)), best, paint.best, bold=True)
        if figure.spot is not None:
            x, y = figure.spot
            spot = ASCII_SPOT if paint.ascii_only else SPOT
            self.put((self.row(y), self.column(x)), spot, paint.cursor, bold=True)

    def _put_dot(self, line: Line, cells: Cells, point: tuple[float, float]) -> None:
        """A curve of a single point would be a speck."""
        which = style_number(line)
        sign = _ascii_stroke(which) if self.paint.ascii_only else "●○"[which == 1 and self.paint.no_color]
        self.put((self.row(point[1]), self.column(point[0])), sign, self.paint.of(which))

    def _on(self, curves: Iterable[Cells], column: int, wanted: int | None = None) -> Place:
        """The cell of the first of these curves that passes this column, or the last one before it; else at the bottom."""
        for cells in curves:
            columns = [at for _, at in cells if at <= column]
            if columns:
                at = max(columns)
                rows = sorted(row for row, place in cells if place == at)
                row = rows[-1] if wanted is None else min(rows, key=lambda row: abs(row - wanted))
                return row, at
        return self.height - 1, column


def _framed(canvas: Canvas, figure: ChartModel, paint: Paint) -> Iterator[Strip]:
    """The rows with the axes and their labels."""
    plain = paint.ascii_only
    line, wall, tick, down, corners = ("-", "|", "+", "+", "++++") if plain else ("─", "│", "┤", "┬", "┌┐└┘")
    axis = _style(paint.axis)
    labels = {canvas.row(y): label for y, label in figure.y_ticks}
    gutter = " " * LABEL_WIDTH
    yield Strip([Segment(f"{gutter}{corners[0]}{line * canvas.width}{corners[1]}", axis)])
    for row, cells in enumerate(canvas.cells):
        left = f"{labels.get(row, gutter)}{tick if row in labels else wall}"
        yield Strip([Segment(left, axis), *_segments(cells), Segment(wall, axis)])
    ticks = {canvas.column(x): label for x, label in figure.x_ticks}
    edge = "".join(down if column in ticks else line for column in range(canvas.width))
    yield Strip([Segment(f"{gutter}{corners[2]}{edge}{corners[3]}", axis)])
    yield Strip([Segment(_x_labels(ticks, canvas.width, figure.x_name), axis)])


def _x_labels(ticks: Mapping[int, str], width: int, name: str) -> str:
    """The numbers under their ticks, those that have room, and at the left what they are."""
    words = f" {name}".ljust(LABEL_WIDTH + 1)
    for column, label in ticks.items():
        start = min(LABEL_WIDTH + 1 + column - (len(label) - 1) // 2, LABEL_WIDTH + 2 + width - len(label))
        if start > len(words) - (len(words) == LABEL_WIDTH + 1):
            words = words.ljust(start) + label
    return words.ljust(LABEL_WIDTH + 2 + width)


def _segments(cells: Sequence[tuple[str, Style]]) -> Iterator[Segment]:
    for style, alike in groupby(cells, key=lambda cell: cell[1]):
        yield Segment("".join(sign for sign, _ in alike), style)


@lru_cache(
    maxsize=256
)  # a chart has a thousand cells of a few styles, and equal styles are compared faster as one
def _style(colour: str, ground: str | None = None, bold: bool = False) -> Style:
    return Style(
        color=Color.parse(colour), bgcolor=Color.parse(ground) if ground else None, bold=bold or None
    )


def _dotted(mask: int) -> int:
    """A thinner stroke: of each cell the left half, where there is any of it."""
    return mask & LEFT or mask


def _ascii_stroke(which: int) -> str:
    return "#o"[which] if which < 2 else ","
