"""The base of all dialogs, a framed box with Escape to leave; and the dialogs that ask for one line."""

from collections.abc import Callable
from typing import Generic, TypeVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tuinn.text import printable
from tuinn.ui.widgets.controls import Options, TextField

T = TypeVar("T")

TALL = 34
"""Rows of the screen from which on a dialog stands at its top."""


class AnswersOnce(Screen[T], Generic[T]):
    """A screen that is left once. Textual pops whatever is on top: two clicks on a line, or a click and Enter, would take
    the workbench away together with the dialog above it."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Leave with this answer, if this screen is still the one on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Dialog(AnswersOnce[T | None], ModalScreen[T | None], Generic[T]):
    """Asks one thing. Escape answers None."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Back")]
    heading = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box") as box:
            box.border_title = Content(printable(self.heading))  # a name in it is no markup
            yield from self.body()

    def on_resize(self) -> None:
        self.set_class(self.size.height >= TALL, "-tall")

    def body(self) -> ComposeResult:
        """The widgets inside the frame."""
        raise NotImplementedError

    def on_mount(self) -> None:
        # Textual gives nobody the focus while the terminal itself is in the background, as in another window of tmux;
        # then the first key would be lost.
        if self.focused is None and self.focus_chain:
            self.set_focus(self.focus_chain[0])


class Choose(Dialog[str]):
    """A list to choose one line from. Answers the line's id."""

    def __init__(self, heading: str, lines: list[tuple[str, Text]], words: str = "") -> None:
        super().__init__()
        self.heading = heading
        self.lines = lines
        self.words = words

    def body(self) -> ComposeResult:
        if self.words:
            yield Static(self.words, classes="dialog-words", markup=False)
        yield Options(*(Option(text, id=key) for key, text in self.lines), classes="dialog-list")
        yield Static("Enter chooses · Esc goes back", classes="dialog-keys", markup=False)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class TextDialog(Dialog[str]):
    """Answers the line, which may be empty. `check` says what is wrong with it; nothing where nothing is."""

    def __init__(
        self,
        heading: str,
        value: str,
        help: str,
        check: Callable[[str], str],
        keys: str = "Enter keeps · Esc drops",
    ) -> None:
        super().__init__()
        self.heading = heading
        self.keys = keys
        self.value = value
        self.help = help
        self.check = check

    def body(self) -> ComposeResult:
        yield TextField(self.value, self.help, id="text-input")
        yield Static("", id="path-problem", markup=False)
        yield Static(self.keys, classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        if problem := self.check(event.value):
            self.query_one("#path-problem", Static).update(problem)
        else:
            self.dismiss(event.value)
