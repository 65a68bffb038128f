"""The left side of the lens: every step with its shape and formula, and what it gives for the sample."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from tuinn.data.inspection import Inspection, Numbers, Step
from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers.numpy_formulas import numpy_formula
from tuinn.text import printable
from tuinn.ui.lens.controller import LensController
from tuinn.ui.lens.drawing import Line, Palette, heat, number, plain_number, scale_of, share_of, stretched
from tuinn.ui.widgets.cell_lines import fitted
from tuinn.ui.widgets.picture import sheet_strips
from tuinn.view.ascii_image import sheet_of_size
from tuinn.view.bars import bar

FEW = 16
"""Units whose values are written out in a line of their own."""

LEAST_MAP = 8
"""Pixels that a tile is high, at least, where a map has so many."""

MAP_ROWS, UNIT_ROWS = 10, 5
"""Rows that maps and units of the chosen step get before the list of all steps has room."""

NUMBER, LABEL = 7, 12
"""Cells of a number with a blank, and of a unit's name at most."""


@dataclass(frozen=True)
class LayerList:
    """Draws the steps of an inspection in a box of cells."""

    controller: LensController
    facts: DataFacts
    palette: Palette
    accent: str
    ascii_only: bool = False

    @property
    def inspection(self) -> Inspection:
        assert self.controller.inspection is not None
        return self.controller.inspection

    def lines(self, rows: int, width: int) -> list[Line]:
        """The steps with what has room beneath them; the one that is chosen is always among them."""
        first, last = self._window(rows)
        room = self._share(rows - (last - first), width, first, last)
        lines: list[Line] = []
        for at in range(first, last):
            lines.append(self._head(at, width))
            if room[at]:
                lines += self._details(at, room[at], width)
        # Tiles seldom need all the room that they were given: more steps have it.
        while len(lines) < rows and last < len(self.inspection.steps):
            lines.append(self._head(last, width))
            last += 1
        while len(lines) < rows and first > 0:
            first -= 1
            lines.insert(0, self._head(first, width))
        return lines

    def _window(self, rows: int) -> tuple[int, int]:
        """The steps that are listed: all, or those round the chosen one that leave it room."""
        count, chosen = len(self.inspection.steps), self.controller.step
        values = self.inspection.values(chosen)
        reserve = min(MAP_ROWS if values is not None and values.ndim > 1 else UNIT_ROWS, rows * 2 // 3)
        fits = max(min(count, rows - reserve), 1)
        first = min(max(chosen - fits // 2, 0), count - fits)
        return first, first + fits

    def _share(self, spare: int, width: int, first: int, last: int) -> dict[int, int]:
        """Rows beneath each step: a line for the values of small ones first, the rest for the chosen one."""
        chosen, room = self.controller.step, dict.fromkeys(range(first, last), 0)
        room[chosen] = min(self._least(chosen, width), max(spare, 0))
        spare -= room[chosen]
        for at in sorted(range(first, last), key=lambda at: (at != last - 1, abs(at - chosen))):
            if at == chosen:
                continue
            wish = self._line_rows(at, width)
            if 0 < wish <= spare:
                room[at], spare = wish, spare - wish
        room[chosen] += max(min(self._wish(chosen, width) - room[chosen], spare), 0)
        return room

    def _line_rows(self, at: int, width: int) -> int:
        """Rows for the values of a step that isn't chosen; 0 where they are too many."""
        step = self.inspection.steps[at]
        values = self.inspection.values(at)
        if values is None or values.ndim != 1 or len(values) > FEW:
            return 0
        if at == len(self.inspection.steps) - 1 and step.labels:
            return min(len(values), 3)
        return -(-len(values) // max((width - 2) // NUMBER, 1))

    def _least(self, at: int, width: int) -> int:
        """Rows that the chosen step gets before others get any."""
        values = self.inspection.values(at)
        if values is None:
            return 1
        return min(self._wish(at, width), 5 if values.ndim == 1 else 6)

    def _wish(self, at: int, width: int) -> int:
        values = self.inspection.values(at)
        if values is None or not values.ndim:
            return 1
        if values.ndim == 1:
            columns = self._columns(at, width)
            return -(-len(values) // columns) + 4 * (len(values) > FEW)
        return 40

    # ------------------------------------------------------------------------------------------------ lines

    def _head(self, at: int, width: int) -> Text:
        step, is_chosen = self.inspection.steps[at], at == self.controller.step
        names = max(min(max(len(one.title) for one in self.inspection.steps), 14), 5)
        shapes = max(min(max(len(shape_text(one.shape)) for one in self.inspection.steps), 10), 1)
        text = Text(no_wrap=True, end="")
        text.append("▸" if is_chosen else " ", self.accent)
        text.append(fitted(printable(step.title), names), f"bold {self.accent}" if is_chosen else "bold")
        text.append(f" {shape_text(step.shape):<{shapes}} ")
        text.append(shorter(self._formula(at), width - text.cell_len), "dim")
        text.truncate(width, overflow="ellipsis")
        return text

    def _formula(self, at: int) -> str:
        step = self.inspection.steps[at]
        if len(step.sources) > 1:
            names = [self.inspection.steps[source].title for source in step.sources]
            return numpy_formula(step.kind, step.options, names, inner=step.inner)
        told = numpy_formula(step.kind, step.options, inner=step.inner)
        jumps = step.sources and step.sources[0] != at - 1
        return f"of {self.inspection.steps[step.sources[0]].title}: {told}" if jumps else told

    def _details(self, at: int, rows: int, width: int) -> list[Line]:
        step, values = self.inspection.steps[at], self.inspection.values(at)
        is_chosen = at == self.controller.step
        if values is None:
            return [Text(f"  {line}", "dim") for line in self._without_values(at, width - 2)[:rows]]
        if not values.ndim:
            return [Text(f"  {plain_number(float(values))}")]
        if values.ndim == 1:
            if at == len(self.inspection.steps) - 1 and step.labels and not is_chosen:
                return self._largest(step, values, rows, width)
            return self._units(at, rows, width) if is_chosen else self._values(values, rows, width)
        return self._maps(at, values, rows, width)

    def _without_values(self, at: int, width: int) -> list[str]:
        texts = self.inspection.texts.get(f"v{at}")
        if texts is None:
            return ["too large to be kept here"]
        whole = printable(" ".join(str(text) for text in texts.ravel()))
        return [whole[start : start + width] for start in range(0, len(whole), max(width, 1))] or [""]

    def _values(self, values: Numbers, rows: int, width: int) -> list[Line]:
        """The numbers, in lines."""
        each = max((width - 2) // NUMBER, 1)
        told = teller(values)
        shown = [told(float(value)).rjust(NUMBER - 1) for value in values]
        starts = range(0, len(shown), each)
        return [Text("  " + " ".join(shown[at : at + each])) for at in starts[:rows]]

    def _largest(self, step: Step, values: Numbers, rows: int, width: int) -> list[Line]:
        """The classes with the largest shares, the largest first."""
        order = np.argsort(-values, kind="stable")[:rows]
        return [self._bar(step, int(at), values, width) for at in order]

    def _bar(self, step: Step, at: int, values: Numbers, width: int, is_chosen: bool = False) -> Text:
        """A unit that has a name, in a line of its own."""
        value = float(values[at])
        is_share = step.options.get("activation") in ("softmax", "sigmoid") and 0 <= value <= 1
        told = f"{100 * value:5.1f} %" if is_share else number(value).rjust(NUMBER)
        name = fitted(printable(step.labels[at]) if at < len(step.labels) else str(at + 1), LABEL)
        length = max(width - LABEL - len(told) - 5, 1)
        share = value if is_share else share_of(value, scale_of(values))
        text = Text(" ", no_wrap=True, end="").append("▸" if is_chosen else " ", self.accent)
        text.append(f"{name} ", f"bold {self.accent}" if is_chosen else "")
        return text.append(bar(share, length, self.ascii_only), self._hue(value)).append(f" {told}")

    def _hue(self, value: float) -> str:
        rgb = self.palette.negative if value < 0 else self.palette.positive
        return "" if self.palette.plain else "#{:02x}{:02x}{:02x}".format(*(int(255 * part) for part in rgb))

    # ------------------------------------------------------------------------------------------------ units

    def _columns(self, at: int, width: int) -> int:
        """Units side by side."""
        step = self.inspection.steps[at]
        return 1 if step.labels else max((width - 2) // 19, 1)

    def _units(self, at: int, rows: int, width: int) -> list[Line]:
        """Bars of single units round the chosen one; above them all units as a strip where they are many."""
        step, values = self.inspection.steps[at], self.inspection.values(at)
        assert values is not None
        lines: list[Line] = []
        if len(values) > FEW and rows > 2:
            lines += self._grid(values, max(rows // 3, 1), width)
        columns, unit = self._columns(at, width), self.controller.cursor(at).unit
        down = max(min(rows - len(lines), -(-len(values) // columns)), 1)
        first = min(max(unit - down * columns // 2, 0), max(len(values) - down * columns, 0))
        pitch = (width - 2) // columns
        if step.labels:
            shown = range(first, min(first + down, len(values)))
            return lines + [self._bar(step, one, values, width, one == unit) for one in shown]
        for row in range(down):
            line = Text(" ", no_wrap=True, end="")
            for at_unit in range(first + row, min(first + down * columns, len(values)), down):
                line.append_text(self._unit(at_unit, values, pitch, at_unit == unit))
            lines.append(line)
        return lines

    def _unit(self, at: int, values: Numbers, width: int, is_chosen: bool) -> Text:
        value = float(values[at])
        name = str(at + 1).rjust(len(str(len(values))))
        length = max(width - len(name) - NUMBER - 5, 1)
        text = Text(no_wrap=True, end="")
        text.append("▸" if is_chosen else " ", self.accent)
        text.append(name, f"bold {self.accent}" if is_chosen else "")
        text.append(" " + bar(share_of(value, scale_of(values)), length, self.ascii_only), self._hue(value))
        text.append(teller(values)(value).rjust(NUMBER))
        return text.append("  ")

    def _grid(self, values: Numbers, rows: int, width: int) -> list[Line]:
        """All units in rows of half blocks, line by line; where they are too many, every so many-th."""
        across = min(len(values), width - 2)
        high = min(-(-len(values) // across), rows if self.palette.plain else 2 * rows)
        cells = np.zeros(high * across, np.float32)
        count = min(len(values), len(cells))
        cells[:count] = values[np.arange(count) * len(values) // count]
        strips = heat(cells.reshape(high, across), scale_of(values), rows, across, self.palette)
        return [indented(strip, 2) for strip in strips]

    # ------------------------------------------------------------------------------------------------- maps

    def _maps(self, at: int, values: Numbers, rows: int, width: int) -> list[Line]:
        """Feature maps as tiles; a sequence as a heat map, its steps from left to right."""
        if values.ndim == 2 and not (at == 0 and self.facts.is_image):
            words = Text(f"  → {values.shape[0]} steps · ↓ {values.shape[1]} channels", "dim")
            if rows < 2:
                return [words]
            strips = stretched(values.T, scale_of(values), rows - 1, width - 2, self.palette)
            return [*(indented(strip, 2) for strip in strips), words]
        while values.ndim > 3:
            values = values[self.controller.cursor(at).place[0]]
        if values.ndim == 2:
            values = values[..., None]
        count, unit = values.shape[-1], self.controller.cursor(at).unit if values.ndim == 3 else 0
        unit = min(unit, count - 1)
        height, wide = values.shape[:2]
        sheet = sheet_of_size(count, LEAST_MAP, height, wide, rows, width - 2)
        first = unit // max(sheet.places, 1) * sheet.places
        shown = range(first, min(first + sheet.places, count))
        scale = scale_of(values)
        pictures = [self.palette.coloured(values[..., channel], scale) for channel in shown]
        captions = [str(channel + 1) for channel in shown]
        mark = Style(color=self.accent, bold=True)
        strips = sheet_strips(pictures, captions, sheet, width - 2, self.palette.plain, unit - first, mark)
        return [indented(strip, 2) for strip in strips[:rows]]


def shape_text(shape: tuple[int, ...]) -> str:
    """`26×26×32`; `1` for a single number."""
    return "×".join(str(size) for size in shape) if shape else "1"


def teller(values: Numbers) -> Callable[[float], str]:
    """How the numbers of a step are written: whole ones as such, where all are whole and more than 0 and 1."""
    are_whole = bool(
        np.isfinite(values).all() and (values == np.round(values)).all() and np.abs(values).max() > 1
    )
    return plain_number if are_whole else number


def shorter(formula: str, width: int) -> str:
    """Without what stands behind its first comma outside brackets, where the whole has no room."""
    head = formula.split(", for ")[0]
    return formula if len(formula) <= width else head


def indented(strip: Strip, by: int) -> Strip:
    from rich.segment import Segment

    return Strip([Segment(" " * by), *strip])
