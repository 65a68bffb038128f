"""Trials as lines across parallel axes, an axis per field and one for the metric. Pure: characters and their roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from statistics import median
from typing import Literal

from tuinn.spec.naming import field_label
from tuinn.sweeps.ranges import Choices, Range, Setting, shown
from tuinn.sweeps.view import SweepView, Trial
from tuinn.text import format_metric

Role = Literal["axis", "label", "other", "chosen", "best"]
"""Later ones are drawn over earlier ones."""

ROLES: tuple[Role, ...] = ("axis", "label", "other", "chosen", "best")

NARROWEST = 8
"""Cells per axis at least."""

MOST_LINES = 150
"""Of more trials only the best are drawn: a chart never holds up the screen."""

Piece = tuple[str, Role]
"""Characters that look alike."""

BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The dots of a braille character by row and column."""

ASCII = {"axis": "|", "other": ".", "chosen": "o", "best": "*"}

FAR = 4.0
"""How many times as far from the best as the median is a value may lie to have a place of its own on the axis."""


@dataclass(frozen=True)
class Axis:
    """One vertical line."""

    name: str
    top: str
    bottom: str


def chart(
    view: SweepView, width: int, height: int, chosen: int = 0, ascii_only: bool = False
) -> list[list[Piece]]:
    """Rows of pieces: names and highest values above, the lines, lowest values below. Empty where there is no room.

    `chosen` is a trial's number. The best trial's line is whole, the others' are dotted.
    """
    axes, lines = axes_of(view), lines_of(view)
    rows = height - 3
    if rows < 2 or width < NARROWEST * len(axes) or not lines:
        return []
    columns = [round(at * (width - 9) / (len(axes) - 1)) + 4 for at in range(len(axes))]
    canvas = Canvas(width, rows)
    for column in columns:
        canvas.stroke(column, 0, column, rows, "axis")
    best = view.best.number if view.best else 0
    shown = sorted(lines.items(), key=lambda one: (one[0] == best, one[0] == chosen, one[1][-1]))[
        -MOST_LINES:
    ]
    for number, heights in shown:
        role: Role = "best" if number == best else "chosen" if number == chosen else "other"
        for (x, y), (to_x, to_y) in zip(
            zip(columns, heights, strict=True), list(zip(columns, heights, strict=True))[1:], strict=False
        ):
            canvas.stroke(x, (1 - y) * rows, to_x, (1 - to_y) * rows, role)
    return [
        _labels([axis.name for axis in axes], columns, width),
        _labels([axis.top for axis in axes], columns, width),
        *canvas.rows(ascii_only),
        _labels([axis.bottom for axis in axes], columns, width),
    ]


def axes_of(view: SweepView) -> list[Axis]:
    """The fields in the order of the sweep, then the metric with the better values on top."""
    axes = [
        Axis(field_label(view.sweep.base, one.path), shown(_order(one)[-1]), shown(_order(one)[0]))
        for one in view.sweep.ranges
    ]
    best, worst, cut = _reach(view)
    return [
        *axes,
        Axis(
            view.sweep.metric, format_metric(best), f"{'≥≤'[view.sweep.rises]}" * cut + format_metric(worst)
        ),
    ]


def lines_of(view: SweepView) -> dict[int, list[float]]:
    """Trial → its height on each axis, 0..1; those with a value of the metric only."""
    best, worst, _ = _reach(view)
    found = {}
    for trial in _valued(view):
        assert trial.value is not None
        value = min(max((trial.value - worst) / (best - worst), 0.0), 1.0) if best != worst else 1.0
        places = [place(one, trial.values.get(one.path)) for one in view.sweep.ranges]
        found[trial.number] = [*places, value]
    return found


def place(one: Range, value: Setting | None) -> float:
    """Where a value stands on its field's axis, 0..1."""
    if isinstance(one, Choices):
        order = _order(one)
        return order.index(value) / (len(order) - 1) if value in order else 0.5
    if not isinstance(value, int | float):
        return 0.5
    low, high, here = (log10(v) if one.log and v > 0 else v for v in (one.low, one.high, float(value)))
    return min(max((here - low) / (high - low), 0.0), 1.0)


def _order(one: Range) -> tuple[Setting, ...]:
    """Lowest first; words in the order in which they were given."""
    if isinstance(one, Choices) and all(isinstance(v, int | float) for v in one.values):
        return tuple(sorted(one.values, key=float))
    return one.corners()


def _valued(view: SweepView) -> Sequence[Trial]:
    return [trial for trial in view.trials if trial.value is not None]


def _reach(view: SweepView) -> tuple[float, float, bool]:
    """The best and the worst value of the metric's axis; True: there are worse ones, which stand at its end."""
    values = sorted(
        (trial.value for trial in _valued(view) if trial.value is not None), reverse=view.sweep.rises
    )
    if not values:
        return 0.0, 0.0, False
    best, worst = values[0], values[-1]
    limit = best + FAR * (median(values) - best)
    return (best, limit, True) if abs(worst - best) > abs(limit - best) > 0 else (best, worst, False)


class Canvas:
    """Dots in braille, two by four to a character; each character has the role of the last that drew into it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.bits = [[0] * width for _ in range(height)]
        self.roles: list[list[Role]] = [["axis"] * width for _ in range(height)]

    def stroke(self, x: float, y: float, to_x: float, to_y: float, role: Role) -> None:
        """A line between two places in characters; (0, 0) is the upper left corner. Lines of others are dotted."""
        steps = max(round(abs(to_x - x) * 2), round(abs(to_y - y) * 4), 1)
        for step in range(steps + 1):
            if role == "other" and step % 3:
                continue
            share = step / steps
            self._dot(round((x + share * (to_x - x)) * 2), round((y + share * (to_y - y)) * 4), role)

    def _dot(self, x: int, y: int, role: Role) -> None:
        x, y = min(max(x, 0), 2 * self.width - 1), min(max(y, 0), 4 * self.height - 1)
        if ROLES.index(role) > ROLES.index(self.roles[y // 4][x // 2]):
            self.roles[y // 4][x // 2] = role
        self.bits[y // 4][x // 2] |= BITS[y % 4][x % 2]

    def rows(self, ascii_only: bool) -> list[list[Piece]]:
        made = []
        for bits, roles in zip(self.bits, self.roles, strict=True):
            letters = [
                " " if not dots else ASCII[role] if ascii_only else chr(0x2800 + dots)
                for dots, role in zip(bits, roles, strict=True)
            ]
            made.append(_joined(letters, roles))
        return made


def _joined(letters: Sequence[str], roles: Sequence[Role]) -> list[Piece]:
    pieces: list[Piece] = []
    for letter, role in zip(letters, roles, strict=True):
        if pieces and (pieces[-1][1] == role or letter == " "):
            pieces[-1] = (pieces[-1][0] + letter, pieces[-1][1])
        else:
            pieces.append((letter, role))
    return pieces


def _labels(words: Sequence[str], columns: Sequence[int], width: int) -> list[Piece]:
    """Each word centred over its axis, as far as the edges and its neighbours let it."""
    line, end = "", 0
    room = (columns[1] - columns[0] - 1) if len(columns) > 1 else width
    for word, column in zip(words, columns, strict=True):
        cut = word if len(word) <= room else word[: room - 1] + "…"
        left = min(max(column - len(cut) // 2, end), width - len(cut))
        line = line.ljust(left) + cut
        end = len(line) + 1
    return [(line[:width], "label")]
