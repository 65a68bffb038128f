"""Define a sweep over fields of the draft: a few lines, checked as they are typed."""

from dataclasses import dataclass, replace
from typing import Any

from rich.text import Text
from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label

from tuinn.errors import FolderError, SpecError
from tuinn.spec import options
from tuinn.spec.naming import field_label
from tuinn.spec.options import Option, Value
from tuinn.spec.run import RunSpec
from tuinn.sweeps.fields import Field, sweepable_fields
from tuinn.sweeps.folder import SweepFolder, all_sweeps
from tuinn.sweeps.follower import SweepFollower
from tuinn.sweeps.ranges import HOW, read_range, suggestions
from tuinn.sweeps.spec import METRIC, SWEEP_OPTIONS, SweepSpec, metrics_of
from tuinn.sweeps.trial_checks import trial_problems
from tuinn.sweeps.view import progress
from tuinn.text import format_metric, plural, printable
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.dialogs.form import SIGN, Form
from tuinn.ui.dialogs.pick_list import ChoiceField, Pick
from tuinn.ui.sweeps.sweep_text import STATE_SIGNS
from tuinn.ui.widgets.controls import TextField

LINES = 4
"""Fields that the form has room for; the command line takes any number."""

QUICK = 64
"""Combinations that are checked at each letter; all of them are checked before the sweep begins."""

NOTHING = "–"
"""What the line of a field says that is not used."""

HELP = "32,64,128 · 0.1..0.5 · 16..64/16 in steps · log:1e-4..1e-1 by magnitude"


@dataclass(frozen=True)
class Over(options.Text):
    """A line `FIELD=RANGE`, or nothing."""

    base: RunSpec | None = None

    @property
    def allowed(self) -> str:
        return "values with commas between them, LOW..HIGH, LOW..HIGH/STEP or log:LOW..HIGH"

    def check(self, value: object) -> str:
        line = value.strip() if isinstance(value, str) else ""
        if line.endswith("="):
            raise SpecError(f"has no values yet. {HOW}.", line[:-1])
        if line and self.base is not None:
            read_range(self.base, line)
        return line

    def parse(self, text: str) -> str:
        return self.check(text)


class SweepForm(Form):
    """Answers the values; `sweep_of` makes a sweep of them. A field is picked by its name, its values stand beside it."""

    keeps = "starts"

    def __init__(self, base: RunSpec) -> None:
        self.base = base
        self.fields = {field.label: field for field in sweepable_fields(base)}
        """What can be varied, by its name."""
        overs = suggestions(base)
        options: list[Option] = [
            Over(f"over_{at}", overs[at - 1] if at <= len(overs) else "", help=HELP, base=base)
            for at in range(1, LINES + 1)
        ]
        metric = replace(METRIC, default=metrics_of(base)[0], choices=metrics_of(base))
        options += [metric if option is METRIC else option for option in SWEEP_OPTIONS]
        super().__init__("Sweep over the draft", options, {}, self._follows)

    # ------------------------------------------------------------------- a field by its name, then its values

    def row(self, option: Option) -> Widget:
        if not isinstance(option, Over):
            return super().row(option)
        path, _, text = self.texts[option.name].partition("=")
        picks = (Pick(NOTHING, "vary nothing more"), *map(_pick, self.fields.values()))
        label = field_label(self.base, path) if path else NOTHING
        return Horizontal(
            ChoiceField(option, picks, label, id=f"pick-{option.name}"),
            Label(SIGN, classes="form-sign", markup=False),
            TextField(text, "nothing", id=f"form-{option.name}", classes="form-input"),
            classes="form-row sweep-row",
        )

    @property
    def focused_option(self) -> Option | None:
        name = (self.focused.id or "").removeprefix("pick-") if self.focused is not None else ""
        return self.options.get(name) or super().focused_option

    def _label(self, name: str) -> str:
        """The name of the field that this line is about."""
        return self.query_one(f"#pick-{name}", Input).value

    def text_of(self, name: str) -> str | None:
        text = super().text_of(name)
        if text is None or not isinstance(self.options[name], Over):
            return text
        field = self.fields.get(self._label(name))
        return f"{field.path}={text}" if field is not None else ""

    @on(Input.Changed, ".form-choice")
    def _field_chosen(self, event: Input.Changed) -> None:
        """Another field brings values that suit it."""
        name = (event.input.id or "").removeprefix("pick-")
        if name not in self.options:
            return
        field, before = self.fields.get(event.value), self.texts[name].partition("=")[0]
        if (field.path if field else "") != before:
            self.query_one(f"#form-{name}", Input).value = field.suggested if field else ""

    # ---------------------------------------------------------------------------------------------- checking

    def problem_words(self, problem: SpecError) -> str:
        """The sentence with the field's name in the place of its path."""
        path = problem.path
        message = problem.message.replace(f"{path}=", "") if path else problem.message
        return (
            f"{field_label(self.base, path)}: {message}"
            if "." in path
            else message
            if not path
            else str(problem)
        )

    def details(self, option: Option | None, values: dict[str, Value]) -> Text:
        if not isinstance(option, Over):
            return super().details(option, values)
        field = self.fields.get(self._label(option.name))
        if field is None:
            return Text("Pick a setting to vary it, too.", style="dim")
        now = field.option.show(field.value) or "nothing"
        return Text(f"{field.label}: {field.option.help}\n{HELP}\nnow {now}", style="dim")

    def explained(self) -> Option | None:
        option = self.focused_option
        field = self.fields.get(self._label(option.name)) if isinstance(option, Over) else None
        return field.option if field is not None else option

    def _follows(self, values: dict[str, Value]) -> tuple[str, bool]:
        """How many trials of what kind, or what is wrong."""
        try:
            sweep = sweep_of(self.base, values)
            wrong = trial_problems(sweep, QUICK)
        except SpecError as problem:
            return f"! {self.problem_words(problem)}", False
        kind = {"grid": "a grid", "tpe": "by TPE", "random": "at random"}[sweep.sampler]
        words = f"→ {plural(sweep.trials, 'trial')}, {kind}, of {plural(sweep.base.fit.epochs, 'epoch')} each"
        if wrong:
            return f"{words}\n! skipped where it can't be trained, as at {wrong[0]}", False
        return words, True

    def action_keep(self) -> None:
        """A sweep that makes no sense stays in the form; what is wrong stands below it."""
        values, problems = self._read()
        if problems:
            super().action_keep()
            return
        try:
            sweep_of(self.base, values)
        except SpecError:
            return
        self.dismiss(values)


