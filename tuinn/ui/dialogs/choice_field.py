"""A field of a form whose value is a word out of a few: turned with the arrows, or picked from a list."""

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tuinn.spec.fit import Choices
from tuinn.spec.options import Bool, Choice, Option
from tuinn.ui.dialogs.pick_list import Pick
from tuinn.ui.textual_internals import bindings_of_key
from tuinn.ui.widgets.controls import TextField

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
