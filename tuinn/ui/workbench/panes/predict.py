"""Test samples and what the network says of them, after every epoch and after the run; and samples of the user's own."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from tuinn.errors import SpecError
from tuinn.runs.decision import Decision, read_decision
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.training.outputs import class_probabilities, predicted_classes
from tuinn.text import printable
from tuinn.ui.datasets.facts_text import data_problem
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines, in_clauses
from tuinn.ui.widgets.picture import Picture
from tuinn.ui.workbench.panes.predict_text import (
    OwnAnswer,
    answer_head,
    fitting,
    foot_clauses,
    number_dialog,
    sample_head,
)
from tuinn.ui.workbench.panes.probability_bars import ProbBars
from tuinn.ui.workbench.panes.regression_plot import RegressionPlot
from tuinn.ui.workbench.panes.test_samples import (
    Only,
    TestSamples,
    load_test_samples,
    sample_index,
    sample_words,
    shape_words,
    text_words,
)
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


BARS = 22
"""Cells that a chart has beside a picture at least."""

Wanted = Literal[
    "own", "all", "report", "calibration", "labels", "slices", "gallery", "lens", "steps", "draw"
]
"""What a pane asks for."""

ABOUT_CLASSES = {"mistakes", "confusion", "calibration", "labels"}
"""Actions that a regression does without."""

SMALLEST_PICTURE = 8
"""Cells that a picture keeps, however little room there is."""


class PredictPane(Vertical, can_focus=True):
    """One sample at a time: the picture, the row or the text; a bar per class, or a chart of all errors."""

    BINDINGS = bindings_for("predict")

    @dataclass
    class Asked(Message):
        """The user wants what isn't there yet: a prediction of a sample of their own or of all test samples, a report, the gallery, the lens, a picture's steps, a drawing."""

        what: Wanted
        example: dict[str, str] | None = None
        """The row of a table that is shown, as it would stand in a CSV."""
        cell: tuple[int, int] | None = None
        """Of the confusion matrix: true and predicted class whose samples are wanted in the gallery."""

    def compose(self) -> ComposeResult:
        yield CellLines(id="predict-head")
        with Horizontal(id="predict-body"):
            yield Picture(id="predict-picture")
            yield Static(id="predict-row", markup=False)
            with Vertical(id="predict-side"):
                yield CellLines(id="predict-shape")
                yield ProbBars(id="predict-bars")
                yield RegressionPlot(id="predict-plot")
        yield CellLines(id="predict-foot")

    def on_mount(self) -> None:
        self.border_title = "5 Predict"
        self.samples: TestSamples | None = None
        self.why_empty = "reading…"
        self.at = 0
        """Index of the test sample shown."""
        self.answer: OwnAnswer | None = None
        """Shown instead, until another sample is wanted."""
        self.only: Only = "all"
        self.source: tuple[DatasetSpec, str, tuple[int, int]] | None = None
        """Dataset, run, and epoch and number of the predictions that are shown."""
        self.decision = Decision()
        """From which probability on a class is predicted, for samples of the user's own, too."""
        self.is_reading = False
        """Whether they are still on their way from the disk."""
        self._draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def show_dataset(self, dataset: DatasetSpec, run: RunFollower | None) -> None:
        """Show this dataset's test samples, with the predictions of the run where it has any and is of this dataset.

        Nothing is read again while dataset, run and predictions are the same.
        """
        if run is not None and run.spec.dataset != dataset:
            run = None
        predicted = run.view.predicted if run else None
        loaded = run.folder.name if run and run.view.data else ""
        wanted = (dataset, loaded, (predicted.epoch, predicted.count) if predicted else (0, 0))
        if wanted != self.source:
            if self.source is not None and wanted[:2] != self.source[:2]:
                self.answer = None  # another network's
            self.source, self.is_reading = wanted, True
            self._load(wanted, dataset, run.folder.predictions_file if run and predicted else None, run)

    def show_again(self) -> None:
        """Draw anew at the next `show_dataset`, whatever it is: the theme has changed."""
        self.source = None

    @work(thread=True, exclusive=True, group="test-samples")
    def _load(
        self, wanted: object, dataset: DatasetSpec, predictions: Path | None, run: RunFollower | None
    ) -> None:
        epoch = run.view.predicted.epoch if run and run.view.predicted else 0
        try:
            data_info = run.folder.data_info() if run else None
            self.decision = read_decision(run.folder) if run else Decision()
            samples = load_test_samples(dataset, predictions, epoch, data_info, self.decision)
        except SpecError as problem:
            self.app.call_from_thread(self._take, wanted, data_problem(problem))
            return
        self.app.call_from_thread(self._take, wanted, samples)

    def _show_problem(self, problem: str) -> None:
        self.samples, self.why_empty, self.is_reading = None, problem, False
        self._draw()

    def _take(self, wanted: object, samples: TestSamples | str) -> None:
        """Show what was read, or why it can't be, unless something else is wanted by now: a thread may end late."""
        if wanted != self.source:
            return
        if isinstance(samples, str):
            self._show_problem(samples)
            return
        other = self.samples is None or self.samples.dataset != samples.dataset
        self.samples, self.why_empty, self.is_reading = samples, "", False
        if not samples.count:
            self._show_problem("There are no test samples: the share for the test is 0.")
            return
        if other:
            self.at, self.only, self.answer = 0, "all", None
        self._draw()
        self.refresh_bindings()

    def show_answer(self, answer: OwnAnswer) -> None:
        """Show a sample of the user's own, with what the network says of it."""
        self.answer = answer
        self._draw()

    # --------------------------------------------------------------------------------------------- drawing

    def _draw(self) -> None:
        samples = self.samples
        self.set_class(samples is None and self.answer is None, "-empty")
        head = self.query_one("#predict-head", CellLines)
        if self.answer is not None:
            self._draw_answer(self.answer)
        elif samples is None:
            head.show_text(Text(self.why_empty, style="dim"))
        else:
            try:
                self._draw_sample(samples)
            except SpecError as problem:
                head.show_text(Text(data_problem(problem), style="dim"))

    def _draw_sample(self, samples: TestSamples) -> None:
        facts = samples.facts
        pixels = samples.picture(self.at) if samples.drawn else None
        chosen, truth = samples.chosen(self.at) or (), samples.true_labels(self.at)
        self.query_one(ProbBars).show(facts.classes, samples.shares(self.at), chosen, truth)
        words = None if samples.drawn else sample_words(samples, self.at, self._room_of_row())
        self._draw_parts(facts, pixels, words)
        self._draw_plot(self.at)
        head = sample_head(samples, self.at, self.only, self.app.theme_variables, self.is_reading)
        self._show_words(head, foot_clauses(samples, self.only, self.decision), facts)

    def _draw_answer(self, answer: OwnAnswer) -> None:
        facts = answer.facts
        chosen = predicted_classes(answer.outputs, facts, self.decision.of(facts))
        shares = class_probabilities(answer.outputs, facts)
        self.query_one(ProbBars).show(facts.classes, shares, chosen or (), None)
        self._draw_parts(facts, answer.pixels, answer.words if answer.pixels is None else None)
        self._draw_plot(None)
        parts = (answer.steps, self.decision.words(facts), "n: back to the test samples")
        foot = printable(" · ".join(filter(None, parts)))
        self._show_words(answer_head(answer, self.decision.of(facts)), [foot], facts)

    def _draw_parts(
        self, facts: DataFacts, pixels: "NDArray[np.float32] | None", words: str | Text | None
    ) -> None:
        """The sample itself, as a picture or in words, and which of the other widgets are there."""
        picture, row = self.query_one(Picture), self.query_one("#predict-row", Static)
        # Until a picture of one's own is prepared its place stays: nothing moves, twice.
        is_picture = pixels is not None or (picture.display and facts.is_image and not words)
        picture.display, row.display = is_picture, not is_picture
        self.set_class(facts.is_text or bool(facts.words), "-text")
        picture.show(pixels, self.samples is not None and self.samples.dark_ground)
        if words is not None and not is_picture:
            row.update(words if isinstance(words, Text) else text_words(words))
        is_number = facts.task is Task.REGRESSION
        self.query_one(ProbBars).display = not is_number
        self.query_one(RegressionPlot).display = is_number
        self._share_room()
        if not self.query_one("#predict-body").size:  # it was hidden until now
            self.call_after_refresh(self._share_room)

    def _show_words(self, head: Text, foot: list[str], facts: DataFacts) -> None:
        # Beside charts the pane is narrow and high: two lines each.
        wraps = self.screen.has_class("-wide") and not self.screen.has_class("-narrow")
        self.query_one("#predict-head", CellLines).show_text(partial(in_clauses, head) if wraps else head)
        rows = 2 if wraps else 1
        self.query_one("#predict-foot", CellLines).show_text(lambda width: fitting(foot, width, rows))
        self.query_one("#predict-shape", CellLines).show_text(partial(fitting, shape_words(facts)))

    def _draw_plot(self, at: int | None) -> None:
        samples = self.samples
        if samples is not None and samples.facts.task is Task.REGRESSION:
            facts = samples.facts
            source = facts.feature(0) if facts.is_table else ""
            targets = facts.target_names or (facts.target,)
            self.query_one(RegressionPlot).show(samples.regressions, source, targets, at)

    def _room_beside(self) -> int:
        """Columns that bars or chart need beside the sample, so that no number of theirs is cut."""
        bars = self.query_one(ProbBars)
        return 2 + bars.least_width if bars.display else BARS

    def _room_of_row(self) -> int:
        """Columns that the row of a table may take."""
        body = self.query_one("#predict-body")
        is_below = body.styles.layout is not None and body.styles.layout.name == "vertical"
        return body.size.width - (0 if is_below else self._room_beside())

    def _share_room(self) -> None:
        """A picture gets the room that it can fill, a row what it needs; bars or chart have the rest, and never too little."""
        picture, body = self.query_one(Picture), self.query_one("#predict-body")
        width, height = body.size
        if not width or not height:
            return
        is_below = body.styles.layout is not None and body.styles.layout.name == "vertical"
        beside = self._room_beside()
        self.query_one("#predict-side").styles.min_width = 0 if is_below else beside
        if not picture.display or picture.pixels is None:
            return
        high, wide = picture.pixels.shape[:2]
        if is_below:
            bars = min(len(self.query_one(ProbBars).classes_), 12) + 2
            rows, _ = picture.cells(high, wide, max(height - bars, 4), width)
            picture.styles.width, picture.styles.height = "1fr", rows
        else:
            _, columns = picture.cells(high, wide, height, max(width - beside, SMALLEST_PICTURE))
            picture.styles.width, picture.styles.height = columns, "1fr"

    # ---------------------------------------------------------------------------------------------- actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A number isn't right or wrong: the key that shows mistakes turns the charts of a regression."""
        samples = getattr(self, "samples", None)
        is_number = samples is not None and samples.facts.task is Task.REGRESSION
        return is_number if action == "plot" else not (is_number and {action, *parameters} & ABOUT_CLASSES)

    def go_to(self, at: int) -> None:
        """Show test sample `at`, counted from 0; ask for its prediction where there is none yet."""
        samples = self.samples
        if samples is None:
            return
        self.at, self.answer = at, None
        self._draw()
        if samples.outputs is not None and at >= samples.predicted_count:
            self.post_message(self.Asked("all"))

    @on(RegressionPlot.Picked)
    def _picked(self, event: RegressionPlot.Picked) -> None:
        self.go_to(event.at)

    def action_step(self, by: int) -> None:
        if self.samples:
            self.go_to(self.samples.neighbour(self.at, by, self.only))

    def action_end(self, by: int) -> None:
        if self.samples:
            start = -1 if by > 0 else self.samples.count
            self.go_to(self.samples.neighbour(start, by, self.only))

    def action_random(self) -> None:
        if self.samples:
            self.go_to(self.samples.any(self.only))

    def action_number(self) -> None:
        """Ask for the number of a sample."""
        if self.samples is not None:
            self.app.push_screen(number_dialog(self.samples.count), self._go_to_number)

    def _go_to_number(self, text: str | None) -> None:
        at = sample_index(text or "", self.samples.count) if self.samples else None
        if at is not None:
            self.only = "all"
            self.go_to(at)

    def action_mistakes(self) -> None:
        samples = self.samples
        if samples is None or samples.mistakes is None or not len(samples.mistakes):
            read = samples is not None and not self.is_reading
            self.notify(
                "There are no mistakes to show yet." if read else "The predictions are still being read."
            )
            return
        if samples.predicted_count < samples.count:
            self.post_message(self.Asked("all"))
        self.walk("mistakes" if self.only == "all" else "all")

    def walk(self, only: Only, at: int | None = None) -> None:
        """Walk over these samples from now on, beginning at `at`, or at the one shown or the next of them."""
        samples = self.samples
        if samples is None:
            return
        chosen = samples.among(only)
        if at is not None:
            self.only = only if chosen is None or at in chosen else "all"
            self.go_to(min(at, samples.count - 1))
            return
        self.only, self.answer = only, None
        if chosen is not None and self.at not in chosen:
            self.at = samples.neighbour(self.at, 1, only)
        self._draw()

    def action_confusion(self) -> None:
        """Show how often a class is taken for another; a cell leads to its samples."""
        from tuinn.ui.dialogs.confusion_matrix import ConfusionMatrix

        samples = self.samples
        counts = samples.confusion() if samples else None
        if samples is None or counts is None:
            several = samples is not None and samples.facts.task is Task.LABELS
            self.notify(
                "There is no matrix of several labels; e has each one's numbers."
                if several
                else "Nothing is predicted yet."
            )
            return
        if samples.predicted_count < samples.count:
            self.post_message(self.Asked("all"))

        def chosen(cell: tuple[int, int] | None) -> None:
            if cell is not None:
                self.post_message(self.Asked("gallery", cell=cell))

        self.app.push_screen(ConfusionMatrix(counts.tolist(), samples.facts.classes), chosen)

    def action_gallery(self) -> None:
        self.post_message(self.Asked("gallery"))

    def action_ask(self, what: Wanted) -> None:
        self.post_message(self.Asked(what))

    def action_plot(self) -> None:
        if self.samples is None or not self.samples.regressions:
            self.notify("The chart comes with the first predictions.")
        else:
            self.query_one(RegressionPlot).turn()

    def action_mode(self) -> None:
        picture = self.query_one(Picture)
        picture.ascii = not picture.ascii
        self._share_room()

    def action_open(self) -> None:
        samples = self.samples
        is_row = samples is not None and samples.facts.is_table
        self.post_message(self.Asked("own", samples.cells(self.at) if samples and is_row else None))

    def action_report(self) -> None:
        self.post_message(self.Asked("report"))

    def action_lens(self) -> None:
        self.post_message(self.Asked("lens"))
