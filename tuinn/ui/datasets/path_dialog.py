"""The path dialog: open the user's own data by a path that is typed, pasted or dropped."""

from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, Static

from tuinn.data import loader
from tuinn.data.info import DatasetInfo
from tuinn.data.paths import parse_path
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.saved_network.files import is_network
from tuinn.spec.saved_network.saved_stack import SavedStack, file_of, read_saved_stack
from tuinn.ui.datasets.facts_text import data_problem
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.controls import PathField

WORDS = (
    "A folder with a folder of images or texts per class, a CSV, an .npz or .npy; or a saved network: .keras, .h5, a "
    "SavedModel, or the folder of a run. "
    "Drop it on this window, paste its path, or type it; Tab completes."
)


@dataclass(frozen=True)
class FoundDataset:
    """The dataset at a path."""

    dataset: DatasetSpec
    info: DatasetInfo


@dataclass(frozen=True)
class FoundNetwork:
    """The saved network at a path, as a stack of layers. The folder of a run stands for the network of the run."""

    file: Path
    saved: SavedStack


Found = FoundDataset | FoundNetwork


class PathDialog(Dialog[Found]):
    """Answers the dataset, or the network, found at the path."""

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
            found = found_at(parse_path(text))
        except (SpecError, OSError) as problem:
            self.app.call_from_thread(self._show_problem, problem)
            return
        self.app.call_from_thread(self._take, found)

    def _take(self, found: Found) -> None:
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


def found_at(path: Path) -> Found:
    """What is there. Raises SpecError or OSError."""
    file = file_of(str(path))
    if is_network(file):
        return FoundNetwork(file, read_saved_stack(str(file)))
    dataset = DatasetSpec.at(str(path))
    return FoundDataset(dataset, loader.describe(dataset))
