"""The lab of tensors: NumPy expressions over a dataset and over one picture, with shape, rule, numbers and picture."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from tuinn.data.catalog.catalog import find
from tuinn.data.paths import dropped_path
from tuinn.errors import TuinnError
from tuinn.text import printable, shorten
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.labs.page import LabPage, PageStep, page_bindings
from tuinn.ui.labs.tensor_pictures import PhotoDialog, PictureSheet
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import TextField
from tuinn.ui.widgets.picture import redraw_with_theme

if TYPE_CHECKING:
    from tuinn.labs.tensors.outcome import Outcome
    from tuinn.labs.tensors.samples import Samples

PATIENCE = 0.1
"""Seconds after which a result that isn't there is said to be on its way."""

HINT = "Enter computes · Up and Down: what was entered · Tab completes · F2: examples"

NAMES_ROWS = 3

HINT = "Enter computes · Up and Down: what was entered · Tab completes · F2: examples"

WIDE = 100
"""Columns from which on the names have three rows."""


@dataclass(frozen=True)
class Line:
    """What stands in the place of a result: words to say."""

    words: str
    is_problem: bool = False


class TensorsPage(LabPage):
    """One line to type in; what it gives stands below. Results are made in a thread, one at a time."""

    BINDINGS = page_bindings("tensors")
    page = "tensors"

    def __init__(self, for_step: PageStep | None = None) -> None:
        super().__init__(for_step)
        self.samples: Samples | None = None
        self.outcome: Outcome | None = None
        self.line = Line("Loading…")
        self.about = ""
        """What the example shows."""
        self.example = -1
        self.typed: list[str] = []
        """Expressions that were entered, the oldest first."""
        self.recalled = 0
        """Place in `typed`; its length: a new one."""
        self.by_channel = False
        self.has_acted = False
        """False for the example that stands there at first."""
        self.working = ""
        """The expression that is being computed."""
        self.waiting = ""
        """The one to be computed next."""

    def body(self) -> ComposeResult:
        with Horizontal(id="tensor-line"):
            yield Static(">>>", id="tensor-prompt", markup=False)
            yield TextField("", "a NumPy expression, such as train_images[10:100]", id="tensor-input")
        yield CellLines(id="tensor-about")
        with Horizontal(id="tensor-body"):
            with Vertical(id="tensor-result-box") as box:
                box.border_title = "Result"
                yield CellLines(id="tensor-result")
            with Vertical(id="tensor-picture-box") as box:
                box.border_title = "Picture"
                yield PictureSheet(id="tensor-picture")
        yield CellLines(id="tensor-names")

    def on_mount(self) -> None:
        super().on_mount()
        self.field.focus()
        redraw_with_theme(self, self.draw_all)
        self._load(self._first_dataset())

    @property
    def field(self) -> TextField:
        return self.query_one("#tensor-input", TextField)

    def _first_dataset(self) -> str:
        """The one of the lesson, where it has images and is at hand; else the largest."""
        from tuinn.labs.tensors.samples import image_datasets

        wanted = self.for_step.lesson.dataset if self.for_step else ""
        known = image_datasets()
        return wanted if wanted in known else known[0]

    # ---------------------------------------------------------------------------------------------- work

    @work(thread=True, group="tensors-load")
    def _load(self, dataset: str) -> None:
        from tuinn.labs.tensors.samples import load_samples

        try:
            samples = load_samples(dataset)
        except (TuinnError, OSError) as problem:
            self.app.call_from_thread(self._refuse, str(problem))
            return
        self.app.call_from_thread(self._take_samples, samples)

    @work(thread=True, group="tensors-load")
    def _open_photo(self, samples: "Samples", path: Path) -> None:
        try:
            found = samples.with_photo(path)
        except (TuinnError, OSError) as problem:
            self.app.call_from_thread(self._refuse, str(problem))
            return
        self.app.call_from_thread(self._take_photo, found)

    def _take_samples(self, samples: "Samples") -> None:
        had = self.samples
        self.samples = samples
        if had is None:
            self.action_example(1)
        else:
            self.enter(self.field.value if had.photo == "" and self.field.value else "train_images[:60]")

    def _take_photo(self, samples: "Samples") -> None:
        self.samples, self.by_channel = samples, True
        self.reached("photo")
        self.show_expression("img", f"{samples.photo}, and its channels (F8)")

    def _refuse(self, words: str) -> None:
        self.outcome, self.line = None, Line(words, is_problem=True)
        self.draw_all()

    def show_expression(self, text: str, about: str = "") -> None:
        """Put an expression into the line and compute it."""
        self.field.value = text
        self.field.cursor_position = len(text)
        self.about = about
        self.enter(text)

    def enter(self, text: str) -> None:
        """Compute this next. What is being computed comes to its end first; what waits is dropped."""
        if self.samples is None:
            return
        self.waiting = text
        if not self.working:
            self._begin()

    def _begin(self) -> None:
        assert self.samples is not None
        self.working, self.waiting = self.waiting or " ", ""
        self._compute(self.working, self.samples)
        self.set_timer(PATIENCE, self._say_progress)

    @work(thread=True, group="tensors-compute")
    def _compute(self, text: str, samples: "Samples") -> None:
        from tuinn.labs.tensors.outcome import compute

        try:
            outcome = compute(text, samples.names)
            if outcome.result.name:
                samples = samples.with_name(outcome.result.name, outcome.result.value)
        except TuinnError as problem:
            self.app.call_from_thread(self._done, None, str(problem), samples)
            return
        self.app.call_from_thread(self._done, outcome, "", samples)

    def _say_progress(self) -> None:
        if self.working.strip() and self.is_attached:
            self.outcome, self.line = None, Line(f"Computing {shorten(self.working, 60)} …")
            self.draw_all()

    def _done(self, outcome: "Outcome | None", problem: str, samples: "Samples") -> None:
        self.working = ""
        if not self.is_attached:
            return
        if outcome is not None and outcome.result.name:
            self.samples = samples
        self.outcome, self.line = outcome, Line(problem, is_problem=True)
        if self.waiting:
            self._begin()
            return
        self.draw_all()
        if outcome is not None and self.has_acted:
            self.reached("evaluated")
            if self._has_picture():
                self.reached("picture")
            if outcome.is_tensor and outcome.tensor.ndim == 5:
                self.reached("rank5")

    # ------------------------------------------------------------------------------------------- drawing

    def right_words(self) -> Text:
        if self.samples is None:
            return Text()
        photo = f" · img: {self.samples.photo}" if self.samples.photo else ""
        return Text(printable(f"{self.samples.title}{photo}"), "dim")

    def draw(self) -> None:
        from tuinn.ui.labs.tensor_text import names_text, result_text

        accent, has_picture = self.app.theme_variables["accent"], self._has_picture()
        self.query_one("#tensor-picture-box").display = has_picture
        self.query_one("#tensor-body").set_class(has_picture and self._is_apart(), "-apart")
        names = self.query_one("#tensor-names", CellLines)
        if (samples := self.samples) is not None:
            names.show_text(lambda width: names_text(samples.names, samples.own, width, NAMES_ROWS))
        self.query_one("#tensor-about", CellLines).show_text(Text(printable(self.about or HINT)))
        result = self.query_one("#tensor-result", CellLines)
        if (outcome := self.outcome) is None:
            style = self.app.theme_variables["error"] if self.line.is_problem else "dim"
            sign = "✗ " if self.line.is_problem else ""
            result.show_text(Text(f"{sign}{printable(self.line.words)}", style), wrap=True)
        else:
            height = self.size.height - NAMES_ROWS - (8 if self.for_step else 6)
            result.show_text(
                lambda width: result_text(outcome, max(width, 20), height, accent, has_picture), wrap=True
            )
        if has_picture and outcome is not None:
            self.sheet.show(outcome.tensor, self.by_channel)

    @property
    def sheet(self) -> PictureSheet:
        return self.query_one("#tensor-picture", PictureSheet)

    def _is_apart(self) -> bool:
        """Whether red, green and blue are shown side by side, which takes room."""
        from tuinn.labs.tensors.pictures import has_colour

        return self.by_channel and self.outcome is not None and has_colour(self.outcome.tensor.shape)

    def _has_picture(self) -> bool:
        from tuinn.labs.tensors.pictures import picture_axes

        outcome = self.outcome
        return outcome is not None and outcome.is_tensor and picture_axes(outcome.tensor.shape) is not None

    # ---------------------------------------------------------------------------------------------- keys

    @on(Input.Submitted, "#tensor-input")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.has_acted, text = True, event.value.strip()
        if (path := dropped_path(text)) is not None and path.is_file() and self.samples is not None:
            self._open_photo(self.samples, path)
            return
        if text and (not self.typed or self.typed[-1] != text):
            self.typed.append(text)
        self.recalled = len(self.typed)
        self.about = ""
        self.enter(event.value or " ")

    def action_example(self, step: int) -> None:
        from tuinn.labs.tensors.samples import EXAMPLES

        self.has_acted = self.has_acted or self.outcome is not None
        self.example = (self.example + step) % len(EXAMPLES)
        text, about = EXAMPLES[self.example]
        self.show_expression(text, f"{self.example + 1} of {len(EXAMPLES)}: {about}")

    def action_recall(self, step: int) -> None:
        if not self.typed:
            return
        self.recalled = min(max(self.recalled + step, 0), len(self.typed))
        self.field.value = self.typed[self.recalled] if self.recalled < len(self.typed) else ""
        self.field.cursor_position = len(self.field.value)

    def action_complete(self) -> None:
        from tuinn.labs.tensors.completion import complete

        if self.samples is None:
            return
        before, after = (
            self.field.value[: self.field.cursor_position],
            self.field.value[self.field.cursor_position :],
        )
        longer, offers = complete(before, self.samples.names)
        self.field.value = longer + after
        self.field.cursor_position = len(longer)
        if len(offers) > 1:
            more = f"  and {len(offers) - 12} more" if len(offers) > 12 else ""
            self.notify("  ".join(offers[:12]) + more, markup=False)

    def action_channels(self) -> None:
        from tuinn.labs.tensors.pictures import has_colour

        if self.outcome is None or not has_colour(self.outcome.tensor.shape):
            self.notify("Only a picture in colour has channels: img is one.", markup=False)
            return
        self.by_channel = not self.by_channel
        self.draw()

    def action_page(self, step: int) -> None:
        if self._has_picture():
            self.sheet.turn(step)

    def action_dataset(self) -> None:
        from tuinn.labs.tensors.samples import image_datasets

        lines = [
            (name, Text.assemble(f"{find(name).title}  ", (f"{find(name).facts.train:,} images", "dim")))
            for name in image_datasets()
        ]
        self.app.push_screen(Choose("The dataset behind train_images", lines), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name is not None:
            self._load(name)

    def action_photo(self) -> None:
        self.app.push_screen(PhotoDialog(), self._photo_chosen)

    def _photo_chosen(self, path: Path | None) -> None:
        if path is not None and self.samples is not None:
            self._open_photo(self.samples, path)
