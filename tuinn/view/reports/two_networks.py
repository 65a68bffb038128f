"""Two networks on the same samples: what one gets and the other doesn't, and whether that may be chance. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import TYPE_CHECKING

from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import format_metric, plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.intp]

SURE, LIKELY = 0.01, 0.05
"""Below the one a difference is hardly chance; below the other it may be, but seldom is."""

LISTED, LEAST = 5, 0.02
"""Classes that are named at most, and by how much of their samples the networks must differ there."""


@dataclass(frozen=True)
class TwoNetworks:
    """The samples that both were tested on, by who gets them. Of a regression, "gets" means: is nearer to the truth."""

    count: int
    first: "Places"
    """Only the first gets these."""
    second: "Places"
    """Only the second."""
    neither: "Places"
    """None of them; of a regression both are as near."""
    p_value: float
    """Of McNemar's test."""
    classes: tuple[tuple[str, float, float], ...] = ()
    """Class, share of it that the first gets, and the second: those where they differ most."""
    is_regression: bool = False

    @property
    def both(self) -> int:
        """Samples that both get."""
        return self.count - len(self.first) - len(self.second) - len(self.neither)


def compare(
    first: "NDArray[np.float32]",
    second: "NDArray[np.float32]",
    truth: "NDArray[np.generic]",
    facts: DataFacts,
    thresholds: "tuple[tuple[float, ...], tuple[float, ...]]" = ((), ()),
) -> TwoNetworks:
    """Compare the outputs of two networks, (n, outputs) each, for samples with these targets, (n,) or (n, labels)."""
    import numpy as np

    from tuinn.data.predictions import mean_errors, wrong_predictions

    if facts.task is Task.REGRESSION:
        errors = [mean_errors(outputs, truth) for outputs in (first, second)]
        errors = [np.nan_to_num(error, nan=np.inf) for error in errors]
        nearer = errors[0] < errors[1], errors[1] < errors[0]
        only = [found.nonzero()[0] for found in nearer]
        p_value = mcnemar(len(only[0]), len(only[1]))
        return TwoNetworks(
            len(truth), only[0], only[1], (~nearer[0] & ~nearer[1]).nonzero()[0], p_value, is_regression=True
        )
    wrong = [
        wrong_predictions(outputs, truth, facts.task, kept)
        for outputs, kept in zip((first, second), thresholds, strict=True)
    ]
    right = [~found for found in wrong if found is not None]
    only_first, only_second = (right[0] & ~right[1]).nonzero()[0], (right[1] & ~right[0]).nonzero()[0]
    classes = tuple(_classes(right, truth, facts)) if facts.task is not Task.LABELS else ()
    return TwoNetworks(
        len(truth),
        only_first,
        only_second,
        (~right[0] & ~right[1]).nonzero()[0],
        mcnemar(len(only_first), len(only_second)),
        classes,
    )


def _classes(
    right: "list[NDArray[np.bool_]]", truth: "NDArray[np.generic]", facts: DataFacts
) -> "Iterator[tuple[str, float, float]]":
    import numpy as np

    labels, width = truth.astype(np.intp), len(facts.classes)
    counts = np.bincount(labels, minlength=width)
    shares = [np.bincount(labels, weights=one, minlength=width) / np.maximum(counts, 1) for one in right]
    differ = np.abs(shares[0] - shares[1])
    for at in np.argsort(-differ, kind="stable")[:LISTED]:
        if differ[at] >= LEAST:
            yield facts.classes[at], float(shares[0][at]), float(shares[1][at])


def mcnemar(first: int, second: int) -> float:
    """The two-sided exact p-value of McNemar's test: how often chance alone would share the samples that only one network
    gets so unevenly, or more. `first` and `second`: how many each gets alone.

    McNemar 1947; as `statsmodels.stats.contingency_tables.mcnemar(exact=True)`.
    """
    count, fewer = first + second, min(first, second)
    logs = (lgamma(count + 1) - lgamma(at + 1) - lgamma(count - at + 1) for at in range(fewer + 1))
    return min(1.0, 2 * sum(exp(one - count * log(2)) for one in logs))


def verdict(found: TwoNetworks, names: tuple[str, str]) -> str:
    """What it comes to, in one or two sentences."""
    one, other = len(found.first), len(found.second)
    if not one and not other:
        return (
            "They are as near to the truth everywhere."
            if found.is_regression
            else "They get the same samples."
        )
    better = names[0] if one > other else names[1]
    gets = "is nearer to the truth for" if found.is_regression else "gets alone"
    words = f"{names[0]} {gets} {plural(one, 'sample')}, {names[1]} {other:,}"
    shown = f"p = {format_metric(found.p_value)}" if found.p_value >= 0.0001 else "p < 0.0001"
    if found.p_value < SURE:
        return f"{words}. {better} is better: chance alone would hardly do that ({shown}, McNemar)."
    if found.p_value < LIKELY:
        return f"{words}. {better} is probably better ({shown}, McNemar)."
    return f"{words}. That may be chance ({shown}, McNemar)."
