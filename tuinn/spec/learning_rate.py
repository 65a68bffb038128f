"""The learning rate over a run: the Keras schedule of the fit settings, and its rate at any step."""

import math

from tuinn.spec.calls import KerasCall
from tuinn.spec.fit import FitSpec

ONE_CYCLE_START = 1 / 25
"""Where a one-cycle schedule begins, as a share of learning_rate."""


def schedule_call(fit: FitSpec, steps_per_epoch: int) -> KerasCall | None:
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


def _rise_and_fall(fit: FitSpec, start: float, rise: int, total: int) -> KerasCall:
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


def learning_rate_at(fit: FitSpec, step: int, steps_per_epoch: int) -> float:
    """The learning rate of a step, counted from 0 over the whole run, as Keras' schedules give it.

    Of reduce_on_plateau it is the rate to begin with: how it falls is known only in training.
    """
    decay = schedule_call(fit, steps_per_epoch)
    if decay is None:
        return fit.learning_rate
    config = decay.config
    first, steps = config["initial_learning_rate"], config["decay_steps"]
    if decay.name == "ExponentialDecay":
        power = step // steps if config["staircase"] else step / steps
        return float(first * config["decay_rate"] ** power)
    rise = config.get("warmup_steps", 0)
    if step < rise:
        return float(first + (config["warmup_target"] - first) * step / rise)
    top = config.get("warmup_target", first)
    share = min(step - rise, steps) / steps
    return float(top * ((1 - config["alpha"]) * 0.5 * (1 + math.cos(math.pi * share)) + config["alpha"]))


def learning_rates(fit: FitSpec, steps_per_epoch: int, points: int) -> list[float]:
    """The learning rate at so many places, evenly spread from the first step of the run to the last."""
    last = max(1, fit.epochs * steps_per_epoch) - 1
    return [
        learning_rate_at(fit, round(at * last / max(1, points - 1)), steps_per_epoch) for at in range(points)
    ]
