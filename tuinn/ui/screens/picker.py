"""Find a kind of layer by typing a part of its name or of its help."""

from contextlib import suppress

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, Static

from tuinn.spec.kind import LayerKind
from tuinn.spec.kind_names import kind_named
from tuinn.spec.layers import CATALOGUE, KINDS
from tuinn.spec.problem import SpecProblem
from tuinn.ui.screens.dialogue import Dialogue
from tuinn.ui.screens.kind_help import KindHelp
from tuinn.ui.widgets.field import Field
from tuinn.ui.widgets.rows import Rows
from tuinn.view.words import printable

Entry = str | LayerKind
"""A line of the list: the heading of a group, or a kind."""


class LayerPicker(Dialogue[str]):
    """Answers the name of a kind."""

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
        yield Field(placeholder="type to search, such as conv, drop or bn", id="picker-search")
        yield Rows(id="picker-list")
        yield Static(id="picker-more", markup=False)
        yield Static(
            "Enter chooses · ↑↓ moves · PgUp PgDn by group · F1 more · Esc goes back",
            classes="dialogue-keys",
            markup=False,
        )

    def on_mount(self) -> None:
        self.query_one(Rows).can_focus = False
        self._fill("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value.strip().lower())

    def _fill(self, word: str) -> None:
        self.entries = found(word) if word else grouped()
        headings = {at for at, entry in enumerate(self.entries) if isinstance(entry, str)}
        self.query_one(Rows).show(len(self.entries), self._line, 0, headings)
        self._tell(printable(word))

    def _line(self, at: int, width: int) -> Text:
        entry = self.entries[at]
        if isinstance(entry, str):
            return Text(entry, style=f"bold {self.app.theme_variables['secondary']}")
        text = Text.assemble("  ", (f"{entry.name:<23}", "bold"), f" {entry.help}", no_wrap=True)
        text.truncate(width, overflow="ellipsis")
        return text

    @property
    def kind(self) -> LayerKind | None:
        """The one under the cursor."""
        at = self.query_one(Rows).at
        entry = self.entries[at] if at < len(self.entries) else None
        return entry if isinstance(entry, LayerKind) else None

    def action_cursor(self, by: int) -> None:
        self.query_one(Rows).action_move(by)

    def action_group(self, by: int) -> None:
        """To the first kind of the next group, or of this one or the one before."""
        rows = self.query_one(Rows)
        heads = [at for at, entry in enumerate(self.entries) if isinstance(entry, str)]
        below, above = [at for at in heads if at > rows.at], [at for at in heads if at < rows.at - 1]
        if by > 0:
            rows.action_go(below[0] + 1 if below else -1)
        else:
            rows.action_go(above[-1] + 1 if above else 0)

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._tell()

    def _tell(self, word: str = "") -> None:
        kind = self.kind
        text = (
            f"{kind.formula}\n{kind.use}" if kind else f"No kind of layer has “{word}” in it." if word else ""
        )
        self.query_one("#picker-more", Static).update(text)

    def action_explain(self) -> None:
        if self.kind is not None:
            self.app.push_screen(KindHelp(self.kind))

    @on(Rows.Chosen)
    def _click(self, event: Rows.Chosen) -> None:
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
    groups = dict.fromkeys(kind.group for kind in CATALOGUE)
    found: list[Entry] = []
    for group in groups:
        found += [group.capitalize(), *(kind for kind in CATALOGUE if kind.group == group)]
    return found


def found(word: str) -> list[Entry]:
    """The kinds with this in their name, group or help: first what a short name such as `bn` means, then names that
    begin with it."""
    short = None
    with suppress(SpecProblem):
        short = KINDS[kind_named(word)]
    fitting = [
        kind
        for kind in CATALOGUE
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
