"""How far a network's probabilities can be trusted, a temperature for them, and the thresholds of its classes."""

from collections.abc import Mapping
from typing import Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tuinn.runs.calibration import THRESHOLDS, Calibration, ThresholdCounts
from tuinn.runs.decision import USUAL
from tuinn.text import plural
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.cell_lines import is_ascii_only
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.reports.calibration_text import (
    HEAD,
    curve_lines,
    reliability_lines,
    sentences,
    threshold_head,
    threshold_line,
    threshold_sentence,
)

CalibrationAnswer = dict[str, float] | Literal["keep"]
"""Thresholds to keep with the run, by class; or the temperature is to be kept in the saved network."""

MOST_ROWS = 6
"""Labels that are listed at once."""


class CalibrationView(Dialog[CalibrationAnswer]):
    """Shows a calibration; moves thresholds, with precision and recall moving along."""

    BINDINGS = [
        Binding("left,h", "shift(-1)", show=False),
        Binding("right,l", "shift(1)", show=False),
        Binding("shift+left", "shift(-10)", show=False),
        Binding("shift+right", "shift(10)", show=False),
        Binding("b", "best", show=False),
        Binding("0", "usual", show=False),
        Binding("t", "keep_temperature", show=False),
        Binding("enter", "keep", show=False),
        Binding("q,percent_sign", "dismiss(None)", show=False),
    ]

    def __init__(self, found: Calibration, thresholds: Mapping[str, float]) -> None:
        """`thresholds`: those of now, by class."""
        super().__init__()
        self.found = found
        self.thresholds = {one.name: thresholds.get(one.name, USUAL) for one in found.thresholds}
        self.heading = f"Calibration · {plural(found.samples, 'validation sample')}"

    def body(self) -> ComposeResult:
        yield Static(id="calibration-bins", markup=False)
        yield VirtualList(id="calibration-rows")
        yield Static(id="calibration-curve", markup=False)
        yield Static(classes="dialog-keys", id="calibration-keys", markup=False)

    def on_mount(self) -> None:
        text = Text(f"{HEAD}\n", style="dim")
        text = Text.assemble(text, self._drawn(reliability_lines(self.found.bins, is_ascii_only(self.app))))
        self.query_one("#calibration-bins", Static).update(text.append("\n".join(sentences(self.found))))
        rows, count = self.query_one(VirtualList), len(self.found.thresholds)
        rows.display = rows.can_focus = self.query_one("#calibration-curve").display = count > 0
        rows.styles.height = min(count, MOST_ROWS) + 1
        self.set_focus(rows if count else None)
        self._fill()

    def _drawn(self, lines: list[tuple[str, str]]) -> Text:
        """Lines of words and what is drawn beside them, in a colour."""
        colour = self.app.theme_variables["secondary"]
        return Text.assemble(*(part for words, drawn in lines for part in (words, (drawn, colour), "\n")))

    @property
    def can_cool(self) -> bool:
        """Whether a temperature would make the error smaller."""
        return self.found.kept == 1.0 and self.found.error_after < self.found.error

    @property
    def here(self) -> ThresholdCounts | None:
        """Of the class under the cursor."""
        counts = self.found.thresholds
        return counts[self.query_one(VirtualList).at] if counts else None

    @on(VirtualList.Resized)
    @on(VirtualList.Moved)
    def _fill(self) -> None:
        rows, counts = self.query_one(VirtualList), self.found.thresholds

        def line(at: int, width: int) -> Text:
            return Text(threshold_line(counts[at], self.thresholds[counts[at].name]), no_wrap=True)

        rows.show(len(counts), line, head=lambda width: Text(threshold_head(), style="dim", no_wrap=True))
        here = self.here
        if here is not None:
            threshold = self.thresholds[here.name]
            drawn = self._drawn(curve_lines(here, threshold, rows.size.width, is_ascii_only(self.app)))
            words = drawn.append(threshold_sentence(here, threshold))
            self.query_one("#calibration-curve", Static).update(words)
        keys = ["t temperature"] if self.can_cool else []
        if here is not None:
            keys += ["←→ moves", "b best F1", "0 usual", "Enter keeps"]
        self.query_one("#calibration-keys", Static).update(" · ".join([*keys, "Esc"]))

    # ------------------------------------------------------------------------------------------------ actions

    def _set(self, place: int) -> None:
        if self.here is not None:
            self.thresholds[self.here.name] = THRESHOLDS[max(0, min(place, len(THRESHOLDS) - 1))]
            self._fill()

    def action_shift(self, by: int) -> None:
        if self.here is not None:
            self._set(self.here.place(self.thresholds[self.here.name]) + by)

    def action_best(self) -> None:
        if self.here is not None:
            self._set(self.here.best)

    def action_usual(self) -> None:
        if self.here is not None:
            self._set(self.here.place(USUAL))

    def action_keep_temperature(self) -> None:
        if self.can_cool:
            self.dismiss("keep")

    @on(VirtualList.Chosen)
    def action_keep(self) -> None:
        self.dismiss(self.thresholds if self.thresholds else None)
