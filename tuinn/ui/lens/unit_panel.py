"""The right side of the lens: one unit, the arithmetic of its value, and what it gives over the test set."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from rich.style import Style
from rich.text import Text

from tuinn.data.inspection import Inspection, Numbers, UnitValues
from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import format_count, printable
from tuinn.ui.lens.controller import LensController
from tuinn.ui.lens.drawing import Line, Palette, heat, marked, number, scale_of, stretched
from tuinn.ui.lens.layer_list import indented
from tuinn.ui.widgets.cell_lines import fitted
from tuinn.view.arithmetic.rules import arithmetic_of
from tuinn.view.arithmetic.unit import Arithmetic, Term, unit_of
from tuinn.view.ascii_image import fit
from tuinn.view.bars import columns, plain, sparkline

BINS = 8
"""Columns of a histogram."""

LEAST_LINES = 3
"""Of a histogram over classes: fewer tell nothing."""

LARGEST = 2
"""Rows that one weight of a kernel is drawn on, at most."""

NUMBERS = 8
"""Cells of a number in the arithmetic."""


@dataclass(frozen=True)
class UnitPanel:
    """Draws the chosen unit in a box of cells."""

    controller: LensController
    facts: DataFacts
    palette: Palette
    accent: str
    ascii_only: bool = False

    @property
    def inspection(self) -> Inspection:
        assert self.controller.inspection is not None
        return self.controller.inspection

    @property
    def title(self) -> str:
        """For the border: the step, the unit, and where on its map."""
        step, cursor = self.controller.shown_step, self.controller.cursor(self.controller.step)
        words = [printable(step.title)]
        if step.shape:
            what = "map" if len(step.shape) > 2 else "channel" if len(step.shape) == 2 else "unit"
            words.append(f"{what} {cursor.unit + 1}/{step.shape[-1]}")
        if cursor.place:
            words.append(f"at {','.join(str(at) for at in cursor.place)}")
        return " · ".join(words)

    def lines(self, rows: int, width: int) -> list[Line]:
        lines = self._map(rows, width)
        histogram = self._histogram(width)
        spare = rows - len(lines) - len(histogram) - bool(histogram)
        if spare < 6 and histogram:  # the arithmetic counts more
            histogram = histogram[: max(rows - len(lines) - 7, 0)]
            histogram = histogram if len(histogram) >= LEAST_LINES else []
            spare = rows - len(lines) - len(histogram) - bool(histogram)
        lines += self._arithmetic(max(spare, 1), width)
        if histogram:
            lines += [Text()] * bool(rows - len(lines) - len(histogram) > 0) + histogram
        return lines[:rows]

    # ------------------------------------------------------------------------------------------ the map itself

    def _map(self, rows: int, width: int) -> list[Line]:
        """The unit's own map, with the place marked; the attention scores of a layer that has them."""
        at, cursor = self.controller.step, self.controller.cursor(self.controller.step)
        scores = self.inspection.scores(at)
        if scores is not None:
            means = scores.mean(axis=0)
            low, high = float(means.min()), float(means.max())
            strips = stretched(means - low, (high - low) or 1.0, max(rows // 3, 3), width, self.palette)
            words = f"attention {number(low)} … {number(high)}: → to, ↓ from step"
            return [*strips, Text(words, "dim")]
        values = self.inspection.values(at)
        if values is None or values.ndim < 3:
            return []
        while values.ndim > 3:
            values = values[cursor.place[0]]
        chosen = values[..., cursor.unit]
        box = max(min(rows - 9, rows * 3 // 5), 3)
        strips = heat(chosen, scale_of(values), box, width, self.palette)
        high, wide = chosen.shape
        drawn = (len(strips), max(strip.cell_length for strip in strips))
        if not self.palette.plain:
            drawn = fit(high, wide, box, width)
        row = cursor.place[-2] * drawn[0] // high // (1 if self.palette.plain else 2)
        mark = Style(color=self.accent, bold=True, reverse=True)
        strips = marked(strips, row, cursor.place[-1] * drawn[1] // wide, mark)
        left = (width - drawn[1]) // 2
        return [indented(strip, max(left, 0)) for strip in strips]

    # ------------------------------------------------------------------------------------------ the arithmetic

    def _arithmetic(self, rows: int, width: int) -> list[Line]:
        place = self.controller.place
        values = self.inspection.values(self.controller.step)
        if values is None:
            return []
        given = float(values[place]) if values.ndim else float(values)
        unit = unit_of(self.inspection, self.controller.step, place)
        found = arithmetic_of(unit) if unit else None
        if found is None:
            return [self._result("value", given, width)]
        lines: list[Line] = [Text(found.head, "dim"), *self._terms(found, rows - 1, width, given)]
        hint = [Text(line, "dim") for line in wrap(self._purpose(), width)]
        return [*lines, Text(), *hint] if hint and len(lines) + len(hint) < rows else lines

    def _purpose(self) -> str:
        """What a function between two Dense layers is for; empty of any other step."""
        steps, at = self.inspection.steps, self.controller.step
        if not 0 < at < len(steps) - 1 or steps[at].kind not in ("Activation", "ReLU", "LeakyReLU", "ELU"):
            return ""
        before, after = steps[at - 1], steps[at + 1]
        if before.kind != "Dense" or after.kind != "Dense":
            return ""
        return f"Without it {before.layer} and {after.layer} would be no more than one Dense layer."

    def _terms(self, found: Arithmetic, rows: int, width: int, given: float) -> list[Line]:
        rest: list[Line] = [self._pair(name, value, width) for name, value in found.closing]
        rule = Text(" " * max(width - NUMBERS, 0) + "─" * min(NUMBERS, width), "dim")
        last = [rule, self._result("", given, width), *self._after()]
        room = max(rows - len(rest) - len(last), 1)
        terms, more = list(found.terms), list[Line]()
        if len(terms) > room:
            terms = sorted(terms, key=lambda term: -abs(term.product))[: max(room - 1, 1)]
            shown = {id(term) for term in terms}
            others = [term.product for term in found.terms if id(term) not in shown]
            name = f"{format_count(len(others))} smaller ones"
            total = float(np.sum(others, dtype=np.float64))
            more = [self._pair(name, total, width) if found.is_sum else Text(f"and {name}", "dim")]
        columns = _Columns.of(terms)
        return [*(columns.line(term, width) for term in terms), *more, *rest, *last]

    def _pair(self, name: str, value: float, width: int) -> Text:
        return Text(fitted(name, width - NUMBERS) + number(value).rjust(NUMBERS), no_wrap=True, end="")

    def _result(self, name: str, value: float, width: int) -> Text:
        return Text(
            fitted(name, width - NUMBERS) + number(value).rjust(NUMBERS), "bold", no_wrap=True, end=""
        )

    def _after(self) -> list[Line]:
        """What the activation function makes of the value, where the next step is that."""
        steps, at = self.inspection.steps, self.controller.step + 1
        values = self.inspection.values(at) if at < len(steps) and steps[at].is_applied else None
        if values is None:
            return []
        return [Text(f"{steps[at].title} → {number(float(values[self.controller.place]))}", self.accent)]

    # ------------------------------------------------------------------------------------------- the test set

    def _histogram(self, width: int) -> list[Line]:
        """What the unit gives over the test set, a line for each class."""
        found = self.controller.unit_values
        if found is None:
            return []
        unit = self.controller.cursor(self.controller.step).unit
        given = found.means[:, unit]
        finite = np.isfinite(given)
        if not finite.any():
            return [Text("over the test set: no value is finite", "dim")]
        edges = np.histogram_bin_edges(given[finite], BINS)
        what = "means " if len(self.controller.shown_step.shape) > 1 else ""
        lines: list[Line] = [Text(f"{what}over {format_count(len(given))} test samples", "dim")]
        for name, rows in self._groups(found):
            some = given[rows & finite]
            if not some.size:
                lines.append(Text(fitted(name, 11) + "no sample", "dim"))
                continue
            counts, _ = np.histogram(some, edges)
            drawn = columns(counts.tolist(), 1, BINS, self.ascii_only)[0]
            lines.append(Text(f"{fitted(name, 11)}{drawn}  mean {number(float(some.mean()))}"))
        ends = f"{number(float(edges[0]))} … {number(float(edges[-1]))}"
        lines.append(Text(f"{'':11}{ends}"[:width], "dim"))
        if found.dead.any():
            lines.append(
                Text(f"dead there: {np.count_nonzero(found.dead)} of {len(found.dead)} units", "dim")
            )
        return lines

    def _groups(self, found: UnitValues) -> list[tuple[str, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]]:
        if self.facts.task in (Task.BINARY, Task.CLASSES) and found.targets.ndim == 1:
            labels = enumerate(self.facts.classes)
            return [(printable(name), np.asarray(found.targets == label)) for label, name in labels]
        return [("all", np.ones(len(found.means), bool))]


@dataclass(frozen=True)
class _Columns:
    """How wide the numbers of some terms are."""

    value: int
    weight: int

    @classmethod
    def of(cls, terms: Sequence[Term]) -> "_Columns":
        shown = [term for term in terms if term.weight is not None or term.share is not None]
        values = max((len(number(term.value)) for term in shown), default=0)
        weights = [len(number(term.weight)) for term in shown if term.weight is not None]
        return cls(values, max(weights, default=0))

    def line(self, term: Term, width: int) -> Text:
        """The name, value × weight, and what that gives."""
        told = f" {number(term.value):>{self.value}}" if self.value else ""
        told += f" × {number(term.weight):>{self.weight}}" if term.weight is not None else ""
        text = Text(fitted(printable(term.label), max(width - len(told) - NUMBERS, 3)), no_wrap=True, end="")
        return text.append(told, "dim").append(number(term.product).rjust(NUMBERS))


def weights_lines(panel: UnitPanel, rows: int, width: int) -> list[Line]:
    """The layer's weights: a histogram of each array; the kernel of the unit as a picture."""
    step, at = panel.controller.shown_step, panel.controller.step
    lines: list[Line] = []
    for name in step.weights:
        array = panel.inspection.weight(at, name)
        if array is None:
            lines.append(Text(f"{name}: too large to be kept here", "dim"))
            continue
        lines.append(Text.assemble((printable(name), "bold"), f" {'×'.join(map(str, array.shape))}"))
        ends = f" {number(float(array.min()))} … {number(float(array.max()))}"
        lines.append(Text(_spread(array, max(width - len(ends), 4), panel.ascii_only) + ends))
        lines += _gradient(panel, f"{step.layer}/{name}", width)
    if not lines:
        return [Text("This step has no weights.", "dim")]
    room = rows - len(lines) - 1
    kernel = panel.inspection.weight(at, step.weights[0])
    if kernel is not None and room > 2:
        lines += _kernel(panel, kernel, room, width)
    return lines[:rows]


def _gradient(panel: UnitPanel, name: str, width: int) -> list[Line]:
    """How the loss would change the weights of this name, once the worker has said it."""
    found = panel.controller.explanation
    told = found.arrays.get(name) if found is not None else None
    if told is None:
        return []
    if not np.isfinite(told).all():
        return [Text("gradient: not finite", "dim")]
    drawn = sparkline(np.log1p(told[3:]).tolist())
    words = f" gradient ±{number(float(told[2]))}"
    return [Text((plain(drawn) if panel.ascii_only else drawn)[: max(width - len(words), 4)] + words, "dim")]


def _spread(array: Numbers, width: int, ascii_only: bool) -> str:
    counts, _ = np.histogram(array[np.isfinite(array)], min(width, 24))
    drawn = sparkline(np.log1p(counts).tolist())
    return plain(drawn) if ascii_only else drawn


def _kernel(panel: UnitPanel, kernel: Numbers, rows: int, width: int) -> list[Line]:
    """What the unit multiplies its inputs by."""
    unit = panel.controller.cursor(panel.controller.step).unit
    if kernel.ndim < 2 or unit >= kernel.shape[-1]:
        return []
    own = kernel[..., unit]
    scale = scale_of(kernel)
    if own.ndim == 1:
        picture = _as_picture(panel, own)
        if picture is not None:
            strips = heat(picture, scale, rows, width, panel.palette)
        else:
            strips = stretched(own[None], scale, min(rows, 2), min(width, len(own) * 4), panel.palette)
        return [Text(f"weights of unit {unit + 1}", "dim"), *strips]
    tiles = own.reshape(-1, *own.shape[-3:])[0] if own.ndim > 2 else own[:, None]
    picture = tiled(tiles, 2 * rows, width)
    rows = min(rows, LARGEST * len(picture))
    strips = heat(picture, scale, rows, width, panel.palette)
    return [Text(f"kernel of map {unit + 1}: a tile per channel", "dim"), *strips]


def tiled(tiles: Numbers, height: int, width: int) -> Numbers:
    """The channels of height × width × channels side by side with gaps of zeros, in rows; as many as have room."""
    high, wide, count = tiles.shape
    across = max(min(width // (wide + 1), count), 1)
    down = max(min(-(-count // across), height // (high + 1)), 1)
    whole = np.zeros((down * (high + 1), across * (wide + 1)), np.float32)
    for at in range(min(across * down, count)):
        top, left = at // across * (high + 1), at % across * (wide + 1)
        whole[top : top + high, left : left + wide] = tiles[..., at]
    return whole[:-1, :-1]


def _as_picture(panel: UnitPanel, own: Numbers) -> Numbers | None:
    """The weights in the shape of the picture that was flattened before; None where there is none."""
    step = panel.controller.shown_step
    before = panel.inspection.steps[step.sources[0]]
    while before.kind in ("Flatten", "Dropout", "Rescaling") and before.sources:
        before = panel.inspection.steps[before.sources[0]]
    shape = before.shape
    if len(shape) == 3 and shape[-1] == 1:
        shape = shape[:2]
    return own.reshape(shape) if len(shape) == 2 and shape[0] * shape[1] == len(own) else None
