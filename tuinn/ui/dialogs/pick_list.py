"""A field of a form whose value is a word out of a few, and the list of all words that it opens, filtered as one types."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input, Static

from tuinn.spec.fit import Choices
from tuinn.spec.options import Bool, Choice, Option
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.textual_internals import bindings_of_key
from tuinn.ui.widgets.controls import TextField
from tuinn.ui.widgets.virtual_list import VirtualList

AROUND = 11
"""Rows of the screen that the list leaves to what stands around it."""


@dataclass(frozen=True)
class Pick:
    """A line of the list."""

    value: str
    note: str = ""
    """What it stands for."""
    label: str = ""
    """What is shown in its place; nothing: the value itself."""

    @property
    def name(self) -> str:
        return self.label or self.value


class TickFilter(TextField):
    """Space is not typed: it ticks."""

    class Ticked(Message):
        """The user wants the tick under the cursor set, or taken away."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "space":
            event.stop()
            event.prevent_default()
            self.post_message(self.Ticked())


class PickList(Dialog[tuple[str, ...]]):
    """Answers the one value chosen; with `ticks` every value ticked, in the order of the list."""

    BINDINGS = [
        Binding("up", "cursor(-1)", show=False, priority=True),
        Binding("down", "cursor(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
    ]

    def __init__(
        self,
        heading: str,
        picks: Sequence[Pick],
        chosen: Collection[str],
        ticks: bool = False,
        word: str = "",
    ) -> None:
        super().__init__()
        self.heading = heading
        self.picks = tuple(picks)
        self.chosen = set(chosen)
        self.ticks = ticks
        self.word = word
        """What the filter holds to begin with."""
        self.found = self.picks

    def body(self) -> ComposeResult:
        field = TickFilter if self.ticks else TextField
        yield field(self.word, "type to filter", id="pick-filter")
        yield VirtualList(id="pick-list")
        yield Static(id="pick-note", markup=False)
        does = "Space ticks · Enter keeps" if self.ticks else "Enter chooses"
        yield Static(f"{does} · ↑↓ moves · Esc goes back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        rows, search = self.query_one(VirtualList), self.query_one(Input)
        rows.can_focus = False
        rows.styles.height = max(3, min(len(self.picks), self.size.height - AROUND, 24))
        search.focus()
        search.cursor_position = len(self.word)
        self._fill(self.word)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    def _fill(self, word: str) -> None:
        self.found = matching(self.picks, word)
        at = next((at for at, pick in enumerate(self.found) if pick.value in self.chosen), 0)
        self.query_one(VirtualList).show(len(self.found), self._line, 0 if word.strip() else at)
        self._show_note()

    def _line(self, at: int, width: int) -> Text:
        pick = self.found[at]
        is_chosen = pick.value in self.chosen
        mark = ("[x] " if is_chosen else "[ ] ") if self.ticks else ("● " if is_chosen else "  ")
        names = max(len(one.name) for one in self.picks)
        text = Text.assemble(mark, (f"{printable(pick.name):<{min(names, 34)}}", "bold"), no_wrap=True)
        return text.append(f"  {printable(pick.note)}", style="dim")

    @property
    def pick(self) -> Pick | None:
        """The one under the cursor."""
        at = self.query_one(VirtualList).at
        return self.found[at] if at < len(self.found) else None

    def action_cursor(self, by: int) -> None:
        self.query_one(VirtualList).action_move(by)

    def action_page(self, by: int) -> None:
        self.query_one(VirtualList).action_page(by)

    @on(TickFilter.Ticked)
    def _tick(self) -> None:
        if self.pick is not None:
            self.chosen ^= {self.pick.value}
            rows = self.query_one(VirtualList)
            rows.show(len(self.found), self._line, rows.at)

    @on(VirtualList.Moved)
    def _moved(self, event: VirtualList.Moved) -> None:
        event.stop()
        self._show_note()

    def _show_note(self) -> None:
        words = printable(self.query_one(Input).value)
        note = self.pick.note if self.pick else f"Nothing in the list has '{words}' in it."
        self.query_one("#pick-note", Static).update(printable(note))

    @on(VirtualList.Chosen)
    def _clicked(self, event: VirtualList.Chosen) -> None:
        event.stop()
        if self.ticks:
            self._tick()
        else:
            self._choose()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose()

    def _choose(self) -> None:
        if self.ticks:
            self.dismiss(tuple(pick.value for pick in self.picks if pick.value in self.chosen))
        elif self.pick is not None:
            self.dismiss((self.pick.value,))


def matching(picks: Sequence[Pick], word: str) -> tuple[Pick, ...]:
    """Those whose name begins with the word, then those that have it in their name, then in their note."""
    word = word.strip().lower().replace(" ", "_")
    ranks = {pick: _rank(pick, word) for pick in picks}
    return tuple(sorted((pick for pick in picks if ranks[pick] < 3), key=lambda pick: ranks[pick]))


def _rank(pick: Pick, word: str) -> int:
    name, note = (text.lower().replace(" ", "_") for text in (pick.name, pick.note))
    return 0 if name.startswith(word) else 1 if word in name else 2 if word in note else 3


YES_OR_NO = {"t": "true", "y": "true", "1": "true", "f": "false", "n": "false", "0": "false"}


class ChoiceField(TextField):
    """Nothing is typed into it: a letter opens the list, filtered by that letter."""

    @dataclass
    class ListAsked(Message):
        """The user wants to see all words."""

        field: "ChoiceField"
        word: str
        """The letter that was typed, if it was one."""

    def __init__(
        self,
        option: Option,
        picks: tuple[Pick, ...],
        value: str,
        placeholder: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(value, placeholder, id=id, classes="form-input form-choice")
        self.picks = picks
        self.option = option
        self.ticks = isinstance(option, Choices)
        """Any number of words may be chosen."""
        self.is_switch = isinstance(option, Bool)

    def turn(self, by: int) -> None:
        """The next word, or the one before."""
        if self.ticks:
            return
        words = [pick.value for pick in self.picks]
        at = words.index(self.value) if self.value in words else -1 if by > 0 else 0
        self.value = words[(at + by) % len(words)]

    async def _on_key(self, event: events.Key) -> None:
        key = event.key
        if key in ("left", "right"):
            self.turn(1 if key == "right" else -1)
        elif self.is_switch and event.is_printable:
            if key == "space":
                self.turn(1)
            self.value = YES_OR_NO.get((event.character or "").lower(), self.value)
        elif event.is_printable or (key == "enter" and not self.is_switch):
            self.post_message(self.ListAsked(self, (event.character or "").strip()))
        elif key == "enter" or not _edits(self, key):
            return
        event.stop()
        event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        """A word that is pasted takes the place of the one that is there."""
        self.value = event.text.strip().partition("\n")[0]
        event.stop()
        event.prevent_default()


def _edits(field: ChoiceField, key: str) -> bool:
    """Whether this key would change or move in the text."""
    return any(not one.action.startswith(("scroll_", "page_")) for one in bindings_of_key(field, key))


def opens_list(option: Option) -> bool:
    """Whether this option has more words than yes and no."""
    return isinstance(option, Choice | Choices)


def picks_of(option: Option) -> tuple[Pick, ...]:
    """The words that this option can be, with what each stands for; nothing where it is not one of a few."""
    if isinstance(option, Choice | Choices):
        return tuple(Pick(word, option.notes.get(word, "")) for word in option.choices)
    return (Pick("true"), Pick("false")) if isinstance(option, Bool) else ()
