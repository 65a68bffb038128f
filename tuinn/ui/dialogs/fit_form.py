"""The settings of a training: the everyday ones first. Which others there are depends on the optimizer and the schedule."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from tuinn.spec.dataset import DATASET_OPTIONS
from tuinn.spec.fit import allowed_fit_options, fit_options
from tuinn.spec.keras_export.script import compile_arguments
from tuinn.spec.learning_rate import learning_rates
from tuinn.spec.options import Option, Value
from tuinn.spec.run import RunSpec
from tuinn.spec.training import schedules
from tuinn.spec.training.losses import last_activation, resolve_loss
from tuinn.spec.training.output_layer import OUTPUT_LAYERS, output_layer_for
from tuinn.text import format_count, plural
from tuinn.ui.dialogs.form import Form, help_words
from tuinn.ui.widgets.cell_lines import is_ascii_only
from tuinn.view.bars import sparkline
from tuinn.view.draft import Draft

RATE_WIDTH = 32

VALIDATION = next(option for option in DATASET_OPTIONS if option.name == "validation")

EVERYDAY = ("optimizer", "learning_rate", "loss", "epochs", "batch_size", "validation", "metrics")
"""Settings above the fold, in their order."""

ABOUT_RATE = {"optimizer", "learning_rate", "schedule"} | {
    option.name for schedule in schedules.SCHEDULES for option in schedule.options
}
UNDER_THE_FOLD = "schedule, early stopping, seed, device, and what is particular to the optimizer"

SPARE, WIDE = 5, 72
"""Lines of help, and cells of each, beside which an epoch has room."""


class FitForm(Form):
    """Answers the values of every option that applies, and the share kept to validate on; `with_answer` takes them."""

    def __init__(self, draft: Draft, field: str = "") -> None:
        self.draft = draft
        self.first_field = field
        self.fit = draft.spec.fit
        kept = {VALIDATION.name: draft.spec.dataset.validation}
        options = self._options()
        folded = [option.name for option in options if option.name not in EVERYDAY]
        values = self.fit.values() | kept
        super().__init__("Settings of the training", options, values, self._follows, folded=folded)
        self.is_open = self.is_open or self._needs_fold(draft)

    def _options(self) -> tuple[Option, ...]:
        outputs = (self.draft.summary.output or (1,))[-1]
        rows = {option.name: option for option in allowed_fit_options(self.fit, self.draft.facts, outputs)}
        rows[VALIDATION.name] = VALIDATION
        return (
            *(rows[name] for name in EVERYDAY),
            *(row for name, row in rows.items() if name not in EVERYDAY),
        )

    def on_resize(self) -> None:
        super().on_resize()
        self._set_height()

    async def unfold(self, is_open: bool) -> None:
        await super().unfold(is_open)
        self._set_height()

    def _set_height(self) -> None:
        """The rows take what the rest of the box leaves, so that it keeps its size whatever is edited."""
        room = int(self.size.height * 0.96) - AROUND - 2 * self.has_class("-tall")
        self.query_one("#form-rows").styles.height = max(
            4, min(room, 24 if self.is_open else len(EVERYDAY) + 1)
        )

    async def revise(self, values: dict[str, Value]) -> None:
        """Another optimizer or schedule brings other rows; what was typed in the others stays."""
        fit = self.fit.with_values(_of_fit(values))
        if {option.name for option in fit_options(fit)} == set(self.options) - {VALIDATION.name}:
            return
        typed = self._gather()
        self.fit, self.values = fit, self.values | fit.values()
        options = self.options = {option.name: option for option in self._options()}
        self.folded = options.keys() - {*EVERYDAY}
        fresh = {name: self._text_of_value(option) for name, option in options.items()}
        self.texts = fresh | {name: typed[name] for name in options.keys() & typed.keys() - OWN_DEFAULTS}
        await self.rebuild()

    def is_wanted(self, values: dict[str, Value]) -> bool:
        return self._needs_fold(self._draft_of(values))

    def _needs_fold(self, draft: Draft) -> bool:
        """Whether a fix of what is wrong changes a setting under the fold."""
        now = draft.spec.fit.values()
        fixed = [fix.spec.fit.values() for problem in draft.problems for fix in problem.fixes[:1]]
        return any(values.get(name) != now.get(name) for values in fixed for name in self.folded)

    def _draft_of(self, values: dict[str, Any]) -> Draft:
        return self.draft.heir(with_answer(self.draft.spec.replace_fit(self.fit), values))

    def _follows(self, values: dict[str, Any]) -> tuple[str, bool]:
        """How many updates, or what is wrong."""
        draft = self._draft_of(values)
        if draft.problems:
            return f"! {draft.problems[0]}", False
        return f"{updates_line(draft)}\n{compile_arguments(draft.spec, draft.facts)}", True

    def details(self, option: Option | None, values: dict[str, Value]) -> Text:
        """Below the help: the table of losses, or the rate over the run; and an epoch as batches where it has room."""
        words = help_words(option, values.get(option.name)) if option else UNDER_THE_FOLD
        text = Text(words, style="dim")
        if len(values) < len(self.options):
            return text  # something can't be read
        draft, colours = self._draft_of(values), self.app.theme_variables
        name = option.name if option else ""
        if name == "loss":
            return loss_table(draft, colours)
        if name in ABOUT_RATE:
            run = learning_rates(draft.spec.fit, updates_per_epoch(draft), RATE_WIDTH)
            text.append(f"\nthe rate  {sparkline(run)} {rate_words(run)}")
        lines = text.plain.split("\n")
        if len(lines) <= SPARE and all(len(line) <= WIDE for line in lines):
            text = Text("\n").join([text, epoch_picture(draft, is_ascii_only(self.app), colours)])
        return text


def rate_words(run: Sequence[float]) -> str:
    """The first and the last learning rate of a run, or the one that it has throughout."""
    return f"{run[0]:.2g} throughout" if min(run) == max(run) else f"{run[0]:.2g} to {run[-1]:.2g}"


AROUND = 15
"""Rows of the box that are no settings: frame, details, outcome, keys and what is between them."""


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


WIDTH = 64
"""Cells of the row of batches."""


def training_samples(draft: Draft) -> int:
    """Samples of an epoch: those that are not kept to validate on."""
    return draft.spec.training_samples(draft.facts)


def updates_per_epoch(draft: Draft) -> int:
    return -(-training_samples(draft) // draft.spec.fit.batch_size)


def updates_line(draft: Draft) -> str:
    """`54,000 samples / 128 → 422 updates an epoch × 10 epochs = 4,220`."""
    fit, updates = draft.spec.fit, updates_per_epoch(draft)
    return (
        f"{format_count(training_samples(draft))} samples / {format_count(fit.batch_size)} → "
        f"{plural(updates, 'update')} an epoch × {plural(fit.epochs, 'epoch')} = "
        f"{format_count(updates * fit.epochs)}"
    )


def epoch_picture(draft: Draft, ascii_only: bool, colours: Mapping[str, str]) -> Text:
    """The batches of an epoch as a row of blocks, and what is kept to validate on; lines of at most 72 cells."""
    batch, samples = draft.spec.fit.batch_size, training_samples(draft)
    kept = draft.facts.train - samples
    full, part = "#-" if ascii_only else "■□"
    if batch > samples:
        return Text(
            f"One batch has room for all {format_count(samples)} samples and would stay "
            f"{samples / batch:.0%} full.\nIt is trained as batch_size {format_count(samples)}: "
            "each epoch is one update, by all of them.",
            style=colours["warning"],
        )
    updates, rest = updates_per_epoch(draft), samples % batch
    each = -(-updates // WIDTH)
    text = Text("an epoch  ", style="dim")
    blocks = -(-updates // each)
    text.append(full * (blocks - bool(rest)) + part * bool(rest), style=colours["curve-train"])
    last = f"the last has {format_count(rest)}" if rest else "all of them full"
    group = f"; a {full} is {plural(each, 'batch', 'batches')}" if each > 1 else ""
    text.append(f"\n          {plural(updates, 'batch', 'batches')} of {format_count(batch)}, {last}{group}")
    text.append("\nkept      ", style="dim")
    text.append(f"{format_count(kept)} to validate on after each epoch" if kept else "nothing to validate on")
    return text


def loss_table(draft: Draft, colours: Mapping[str, str]) -> Text:
    """Problem → last activation → loss. The row of this draft stands out, with what the draft has."""
    facts, model = draft.facts, draft.spec.model
    outputs = (draft.summary.output or (1,))[-1]
    fitting = output_layer_for(facts, outputs)
    last, loss = last_activation(model), resolve_loss(draft.spec.fit.loss, model, facts, outputs).name
    fits = last in fitting.activations
    text = Text.assemble((f"  {'problem':<26}{'last':<9}loss", "dim"))
    for row in OUTPUT_LAYERS:
        line = f"{row.problem:<26}{row.activations[0]:<9}{row.loss}"
        text.append(f"\n▸ {line}" if row is fitting else f"\n  {line}", "bold" if row is fitting else "dim")
    text.append("\nthis draft: ", style="dim")
    sign = ("✓", colours["success"]) if fits else ("✗", colours["warning"])
    return text.append_text(Text.assemble(f"{last} ", sign, f" → {loss}"))
