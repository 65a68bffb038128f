"""Define a sweep over fields of the draft: a few lines, checked as they are typed."""

from dataclasses import dataclass, replace
from typing import Any

from rich.text import Text

from tuinn.errors import FolderError, SpecError
from tuinn.spec import options
from tuinn.spec.options import Option, Value
from tuinn.spec.run import RunSpec
from tuinn.sweeps.folder import SweepFolder, all_sweeps
from tuinn.sweeps.follower import SweepFollower
from tuinn.sweeps.ranges import read_range, suggestions
from tuinn.sweeps.spec import METRIC, SWEEP_OPTIONS, SweepSpec, metrics_of
from tuinn.sweeps.trial_checks import trial_problems
from tuinn.sweeps.view import progress
from tuinn.text import format_metric, plural, printable
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.dialogs.form import Form
from tuinn.ui.sweeps.sweep_text import STATE_SIGNS

LINES = 4
"""Fields that the form has room for; the command line takes any number."""

QUICK = 64
"""Combinations that are checked at each letter; all of them are checked before the sweep begins."""


@dataclass(frozen=True)
class Over(options.Text):
    """A line `FIELD=RANGE`, or nothing."""

    base: RunSpec | None = None

    def check(self, value: object) -> str:
        line = value.strip() if isinstance(value, str) else ""
        if line and self.base is not None:
            read_range(self.base, line)
        return line

    def parse(self, text: str) -> str:
        return self.check(text)


class SweepForm(Form):
    """Answers the values; `sweep_of` makes a sweep of them."""

    keeps = "starts"

    def __init__(self, base: RunSpec) -> None:
        self.base = base
        overs = suggestions(base)
        how = "FIELD=A,B,C, LOW..HIGH/STEP, log:LOW..HIGH"
        options: list[Option] = [
            Over(f"over_{at}", overs[at - 1] if at <= len(overs) else "", help=how, base=base)
            for at in range(1, LINES + 1)
        ]
        metric = replace(METRIC, default=metrics_of(base)[0], choices=metrics_of(base))
        options += [metric if option is METRIC else option for option in SWEEP_OPTIONS]
        super().__init__("Sweep over the draft", options, {}, self._follows)

    def _follows(self, values: dict[str, Value]) -> tuple[str, bool]:
        """How many trials of what kind, or what is wrong."""
        try:
            sweep = sweep_of(self.base, values)
            wrong = trial_problems(sweep, QUICK)
        except SpecError as problem:
            return f"! {problem}", False
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
