"""How a network is trained: optimizer, learning rate, loss, metrics, epochs, early stopping, seed and device."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from tuinn.spec import losses, metrics, optimizers, schedules
from tuinn.spec.dataset import DataFacts
from tuinn.spec.fit_rows import (
    ALWAYS_TOLD,
    BASIC,
    FIT_OPTIONS,
    FURTHER,
    LOSS,
    LOSSES,
    METRICS,
    MONITOR,
    OPTIMIZER,
    OPTIMIZERS,
    OWN,
    RATE,
    REPORTED,
    RESTORE,
    SCHEDULE,
    SCHEDULES,
    STOPPING,
    Device,
    Names,
)
from tuinn.spec.options import Option, check_all

__all__ = [
    "FIT_OPTIONS",
    "LOSSES",
    "METRICS",
    "OPTIMIZERS",
    "SCHEDULES",
    "Device",
    "FitSpec",
    "Names",
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

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "FitSpec":
        """From a parsed TOML table. Raises SpecProblem for a key or value that is not allowed."""
        return cls(**check_all(FIT_OPTIONS, raw, "fit"))

    def raw(self) -> dict[str, Any]:
        """As a TOML table: the eight settings every run has, and the others where they differ from their default."""
        told = {}
        for option in FIT_OPTIONS:
            value = getattr(self, option.name)
            if option.name in ALWAYS_TOLD or value != option.default:
                told[option.name] = list(value) if isinstance(value, tuple) else value
        return told

    def value(self, name: str) -> Any:
        """A setting as it counts: what is set, else the default of the chosen optimizer or schedule."""
        value = getattr(self, name)
        if value is not None:
            return value
        rows = (optimizers.BY_NAME[self.optimizer], schedules.BY_NAME[self.schedule])
        return next((option.default for row in rows for option in row.options if option.name == name), None)

    def values(self) -> dict[str, Any]:
        """Every setting that applies, as it counts."""
        return {option.name: self.value(option.name) for option in fit_options(self)}

    def with_values(self, values: Mapping[str, Any]) -> "FitSpec":
        """Changed as a form says. What doesn't apply to the optimizer and schedule chosen is let go."""
        changed = msgspec.structs.replace(self, **values)
        before = {option.name: option.default for option in fit_options(self)}
        after = {option.name: option.default for option in fit_options(changed)}

        def is_default(name: str) -> bool:
            # A default that was only shown is no wish: another optimizer brings its own.
            value = getattr(changed, name)
            untouched = getattr(self, name) is None and value == before.get(name)
            return name not in after or value == after[name] or untouched

        dropped: dict[str, Any] = {option.name: None for option in OWN if is_default(option.name)}
        return msgspec.structs.replace(changed, **dropped)


def fitting_options(fit: FitSpec, facts: DataFacts, outputs: int) -> tuple[Option, ...]:
    """`fit_options` with only the losses and metrics that this task and so many outputs can be trained with."""
    narrowed: dict[str, Option] = {
        "loss": replace(LOSS, choices=("auto", *losses.fitting(facts, outputs))),
        "metrics": replace(REPORTED, choices=metrics.fitting(facts)),
    }
    return tuple(narrowed.get(option.name, option) for option in fit_options(fit))


def fit_options(fit: FitSpec) -> tuple[Option, ...]:
    """The settings that apply to this optimizer and schedule, in the order of a form, with their own defaults."""
    optimizer, schedule = optimizers.BY_NAME[fit.optimizer], schedules.BY_NAME[fit.schedule]
    watches = fit.early_stopping_patience > 0 or fit.schedule == "reduce_on_plateau"
    return (
        *(OPTIMIZER, RATE, *optimizer.options, SCHEDULE, *schedule.options, *BASIC, STOPPING),
        *((MONITOR,) if watches else ()),
        *((RESTORE,) if fit.early_stopping_patience else ()),
        *FURTHER,
    )
