"""Small controls that any screen could use: a text field, the footer of keys, a line of tabs."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Footer, Input

from tuinn.ui.textual_internals import bindings_of_key, forget_closed_watchers


class TextField(Input):
    """Obeys every key in the order in which it was typed. The cursor doesn't blink.

    On a slow connection keys arrive in bunches. Textual inserts letters at once, but sends editing keys through the app,
    so that a letter overtakes the backspace before it; here they are obeyed at once.
    """

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


LAST_KEYS = 2
"""Keys at the end of the footer, help and the way out, that stay as long as there is room for any."""


class KeyFooter(Footer):
    """Textual's footer, without keys that would be cut at the right edge."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    async def recompose(self) -> None:
        await super().recompose()
        forget_closed_watchers(self)
        self._hide_cut_keys()

    def on_resize(self) -> None:
        self._hide_cut_keys()

    def _hide_cut_keys(self) -> None:
        keys = list(self.query("FooterKey"))
        widths = [cell_len(str(key.render())) + 1 for key in keys]
        for key, is_shown in zip(keys, fitting_keys(widths, self.app.size.width), strict=True):
            key.display = is_shown


def fitting_keys(widths: Sequence[int], room: int) -> list[bool]:
    """Which keys are shown in so many cells: the last ones, then the others from the left as long as they fit."""
    room -= sum(widths[-LAST_KEYS:])
    shown: list[bool] = []
    for width in widths[:-LAST_KEYS]:
        room -= width
        shown.append(room >= 0)
    return [*shown, *(True for _ in widths[-LAST_KEYS:])]


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
        return tabs_text(NAMES, self.shown - 1, self.app.theme_variables["accent"], self.gap)

    @property
    def gap(self) -> int:
        """Cells between two tabs: one where two would cut the last."""
        return 2 if self.size.width >= sum(len(name) + 6 for name in NAMES) - 2 else 1

    def on_click(self, event: events.Click) -> None:
        left = 1
        for number, name in enumerate(NAMES, start=1):
            right = left + len(name) + 4
            if left <= event.x < right:
                self.post_message(self.Clicked(number))
                return
            left = right + self.gap


def tabs_text(names: Sequence[str], shown: int, accent: str, gap: int = 2) -> Text:
    """A line of tabs with their digits, `gap` cells apart; `shown` counts from 0."""
    text = Text(no_wrap=True, overflow="crop")
    for at, name in enumerate(names):
        here = at == shown
        label = f"[{at + 1} {name}]" if here else f" {at + 1} {name} "
        text.append(label, f"bold {accent}" if here else "dim").append(" " * gap)
    return text
