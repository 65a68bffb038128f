"""What keeps a network from learning better: findings from the curves of its run and from a look inside, with their evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Literal

from tuinn.runs.events import EpochEnded
from tuinn.runs.examination import Examination, ExaminedLayer, Memorized
from tuinn.spec.advice.fix import Problem
from tuinn.spec.advice.training_result import Result, result_fixes
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.run import RunSpec
from tuinn.text import format_metric, plural
from tuinn.view.verdict import verdict

Certainty = Literal["certain", "likely", "possible"]

MANY, NEARLY_ALL = 0.5, 0.9
"""Shares of a layer's units from which it is told that they are dead or saturated: where the network learns, the larger one."""

RIGHT, FALLEN = 0.9, 0.5
"""A network learns when its training accuracy is so high, or its loss has fallen to such a share of the first epoch's."""

LARGE_UPDATE, SMALL_UPDATE = 0.05, 1e-6
"""One update changes weights by so much of their size when the rate is far too high, or far too low."""

LEARNED, SHARE_LEFT = 0.9, 0.5
"""A few samples are learned by heart with such an accuracy, or once the loss is down to this share."""

TRIED = 100
"""Updates below which nothing is said about that."""

FAR = 2.0
"""A first loss so many times that of guessing, and 1 more, is odd."""

RARE, FEW = 0.05, 30
"""A class is rare with less than this share of the commonest one's samples, and fewer than so many."""

JUMPS, HEIGHT, LEAST_EPOCHS = 0.4, 0.1, 8
"""A loss is restless when it rises in so many of the steps between epochs, by so much of its size, in so many epochs."""


@dataclass(frozen=True)
class Finding:
    """One thing that keeps the network from learning, with the numbers that show it."""

    result: Result
    words: str
    certainty: Certainty
    layer: str = ""
    """The layer that it is about; empty: the whole network."""

    def problem(self, spec: RunSpec) -> Problem:
        """As a problem of this draft, with the changes that may help."""
        names = spec.model.names()
        at = names.index(self.layer) if self.layer in names else None
        words = f"{self.certainty.capitalize()}: {self.words}"
        return Problem(words, severity="warning", fixes=result_fixes(spec, self.result, at))


def diagnose(
    finished: Sequence[EpochEnded],
    complete: bool,
    facts: DataFacts,
    loss: str,
    examination: Examination | None,
) -> list[Finding]:
    """All that can be told of a run, the most certain first.

    `loss` is Keras' name of it; `complete`: all epochs that were asked for are trained.
    """
    found = [*_of_curves(finished, complete)]
    if examination is not None:
        results = {finding.result for finding in found}
        found += _of_examination(examination, results, _learns(finished), facts, loss)
    order = ("certain", "likely", "possible")
    return sorted(found, key=lambda finding: order.index(finding.certainty))


def _of_curves(finished: Sequence[EpochEnded], complete: bool) -> Iterator[Finding]:
    judged = verdict(finished, complete)
    if judged is not None:
        sure: Certainty = "certain" if judged.result in ("diverged", "unvalidated") else "likely"
        yield Finding(judged.result, judged.words, sure)
    losses = [value for epoch in finished if (value := epoch.metrics.get("loss")) is not None]
    if len(losses) < LEAST_EPOCHS or (judged is not None and judged.result == "diverged"):
        return
    rises = [after - before for before, after in pairwise(losses) if after - before > HEIGHT * before > 0]
    if len(rises) >= JUMPS * (len(losses) - 1):
        words = (
            f"train loss has risen by more than {100 * HEIGHT:.0f} % in {len(rises)} of {len(losses) - 1} epochs: "
            "the learning rate may be too high."
        )
        yield Finding("too_fast", words, "possible")


def _of_examination(
    examination: Examination, results: set[Result], learns: bool, facts: DataFacts, loss: str
) -> Iterator[Finding]:
    broken = next((layer for layer in examination.layers if layer.not_finite), None)
    if broken is not None:
        words = f"{broken.name} is the first layer with numbers that are not finite."
        yield Finding("diverged", words, "certain", broken.name)
        return
    for layer in examination.layers:
        yield from _of_units(layer, examination.samples, NEARLY_ALL if learns else MANY)
    yield from _of_updates(examination, "flat" in results)
    if examination.memorized is not None:
        yield from _of_memory(examination.memorized, facts, loss)
    if examination.rarest is not None:
        name, count = examination.rarest
        if count < min(FEW, RARE * examination.largest):
            words = f"{plural(count, 'training sample')} of {name}, and {examination.largest:,} of the commonest class."
            yield Finding("rare", words, "certain")


