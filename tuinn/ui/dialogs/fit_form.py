"""The settings of a training. Which there are depends on the optimizer and the schedule chosen."""

from typing import Any

from textual.containers import VerticalScroll
from textual.widgets import Input

from tuinn.spec.dataset import DATASET_OPTIONS
from tuinn.spec.fit import allowed_fit_options, fit_options
from tuinn.spec.learning_rate import learning_rates
from tuinn.spec.options import Option, Value
from tuinn.spec.run import RunSpec
from tuinn.text import format_count
from tuinn.ui.dialogs.form import Form
from tuinn.view.bars import sparkline
from tuinn.view.draft import Draft

RATE_WIDTH = 32


VALIDATION = next(option for option in DATASET_OPTIONS if option.name == "validation")


class FitForm(Form):
    """Answers the values of every option that applies, and the share kept to validate on; `with_answer` takes them."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.fit = draft.spec.fit
        kept = {VALIDATION.name: draft.spec.dataset.validation}
        super().__init__("Fit", self._options(), self.fit.values() | kept, self._follows)

    def _options(self) -> tuple[Option, ...]:
        outputs = (self.draft.summary.output or (1,))[-1]
        rows = allowed_fit_options(self.fit, self.draft.facts, outputs)
        at = [option.name for option in rows].index("batch_size") + 1
        return (*rows[:at], VALIDATION, *rows[at:])

    async def revise(self, values: dict[str, Value]) -> None:
        """Another optimizer or schedule brings other rows; what was typed in the others stays."""
        fit = self.fit.with_values(_of_fit(values))
        if {option.name for option in fit_options(fit)} == set(self.options) - {VALIDATION.name}:
            return
        typed = {name: self.query_one(f"#form-{name}", Input).value for name in self.options}
        focused = self.focused.id if self.focused is not None else None
        self.fit, self.values = fit, self.values | fit.values()
        options = self.options = {option.name: option for option in self._options()}
        container = self.query_one("#form-rows", VerticalScroll)
        await container.remove_children()
        await container.mount(*self.rows())
        for name in options.keys() & typed.keys() - OWN_DEFAULTS:
            self.query_one(f"#form-{name}", Input).value = typed[name]
        if focused and self.query(f"#{focused}"):
            self.query_one(f"#{focused}").focus()

    def _follows(self, values: dict[str, Any]) -> tuple[str, bool]:
        """Batches and steps, and the learning rate over the run as a picture; or what is wrong."""
        draft = self.draft.heir(with_answer(self.draft.spec.replace_fit(self.fit), values))
        steps = steps_per_epoch(draft)
        run = learning_rates(draft.spec.fit, steps, RATE_WIDTH)
        picture = f"rate {sparkline(run)} {run[0]:.2g} to {run[-1]:.2g}"
        if draft.problems:
            return f"! {draft.problems[0]}\n{picture}", False
        words = f"→ {format_count(steps)} batches per epoch, {format_count(steps * draft.spec.fit.epochs)} steps in all"
        return f"{words}\n{picture}", True


def with_answer(spec: RunSpec, values: dict[str, Any]) -> RunSpec:
    """The draft with what the form answered."""
    spec = spec.replace_fit(spec.fit.with_values(_of_fit(values)))
    if VALIDATION.name not in values:
        return spec
    return spec.with_dataset(spec.dataset.with_value(VALIDATION.name, values[VALIDATION.name]))


def _of_fit(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != VALIDATION.name}


OWN_DEFAULTS = {"beta_1", "beta_2", "epsilon", "rho", "momentum", "weight_decay"}
"""Settings whose default is each optimizer's own: they are not carried over."""


def steps_per_epoch(draft: Draft) -> int:
    training = draft.facts.train - round(draft.facts.train * draft.spec.dataset.validation)
    return -(-training // draft.spec.fit.batch_size)
