"""What the lens shows: a sample, a step, a unit, an epoch; and the questions to the worker about them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from tuinn.data.inspection import (
    Inspection,
    Numbers,
    Step,
    UnitValues,
    numbers_of,
    read_arrays,
    read_inspection,
)
from tuinn.runs.commands import Inspect, InspectionQuestion, InspectUnits, new_request
from tuinn.runs.events import AnyEvent, Inspected, Noted
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalReader

Row = dict[str, str]

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
        if told is None or self._waiting or not self.shown_step.sources:
            return
        key = (told.trace.epoch, self.step)
        if key not in self.asked_units:
            self.asked_units.add(key)
            self._send(InspectUnits(request=new_request(), step=self.step, epoch=self.epoch))

    def _send(self, question: InspectionQuestion) -> None:
        if self._reader is None:
            size = self.folder.events_file.stat().st_size if self.folder.events_file.exists() else 0
            self._reader = self.folder.events(size)
        self.problem = self._noted = ""
        if self.ask(question):
            self._waiting[question.request] = question

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
            self._waiting.clear()
            self.problem = self._noted or GONE
            return True
        return changed

    def _take(self, question: InspectionQuestion, event: Inspected) -> None:
        self.problem = event.problem
        if event.problem:
            return
        folder = self.folder.inspection
        try:
            if isinstance(question, Inspect):
                if event.weights != self._weights[0]:
                    self._weights = event.weights, numbers_of(read_arrays(folder / event.weights)[1])
                self._show(read_inspection(folder, event.file, self._weights[1]))
            elif self.inspection is not None:
                key = (self.inspection.trace.epoch, question.step)
                self.units[key] = UnitValues.read(folder / event.file)
        except ValueError as problem:
            self.problem = str(problem)

    def _show(self, inspection: Inspection) -> None:
        before, self.inspection = self.inspection, inspection
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
        """Round the end."""
        if self.inspection is not None and self.shown_step.shape:
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
