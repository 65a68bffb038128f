"""Small controls that any screen could use: a text field, the footer of keys, a line of tabs."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events, work
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, OptionList

from tuinn.data.paths import complete_path
from tuinn.errors import SpecError
from tuinn.text import plural, printable
from tuinn.ui.textual_internals import bindings_of_key

Severity = Literal["information", "warning", "error"]

OPTION_KEYS: list[BindingType] = [
    Binding("k", "cursor_up", show=False),
    Binding("j", "cursor_down", show=False),
    Binding("ctrl+u", "page_up", show=False),
    Binding("ctrl+d", "page_down", show=False),
    Binding("G", "last", show=False),
]
"""Keys of every list beside the arrows; `g` is added where it is free."""


class PagedOptions(OptionList):
    """Textual's list, which breaks on a page key while it has no width: before it is drawn for the first time."""

    def action_page_up(self) -> None:
        if self.size.width:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.size.width:
            super().action_page_down()  # type: ignore[no-untyped-call]


class Options(PagedOptions):
    """Textual's list with the keys that all lists have."""

    BINDINGS: ClassVar[list[BindingType]] = [*OPTION_KEYS, Binding("g", "first", show=False)]


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


SIGNS = {"information": ("· ", "accent"), "warning": ("! ", "warning"), "error": ("✗ ", "error")}
"""What a message begins with, and the colour of that, by its severity."""


@dataclass(frozen=True)
class UserMessage:
    """What the app said to its user."""

    words: str
    severity: Severity = "information"
    at: float = field(default_factory=time.time)

    @property
    def plain(self) -> str:
        """The words after their sign."""
        return SIGNS[self.severity][0] + self.words

    def text(self, colours: Mapping[str, str]) -> Text:
        """The same, the sign in its colour."""
        sign, colour = SIGNS[self.severity]
        return Text.assemble((sign, f"bold {colours[colour]}"), self.words)


NAMES_LISTED = 40
"""Names of a folder that are listed at most."""


class PathField(TextField):
    """A path is typed into it; Tab completes it, as a shell does."""

    BINDINGS = [Binding("tab", "complete", "Complete", show=False)]

    @dataclass
    class Completed(Message):
        """The path was completed as far as possible."""

        words: str
        """The names that it may go on with; empty where there is one."""

    def action_complete(self) -> None:
        self._look_up(self.value)

    @work(thread=True, exclusive=True, group="path-names")
    def _look_up(self, text: str) -> None:
        try:
            completed, names = complete_path(text)
        except SpecError:
            completed, names = text, []
        self.app.call_from_thread(self._complete, text, completed, names)

    def _complete(self, asked: str, completed: str, names: list[str]) -> None:
        if self.value != asked:
            return  # typed on meanwhile
        self.value = completed
        self.cursor_position = len(completed)
        words = "  ".join(printable(name) for name in names[:NAMES_LISTED]) if len(names) > 1 else ""
        if len(names) > NAMES_LISTED:
            words += f"  and {len(names) - NAMES_LISTED} more"
        self.post_message(self.Completed(words if names else "Nothing begins like that."))


LAST_KEYS = 2
"""Keys at the end of the footer, help and the way out, that stay as long as there is room for any."""


@dataclass(frozen=True)
class FooterKey:
    """One key in the footer."""

    key: str
    shown: str
    """Its name as users read it."""
    description: str
    tooltip: str
    enabled: bool

    @property
    def width(self) -> int:
        """Cells, the one after it included."""
        return cell_len(f"{self.shown} {self.description} ")


