"""Find a kind of layer by typing a part of its name or of its help."""

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tuinn.spec.layers import CATALOGUE, KINDS, LayerKind
from tuinn.ui.screens.dialogue import Dialogue
from tuinn.ui.widgets.field import Field

WIDTH = 68
"""Cells of a line in the dialogue, a scroll bar left out."""


class LayerPicker(Dialogue[str]):
    """Answers the name of a kind."""

    heading = "Add a layer"
    BINDINGS = [
        Binding("up", "cursor(-1)", show=False),
        Binding("down", "cursor(1)", show=False),
    ]

    def body(self) -> ComposeResult:
        yield Field(placeholder="type to search, such as conv or drop", id="picker-search")
        yield OptionList(id="picker-list", classes="dialogue-list")
        yield Static(id="picker-more", markup=False)
        yield Static("Enter chooses · ↑↓ moves · Esc goes back", classes="dialogue-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._fill("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value.strip().lower())

    def _fill(self, word: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        found = [kind for kind in CATALOGUE if word in f"{kind.name} {kind.group} {kind.help}".lower()]
        found.sort(key=lambda kind: not kind.name.lower().startswith(word))
        options.add_options(Option(_line(kind), id=kind.name) for kind in found)
        options.highlighted = 0 if found else None
        if not found:
            self.query_one("#picker-more", Static).update(f"No kind of layer has “{word}” in it.")

    def action_cursor(self, by: int) -> None:
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = ((options.highlighted or 0) + by) % options.option_count

    @on(OptionList.OptionHighlighted)
    def _tell(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        kind = KINDS[event.option_id or "Dense"]
        self.query_one("#picker-more", Static).update(kind.more or kind.help)

    @on(OptionList.OptionSelected)
    def _click(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)


def _line(kind: LayerKind) -> Text:
    text = Text.assemble((f"{kind.name:<23}", "bold"), f" {kind.help}", no_wrap=True)
    text.truncate(WIDTH, overflow="ellipsis")
    return text
