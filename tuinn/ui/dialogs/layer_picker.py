"""Choose a layer type by search or from its group, with help for each type."""

from contextlib import suppress

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import CATALOG, LAYER_TYPES, find_layer_type
from tuinn.spec.layers.layer_type import AXIS_NAMES, LayerType
from tuinn.spec.options import REQUIRED, Bool, Choice, Option
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.controls import TextField
from tuinn.ui.widgets.virtual_list import VirtualList


class LayerHelp(Dialog[None]):
    """Scrolls with the arrow keys."""

    BINDINGS = [Binding("f1,q,enter", "dismiss(None)", show=False)]

    def __init__(self, kind: LayerType) -> None:
        super().__init__()
        self.kind = kind
        self.heading = kind.name

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="help-scroll"):
            yield Static(layer_words(self.kind, self.app.theme_variables["accent"]), markup=False)
        yield Static("↑↓ scrolls · Esc goes back", classes="dialog-keys", markup=False)


def layer_words(kind: LayerType, accent: str) -> Text:
    """What it computes, when to use it, what it takes, and all its settings."""
    text = Text.assemble((kind.help.capitalize(), "bold"), ".\n\n", kind.formula, "\n\n", kind.use, "\n\n")
    text.append(f"Takes {taken(kind)}.\n")
    everyday = [option for option in kind.options if not option.advanced]
    for title, options in (
        ("Settings", everyday),
        ("Seldom changed", [option for option in kind.options if option.advanced]),
    ):
        if options:
            text.append(f"\n{title}\n", style="bold")
        for option in options:
            text.append(f"  {option.name}", style=accent)
            text.append(f"  {default(option)}\n", style="dim")
            text.append(f"    {option.help}{_choices(option)}\n")
    return text


def taken(kind: LayerType) -> str:
    """What its input must be, as it ends a sentence."""
    if kind.merges:
        return "several layers, named in from"
    if kind.reads_text:
        return "words, so it comes first"
    if kind.axes == 1:
        return "one row of values"
    return AXIS_NAMES.get(kind.axes, "values of any shape")


def default(option: Option) -> str:
    """What stands where nothing is given."""
    if option.default is REQUIRED:
        return "must be given"
    return option.show(option.default) or "nothing"


def _choices(option: Option) -> str:
    if isinstance(option, Choice) and len(option.choices) > 2:
        return f" ({', '.join(option.choices)})"
    return "" if isinstance(option, Bool | Choice) else f"; {option.allowed}"


Entry = str | LayerType
"""A line of the list: the heading of a group, or a kind."""


class LayerPicker(Dialog[str]):
    """Answers the name of a layer type."""

    heading = "Add a layer"
    BINDINGS = [
        Binding("up", "cursor(-1)", show=False, priority=True),
        Binding("down", "cursor(1)", show=False, priority=True),
        Binding("pageup", "group(-1)", show=False, priority=True),
        Binding("pagedown", "group(1)", show=False, priority=True),
        Binding("f1", "explain", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def body(self) -> ComposeResult:
        yield TextField(placeholder="type to search, such as conv, drop or bn", id="picker-search")
        yield VirtualList(id="picker-list")
        yield Static(id="picker-more", markup=False)
        yield Static(
            "Enter chooses · ↑↓ moves · PgUp PgDn by group · F1 more · Esc goes back",
            classes="dialog-keys",
            markup=False,
        )

    def on_mount(self) -> None:
        self.query_one(VirtualList).can_focus = False
        self._fill("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value.strip().lower())

    def _fill(self, word: str) -> None:
        self.entries = found(word) if word else grouped()
        headings = {at for at, entry in enumerate(self.entries) if isinstance(entry, str)}
        self.query_one(VirtualList).show(len(self.entries), self._line, 0, headings)
        self._show_details(printable(word))

    def _line(self, at: int, width: int) -> Text:
        entry = self.entries[at]
        if isinstance(entry, str):
            return Text(entry, style=f"bold {self.app.theme_variables['secondary']}")
        text = Text.assemble("  ", (f"{entry.name:<23}", "bold"), f" {entry.help}", no_wrap=True)
        text.truncate(width, overflow="ellipsis")
        return text

    @property
    def kind(self) -> LayerType | None:
        """The one under the cursor."""
        at = self.query_one(VirtualList).at
        entry = self.entries[at] if at < len(self.entries) else None
        return entry if isinstance(entry, LayerType) else None

    def action_cursor(self, by: int) -> None:
        self.query_one(VirtualList).action_move(by)

    def action_group(self, by: int) -> None:
        """To the first kind of the next group, or of this one or the one before."""
        rows = self.query_one(VirtualList)
        heads = [at for at, entry in enumerate(self.entries) if isinstance(entry, str)]
        below, above = [at for at in heads if at > rows.at], [at for at in heads if at < rows.at - 1]
        if by > 0:
            rows.action_go(below[0] + 1 if below else -1)
        else:
            rows.action_go(above[-1] + 1 if above else 0)

    @on(VirtualList.Moved)
    def _moved(self, event: VirtualList.Moved) -> None:
        event.stop()
        self._show_details()

    def _show_details(self, word: str = "") -> None:
        kind = self.kind
        text = f"{kind.formula}\n{kind.use}" if kind else f"No layer type has '{word}' in it." if word else ""
        self.query_one("#picker-more", Static).update(text)

    def action_explain(self) -> None:
        if self.kind is not None:
            self.app.push_screen(LayerHelp(self.kind))

    @on(VirtualList.Chosen)
    def _click(self, event: VirtualList.Chosen) -> None:
        event.stop()
        self._choose()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose()

    def _choose(self) -> None:
        if self.kind is not None:
            self.dismiss(self.kind.name)


def grouped() -> list[Entry]:
    """Every kind under the heading of its group."""
    groups = dict.fromkeys(kind.group for kind in CATALOG)
    found: list[Entry] = []
    for group in groups:
        found += [group.capitalize(), *(kind for kind in CATALOG if kind.group == group)]
    return found


def found(word: str) -> list[Entry]:
    """The kinds with this in their name, group or help: first what a short name such as `bn` means, then names that
    begin with it."""
    short = None
    with suppress(SpecError):
        short = LAYER_TYPES[find_layer_type(word)]
    fitting = [
        kind
        for kind in CATALOG
        if kind is short or word in f"{kind.name} {kind.group} {kind.help} {kind.use}".lower()
    ]
    order = sorted(
        fitting,
        key=lambda kind: (
            kind is not short,
            not kind.name.lower().startswith(word),
            word not in kind.name.lower(),
        ),
    )
    return [*order]
