"""A line of text that obeys every key in the order in which it was typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Footer, Input

from tuinn.ui.textual_internals import bindings_of_key, forget_closed_watchers


class TextField(Input):
    """On a slow line keys arrive in bunches. Textual types letters at once, but lets editing keys go round by the app,
    so that a letter overtakes the backspace before it; here they are obeyed on the spot. The cursor doesn't blink."""

    def __init__(
        self, value: str = "", placeholder: str = "", id: str | None = None, classes: str = ""
    ) -> None:
        super().__init__(value, placeholder, id=id, classes=classes or None)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        bindings = () if event.is_printable else bindings_of_key(self, event.key)
        # A line has nothing to scroll: those keys move in what stands around it.
        for binding in [one for one in bindings if not one.action.startswith(("scroll_", "page_"))][:1]:
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)


class KeyFooter(Footer):
    """Textual's own, which makes a widget for each key anew whenever the focus moves, and never forgets the old ones:
    they stay among the watchers of its `compact`, 150 kB for every change of pane."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    async def recompose(self) -> None:
        await super().recompose()
        forget_closed_watchers(self)


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
