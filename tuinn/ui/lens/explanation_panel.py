"""The right side of the lens when it explains: what speaks for a class, which columns matter, the samples as a scatter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from tuinn.data.inspection import Explanation, Numbers
from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import format_count, printable
from tuinn.ui.lens.controller import LensController
from tuinn.ui.lens.drawing import Line, Palette, Pixels, number, plain_number, scale_of, share_of
from tuinn.ui.lens.layer_list import indented
from tuinn.ui.widgets.cell_lines import fitted
from tuinn.ui.widgets.picture import characters, half_blocks
from tuinn.view.ascii_image import resized, unit
from tuinn.view.bars import bar
from tuinn.view.tensor import plane_of

TITLES = {
    "occlusion": "occlusion",
    "gradient": "gradient × input",
    "grad_cam": "Grad-CAM",
    "importance": "which columns matter",
    "effect": "effect of a column",
    "projection": "test samples by PCA",
}

WORDS = {
    "occlusion": "how far its probability falls when a part is covered",
    "gradient": "what each number adds to its score, roughly",
    "grad_cam": "where the last convolution sees it",
}

LABEL = 18
"""Cells of a name beside a bar, at most; and at most half of the line."""

MOST_CURVES = 8
"""Classes whose curves are drawn: those that change most."""

Cells = NDArray[np.intp]


@dataclass(frozen=True)
class ExplanationPanel:
    """Draws the view of the controller in a box of cells."""

    controller: LensController
    facts: DataFacts
    palette: Palette
    accent: str
    hues: tuple[str, ...]
    """Of the classes, one after the other; empty where there are no colours."""
    ascii_only: bool = False

    @property
    def title(self) -> str:
        controller = self.controller
        if controller.view == "effect":
            return f"effect of {printable(self.facts.feature(controller.column))}"
        if controller.view == "projection":
            return f"test samples by PCA · {printable(controller.shown_step.title)}"
        return TITLES[controller.view]

    def lines(self, rows: int, width: int) -> list[Line]:
        found = self.controller.explanation
        if found is None:
            return [Text("" if self.controller.problem else "asking the worker…", "dim")]
        match self.controller.view:
            case "importance":
                return self._importance(found, rows, width)
            case "effect":
                return self._effect(found, rows, width)
            case "projection":
                return self._scatter(found, rows, width)
            case _:
                return self._why(found, rows, width)

    # ---------------------------------------------------------------------------------------------- one sample

    def _why(self, found: Explanation, rows: int, width: int) -> list[Line]:
        parts = found.arrays["parts"]
        name = self._class(found.about.target) or printable(self.facts.target) or "the output"
        lines: list[Line] = [Text.assemble("for ", (name, f"bold {self.accent}"))]
        lines += [Text(line, "dim") for line in _wrapped(WORDS[self.controller.view], width)]
        if parts.ndim == 2:
            return lines + self._picture(parts, rows - len(lines) - 1, width) + [self._ends(parts)]
        labels = found.about.labels or tuple(str(at + 1) for at in range(len(parts)))
        if self.facts.is_text:
            lines += [self._text(parts, labels, line) for line in _rows_of_words(labels, width)][: rows // 3]
        return lines + self._bars(parts, labels, rows - len(lines), width)

    def _class(self, target: int) -> str:
        names = self.facts.classes or self.facts.target_names
        return printable(names[target]) if target < len(names) else ""

    def _ends(self, parts: Numbers) -> Text:
        return Text(f"{number(float(parts.min()))} … {number(float(parts.max()))}", "dim")

    def _picture(self, parts: Numbers, rows: int, width: int) -> list[Line]:
        """The sample, grey, with the parts in colour over it."""
        assert self.controller.inspection is not None
        sample = self.controller.inspection.values(0)
        drawn: Pixels = self.palette.coloured(parts, scale_of(parts))
        if sample is not None and not self.palette.plain:
            grey = unit(plane_of(sample)[0], self.facts.low, self.facts.high)
            grey = grey if grey.ndim == 2 else grey.mean(axis=-1)
            shares = np.clip(parts / scale_of(parts), -1, 1)
            wide = resized(shares.astype(np.float32), *grey.shape)
            weight = np.sqrt(np.abs(wide))[..., None] * 0.75
            hue = np.where(wide[..., None] < 0, self.palette.negative, self.palette.positive)
            ground = 1 - grey if self.palette.is_light else grey
            drawn = np.asarray(ground[..., None] * (1 - weight) + hue * weight, np.float32)
        draw = characters if self.palette.plain else half_blocks
        strips = draw(np.clip(drawn, 0, 1), max(rows, 1), width)
        left = (width - max(strip.cell_length for strip in strips)) // 2
        return [indented(strip, max(left, 0)) for strip in strips]

    def _text(self, parts: Numbers, labels: tuple[str, ...], places: range) -> Text:
        """Words in the colour of what they speak for, the strongest underlined."""
        text, scale = Text(no_wrap=True, end=""), scale_of(parts)
        for at in places:
            share = share_of(float(parts[at]), scale)
            style = self._hue(float(parts[at])) if share > 0.1 else ""
            text.append(printable(labels[at]), f"{style} underline".strip() if share > 0.5 else style)
            text.append(" ")
        return text

    def _bars(self, parts: Numbers, labels: tuple[str, ...], rows: int, width: int) -> list[Line]:
        """The largest first."""
        order = np.argsort(-np.abs(np.nan_to_num(parts)), kind="stable")
        scale, name = scale_of(parts), _name_width(labels, width)
        return [self._bar(labels[at], float(parts[at]), scale, (name, width)) for at in order[: max(rows, 0)]]

    def _bar(self, label: str, value: float, scale: float, widths: tuple[int, int], after: str = "") -> Text:
        """`widths`: of the name, and of the line."""
        told, (name, width) = after or number(value), widths
        length = max(width - name - 2 - max(len(told), 7), 1)
        text = Text(fitted(printable(label) or "–", name) + " ", no_wrap=True, end="")
        text.append(bar(share_of(value, scale), length, self.ascii_only), self._hue(value))
        return text.append(" " + told.rjust(max(len(told), 7)))

    def _hue(self, value: float) -> str:
        rgb = self.palette.negative if value < 0 else self.palette.positive
        return "" if self.palette.plain else "#{:02x}{:02x}{:02x}".format(*(int(255 * part) for part in rgb))

    # ----------------------------------------------------------------------------------------------- all samples

    def _importance(self, found: Explanation, rows: int, width: int) -> list[Line]:
        means, spreads = found.arrays["means"], found.arrays["spreads"]
        head = _wrapped(f"{found.about.measure}, when it is shuffled", width)
        lines: list[Line] = [Text(line, "dim") for line in head]
        scale, labels = scale_of(means), found.about.labels
        widths = _name_width(labels, width), width
        for at in np.argsort(-means, kind="stable")[: max(rows - len(lines), 0)]:
            told = f"{number(float(means[at]))} ±{number(float(spreads[at]))}"
            lines.append(self._bar(labels[at], float(means[at]), scale, widths, told))
        return lines

    def _effect(self, found: Explanation, rows: int, width: int) -> list[Line]:
        """A curve for each class over the values of the column; of words a bar for each."""
        values, curves = found.arrays["values"], found.arrays["curves"]
        if curves.shape[1] == 1 and self.facts.task in (Task.BINARY, Task.CLASSES):
            curves = np.concatenate([1 - curves, curves], axis=1)
        head = Text("mean prediction over the test set", "dim")
        if not np.isfinite(curves).all():
            return list[Line]([head, Text("It is not finite here.", "dim")])[:rows]
        if found.about.labels:
            at = int((curves.max(axis=0) - curves.min(axis=0)).argmax())
            name = Text(f"for {self._class(at) or printable(self.facts.target)}", self.accent)
            return [head, name, *self._bars(curves[:, at], found.about.labels, rows - 2, width)]
        order = np.argsort(curves.min(axis=0) - curves.max(axis=0), kind="stable")[:MOST_CURVES]
        legend = [self._legend(int(at)) for at in order] if curves.shape[1] > 1 else []
        legend = legend[: max(rows // 3, 1)]
        high = max(rows - len(legend) - 3, 2)
        low, top = float(curves.min()), float(curves.max())
        canvas = np.full((high, width), -1)
        across = np.interp(np.linspace(values[0], values[-1], width), values, np.arange(len(values)))
        for at in reversed(order):
            heights = np.interp(across, np.arange(len(values)), curves[:, at])
            down = ((top - heights) / ((top - low) or 1.0) * (high - 1)).round().astype(int)
            canvas[down, np.arange(width)] = at
        ends = Text(f"→ {plain_number(float(values[0]))} … {plain_number(float(values[-1]))}", "dim")
        between = Text(f"↑ {number(low)} … {number(top)}", "dim")
        return [head, between, *self._drawn(canvas), ends, *legend][:rows]

    def _legend(self, at: int) -> Text:
        return Text.assemble((self.mark(at), self.class_hue(at)), f" {self._class(at)}")

    def mark(self, at: int) -> str:
        """The letter of a class: its own first one, where no other class has that."""
        names = [name[:1].upper() for name in self.facts.classes]
        if len(set(names)) == len(names) and all(name.isalpha() for name in names) and at < len(names):
            return names[at]
        return "0123456789abcdefghijklmnopqrstuvwxyz"[at % 36] if self.facts.classes else "•"

    def class_hue(self, at: int) -> str:
        return self.hues[at % len(self.hues)] if self.hues else ""

    def _drawn(self, canvas: Cells, marked: tuple[int, int] | None = None) -> list[Line]:
        lines: list[Line] = []
        for row, cells in enumerate(canvas):
            text = Text(no_wrap=True, end="")
            for column, at in enumerate(cells):
                if marked == (row, column):
                    text.append("◉", f"bold {self.accent} reverse")
                else:
                    text.append(
                        " " if at < 0 else self.mark(int(at)), "" if at < 0 else self.class_hue(int(at))
                    )
            lines.append(text)
        return lines

    # -------------------------------------------------------------------------------------------------- scatter

    def _scatter(self, found: Explanation, rows: int, width: int) -> list[Line]:
        points, targets = found.arrays["points"], found.arrays["targets"]
        classes, legend = self._labels(targets), self._scatter_legend(found, rows, width)
        first, second = (100 * share for share in found.about.shares)
        words = Text(f"→ {first:.0f} % ↑ {second:.0f} % of the variance · {format_count(len(points))}", "dim")
        high = self._scatter_rows(found, rows, width)
        cells = scatter_cells(points, high, width)
        canvas = np.full((high, width), -1)
        canvas[cells[:, 0], cells[:, 1]] = classes
        at = self.controller.sample.test
        marked = (int(cells[at, 0]), int(cells[at, 1])) if at is not None and at < len(cells) else None
        return [*self._drawn(canvas, marked), words, *legend][:rows]

    def _scatter_legend(self, found: Explanation, rows: int, width: int) -> list[Line]:
        classes = np.unique(self._labels(found.arrays["targets"]))
        shown = [self._legend(int(at)) for at in classes] if self.facts.classes else []
        return _side_by_side(shown, width)[: max(rows // 4, 1)]

    def _scatter_rows(self, found: Explanation, rows: int, width: int) -> int:
        """Rows of the box that have points."""
        return max(rows - len(self._scatter_legend(found, rows, width)) - 1, 2)

    def _labels(self, targets: Numbers) -> Cells:
        """The class of each sample; of numbers, which eighth of their range; of several targets the first."""
        if self.facts.task in (Task.BINARY, Task.CLASSES):
            return targets.astype(np.intp)
        if self.facts.target_names:
            targets = targets[:, 0]
        if targets.ndim > 1:
            return np.asarray(targets.argmax(axis=1), np.intp)
        low, high = float(targets.min()), float(targets.max())
        return np.asarray((targets - low) / ((high - low) or 1.0) * 7, np.intp)

    def sample_at(self, row: int, column: int, rows: int, width: int) -> int | None:
        """The test sample whose point is nearest to a cell of the scatter; None outside of it."""
        found = self.controller.explanation
        if found is None or self.controller.view != "projection":
            return None
        high = self._scatter_rows(found, rows, width)
        return (
            nearest(scatter_cells(found.arrays["points"], high, width), row, column) if row < high else None
        )


def scatter_cells(points: Numbers, rows: int, width: int) -> Cells:
    """The (row, column) of each point; the box is filled."""
    low, high = points.min(axis=0), points.max(axis=0)
    shares = (points - low) / np.where(high > low, high - low, 1)
    across = (shares[:, 0] * (width - 1)).round().astype(np.intp)
    return np.stack([((1 - shares[:, 1]) * (rows - 1)).round().astype(np.intp), across], axis=1)


def nearest(cells: Cells, row: int, column: int) -> int:
    """The sample whose point is nearest to a cell; a cell is twice as high as wide."""
    away = (cells - (row, column)) * (2, 1)
    return int((away**2).sum(axis=1).argmin())


def _name_width(labels: tuple[str, ...], width: int) -> int:
    return max(min(max((len(label) for label in labels), default=1), LABEL, width // 2), 1)


def _side_by_side(legend: list[Text], width: int) -> list[Line]:
    """The entries in lines."""
    lines: list[Line] = []
    line = Text(no_wrap=True, end="")
    for entry in legend:
        if line and line.cell_len + entry.cell_len + 2 > width:
            lines.append(line)
            line = Text(no_wrap=True, end="")
        line.append_text(entry).append("  ")
    return [*lines, line] if line else lines


def _wrapped(words: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(words, max(width, 8))


def _rows_of_words(words: tuple[str, ...], width: int) -> list[range]:
    """Places of the words that stand in each line."""
    rows, start, used = [], 0, 0
    for at, word in enumerate(words):
        if used and used + len(word) + 1 > width:
            rows.append(range(start, at))
            start, used = at, 0
        used += len(word) + 1
    return [*rows, range(start, len(words))]
