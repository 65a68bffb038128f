"""Test images and what the network says of them, after every epoch and after the run."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.training.outputs import class_probabilities, predicted_classes
from tuinn.text import format_count, format_number, plural, printable
from tuinn.ui.datasets.sample_detail import value_lines
from tuinn.ui.keys import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.picture import Picture
from tuinn.ui.workbench.panes.probability_bars import ProbBars
from tuinn.ui.workbench.panes.test_samples import TestSamples, load_test_samples
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:
    from tuinn.runs.events import PictureAnswered


LETTERS = 2_000
"""Of a text."""

NOT_FINITE = "the outputs are not finite"


class PredictPane(Vertical, can_focus=True):
    """One sample at a time: the picture, a bar per class, predicted and true."""

    BINDINGS = bindings_for("predict")

    @dataclass
    class OpenAsked(Message):
        """The user wants a picture of their own predicted."""

    def compose(self) -> ComposeResult:
        yield CellLines(id="predict-head")
        with Horizontal(id="predict-body"):
            yield Picture(id="predict-picture")
            yield Static(id="predict-row", markup=False)
            yield ProbBars(id="predict-bars")
        yield CellLines(id="predict-foot")

    def on_mount(self) -> None:
        self.border_title = "5 Predict"
        self.samples: TestSamples | None = None
        self.why_empty = "reading…"
        self.at = 0
        """Index of the test sample shown."""
        self.only_mistakes = False
        self.source: tuple[DatasetSpec, str, int] | None = None
        """Dataset, run and epoch whose samples and predictions are shown."""
        self.is_reading = False
        """Whether they are still on their way from the disk."""
        self._draw()

    def show_dataset(self, dataset: DatasetSpec, run: RunFollower | None) -> None:
        """Show this dataset's test samples, with the predictions of the run where it has any and is of this dataset.

        Nothing is read again while dataset, run and epoch are the same.
        """
        if run is not None and run.spec.dataset != dataset:
            run = None
        predicted = run.view.predicted if run else None
        loaded = run.folder.name if run and run.view.data else ""
        wanted = (dataset, loaded, predicted.epoch if predicted else 0)
        if wanted != self.source:
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
            samples = load_test_samples(dataset, predictions, epoch, run.folder.data_info() if run else None)
        except SpecError as problem:
            self.app.call_from_thread(self._take, wanted, printable(str(problem)))
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
            self.at, self.only_mistakes = 0, False
        self._draw()

    # --------------------------------------------------------------------------------------------- drawing

    def _draw(self) -> None:
        samples = self.samples
        self.set_class(samples is None, "-empty")
        if samples is None:
            self.query_one("#predict-head", CellLines).show_text(Text(self.why_empty, style="dim"))
            return
        try:
            self._draw_sample(samples)
        except SpecError as problem:
            self.query_one("#predict-head", CellLines).show_text(Text(printable(str(problem)), style="dim"))

    def _draw_sample(self, samples: TestSamples) -> None:
        image = samples.drawn
        self.query_one(Picture).display = image
        self.query_one("#predict-row").display = not image
        if image:
            self.query_one(Picture).show(samples.picture(self.at))
        else:
            self.query_one("#predict-row", Static).update(_words(samples, self.at))
        truth = samples.truth(self.at)
        bars = self.query_one(ProbBars)
        bars.display = samples.facts.task is not Task.REGRESSION
        bars.show(
            samples.facts.classes,
            samples.shares(self.at),
            samples.chosen(self.at) or (),
            truth if isinstance(truth, int) else None,
        )
        self.query_one("#predict-head", CellLines).show_text(self._head(samples))
        self.query_one("#predict-foot", CellLines).show_text(Text(self._foot(samples), style="dim"))

    def _head(self, samples: TestSamples) -> Text:
        colours = self.app.theme_variables
        text = Text(f"#{self.at + 1} of {format_count(samples.count)}", no_wrap=True, overflow="ellipsis")
        truth, predicted = samples.truth(self.at), samples.predicted(self.at)
        without = "not trained yet" if samples.outputs is None else NOT_FINITE
        if self.is_reading and samples.outputs is None:
            without = "reading…"
        if samples.facts.task is Task.REGRESSION:
            true = float(truth or 0)
            text.append(f" · {printable(samples.facts.target) or 'true'} {format_number(true)}")
            if predicted is None:
                return text.append(f" · {without}", style="dim")
            text.append(f" · predicted {format_number(predicted)}", style="bold")
            return text.append(f" · off by {format_number(abs(predicted - true))}")
        if samples.facts.task is Task.LABELS:
            given = samples.predicted_labels(self.at)
            text.append(f" · true {_listed(samples.labels(self.at))}")
            return text.append(f" · predicted {_listed(given)}" if given is not None else f" · {without}")
        names = samples.facts.classes
        if truth is None:
            return text
        if predicted is None:
            return text.append(f" · true {printable(names[int(truth)])}").append(f" · {without}", style="dim")
        right = predicted == truth
        text.append(
            " ✓ right" if right else " ✗ wrong", style=f"bold {colours['success' if right else 'error']}"
        )
        text.append(f" · predicted {printable(names[int(predicted)])}", style="bold")
        return text if right else text.append(f", true {printable(names[int(truth)])}")

    def _foot(self, samples: TestSamples) -> str:
        if not samples.epoch:
            return ""
        wrong = samples.mistakes
        only = "only mistakes · " if self.only_mistakes else ""
        missed = f" · {plural(len(wrong), 'mistake')}" if wrong is not None else ""
        return f"{only}epoch {samples.epoch}{missed}"

    # ---------------------------------------------------------------------------------------------- actions

    def action_step(self, by: int) -> None:
        if self.samples:
            self.at = self.samples.neighbour(self.at, by, self.only_mistakes)
            self._draw()

    def action_random(self) -> None:
        if self.samples:
            self.at = self.samples.any(self.only_mistakes)
            self._draw()

    def action_mistakes(self) -> None:
        if not self.samples or not self.samples.mistakes:
            read = self.samples and not self.is_reading
            self.notify(
                "There are no mistakes to show yet." if read else "The predictions are still being read."
            )
            return
        self.only_mistakes = not self.only_mistakes
        if self.only_mistakes and self.at not in self.samples.mistakes:
            self.at = self.samples.neighbour(self.at, 1, True)
        self._draw()

    def action_mode(self) -> None:
        picture = self.query_one(Picture)
        picture.ascii = not picture.ascii

    def action_open(self) -> None:
        self.post_message(self.OpenAsked())

    def show_answer(self, answer: "PictureAnswered", pixels: object, facts: DataFacts) -> None:
        """A picture from outside, prepared as in training, with what the network says of it."""
        picture = self.query_one(Picture)
        picture.display = True
        picture.show(pixels)  # type: ignore[arg-type]
        chosen = predicted_classes(answer.outputs, facts)
        bars = self.query_one(ProbBars)
        bars.display = facts.task is not Task.REGRESSION
        bars.show(facts.classes, class_probabilities(answer.outputs, facts), chosen or (), None)
        text = Text(printable(answer.file.rsplit("/", 1)[-1]), no_wrap=True, overflow="ellipsis")
        if facts.task is Task.REGRESSION and answer.outputs[0] is not None:
            text.append(f" · {format_number(answer.outputs[0])}", style="bold")
        elif chosen is not None:
            text.append(f" · {_listed(tuple(facts.classes[label] for label in chosen))}", style="bold")
        else:
            text.append(f" · {NOT_FINITE}")
        self.query_one("#predict-head", CellLines).show_text(text)
        steps = printable(" · ".join(answer.steps))
        self.query_one("#predict-foot", CellLines).show_text(Text(steps, style="dim"))


def _listed(names: tuple[str, ...]) -> str:
    return printable(" + ".join(names)) or "none"


def _words(samples: TestSamples, at: int) -> Text:
    """A row of a table, column by column; or a text, as far as there is room."""
    if samples.facts.is_table:
        return value_lines(samples.facts, samples.row(at))
    return Text("\n".join(printable(line) for line in samples.text(at)[:LETTERS].splitlines()))
