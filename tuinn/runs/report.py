"""What an evaluation of a network found, as a file of the run: `reports/test.json`."""

from collections.abc import Mapping, Sequence

import msgspec

from tuinn.runs.calibration import ReliabilityBin
from tuinn.runs.commands import Part
from tuinn.runs.report_file import ReportFile
from tuinn.text import format_metric, join_names, plural


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number about all samples of a part."""

    name: str
    """As scikit-learn's user guide names it."""
    value: float | None
    """None: it can't be worked out, such as the area under a curve where a class has no sample."""
    low: float | None = None
    high: float | None = None
    """Between these lie 95 % of its values over bootstrap samples; None: not worked out."""
    baselines: dict[str, float] = {}
    """The same of networks that are hardly any: baseline → value."""
    unit: str = ""


class ClassScores(msgspec.Struct, frozen=True):
    """Numbers about one class, against all others."""

    name: str
    support: int
    """Samples that are of this class."""
    precision: float | None
    """None: it was never predicted."""
    recall: float | None
    """None: no sample is of it."""
    f1: float | None
    roc_auc: float | None


class Report(ReportFile, frozen=True):
    """An evaluation of a network on one part of its data."""

    run: str
    part: Part
    samples: int
    task: str
    scores: tuple[Score, ...]
    verdict: str
    classes: tuple[ClassScores, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    """How often a class (row) was taken for another (column); empty unless every sample has one class."""
    reliability: tuple[ReliabilityBin, ...] = ()
    """How often it is right when it says that it is so sure; empty of a regression."""
    notes: tuple[str, ...] = ()
    """What keeps a number from being what it seems."""


def class_verdict(
    scores: Sequence[Score], rows: Sequence[ClassScores], confusion: Sequence[Sequence[int]]
) -> str:
    """What the numbers come to, in one to three sentences."""
    accuracy = scores[0]
    words = f"{share_words(accuracy)} of the samples are right"
    words += _against({name: f"{100 * value:.1f} %" for name, value in accuracy.baselines.items()})
    best = max(accuracy.baselines.values(), default=0.0)
    if accuracy.low is not None and accuracy.low <= best:
        words += ": that may be as good" if best <= (accuracy.high or 0.0) else ": that is better"
    words += "."
    weakest = min((row for row in rows if row.support), key=lambda row: row.f1 or 0.0)
    at = [row.name for row in rows].index(weakest.name)
    if (weakest.f1 or 0.0) == 1.0:
        return f"{words} No class has a mistake."
    words += f" {weakest.name} is hardest: F1 {format_metric(weakest.f1 or 0.0)}"
    taken = [0 if other == at else count for other, count in enumerate(confusion[at])]
    if any(taken):
        words += f", taken for {rows[taken.index(max(taken))].name} {plural(max(taken), 'time')}"
    return f"{words}."


def error_verdict(scores: Sequence[Score]) -> str:
    """What the numbers of a regression come to."""
    by_name = {score.name: score for score in scores}
    mean, explained = by_name["MAE"], by_name["R²"].value
    words = f"A prediction is off by {format_metric(mean.value or 0.0)} on average"
    words += _against({name: format_metric(value) for name, value in mean.baselines.items()})
    if explained is None:
        return f"{words}."
    share = (
        f"{100 * explained:.0f} % of the target's variance is explained"
        if explained > 0
        else "It does worse than the mean"
    )
    return f"{words}. {share}."


MEAN_R2, MEAN_MAE = "mean R²", "mean MAE"
"""Scores of a regression with several targets."""


def targets_verdict(scores: Sequence[Score], names: Sequence[str]) -> str:
    """What the numbers of a regression with several targets come to."""
    by_name = {score.name: score for score in scores}
    whole = by_name[MEAN_R2]
    if whole.value is None:
        return "A target never changes in these samples, so there is no R²."
    words = f"The mean R² of {len(names)} targets is {format_metric(whole.value)}"
    words += _against({name: format_metric(value) for name, value in whole.baselines.items()})
    by_target = {name: value for name in names if (value := by_name[f"R² of {name}"].value) is not None}
    hardest = min(by_target, key=lambda name: by_target[name])
    off = format_metric(by_name[f"MAE of {hardest}"].value or 0.0)
    return f"{words}. {hardest} is hardest: R² {format_metric(by_target[hardest])}, off by {off} on average."


def share_words(score: Score) -> str:
    """As a percentage, with its interval."""
    words = f"{100 * (score.value or 0.0):.1f} %"
    if score.low is not None and score.high is not None:
        words += f" ({100 * score.low:.1f} to {100 * score.high:.1f})"
    return words


def _against(baselines: Mapping[str, str]) -> str:
    """`, against 10.0 % (always Bag) and 80.0 % (linear model)`; empty where there is none."""
    told = join_names([f"{value} ({name})" for name, value in baselines.items()])
    return f", against {told}" if told else ""