class KeyFooter(Widget):
    """The keys that work where the focus is, in one line; none is cut at the right edge. A message takes their place for
    a while.

    Textual's own footer makes a widget for each key anew whenever the focus moves; this one draws a line of text.
    """

    ALLOW_SELECT = False

    COMPONENT_CLASSES = {"key-footer--key", "key-footer--description"}

    DEFAULT_CSS = """
    KeyFooter { dock: bottom; height: auto; max-height: 4; color: $footer-foreground; background: $footer-background; }
    KeyFooter > .key-footer--key { color: $footer-key-foreground; background: $footer-background; text-style: bold; }
    KeyFooter > .key-footer--description { color: $footer-description-foreground; background: $footer-background; }
    """

    keys: reactive[tuple[FooterKey, ...]] = reactive(())
    message: reactive[UserMessage | None] = reactive(None)
    unread: reactive[int] = reactive(0)
    """Errors that were shown here since the user last read all messages."""

    def __init__(self) -> None:
        super().__init__()
        self.message_timer: Timer | None = None
        self.has_happened: Callable[[], bool] = lambda: False
        """Whether what the message announces has happened."""

    def show_message(self, message: UserMessage, seconds: float) -> None:
        """In place of the keys, for so long."""
        self.clear_message()
        self.message = message
        self.unread += message.severity == "error"
        self.message_timer = self.set_timer(seconds, self.clear_message)

    def watch_message(self) -> None:
        """A message of one line takes the place of the keys: only a longer one moves what is above."""
        shown, width = self.render(), max(self.size.width, 1)
        lines = len(shown.wrap(self.app.console, width)) if self.message is not None else 1
        if lines != self.size.height:
            self.refresh(layout=True)

    def clear_once(self, has_happened: Callable[[], bool]) -> None:
        """Let the message that is shown now give way to the keys as soon as `clear_outdated` finds that this is so."""
        self.has_happened = has_happened

    def clear_outdated(self) -> None:
        """The keys again, where what the message announces has happened."""
        if self.message is not None and self.has_happened():
            self.clear_message()

    def clear_message(self) -> None:
        """The keys again."""
        self.message, self.has_happened = None, lambda: False
        if self.message_timer is not None:
            self.message_timer.stop()

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        # While another window has the keyboard nothing has the focus here: the keys stay as they were.
        is_left = not screen.app.app_focus and screen.focused is None
        if not is_left and self.is_attached and screen is self.screen:
            self.call_after_refresh(self._read_bindings)

    def _read_bindings(self) -> None:
        if not self.is_attached:
            return
        by_action: dict[str, FooterKey] = {}
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            if binding.show and binding.action not in by_action:
                shown = self.app.get_key_display(binding)
                by_action[binding.action] = FooterKey(
                    binding.key, shown, binding.description, tooltip, enabled
                )
        self.keys = tuple(by_action.values())

    @property
    def shown_keys(self) -> list[FooterKey]:
        """The keys that have room, from left to right."""
        keys = self.keys
        if self.unread:
            words = plural(self.unread, "error")
            keys = (FooterKey("exclamation_mark", "!", words, "read what was said", enabled=True), *keys)
        shown = fitting_keys([one.width for one in keys], self.size.width + 1)
        return [one for one, is_shown in zip(keys, shown, strict=True) if is_shown]

    def render(self) -> Text:
        if self.message is not None:
            return self.message.text(self.app.theme_variables)
        key_style = self.get_component_rich_style("key-footer--key")
        description_style = self.get_component_rich_style("key-footer--description")
        line = Text(no_wrap=True, end="")
        for one in self.shown_keys:
            dim = Style(dim=not one.enabled)
            line.append(one.shown, key_style + dim)
            line.append(f" {one.description} ", description_style + dim)
        return line

    def key_at(self, x: int) -> FooterKey | None:
        """Return the key in this column."""
        right = 0
        for one in self.shown_keys:
            right += one.width
            if x < right:
                return one
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        under = None if self.message is not None else self.key_at(event.x)
        self.tooltip = under.tooltip or under.description if under else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self.message is not None:
            self.clear_message()
            return
        if (under := self.key_at(event.x)) is None:
            return
        if under.enabled:
            self.app.simulate_key(under.key)
        else:
            self.app.bell()


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
