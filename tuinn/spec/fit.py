"""The fit settings of a run: the options of [fit], and one set of their values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from tuinn.spec.dataset import DataFacts
from tuinn.spec.device import Device
from tuinn.spec.options import Bool, Choice, Float, Int, Option, Value, check_options
from tuinn.spec.training import losses, metrics, optimizers, schedules

OPTIMIZERS = tuple(optimizers.BY_NAME)
SCHEDULES = tuple(schedules.BY_NAME)
LOSSES = ("auto", *losses.BY_NAME)
METRICS = tuple(metrics.BY_NAME)
MONITORS = ("val_loss", "loss", *(part + name for name in METRICS for part in ("val_", "")))


@dataclass(frozen=True)
class Choices(Option):
    """Any number of words out of a few, each once."""

    choices: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    """What each word stands for."""

    @property
    def allowed(self) -> str:
        return "any of " + ", ".join(self.choices)

    def check(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or any(name not in self.choices for name in value):
            raise self.refuse(value)
        return tuple(dict.fromkeys(value))

    def parse(self, text: str) -> tuple[str, ...]:
        return self.check([word for word in re.split(r"[\s,\[\]\"']+", text) if word])

    def show(self, value: object) -> str:
        return ", ".join(str(name) for name in value) if isinstance(value, tuple) else ""


OPTIMIZER = Choice(
    "optimizer",
    "adam",
    choices=OPTIMIZERS,
    help="how a gradient becomes a step",
    notes={row.name: row.help for row in optimizers.OPTIMIZERS},
)
LEARNING_RATE = Float(
    "learning_rate",
    1e-3,
    low=0,
    exclude_low=True,
    high=100,
    help="size of a step; too large diverges, too small crawls",
    formula="sgd: weight ← weight − learning_rate · gradient. Others scale the gradient first.",
)
SCHEDULE = Choice(
    "schedule",
    "constant",
    choices=SCHEDULES,
    help="how the learning rate changes over the run",
    notes={row.name: row.help for row in schedules.SCHEDULES},
)
MONITOR = Choice("monitor", "val_loss", choices=MONITORS, help="the number that is to improve")

LOSS = Choice(
    "loss",
    "auto",
    choices=LOSSES,
    help="what training makes small",
    notes={"auto": "from the task and the last layer", **{row.name: row.help for row in losses.LOSSES}},
)
REPORTED_METRICS = Choices(
    "metrics",
    ("accuracy",),
    choices=METRICS,
    help="reported beside the loss; they steer nothing",
    notes={row.name: row.help for row in metrics.METRICS},
)

BASIC_OPTIONS: tuple[Option, ...] = (
    LOSS,
    REPORTED_METRICS,
    Int(
        "epochs",
        5,
        high=1_000_000,
        help="passes over the training data",
        formula="updates in all = epochs · updates an epoch",
    ),
    Int(
        "batch_size",
        128,
        high=10_000_000,
        help="samples per step; larger is faster per sample and needs memory",
        formula="updates an epoch = training samples / batch_size, rounded up; the last batch has the rest. Where it is larger than the data, all are one batch.",
    ),
    Int("seed", 7, low=0, high=2**31 - 1, help="the same seed gives the same run on the same machine"),
    Device(
        "device",
        "auto",
        help="auto takes a GPU where TensorFlow sees one; gpu:0,1 or all: several train together",
        formula="each of several devices takes batch_size / devices samples of a batch; their gradients are added",
    ),
)

EARLY_STOPPING = Int(
    "early_stopping_patience",
    0,
    low=0,
    high=1_000_000,
    help="stop after so many epochs without improvement; 0: off",
)
RESTORE_BEST = Bool("restore_best", True, help="keep the weights of the best epoch, not of the last")

FURTHER_OPTIONS: tuple[Option, ...] = (
    Float(
        "clipnorm",
        0.0,
        low=0,
        high=1e6,
        help="shorten each weight's gradient to this length; 0: off",
        formula="gradient · clipnorm / |gradient|, where it is longer",
    ),
    Float(
        "clipvalue",
        0.0,
        low=0,
        high=1e6,
        help="cut each number of a gradient to ± this; 0: off",
        formula="min(max(gradient, −clipvalue), clipvalue)",
    ),
    Float(
        "label_smoothing",
        0.0,
        low=0,
        high=1,
        exclude_high=True,
        help="share of a target spread over all classes",
        formula="target · (1 − label_smoothing) + label_smoothing / classes",
    ),
    Choice(
        "class_weights", "none", choices=("none", "balanced"), help="balanced: rare classes count for more"
    ),
    Bool("shuffle", True, help="another order of the samples in each epoch"),
    Choice(
        "precision",
        "float32",
        choices=("float32", "mixed_float16", "mixed_bfloat16"),
        help="mixed: compute in 16 bits, keep weights in 32; faster on recent GPUs",
    ),
    Choice(
        "train_step",
        "keras",
        choices=("keras", "written_out"),
        help="written_out: outputs, loss, GradientTape and update in plain TensorFlow; slower",
        notes={
            "keras": "fit as Keras has it; fastest",
            "written_out": f"the lesson's own loop, for {', '.join(optimizers.WRITTEN_OUT)}; B in the charts goes batch by batch",
        },
    ),
)


def _conditional(rows: Iterable[optimizers.Optimizer | schedules.Schedule]) -> tuple[Option, ...]:
    """Each option that belongs to some of these rows, once; None stands for the row's own default."""
    return tuple(
        {option.name: replace(option, default=None) for row in rows for option in row.options}.values()
    )


