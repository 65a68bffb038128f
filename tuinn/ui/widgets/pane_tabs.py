"""Which of the five panes is shown, where only one has room."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

NAMES = ("Dataset", "Layers", "Summary", "Charts", "Predict")


class PaneTabs(Widget):
    """One line: `1 Dataset  2 Layers …`, the shown one marked by more than colour."""

    DEFAULT_CSS = "PaneTabs { height: 1; display: none; padding: 0 1; }"

    shown: reactive[int] = reactive(1)

    @dataclass
    class Clicked(Message):
        """The user wants this pane, counted from 1."""

        pane: int

    def render(self) -> RenderResult:
        return tabs_text(NAMES, self.shown - 1, self.app.theme_variables["accent"])

    def on_click(self, event: events.Click) -> None:
        left = 1
        for number, name in enumerate(NAMES, start=1):
            right = left + len(name) + 4
            if left <= event.x < right:
                self.post_message(self.Clicked(number))
                return
            left = right + 2


def tabs_text(names: Sequence[str], shown: int, accent: str) -> Text:
    """A line of tabs with their digits; `shown` counts from 0."""
    text = Text(no_wrap=True, overflow="crop")
    for at, name in enumerate(names):
        here = at == shown
        said = f"[{at + 1} {name}]" if here else f" {at + 1} {name} "
        text.append(said, f"bold {accent}" if here else "dim").append("  ")
    return text
