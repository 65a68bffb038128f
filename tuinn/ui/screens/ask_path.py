"""Ask for the path of a picture."""

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from tuinn.data.typed_path import as_path
from tuinn.spec.problem import SpecProblem
from tuinn.ui.screens.dialogue import Dialogue
from tuinn.ui.widgets.field import Field
from tuinn.view.words import printable


class AskPath(Dialogue[str]):
    """Answers the absolute path of a file that exists."""

    heading = "Predict a picture of your own"

    def body(self) -> ComposeResult:
        yield Field(placeholder="path of a png, jpeg, gif, bmp or webp file", id="path-input")
        yield Static("", id="path-problem", markup=False)
        yield Static("Enter predicts · Esc goes back", classes="dialogue-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            path = as_path(event.value)
            if path.is_file():
                self.dismiss(str(path.resolve()))
                return
            problem = f"There is no file {printable(str(path))}."
        except (SpecProblem, OSError, ValueError) as error:
            problem = printable(str(error))
        self.query_one("#path-problem", Static).update(problem)