def _pick(field: Field) -> Pick:
    return Pick(field.label, f"now {field.option.show(field.value) or 'nothing'}; {field.option.help}")


def sweep_of(base: RunSpec, values: dict[str, Any]) -> SweepSpec:
    """Raises SpecError."""
    overs = [values[f"over_{at}"] for at in range(1, LINES + 1) if values.get(f"over_{at}")]
    return SweepSpec.of(base, overs, **{option.name: values[option.name] for option in SWEEP_OPTIONS})


MOST = 50
"""Sweeps in the list, the newest."""

WIDTH = 72
"""Cells of a line in a dialogue."""

NEW, RUNS = "new", "runs"
"""Answers that are no sweep's name."""


def sweep_list(live_only: bool = False) -> Choose | None:
    """A dialogue that answers a sweep's name, NEW, or with `live_only` RUNS; None where there are no sweeps.

    Raises FolderError.
    """
    sweeps = [one for folder in all_sweeps()[:MOST] if (one := _read(folder, live_only)) is not None]
    if not sweeps:
        return None
    sweeps.sort(key=lambda sweep: not sweep.is_active)
    lines = [(sweep.folder.name, _line(sweep)) for sweep in sweeps]
    if live_only:
        heading = "A sweep is in progress" if len(sweeps) == 1 else "Sweeps are in progress"
        return Choose(
            heading,
            [*lines, (RUNS, Text("Runs in progress, those of the sweep too"))],
            "It kept running without a screen. Open it?",
        )
    return Choose("Sweeps", [(NEW, Text("A new sweep over fields of this draft …")), *lines])


def _read(folder: SweepFolder, live_only: bool) -> SweepFollower | None:
    if live_only and not folder.is_alive():
        return None
    try:
        return SweepFollower(folder, brief=True)
    except (FolderError, OSError):
        return None  # damaged, or from a newer version: `tuinn sweep list` names it


def _line(sweep: SweepFollower) -> Text:
    view = sweep.view
    sign, _ = STATE_SIGNS[sweep.state]
    text = Text.assemble(f"{sign} {sweep.state.value:<9}", no_wrap=True)
    text.append(f"{printable(sweep.folder.name):<32.32}", style="bold")
    text.append(f" {progress(view)}", style="dim")
    if view.best is not None:
        text.append(f"  {view.sweep.metric} {format_metric(view.best.value)}")
    text.truncate(WIDTH, overflow="ellipsis")
    return text
