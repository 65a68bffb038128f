"""What a network's outputs for one sample say: a probability per class, and the classes that are predicted."""

import math
from collections.abc import Iterable, Sequence

from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import format_number, printable

Outputs = Sequence[float | None]
"""Of one sample, as many as the last layer is wide; None: not finite."""


def none_if_not_finite(outputs: Iterable[float]) -> tuple[float | None, ...]:
    """Return a sample's outputs as the journal has them."""
    return tuple(float(value) if math.isfinite(value) else None for value in outputs)


def class_probabilities(outputs: Outputs, facts: DataFacts) -> tuple[float | None, ...]:
    """Return one per class, in the order of the classes; nothing for a regression.

    A single output for two classes is the probability of the second one.
    """
    if facts.task is Task.REGRESSION:
        return ()
    if len(outputs) == 1 and len(facts.classes) == 2:
        second = outputs[0]
        return (None if second is None else 1 - second, second)
    return tuple(outputs)


def numbers_words(values: Outputs, facts: DataFacts) -> str:
    """Return the number of a regression, or those of several targets by their names; a dash where one is not finite."""
    words = ["–" if value is None else format_number(value) for value in values]
    if not facts.target_names:
        return words[0]
    return " · ".join(
        f"{printable(name)} {word}" for name, word in zip(facts.target_names, words, strict=True)
    )


def predicted_classes(
    outputs: Outputs, facts: DataFacts, thresholds: Sequence[float] = ()
) -> tuple[int, ...] | None:
    """Return the label of the likeliest class; where there may be several, of all that are likelier than not.

    `thresholds`: from where on the second of two classes, or each label, is predicted; none: all 0.5. None: nothing is finite,
    or it is a regression.
    """
    known = [(share, at) for at, share in enumerate(class_probabilities(outputs, facts)) if share is not None]
    if not known:
        return None
    if facts.task is Task.LABELS:
        return tuple(at for share, at in known if share > (thresholds[at] if thresholds else 0.5))
    if thresholds and len(facts.classes) == 2:
        return (int(known[-1][0] > thresholds[0]),)
    return (max(known, key=lambda one: one[0])[1],)
