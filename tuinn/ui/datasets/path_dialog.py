"""The path dialog: open the user's own data by a path that is typed, pasted or dropped."""

from dataclasses import dataclass

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, Static

from tuinn.data import loader
from tuinn.data.info import DatasetInfo
from tuinn.data.paths import parse_path
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.datasets.facts_text import data_problem
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.controls import PathField

WORDS = (
    "A folder with a folder of images or texts per class, a CSV, an .npz or .npy. "
    "Drop it on this window, paste its path, or type it; Tab completes."
)


@dataclass(frozen=True)
class FoundDataset:
    """The dataset at a path."""

    dataset: DatasetSpec
    info: DatasetInfo


class PathDialog(Dialog[FoundDataset]):
    """Answers the dataset found at the path."""

    heading = "Open your own data"

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self.path = path
        self.is_checking = False

    def body(self) -> ComposeResult:
        yield PathField(self.path, placeholder="path of a folder or a file", id="path-input")
        yield Static(Text(WORDS, style="dim"), id="path-names", markup=False)
        yield Static("", id="path-problem", markup=False)
        yield Static("Enter opens · Tab completes · Esc goes back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        field = self.query_one(PathField)
        field.focus()
        field.cursor_position = len(field.value)
        if self.path:
            self._enter()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_message("")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._enter()

    def _enter(self) -> None:
        if not self.is_checking:
            self.is_checking = True
            self._show_message("checking…", "secondary")
            self._describe(self.query_one(PathField).value)

    @work(thread=True, group="path-check")
    def _describe(self, text: str) -> None:
        try:
            loader.forget_inspected()  # it may have changed since it was read
            dataset = DatasetSpec.at(str(parse_path(text)))
            found = FoundDataset(dataset, loader.describe(dataset))
        except (SpecError, OSError) as problem:
            self.app.call_from_thread(self._show_problem, problem)
            return
        self.app.call_from_thread(self._take, found)

    def _take(self, found: FoundDataset) -> None:
        self.is_checking = False
        if self.is_current:  # the user may have left meanwhile
            self.dismiss(found)

    def _show_problem(self, problem: Exception) -> None:
        self.is_checking = False
        self._show_message(f"✗ {data_problem(problem)}", "error")

    def _show_message(self, words: str, colour: str = "error") -> None:
        style = self.app.theme_variables[colour]
        self.query_one("#path-problem", Static).update(Text(words, style=style))

    @on(PathField.Completed)
    def _completed(self, event: PathField.Completed) -> None:
        event.stop()
        self.query_one("#path-names", Static).update(Text(event.words, style="dim"))