CONDITIONAL_OPTIONS = (*_conditional(optimizers.OPTIMIZERS), *_conditional(schedules.SCHEDULES))

FIT_OPTIONS: tuple[Option, ...] = (
    *(OPTIMIZER, LEARNING_RATE, *BASIC_OPTIONS, SCHEDULE, *CONDITIONAL_OPTIONS),
    *(EARLY_STOPPING, MONITOR, RESTORE_BEST, *FURTHER_OPTIONS),
)
"""Every key that [fit] may have. `fit_options` gives those that apply."""

ALWAYS_WRITTEN = {option.name for option in (OPTIMIZER, LEARNING_RATE, *BASIC_OPTIONS)}


__all__ = [
    "FIT_OPTIONS",
    "LOSSES",
    "METRICS",
    "OPTIMIZERS",
    "SCHEDULES",
    "Choices",
    "Device",
    "FitSpec",
    "fit_options",
]


class FitSpec(msgspec.Struct, frozen=True):
    """The settings of one training. `FIT_OPTIONS` says what each field may be.

    None, in a field that belongs to some optimizers or schedules only, is the default of the chosen one.
    """

    optimizer: str = "adam"
    learning_rate: float = 1e-3
    loss: str = "auto"
    metrics: tuple[str, ...] = ("accuracy",)
    epochs: int = 5
    batch_size: int = 128
    seed: int = 7
    device: str = "auto"

    momentum: float | None = None
    nesterov: bool | None = None
    rho: float | None = None
    centered: bool | None = None
    beta_1: float | None = None
    beta_2: float | None = None
    epsilon: float | None = None
    amsgrad: bool | None = None
    weight_decay: float | None = None
    initial_accumulator_value: float | None = None
    learning_rate_power: float | None = None
    l1_regularization_strength: float | None = None
    l2_regularization_strength: float | None = None
    l2_shrinkage_regularization_strength: float | None = None
    beta: float | None = None

    schedule: str = "constant"
    step_epochs: int | None = None
    decay_rate: float | None = None
    alpha: float | None = None
    warmup_epochs: int | None = None
    peak_at: float | None = None
    factor: float | None = None
    patience: int | None = None
    min_lr: float | None = None

    early_stopping_patience: int = 0
    monitor: str = "val_loss"
    restore_best: bool = True
    clipnorm: float = 0.0
    clipvalue: float = 0.0
    label_smoothing: float = 0.0
    class_weights: str = "none"
    shuffle: bool = True
    precision: str = "float32"
    train_step: str = "keras"

    @classmethod
    def of(cls, raw: Mapping[str, object]) -> "FitSpec":
        """From a parsed TOML table. Raises SpecError for a key or value that is not allowed."""
        return cls(**check_options(FIT_OPTIONS, raw, "fit"))

    def raw(self) -> dict[str, object]:
        """As a TOML table: the eight settings every run has, and the others where they differ from their default."""
        table = {}
        for option in FIT_OPTIONS:
            value = getattr(self, option.name)
            if option.name in ALWAYS_WRITTEN or value != option.default:
                table[option.name] = list(value) if isinstance(value, tuple) else value
        return table

    def value(self, name: str) -> Any:
        """A setting as it counts: what is set, else the default of the chosen optimizer or schedule."""
        value = getattr(self, name)
        if value is not None:
            return value
        rows = (optimizers.BY_NAME[self.optimizer], schedules.BY_NAME[self.schedule])
        return next((option.default for row in rows for option in row.options if option.name == name), None)

    @property
    def not_written_out(self) -> dict[str, Value]:
        """Settings that the written out train_step doesn't have → what they would have to be; empty: it has all."""
        other = self.optimizer not in optimizers.WRITTEN_OUT
        wanted: dict[str, Value] = {"optimizer": optimizers.WRITTEN_OUT[0]} if other else {}
        plain: dict[str, Value] = {"clipnorm": 0.0, "clipvalue": 0.0, "precision": "float32"}
        off: dict[str, Value] = {"amsgrad": False, "centered": False, "weight_decay": 0.0}
        for name, value in plain.items():
            if getattr(self, name) != value:
                wanted[name] = value
        return wanted | {name: value for name, value in off.items() if not other and self.value(name)}

    def values(self) -> dict[str, Value]:
        """Every setting that applies, as it counts."""
        return {option.name: self.value(option.name) for option in fit_options(self)}

    def with_values(self, values: Mapping[str, object]) -> "FitSpec":
        """Changed as a form says. Drop what doesn't apply to the chosen optimizer and schedule."""
        changed = msgspec.structs.replace(self, **values)
        before = {option.name: option.default for option in fit_options(self)}
        after = {option.name: option.default for option in fit_options(changed)}

        def is_default(name: str) -> bool:
            # A default that was only shown was not chosen: another optimizer has another default.
            value = getattr(changed, name)
            untouched = getattr(self, name) is None and value == before.get(name)
            return name not in after or value == after[name] or untouched

        dropped: dict[str, None] = {
            option.name: None for option in CONDITIONAL_OPTIONS if is_default(option.name)
        }
        return msgspec.structs.replace(changed, **dropped)


