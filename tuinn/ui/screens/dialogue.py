"""What every dialogue shares: a framed box in the middle, Escape to leave."""

from typing import Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tuinn.view.words import printable

T = TypeVar("T")

TALL = 34
"""Rows of the screen from which on a dialogue stands at its top."""


class Dialogue(ModalScreen[T | None], Generic[T]):
    """Asks one thing. Escape answers None."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Back")]
    heading = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialogue-box") as box:
            box.border_title = Content(printable(self.heading))  # a name in it is no markup
            yield from self.body()

    def on_resize(self) -> None:
        self.set_class(self.size.height >= TALL, "-tall")

    def body(self) -> ComposeResult:
        """The widgets inside the frame."""
        raise NotImplementedError

    def on_mount(self) -> None:
        # Textual gives nobody the focus while the terminal itself is in the background, as in another window of tmux;
        # then the first key would find nobody to obey it.
        if self.focused is None and self.focus_chain:
            self.set_focus(self.focus_chain[0])


class Choose(Dialogue[str]):
    """A list to choose one line from. Answers the line's id."""

    def __init__(self, heading: str, lines: list[tuple[str, Text]], words: str = "") -> None:
        super().__init__()
        self.heading = heading
        self.lines = lines
        self.words = words

    def body(self) -> ComposeResult:
        if self.words:
            yield Static(self.words, classes="dialogue-words", markup=False)
        yield OptionList(*(Option(text, id=key) for key, text in self.lines), classes="dialogue-list")
        yield Static("Enter chooses · Esc goes back", classes="dialogue-keys", markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
