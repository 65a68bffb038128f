"""What the curves of a run say, in one sentence worked out from its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from statistics import fmean, median

from tuinn.runs.events import EpochEnded
from tuinn.spec.advice.training_result import CurveResult
from tuinn.text import format_metric

SHORT = 5
"""Epochs below which curves that are finite say nothing yet."""

NOISES = 5.0
"""A change counts from so many times on what chance alone would do."""

LEAST = 0.02
"""A change counts from this share of the loss on."""

GROWN = 2.0
"""A training loss so many times its first value has diverged."""

STILL = 0.01
"""A training loss that has changed by less than this share has learned nothing."""


@dataclass(frozen=True)
class Verdict:
    """A sentence, and what kind of result it tells of."""

    result: CurveResult
    words: str


def verdict(finished: Sequence[EpochEnded], complete: bool) -> Verdict | None:
    """Judge the epochs of a run, `complete` when all that were asked for are trained. None: nothing is certain."""
    for name in ("loss", "val_loss"):
        broken = next((epoch.epoch for epoch in finished if epoch.metrics.get(name, 0.0) is None), None)
        if broken is not None:
            what = name.replace("val_", "val ")
            return Verdict("diverged", f"{what} is not finite since epoch {broken}: the training diverged.")
    losses = _values(finished, "loss")
    if len(losses) < max(SHORT, len(finished)):
        return None
    if found := _diverged(finished, losses) or _flat(finished, losses):
        return found
    validation = _values(finished, "val_loss")
    if not validation:
        return Verdict("unvalidated", "Nothing is kept to validate on, so overfitting can't be seen.")
    if len(validation) < len(finished):
        return None
    return _overfitting(finished, losses, validation) or (_improving(validation) if complete else None)


def _values(finished: Sequence[EpochEnded], name: str) -> list[float]:
    return [value for epoch in finished if (value := epoch.metrics.get(name)) is not None]


def _diverged(finished: Sequence[EpochEnded], losses: Sequence[float]) -> Verdict | None:
    lowest = min(range(len(losses)), key=losses.__getitem__)
    if losses[0] <= 0 or min(losses[-3:]) <= GROWN * losses[0]:
        return None
    since = f"from {format_metric(losses[lowest])} in epoch {finished[lowest].epoch} to {format_metric(losses[-1])}"
    return Verdict("diverged", f"train loss has risen {since}: the training diverges.")


def _flat(finished: Sequence[EpochEnded], losses: Sequence[float]) -> Verdict | None:
    accuracy = finished[-1].metrics.get("accuracy")
    span = max(losses) - min(losses)
    solved = accuracy is not None and accuracy > 0.9
    if solved or losses[0] <= 0 or span > STILL * losses[0]:
        return None
    words = f"train loss has stayed at {format_metric(fmean(losses))} for {len(losses)} epochs: nothing is learned."
    return Verdict("flat", words)


def _overfitting(
    finished: Sequence[EpochEnded], losses: Sequence[float], validation: Sequence[float]
) -> Verdict | None:
    lowest = min(range(len(validation)), key=validation.__getitem__)
    width = _window(validation)
    if len(validation) - lowest <= width:
        return None
    sums = [0.0, *accumulate(validation)]
    means = [(after - before) / width for before, after in zip(sums, sums[width:], strict=False)]
    risen = validation[-1] - validation[lowest]
    sure = means[-1] - min(means) > _least_change(validation, min(means))
    learned = fmean(losses[-width:]) < losses[lowest]
    if risen <= 0 or not sure or not learned:
        return None
    since = f"val loss is lowest in epoch {finished[lowest].epoch} and has risen by {risen:.3g} since"
    return Verdict("overfitting", f"{since}: overfitting.")


def _improving(values: Sequence[float]) -> Verdict | None:
    width = _window(values)
    if len(values) < 2 * width:
        return None
    before, last = fmean(values[-2 * width : -width]), fmean(values[-width:])
    falls = values[-width] - values[-1] > LEAST * abs(last)
    if not falls or before - last <= _least_change(values, last):
        return None
    fallen = f"by {before - last:.3g} in {width} epochs"
    words = f"val loss was still falling at the end, {fallen}: train longer."
    return Verdict("improving", words)


def _window(values: Sequence[float]) -> int:
    """How many epochs are taken together: three, or a tenth of a long run."""
    return max(min(3, len(values) // 2), len(values) // 10)


def _least_change(values: Sequence[float], level: float) -> float:
    """What two means over a window must differ by, to differ by more than chance.

    The noise is taken from second differences, in which a slow rise or fall vanishes: for normal noise of deviation
    s their median size is 1.65 s.
    """
    bends = [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    noise = median(bends) / 1.65 if bends else 0.0
    return max(NOISES * noise / sqrt(_window(values)), LEAST * abs(level))
