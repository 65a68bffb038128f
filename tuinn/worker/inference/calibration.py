"""How far a network's probabilities can be trusted: reliability by bins, a temperature, what each threshold would decide.

The curve is scikit-learn's `calibration_curve`. Expected calibration error and temperature scaling: Guo et al., On
Calibration of Modern Neural Networks, 2017.
"""

import numpy as np
from numpy.typing import NDArray

from tuinn.errors import WorkerError
from tuinn.runs.calibration import THRESHOLDS, Calibration, ReliabilityBin, ThresholdCounts
from tuinn.spec.dataset import DataFacts, Task

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Bools = NDArray[np.bool_]

BINS = 10
"""Of equal width, from 0 to 1."""

EPSILON = 1e-12
"""A probability counts as at least this, and as at most 1 minus this."""

COLDEST, HOTTEST = 0.05, 20.0
"""Between these the temperature lies."""


def calibrate(
    outputs: NDArray[np.float32], truth: NDArray[np.generic], facts: DataFacts, kept: float = 1.0
) -> Calibration:
    """Measure the probabilities `outputs`, (n, outputs), of samples whose classes are `truth`, (n,) or (n, labels).

    What is not finite is left out. Raises WorkerError where nothing is left.
    """
    known = np.isfinite(outputs).all(axis=1)
    if not known.any():
        raise WorkerError("No output is finite: the network diverged in training. Train it again.")
    shares, labels = outputs[known].astype(np.float64), truth[known].astype(np.int64)
    sure, right = decisions(shares, labels, facts)
    bins = reliability(sure, right)
    # Where all are right, any temperature could be lower still.
    all_right = (right == (sure > 0.5)).all() if facts.task is Task.LABELS else right.all()
    temperature = 1.0 if all_right else best_temperature(shares, labels, facts)
    cooled = reliability(*decisions(scaled(shares, temperature), labels, facts))
    return Calibration(
        samples=len(shares),
        error=calibration_error(bins),
        bins=bins,
        temperature=temperature,
        error_after=calibration_error(cooled),
        thresholds=threshold_counts(shares, labels, facts),
        kept=kept,
    )


def decisions(shares: Floats, truth: Labels, facts: DataFacts) -> tuple[Floats, Bools]:
    """Probabilities of what is predicted, and whether that is right. Of several labels: of each label, and whether it is true."""
    if facts.task is Task.LABELS:
        return shares.ravel(), truth.ravel() == 1
    wide = np.hstack([1 - shares, shares]) if shares.shape[1] == 1 else shares
    return wide.max(axis=1), wide.argmax(axis=1) == truth


def reliability(sure: Floats, right: Bools) -> tuple[ReliabilityBin, ...]:
    """Probabilities and shares of right decisions by bins, those without a decision left out."""
    from sklearn.calibration import calibration_curve

    if not len(sure):
        return ()
    clipped = np.clip(sure, 0.0, 1.0)
    shares, means = calibration_curve(right, clipped, pos_label=True, n_bins=BINS, strategy="uniform")
    edges = np.linspace(0.0, 1.0, BINS + 1)
    counts = np.bincount(np.searchsorted(edges[1:-1], clipped), minlength=BINS)
    return tuple(
        ReliabilityBin(float(edges[at]), float(edges[at + 1]), int(counts[at]), float(mean), float(share))
        for at, mean, share in zip(np.flatnonzero(counts), means, shares, strict=True)
    )


def calibration_error(bins: tuple[ReliabilityBin, ...]) -> float:
    """The expected calibration error: Σ count / n · |share right − mean probability|."""
    count = sum(one.count for one in bins)
    return sum(one.count * abs(one.right - one.sure) for one in bins) / max(count, 1)


# ---------------------------------------------------------------------------------------------- temperature


def scaled(shares: Floats, temperature: float) -> Floats:
    """The probabilities after their logits were divided: softmax(log p / T) over classes, sigmoid of single outputs."""
    if shares.shape[1] == 1:
        return _sigmoid(_logit(shares) / temperature)
    logs = np.log(np.clip(shares, EPSILON, 1.0)) / temperature
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    found: Floats = raised / raised.sum(axis=1, keepdims=True)
    return found


def best_temperature(shares: Floats, truth: Labels, facts: DataFacts) -> float:
    """The temperature at which the log loss is smallest."""
    from scipy.optimize import minimize_scalar

    each_by_itself = facts.task is Task.LABELS
    logits = _logit(shares)

    def loss(log_temperature: float) -> float:
        temperature = float(np.exp(log_temperature))
        if each_by_itself or shares.shape[1] == 1:
            given = _sigmoid(logits / temperature)
            aims = truth if each_by_itself else truth[:, None]
            of_truth = np.where(aims == 1, given, 1 - given)
        else:
            of_truth = scaled(shares, temperature)[np.arange(len(truth)), truth]
        return float(-np.log(np.clip(of_truth, EPSILON, 1.0)).mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))


def _logit(shares: Floats) -> Floats:
    clipped = np.clip(shares, EPSILON, 1 - EPSILON)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)))


# ------------------------------------------------------------------------------------------------ thresholds


def threshold_counts(shares: Floats, truth: Labels, facts: DataFacts) -> tuple[ThresholdCounts, ...]:
    """For the second of two classes, or for each of several labels; else nothing."""
    if facts.task is Task.LABELS:
        return tuple(_counts(name, shares[:, at], truth[:, at] == 1) for at, name in enumerate(facts.classes))
    if len(facts.classes) != 2:
        return ()
    return (_counts(facts.classes[1], shares[:, -1], truth == 1),)


def _counts(name: str, share: Floats, positive: Bools) -> ThresholdCounts:
    def above(values: Floats) -> tuple[int, ...]:
        found = len(values) - np.searchsorted(np.sort(values), THRESHOLDS, side="right")
        return tuple(int(count) for count in found)

    return ThresholdCounts(
        name, len(share), int(positive.sum()), above(share[positive]), above(share[~positive])
    )
