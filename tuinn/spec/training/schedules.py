"""The learning rate over a run: a row per schedule, and its rate at any step, as Keras computes it."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuinn.spec.calls import KerasCall
from tuinn.spec.options import Float, Int, Option

if TYPE_CHECKING:
    from tuinn.spec.fit import FitSpec


@dataclass(frozen=True)
class Schedule:
    """A row of the table."""

    name: str
    help: str
    options: tuple[Option, ...] = ()


_RATE = Float("decay_rate", 0.9, low=0, exclude_low=True, high=1, help="factor at each decay")
_ALPHA = Float("alpha", 0.0, low=0, high=1, help="the rate at the end, as a share of learning_rate")

SCHEDULES: tuple[Schedule, ...] = (
    Schedule("constant", "the same rate throughout"),
    Schedule(
        "step",
        "the rate falls by decay_rate every few epochs",
        (
            Int("step_epochs", 5, high=1_000_000, help="epochs between two falls"),
            replace(_RATE, default=0.5),
        ),
    ),
    Schedule("exponential", "the rate falls smoothly, by decay_rate per epoch", (_RATE,)),
    Schedule("cosine", "half a cosine from the rate down to alpha × the rate", (_ALPHA,)),
    Schedule(
        "cosine_warmup",
        "a straight rise from 0, then a cosine down; for large rates and batches",
        (Int("warmup_epochs", 1, high=1_000_000, help="epochs of the rise"), _ALPHA),
    ),
    Schedule(
        "one_cycle",
        "up from a 25th of the rate, then a cosine down to nearly 0; fast with large rates",
        (
            Float(
                "peak_at",
                0.3,
                low=0,
                exclude_low=True,
                high=1,
                exclude_high=True,
                help="where the peak is, as a share of the run",
            ),
            replace(_ALPHA, default=1e-4),
        ),
    ),
    Schedule(
        "reduce_on_plateau",
        "the rate falls when the monitored number stands still",
        (
            Float(
                "factor",
                0.5,
                low=0,
                exclude_low=True,
                high=1,
                exclude_high=True,
                help="the new rate is this × the old one",
            ),
            Int("patience", 3, high=1_000_000, help="epochs without improvement before the rate falls"),
            Float("min_lr", 0.0, low=0, high=100, help="the rate never falls below this"),
        ),
    ),
)

BY_NAME = {row.name: row for row in SCHEDULES}

ONE_CYCLE_START = 1 / 25
"""Where a one-cycle begins, as a share of learning_rate."""


def schedule_call(fit: "FitSpec", steps_per_epoch: int) -> KerasCall | None:
    """The schedule in steps of the optimizer; None where the rate is a plain number (constant, reduce_on_plateau)."""
    rate, total = fit.learning_rate, max(1, fit.epochs * steps_per_epoch)
    match fit.schedule:
        case "step" | "exponential":
            staircase = fit.schedule == "step"
            epochs = fit.value("step_epochs") if staircase else 1
            steps = epochs * steps_per_epoch
            config = {"decay_steps": steps, "decay_rate": fit.value("decay_rate"), "staircase": staircase}
            return KerasCall("ExponentialDecay", {"initial_learning_rate": rate, **config})
        case "cosine":
            config = {"decay_steps": total, "alpha": fit.value("alpha")}
            return KerasCall("CosineDecay", {"initial_learning_rate": rate, **config})
        case "cosine_warmup":
            return _rise_and_fall(fit, 0.0, fit.value("warmup_epochs") * steps_per_epoch, total)
        case "one_cycle":
            return _rise_and_fall(fit, rate * ONE_CYCLE_START, round(fit.value("peak_at") * total), total)
    return None


def _rise_and_fall(fit: "FitSpec", start: float, rise: int, total: int) -> KerasCall:
    rise = max(1, rise)
    return KerasCall(
        "CosineDecay",
        {
            "initial_learning_rate": start,
            "decay_steps": max(1, total - rise),
            "alpha": fit.value("alpha"),
            "warmup_target": fit.learning_rate,
            "warmup_steps": rise,
        },
    )


def learning_rate_at(fit: "FitSpec", step: int, steps_per_epoch: int) -> float:
    """The learning rate of a step, counted from 0 over the whole run, as Keras' schedules give it.

    Of reduce_on_plateau it is the rate to begin with: how it falls is known only in training.
    """
    decay = schedule_call(fit, steps_per_epoch)
    if decay is None:
        return fit.learning_rate
    told = decay.config
    first, steps = told["initial_learning_rate"], told["decay_steps"]
    if decay.name == "ExponentialDecay":
        power = step // steps if told["staircase"] else step / steps
        return float(first * told["decay_rate"] ** power)
    rise = told.get("warmup_steps", 0)
    if step < rise:
        return float(first + (told["warmup_target"] - first) * step / rise)
    top = told.get("warmup_target", first)
    share = min(step - rise, steps) / steps
    return float(top * ((1 - told["alpha"]) * 0.5 * (1 + math.cos(math.pi * share)) + told["alpha"]))


def learning_rates(fit: "FitSpec", steps_per_epoch: int, points: int) -> list[float]:
    """The learning rate at so many places, evenly spread from the first step of the run to the last."""
    last = max(1, fit.epochs * steps_per_epoch) - 1
    return [
        learning_rate_at(fit, round(at * last / max(1, points - 1)), steps_per_epoch) for at in range(points)
    ]
