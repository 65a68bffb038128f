"""Define a sweep over fields of the draft: a few lines, checked as they are typed."""

from dataclasses import dataclass, replace
from typing import Any

from tuinn.spec.options import Option, Text, Value
from tuinn.spec.problem import SpecProblem
from tuinn.spec.run import RunSpec
from tuinn.sweeps.fitting import misfits
from tuinn.sweeps.ranges import read_range
from tuinn.sweeps.spec import METRIC, SWEEP_OPTIONS, SweepSpec, metrics_of
from tuinn.sweeps.suggest import suggestions
from tuinn.ui.screens.form import Form
from tuinn.view.words import plural

LINES = 4
"""Fields that the form has room for; the command line takes any number."""

QUICK = 64
"""Combinations that are checked at each letter; all of them are checked before the sweep begins."""


@dataclass(frozen=True)
class Over(Text):
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
            wrong = misfits(sweep, QUICK)
        except SpecProblem as problem:
            return f"! {problem}", False
        kind = {"grid": "a grid", "tpe": "by TPE", "random": "at random"}[sweep.sampler]
        told = f"→ {plural(sweep.trials, 'trial')}, {kind}, of {plural(sweep.base.fit.epochs, 'epoch')} each"
        if wrong:
            return f"{told}\n! skipped where it can't be trained, as at {wrong[0]}", False
        return told, True

    def action_keep(self) -> None:
        """A sweep that makes no sense stays in the form; what is wrong stands below it."""
        values, problems = self._read()
        if problems:
            super().action_keep()
            return
        try:
            sweep_of(self.base, values)
        except SpecProblem:
            return
        self.dismiss(values)


def sweep_of(base: RunSpec, values: dict[str, Any]) -> SweepSpec:
    """Raises SpecProblem."""
    overs = [values[f"over_{at}"] for at in range(1, LINES + 1) if values.get(f"over_{at}")]
    return SweepSpec.of(base, overs, **{option.name: values[option.name] for option in SWEEP_OPTIONS})