def allowed_fit_options(fit: FitSpec, facts: DataFacts, outputs: int) -> tuple[Option, ...]:
    """`fit_options` with only the losses and metrics that this task and so many outputs can be trained with."""
    narrowed: dict[str, Option] = {
        "loss": replace(LOSS, choices=("auto", *losses.allowed_losses(facts, outputs))),
        "metrics": replace(REPORTED_METRICS, choices=metrics.allowed_metrics(facts)),
    }
    return tuple(narrowed.get(option.name, option) for option in fit_options(fit))


def fit_options(fit: FitSpec) -> tuple[Option, ...]:
    """The settings that apply to this optimizer and schedule, in the order of a form, with their own defaults."""
    optimizer, schedule = optimizers.BY_NAME[fit.optimizer], schedules.BY_NAME[fit.schedule]
    watches = fit.early_stopping_patience > 0 or fit.schedule == "reduce_on_plateau"
    return (
        *(
            OPTIMIZER,
            LEARNING_RATE,
            *optimizer.options,
            SCHEDULE,
            *schedule.options,
            *BASIC_OPTIONS,
            EARLY_STOPPING,
        ),
        *((MONITOR,) if watches else ()),
        *((RESTORE_BEST,) if fit.early_stopping_patience else ()),
        *FURTHER_OPTIONS,
    )
