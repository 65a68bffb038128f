"""A form made from options: one line each, checked as it is typed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import LayerType
from tuinn.spec.options import REQUIRED, Bool, Choice, Option, Value
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.dialogs.layer_picker import LayerHelp
from tuinn.ui.widgets.controls import TextField

Outcome = Callable[[dict[str, Value]], tuple[str, bool]]
"""Checked values → what follows from them in one line, and whether they can be kept."""


class Form(Dialog[dict[str, Value]]):
    """Answers the values, all of them checked. Left and right go through the words of a choice."""

    BINDINGS = [
        # Obeyed before the next key is looked at: what is typed ahead on a slow line goes to the right field.
        Binding("up,shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("down,tab", "app.focus_next", show=False, priority=True),
        Binding("ctrl+n", "turn(1)", "Next word", show=False),
        Binding("ctrl+p", "turn(-1)", "Previous word", show=False),
        Binding("f2,ctrl+s", "keep", "Keep"),
        Binding("f1", "explain", show=False, priority=True),
    ]

    keeps = "keeps"
    """What Enter does."""

    def __init__(
        self,
        heading: str,
        options: Sequence[Option],
        values: dict[str, Any],
        outcome: Outcome | None = None,
        kind: LayerType | None = None,
    ) -> None:
        super().__init__()
        self.heading = heading
        self.options = {option.name: option for option in options}
        self.values = values
        self.outcome = outcome
        self.kind = kind
        """What F1 explains, where the form is a layer's."""

    def body(self) -> ComposeResult:
        with VerticalScroll(id="form-rows", can_focus=False):
            yield from self.rows()
        yield Static(id="form-help", markup=False)
        yield Static(id="form-outcome", markup=False)
        yield Static(
            f"Enter {self.keeps} · Esc drops · ↑↓ moves · ctrl+n/p next word"
            + " · F1 more" * bool(self.kind),
            classes="dialog-keys",
            markup=False,
        )

    def rows(self) -> Iterator[Widget]:
        """A line per option: its name and a field with its value."""
        for option in self.options.values():
            value = self.values.get(option.name, option.default)
            shown = "" if value is REQUIRED else option.show(value)
            field = TextField(shown, _nothing(option), id=f"form-{option.name}", classes="form-input")
            yield Horizontal(Label(option.name, classes="form-name", markup=False), field, classes="form-row")

    async def revise(self, values: dict[str, Value]) -> None:
        """Called with what can be read after every change, for forms whose options depend on one another."""

    def on_mount(self) -> None:
        first = self.query(Input).first() if self.options else None
        if first:
            first.focus()
        self._check()

    @on(Input.Changed)
    async def _typed(self, event: Input.Changed) -> None:
        event.stop()
        values, _ = self._read()
        await self.revise(values)
        self._check()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def on_descendant_focus(self) -> None:
        self._check()

    def action_turn(self, by: int) -> None:
        """The next word of a choice, or the other of a yes or no."""
        field, option = self._focused()
        if field is None or not isinstance(option, Choice | Bool):
            return
        words = option.choices if isinstance(option, Choice) else ("true", "false")
        at = words.index(field.value) if field.value in words else -1
        field.value = words[(at + by) % len(words)]

    def action_keep(self) -> None:
        values, problems = self._read()
        if not problems:
            self.dismiss(values)
            return
        self.query_one(f"#form-{next(iter(problems))}", Input).focus()

    def action_explain(self) -> None:
        if self.kind is not None:
            self.app.push_screen(LayerHelp(self.kind))

    def _focused(self) -> tuple[Input | None, Option | None]:
        field = self.focused if isinstance(self.focused, Input) else None
        return field, self.options.get((field.id or "").removeprefix("form-")) if field else None

    def _read(self) -> tuple[dict[str, Value], dict[str, SpecError]]:
        values: dict[str, Value] = {}
        problems: dict[str, SpecError] = {}
        for name, option in self.options.items():
            try:
                values[name] = option.parse(self.query_one(f"#form-{name}", Input).value)
            except SpecError as problem:
                problems[name] = problem
        return values, problems

    def _check(self) -> None:
        if not self.query("#form-outcome"):
            return
        values, problems = self._read()
        for name in self.options:
            self.query_one(f"#form-{name}", Input).set_class(name in problems, "-wrong")
        _, option = self._focused()
        value = values.get(option.name) if option else None
        self.query_one("#form-help", Static).update(Text(_help(option, value), style="dim"))
        colours = self.app.theme_variables
        shown = self.query_one("#form-outcome", Static)
        if problems:
            focused = option.name if option and option.name in problems else next(iter(problems))
            shown.update(Text(f"✗ {problems[focused]}", style=colours["error"]))
        elif self.outcome:
            words, fine = self.outcome(values)
            shown.update(Text(words, style=colours["success" if fine else "warning"]))
        else:
            shown.update("")


def _nothing(option: Option) -> str:
    """What stands in an empty field."""
    return "must be given" if option.default is REQUIRED else "nothing"


def _help(option: Option | None, value: Value = None) -> str:
    """What it is for; of a choice also what the word that stands there means, and the other words."""
    if option is None:
        return ""
    if not isinstance(option, Choice):
        return f"{option.name}: {option.help}"
    note = option.notes.get(str(value), "")
    return f"{option.help}{f'; {value}: {note}' if note else ''} ({option.allowed})"
