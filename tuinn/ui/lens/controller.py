"""What the lens shows: a sample, a step, a unit, an epoch; and the questions to the worker about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tuinn.data.inspection import (
    Explanation,
    Inspection,
    Numbers,
    Step,
    UnitValues,
    numbers_of,
    read_arrays,
    read_inspection,
)
from tuinn.runs.commands import Explain, ExplainData, Inspect, InspectionQuestion, InspectUnits, new_request
from tuinn.runs.events import AnyEvent, Inspected, Noted
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalReader

Row = dict[str, str]

View = Literal["unit", "weights", "occlusion", "gradient", "grad_cam", "importance", "effect", "projection"]
"""What the right side shows."""

WHY: tuple[View, ...] = ("occlusion", "gradient", "grad_cam")

GONE = "The worker ended before it answered. n or p asks again; L in the workbench shows its log."


@dataclass(frozen=True)
class Sample:
    """What is looked at: a test sample by its index from 0, or one of the user's own."""

    test: int | None = None
    file: str = ""
    own: Row | str | None = None
    """A row or a text."""


@dataclass
class Cursor:
    """What is chosen in one step."""

    unit: int = 0
    place: tuple[int, ...] = ()
    """On all axes but the last."""


@dataclass
class LensController:
    """Asks, waits, and moves the cursor. Draws nothing."""

    folder: RunFolder
    ask: Callable[[InspectionQuestion], bool]
    """Sends a question to the run's worker, which is started where there is none; False: it could not be."""
    is_gone: Callable[[], bool]
    """Whether no worker is there that might still answer."""
    sample: Sample
    step: int = 0
    epoch: int | None = None
    """Of a checkpoint; None: the network as it is."""
    inspection: Inspection | None = None
    problem: str = ""
    """Why nothing new is shown, in a sentence."""
    units: dict[tuple[int, int], UnitValues] = field(default_factory=dict)
    """(epoch, step) → what its units give over the test set."""
    asked_units: set[tuple[int, int]] = field(default_factory=set)
    view: View = "unit"
    target: int | None = None
    """The class that `WHY` asks about; None: the predicted one."""
    column: int = 0
    """Of a table, whose effect is shown."""
    found: dict[str, Explanation] = field(default_factory=dict)
    """By `view_key`."""
    _asked_views: dict[str, str] = field(default_factory=dict)
    """Request → `view_key`."""
    _refused: dict[str, str] = field(default_factory=dict)
    """`view_key` → why there is no answer."""
    _shown: tuple[Sample, int | None] | None = None
    """Sample and epoch of the inspection."""
    _waiting: dict[str, InspectionQuestion] = field(default_factory=dict)
    _cursors: dict[int, Cursor] = field(default_factory=dict)
    _weights: tuple[str, Mapping[str, Numbers]] = ("", {})
    _reader: JournalReader[AnyEvent] | None = None
    _noted: str = ""

    # -------------------------------------------------------------------------------------------- questions

    @property
    def is_waiting(self) -> bool:
        """Whether an answer about the sample itself is still to come."""
        return any(isinstance(question, Inspect) for question in self._waiting.values())

    def look(self, sample: Sample | None = None) -> None:
        """Ask what the network makes of this sample; None: of the one that is shown."""
        self.sample = sample or self.sample
        self._refused.clear()
        shown = self.sample
        self._forget(Inspect)
        self._send(
            Inspect(
                request=new_request(), test=shown.test, file=shown.file, sample=shown.own, epoch=self.epoch
            )
        )

    def ask_units(self) -> None:
        """Ask what the units of the step give over the test set, once for each step and epoch."""
        told = self.inspection
        if told is None or self._waiting or self.view != "unit" or not self.shown_step.sources:
            return
        key = (told.trace.epoch, self.step)
        if key not in self.asked_units:
            self.asked_units.add(key)
            self._send(InspectUnits(request=new_request(), step=self.step, epoch=self.epoch))

    @property
    def view_key(self) -> str:
        """What the view depends on; empty where nobody has to be asked for it."""
        if self.inspection is None or self.view == "unit":
            return ""
        epoch = self.inspection.trace.epoch
        if self.view in WHY:
            return f"{self.view} {self.sample} {self.target} {epoch}"
        what = {"effect": self.column, "projection": self.step}.get(self.view, 0)
        return f"{self.view} {what} {epoch}"

    @property
    def explanation(self) -> Explanation | None:
        """For the view, where it is there."""
        return self.found.get(self.view_key)

    def show(self, view: View) -> None:
        """Show this on the right side; what shows already gives way to the unit."""
        self.view = "unit" if view == self.view else view
        self.ask_view()

    def next_why(self) -> None:
        """The next way to explain the sample, then the unit again."""
        steps = self.inspection.steps if self.inspection else ()
        convolves = any("Conv" in step.kind and len(step.shape) == 3 for step in steps)
        ways: tuple[View, ...] = (*(WHY if convolves else WHY[:2]), "unit")
        self.view = ways[ways.index(self.view) + 1] if self.view in ways[:-1] else ways[0]
        self.ask_view()

    def next_target(self, classes: int) -> None:
        """The next class, after the last one the predicted one."""
        at = -1 if self.target is None else self.target
        self.target = at + 1 if at + 1 < classes else None
        self.ask_view()

    def ask_view(self) -> None:
        """Ask for what the view shows, unless it is there or asked for."""
        key = self.view_key
        self.problem = self._refused.get(key, self.problem)
        if key in self._refused or not key or key in self.found or key in self._asked_views.values():
            return
        request, shown = new_request(), self.sample
        question: InspectionQuestion
        if self.view in ("occlusion", "gradient", "grad_cam"):
            question = Explain(
                request=request,
                test=shown.test,
                file=shown.file,
                sample=shown.own,
                epoch=self.epoch,
                method=self.view,
                target=self.target,
            )
        elif self.view in ("importance", "effect", "projection"):
            question = ExplainData(
                request=request, epoch=self.epoch, method=self.view, column=self.column, step=self.step
            )
        else:
            question = ExplainData(request=request, epoch=self.epoch, method="gradients")
        if self._send(question):
            self._asked_views[request] = key

    def _send(self, question: InspectionQuestion) -> bool:
        """False: it could not be asked."""
        if self._reader is None:
            size = self.folder.events_file.stat().st_size if self.folder.events_file.exists() else 0
            self._reader = self.folder.events(size)
        self.problem = self._noted = ""
        if not self.ask(question):
            return False
        self._waiting[question.request] = question
        return True

    def _forget(self, kind: type[InspectionQuestion]) -> None:
        """An answer to an older question of this kind isn't wanted any more."""
        self._waiting = {name: asked for name, asked in self._waiting.items() if not isinstance(asked, kind)}

    def poll(self) -> bool:
        """Take the answers that are in the journal by now. True when something is to be drawn anew."""
        if self._reader is None or not self._waiting:
            return False
        changed, was_gone = False, self.is_gone()
        for event in self._reader.read_all():
            if isinstance(event, Inspected) and event.request in self._waiting:
                self._take(self._waiting.pop(event.request), event)
                changed = True
            elif isinstance(event, Noted) and event.level == "warning":
                self._noted = event.message
        if self._waiting and was_gone and not changed:
            self.problem = self._noted or GONE
            self._refused.update(dict.fromkeys(self._asked_views.values(), self.problem))
            self._waiting.clear()
            self._asked_views.clear()
            self._back_to_shown()
            return True
        return changed

    def _back_to_shown(self) -> None:
        """What was asked for isn't there: the sample before stays, unless another is on its way."""
        if self._shown is not None and not self.is_waiting:
            self.sample, self.epoch = self._shown

    def _take(self, question: InspectionQuestion, event: Inspected) -> None:
        self.problem = event.problem
        if event.problem:
            if view := self._asked_views.pop(question.request, ""):
                self._refused[view] = event.problem
            self._back_to_shown()
            return
        folder = self.folder.inspection
        try:
            if isinstance(question, Inspect):
                if event.weights != self._weights[0]:
                    self._weights = event.weights, numbers_of(read_arrays(folder / event.weights)[1])
                inspection = read_inspection(folder, event.file, self._weights[1])
                self._shown = self.sample, self.epoch
                self._show(inspection)
            elif isinstance(question, Explain | ExplainData):
                view = self._asked_views.pop(question.request)
                self.found[view] = Explanation.read(folder / event.file)
            elif self.inspection is not None:
                key = (self.inspection.trace.epoch, question.step)
                self.units[key] = UnitValues.read(folder / event.file)
        except ValueError as problem:
            self.problem = str(problem)
            self._back_to_shown()

    def _show(self, inspection: Inspection) -> None:
        before, self.inspection = self.inspection, inspection
        self.ask_view()
        if before is None:
            self.step = next((at for at, step in enumerate(inspection.steps) if step.weights), 0)
        shapes = [step.shape for step in before.steps] if before else []
        if shapes != [step.shape for step in inspection.steps]:
            self._cursors.clear()
            self.step = min(self.step, len(inspection.steps) - 1)

    # ----------------------------------------------------------------------------------------------- cursor

    @property
    def shown_step(self) -> Step:
        """The step that is chosen; of an inspection that is there."""
        assert self.inspection is not None
        return self.inspection.steps[self.step]

    def cursor(self, step: int) -> Cursor:
        """What is chosen in this step; at first the unit that gives the largest value, where it does."""
        assert self.inspection is not None
        if step not in self._cursors:
            shape = self.inspection.steps[step].shape
            values = self.inspection.values(step)
            place = (0,) * len(shape)
            if values is not None and values.size:
                at = int(np.nan_to_num(values, nan=-np.inf).argmax())
                place = tuple(int(part) for part in np.unravel_index(at, values.shape))
            self._cursors[step] = Cursor(place[-1] if place else 0, place[:-1])
        return self._cursors[step]

    @property
    def place(self) -> tuple[int, ...]:
        """The index of the value that is chosen."""
        cursor = self.cursor(self.step)
        return (*cursor.place, cursor.unit) if self.shown_step.shape else ()

    def move_step(self, by: int) -> None:
        if self.inspection is not None:
            self.step = min(max(self.step + by, 0), len(self.inspection.steps) - 1)

    def move_unit(self, by: int) -> None:
        """Round the end; of the column whose effect is shown, to the next column."""
        if self.inspection is not None and self.view == "effect":
            self.column = (self.column + by) % max(self.inspection.steps[0].shape[-1], 1)
        elif self.inspection is not None and self.shown_step.shape:
            cursor = self.cursor(self.step)
            cursor.unit = (cursor.unit + by) % max(self.shown_step.shape[-1], 1)

    def move_place(self, down: int, right: int) -> None:
        """Over the map, or along the steps, that the unit is looked at on."""
        if self.inspection is None or len(self.shown_step.shape) < 2:
            return
        cursor, sizes = self.cursor(self.step), self.shown_step.shape[:-1]
        if len(sizes) == 1:
            down, right = 0, down + right
        moved = list(cursor.place)
        for axis, by in ((-1, right), *([(-2, down)] if len(sizes) > 1 else [])):
            moved[axis] = min(max(moved[axis] + by, 0), sizes[axis] - 1)
        cursor.place = tuple(moved)

    def move_epoch(self, by: int) -> None:
        """To the checkpoint of an earlier or a later epoch; after the last one, to the network as it is."""
        if self.inspection is None:
            return
        epochs: list[int | None] = [*self.inspection.trace.checkpoints, None]
        at = epochs.index(self.epoch) if self.epoch in epochs else len(epochs) - 1
        if self.epoch is None and by < 0 and self.inspection.trace.epoch in epochs[:-1]:
            at = epochs.index(self.inspection.trace.epoch)  # that checkpoint is the network as it is
        wanted = epochs[min(max(at + by, 0), len(epochs) - 1)]
        if wanted == self.epoch:
            self.problem = f"No checkpoint is of an {'earlier' if by < 0 else 'later'} epoch."
            return
        self.epoch = wanted
        self.look()

    @property
    def unit_values(self) -> UnitValues | None:
        """Of the step over the test set, where they are there."""
        return self.units.get((self.inspection.trace.epoch, self.step)) if self.inspection else None


def next_test_sample(sample: Sample, by: int, count: int) -> Sample:
    """The test sample before or after; from one of the user's own, the first or the last."""
    if not count:
        return sample
    start = sample.test if sample.test is not None else (-1 if by > 0 else count)
    return Sample(test=(start + by) % count)
