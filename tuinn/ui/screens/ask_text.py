"""Ask for a line of text."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from tuinn.ui.screens.dialogue import Dialogue
from tuinn.ui.widgets.field import Field


class AskText(Dialogue[str]):
    """Answers the line, which may be empty. `check` says what is wrong with it; nothing where nothing is."""

    def __init__(self, heading: str, value: str, help: str, check: Callable[[str], str]) -> None:
        super().__init__()
        self.heading = heading
        self.value = value
        self.help = help
        self.check = check

    def body(self) -> ComposeResult:
        yield Field(self.value, self.help, id="text-input")
        yield Static("", id="path-problem", markup=False)
        yield Static("Enter keeps · Esc drops", classes="dialogue-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        if problem := self.check(event.value):
            self.query_one("#path-problem", Static).update(problem)
        else:
            self.dismiss(event.value)
