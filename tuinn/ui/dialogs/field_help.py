"""What F1 says in a form: all there is to know of the field, then of the layer type."""

from textwrap import wrap

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from tuinn.spec.layers.layer_type import LayerType
from tuinn.spec.options import REQUIRED, Option
from tuinn.ui.dialogs.choice_field import picks_of
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.dialogs.layer_picker import layer_words

ROOM = 66
"""Columns for a word and what it stands for, at 80 columns."""


class FieldHelp(Dialog[None]):
    """Scrolls with the arrow keys."""

    BINDINGS = [Binding("f1,q,enter", "dismiss(None)", show=False)]

    def __init__(self, option: Option | None, kind: LayerType | None = None) -> None:
        super().__init__()
        self.option = option
        self.kind = kind
        self.heading = option.name if option is not None else kind.name if kind is not None else ""

    def body(self) -> ComposeResult:
        accent, text = self.app.theme_variables["accent"], Text()
        if self.option is not None:
            text.append_text(field_words(self.option, accent))
        if self.kind is not None:
            text.append(f"\n{self.kind.name}\n" if text else "", style="bold")
            text.append_text(layer_words(self.kind, accent))
        with VerticalScroll(classes="help-scroll"):
            yield Static(text, markup=False)
        yield Static("↑↓ scrolls · Esc goes back", classes="dialog-keys", markup=False)


def field_words(option: Option, accent: str) -> Text:
    """What it is for, its formula, its default, what it may be, and what each word stands for."""
    text = Text.assemble((f"{option.help[:1].upper()}{option.help[1:]}.\n", "bold"))
    if option.formula:
        text.append(f"\n{option.formula}\n")
    picks = picks_of(option)
    text.append("\nDefault  ", style=accent)
    text.append(
        "none: it must be given" if option.default is REQUIRED else option.show(option.default) or "nothing"
    )
    text.append("\nAllowed  ", style=accent)
    text.append(option.allowed if not any(pick.note for pick in picks) else "one of these:")
    text.append("\n")
    if any(pick.note for pick in picks):
        width = max(len(pick.value) for pick in picks)
        for pick in picks:
            text.append(f"  {pick.value:<{width}}", style=accent)
            text.append("  " + ("\n" + " " * (width + 4)).join(wrap(pick.note, ROOM - width)) + "\n")
    return text
