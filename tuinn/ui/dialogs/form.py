"""A form made from options: one line each, checked as it is typed; what is seldom changed lies under a fold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import LayerType
from tuinn.spec.options import REQUIRED, Option, Value
from tuinn.text import plural
from tuinn.ui.dialogs.activation_plot import activation_plot
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.dialogs.help import FieldHelp
from tuinn.ui.dialogs.pick_list import ChoiceField, PickList, opens_list, picks_of
from tuinn.ui.widgets.cell_lines import is_ascii_only
from tuinn.ui.widgets.controls import TextField

Outcome = Callable[[dict[str, Value]], tuple[str, bool]]
"""Checked values → what follows from them in one line, and whether they can be kept."""


LEAST_FOR_PLOT = 24
"""Rows of the screen from which on a curve has room below the rows."""

SIGN = "▾"
"""Behind a field that opens a list."""


class FoldRow(Static, can_focus=True):
    """The line below which the settings lie that few change."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "turn", show=False)]

    class Pressed(Message):
        """The user wants the fold open, or closed."""

    def action_turn(self) -> None:
        self.post_message(self.Pressed())

    def on_click(self) -> None:
        self.action_turn()


class Form(Dialog[dict[str, Value]]):
    """Answers the values, all of them checked."""

    BINDINGS = [
        # Obeyed before the next key is looked at: what is typed ahead on a slow line goes to the right field.
        Binding("up,shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("down,tab", "app.focus_next", show=False, priority=True),
        Binding("ctrl+n", "turn(1)", "Next word", show=False),
        Binding("ctrl+p", "turn(-1)", "Previous word", show=False),
        Binding("f2,ctrl+s", "keep", "Keep"),
        Binding("f3", "more", "More", show=False),
        Binding("f1", "explain", show=False, priority=True),
    ]

    keeps = "keeps"
    """What Enter does."""

    first_field = ""
    """The option whose field has the cursor first; empty: the first one."""

    def __init__(
        self,
        heading: str,
        options: Sequence[Option],
        values: dict[str, Any],
        outcome: Outcome | None = None,
        kind: LayerType | None = None,
        folded: Iterable[str] = (),
    ) -> None:
        super().__init__()
        self.heading = heading
        self.options = {option.name: option for option in options}
        self.values = values
        self.outcome = outcome
        self.kind = kind
        """What F1 explains, where the form is a layer's."""
        self.folded = {*folded} & self.options.keys()
        """Settings that lie under the fold."""
        self.texts = {name: self._text_of_value(option) for name, option in self.options.items()}
        """What stands in each field, also in those under a closed fold."""
        all_folded = self.folded == self.options.keys()
        self.is_open = all_folded or bool(self._changed()) or self.first_field in self.folded
        self.checked: dict[str, str] | None = None
        """The texts that were checked last."""

    def _text_of_value(self, option: Option) -> str:
        value = self.values.get(option.name, option.default)
        return "" if value is REQUIRED else option.show(value)

    def _changed(self) -> set[str]:
        """Settings under the fold that are not as usual."""
        usual = {name: self.options[name] for name in self.folded}
        return {
            name
            for name, option in usual.items()
            if option.default is REQUIRED or self.texts[name].strip() != option.show(option.default)
        }

    # ------------------------------------------------------------------------------------------------ layout

    def body(self) -> ComposeResult:
        with VerticalScroll(id="form-rows", can_focus=False):
            yield from self.rows()
        yield Static(id="form-help", markup=False)
        yield Static(id="form-outcome", markup=False)
        yield Static(id="form-keys", classes="dialog-keys", markup=False)

    def rows(self) -> Iterator[Widget]:
        """A line per option: its name and a field with its value. Then the fold, and what lies under it."""
        for name, option in self.options.items():
            if name not in self.folded:
                yield self.row(option)
        if self.folded:
            yield FoldRow(self._fold_words(), id="form-more", classes="form-row", markup=False)
        if self.is_open:
            yield from self._folded_rows()

    def _folded_rows(self) -> Iterator[Widget]:
        for name, option in self.options.items():
            if name in self.folded:
                row = self.row(option)
                row.add_class("-folded")
                yield row

    def row(self, option: Option) -> Widget:
        """The line of one option."""
        return Horizontal(
            Label(self.label_of(option), classes="form-name", markup=False),
            self.field(option, f"form-{option.name}"),
            Label(SIGN if opens_list(option) else "", classes="form-sign", markup=False),
            classes="form-row",
        )

    def label_of(self, option: Option) -> str:
        """What stands before the field of an option."""
        return option.name

    def field(self, option: Option, id: str) -> TextField:
        """What the value is typed into, or picked with."""
        text, nothing = self.texts[option.name], _nothing(option)
        if picks := picks_of(option):
            return ChoiceField(option, picks, text, nothing, id=id)
        return TextField(text, nothing, id=id, classes="form-input")

    def _fold_words(self) -> str:
        many, changed = len(self.folded), len(self._changed())
        words = f"{changed} changed" if changed else "all as usual"
        return f"{'▾' if self.is_open else '▸'} more: {plural(many, 'setting')}, {words}"

    async def rebuild(self) -> None:
        """Mount the rows anew; the focus stays where it can."""
        focused = self.focused.id if self.focused is not None else None
        container = self.query_one("#form-rows", VerticalScroll)
        await container.remove_children()
        await container.mount(*self.rows())
        for wanted in (focused, "form-more"):
            if wanted and self.query(f"#form-rows #{wanted}"):
                self.query_one(f"#{wanted}").focus()
                break

    async def unfold(self, is_open: bool) -> None:
        """Open or close the fold."""
        if not self.folded or is_open == self.is_open:
            return
        self._gather()
        self.is_open = is_open
        self.set_class(is_open, "-open")
        if is_open:
            await self.query_one("#form-rows").mount(*self._folded_rows())
        else:
            if self.focused_option is not None and self.focused_option.name in self.folded:
                self.query_one("#form-more").focus()
            await self.query("#form-rows > .-folded").remove()
        self.query_one("#form-more", FoldRow).update(self._fold_words())
        self._show_details()

    async def action_more(self) -> None:
        """Open the fold and go to what lies under it, or close it."""
        await self.unfold(not self.is_open)
        if self.is_open:
            self.query("#form-rows > .-folded .form-input").first().focus()

    @on(FoldRow.Pressed)
    async def _fold_pressed(self, event: FoldRow.Pressed) -> None:
        event.stop()
        await self.action_more()

    # ----------------------------------------------------------------------------------------------- editing

    async def revise(self, values: dict[str, Value]) -> None:
        """Called with what can be read after every change, for forms whose options depend on one another."""

    def is_wanted(self, values: dict[str, Value]) -> bool:
        """Whether something under the fold must be looked at, beyond what can't be read at all."""
        return False

    def on_mount(self) -> None:
        if self.first_field in self.options:
            self.query_one(f"#form-{self.first_field}").focus()
        elif self.options:
            self.query(Input).first().focus()
        self.set_class(self.is_open, "-open")
        self._check()

    @on(Input.Changed)
    async def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._gather() == self.checked:
            return  # a field that was mounted anew says so
        values, _ = self._read()
        await self.revise(values)
        values, problems = self._read()
        if not self.is_open and (problems.keys() & self.folded or self.is_wanted(values)):
            await self.unfold(True)
        self._check()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    @on(ChoiceField.ListAsked)
    def _list_asked(self, event: ChoiceField.ListAsked) -> None:
        event.stop()
        field = event.field
        chosen = (
            [word for word in field.value.replace(",", " ").split() if word] if field.ticks else [field.value]
        )
        heading = self.label_of(field.option) if field.id == f"form-{field.option.name}" else "What to vary"
        pick_list = PickList(heading, field.picks, chosen, field.ticks, event.word)
        self.app.push_screen(pick_list, partial(self._picked, field))

    def _picked(self, field: ChoiceField, words: tuple[str, ...] | None) -> None:
        if words is not None:
            field.value = ", ".join(words)

    def on_descendant_focus(self) -> None:
        self._show_details()

    def action_turn(self, by: int) -> None:
        """The next word of a choice, or the other of a yes or no."""
        if isinstance(self.focused, ChoiceField):
            self.focused.turn(by)

    def action_keep(self) -> None:
        values, problems = self._read()
        if not problems:
            self.dismiss(values)
            return
        self.query_one(f"#form-{next(iter(problems))}", Input).focus()

    def action_explain(self) -> None:
        option = self.explained()
        if option is not None or self.kind is not None:
            self.app.push_screen(FieldHelp(option, self.kind))

    def explained(self) -> Option | None:
        """What F1 explains now."""
        return self.focused_option

    # ---------------------------------------------------------------------------------------------- checking

    @property
    def focused_option(self) -> Option | None:
        """The option whose field has the focus."""
        focused = self.focused
        return self.options.get((focused.id or "").removeprefix("form-")) if focused is not None else None

    def text_of(self, name: str) -> str | None:
        """What stands in the field of this option now; None where it has none at the moment."""
        fields = self.query(f"#form-{name}")
        return fields.first(Input).value if fields else None

    def _gather(self) -> dict[str, str]:
        """Read every field into `texts`."""
        for name in self.options:
            text = self.text_of(name)
            if text is not None:
                self.texts[name] = text
        return dict(self.texts)

    def _read(self) -> tuple[dict[str, Value], dict[str, SpecError]]:
        self._gather()
        values: dict[str, Value] = {}
        problems: dict[str, SpecError] = {}
        for name, option in self.options.items():
            try:
                values[name] = option.parse(self.texts[name])
            except SpecError as problem:
                problems[name] = problem
        return values, problems

    def _check(self) -> None:
        if not self.query("#form-outcome"):
            return
        values, problems = self._read()
        self.checked = dict(self.texts)
        for name in self.options:
            for field in self.query(f"#form-{name}"):
                field.set_class(name in problems, "-wrong")
        for fold in self.query("#form-more").results(FoldRow):
            fold.update(self._fold_words())
        self._show_details()
        colours = self.app.theme_variables
        shown = self.query_one("#form-outcome", Static)
        option = self.focused_option
        if problems:
            focused = option.name if option and option.name in problems else next(iter(problems))
            shown.update(Text(f"✗ {self.problem_words(problems[focused])}", style=colours["error"]))
        elif self.outcome:
            words, fine = self.outcome(values)
            shown.update(Text(words, style=colours["success" if fine else "warning"]))
        else:
            shown.update("")

    def problem_words(self, problem: SpecError) -> str:
        """The sentence that is shown of a value that can't be read."""
        return str(problem)

    def _show_details(self) -> None:
        if not self.query("#form-help"):
            return
        option = self.focused_option
        values, _ = self._read()
        details = self.details(option, values)
        plot = self._plot(option, values)
        self.set_class(bool(plot), "-plot")
        self.query_one("#form-help", Static).update(Text("\n").join([details, plot]) if plot else details)
        self.query_one("#form-keys", Static).update(self._keys())

    def _plot(self, option: Option | None, values: dict[str, Value]) -> Text:
        """The curve of an activation function, where there is room for it below the rows."""
        if self.is_open or option is None or self.size.height < LEAST_FOR_PLOT:
            return Text()
        colours, ascii_only = self.app.theme_variables, is_ascii_only(self.app)
        return activation_plot(option, values.get(option.name), colours, ascii_only, self.app.no_color)

    def details(self, option: Option | None, values: dict[str, Value]) -> Text:
        """What stands below the rows about the field that has the focus."""
        return Text(help_words(option, values.get(option.name) if option else None), style="dim")

    def _keys(self) -> str:
        field = self.focused
        if isinstance(field, FoldRow):
            does = f"Enter {'closes' if self.is_open else 'opens'} · F2 {self.keeps}"
        elif isinstance(field, ChoiceField) and not field.is_switch:
            does = f"Enter or Space: {'ticks' if field.ticks else 'list'} · F2 {self.keeps}"
        else:
            turns = isinstance(field, ChoiceField)
            does = f"{'Space turns · ' * turns}Enter {self.keeps}"
        return f"{does} · Esc drops{' · F3 more' * bool(self.folded)} · F1 explains"


def _nothing(option: Option) -> str:
    """What stands in an empty field."""
    return "must be given" if option.default is REQUIRED else "nothing"


def help_words(option: Option | None, value: Value = None) -> str:
    """What a setting is for; of a choice also what the word that stands there means, else what is allowed."""
    if option is None:
        return ""
    notes = {pick.value: pick.note for pick in picks_of(option)}
    words = value if isinstance(value, tuple) else (value,)
    if lines := [f"{word}: {notes[word]}" for word in words if isinstance(word, str) and notes.get(word)]:
        return "\n".join([option.help, *lines])
    return f"{option.help}\n{option.allowed}" if not notes else option.help