def _learns(finished: Sequence[EpochEnded]) -> bool:
    if not finished:
        return False
    first, last = finished[0].metrics, finished[-1].metrics
    before, after = first.get("loss"), last.get("loss")
    fallen = before is not None and after is not None and after <= FALLEN * before
    return fallen or (last.get("accuracy") or 0.0) >= RIGHT


def _of_units(layer: ExaminedLayer, samples: int, least: float) -> Iterator[Finding]:
    for count, result, what in (
        (layer.dead, "dead", f"give 0 for all {samples} samples that were tried"),
        (layer.saturated, "saturated", f"stand at an end of {layer.activation} for nearly every sample"),
    ):
        share = count / layer.units if layer.units else 0.0
        if share >= least:
            sure: Certainty = "certain" if share >= NEARLY_ALL else "likely"
            words = f"{count} of {layer.units} units of {layer.name} {what}: they learn nothing."
            yield Finding("dead" if result == "dead" else "saturated", words, sure, layer.name)


def _of_updates(examination: Examination, flat: bool) -> Iterator[Finding]:
    """Of the layer that moves most, and of the one that moves least where nothing is learned."""
    moved = [(layer.update, layer.name) for layer in examination.layers if layer.update is not None]
    update, name = max(moved, default=(0.0, ""))
    if update > LARGE_UPDATE:
        words = f"one update changes the weights of {name} by {100 * update:.0f} %: the learning rate is too high."
        yield Finding("too_fast", words, "likely", name)
    update, name = min(moved, default=(1.0, ""))
    learned = examination.memorized is None or _is_learned(examination.memorized)
    if update < SMALL_UPDATE and (flat or not learned):
        words = f"one update changes the weights of {name} by {100 * update:.1g} %, too little to learn."
        yield Finding("too_slow", words, "likely", name)


def _is_learned(memorized: Memorized) -> bool:
    few = memorized.updates < TRIED
    right = memorized.accuracy is not None and memorized.accuracy >= LEARNED
    return few or right or memorized.after <= SHARE_LEFT * memorized.before


def _of_memory(memorized: Memorized, facts: DataFacts, loss: str) -> Iterator[Finding]:
    guessing = guessing_loss(facts, loss)
    if guessing is not None and memorized.before > FAR * guessing + 1:
        words = (
            f"with new weights the loss is {format_metric(memorized.before)}, and guessing gives "
            f"{format_metric(guessing)}: the inputs are too large, or the first weights."
        )
        yield Finding("far_start", words, "likely")
    if not _is_learned(memorized):
        right = "" if memorized.accuracy is None else f", {100 * memorized.accuracy:.0f} % right"
        words = (
            f"{memorized.samples} samples can't be learned by heart: after {memorized.updates} updates their loss is "
            f"{format_metric(memorized.after)} of {format_metric(memorized.before)}{right}."
        )
        yield Finding("unfit", words, "likely")


def guessing_loss(facts: DataFacts, loss: str) -> float | None:
    """The loss of the same probability for each class; None where it has no such value: ln(classes) of a crossentropy."""
    if not loss.endswith("crossentropy") or facts.task is Task.REGRESSION:
        return None
    yes_or_no = loss == "binary_crossentropy"
    return log(2) if yes_or_no or len(facts.classes) < 2 else log(len(facts.classes))


def examined_words(examination: Examination) -> str:
    """What was looked at, where nothing was found."""
    layers = plural(len(examination.layers), "layer")
    words = f"nothing is wrong with {layers} over {plural(examination.samples, 'training sample')}"
    memorized = examination.memorized
    if memorized is None:
        return f"{words}; learning a few samples by heart could not be tried"
    return f"{words}, and {memorized.samples} samples are learned by heart in {memorized.updates} updates"
