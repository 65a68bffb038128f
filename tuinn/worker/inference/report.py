"""Judge a network's outputs: scores with bootstrap intervals, scores per class, baselines, a verdict.

The definitions are scikit-learn's (https://scikit-learn.org/stable/modules/model_evaluation.html). An average over classes is
one over those that have a sample. An interval holds 95 % of a score's values over bootstrap samples (Efron & Tibshirani 1993).
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tuinn.runs.commands import Part
from tuinn.runs.decision import threshold_words
from tuinn.runs.report import (
    MEAN_MAE,
    MEAN_R2,
    ClassScores,
    Report,
    Score,
    class_verdict,
    error_verdict,
    share_words,
    targets_verdict,
)
from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import format_metric, join_names, plural
from tuinn.worker.inference.bootstrap import (
    MOST_CURVES,
    bootstrap_weights,
    means,
    resampled_matrices,
    resampled_means,
)
from tuinn.worker.inference.calibration import calibration_error, reliability
from tuinn.worker.inference.number_scores import (
    Floats,
    Values,
    error_scores,
    error_terms,
    target_scores,
    target_terms,
)

Labels = NDArray[np.int64]

EPSILON = float(np.finfo(np.float64).eps)
"""A probability counts as at least this, as in scikit-learn's log_loss."""


def judge(
    run: str,
    part: Part,
    outputs: NDArray[np.float32],
    truth: NDArray[np.generic],
    facts: DataFacts,
    baselines: Mapping[str, NDArray[np.generic]],
    thresholds: Sequence[float] = (),
) -> Report:
    """Judge a network's `outputs`, (n, outputs): probabilities, or the values of a regression in the target's unit.

    `truth`: (n,) classes or numbers; (n, labels) of 0 and 1; (n, targets). `baselines`: what simpler models say of the
    same samples, as `truth`.
    `thresholds`: of the second of two classes, or of each label; none: all 0.5.
    """
    wide = outputs.astype(np.float64)
    if facts.task is Task.REGRESSION:
        numbers = {name: values.astype(np.float64) for name, values in baselines.items()}
        if facts.target_names:
            return judge_targets(run, part, wide, truth.astype(np.float64), facts, numbers)
        return judge_numbers(run, part, wide[:, 0], truth.astype(np.float64), facts, numbers)
    labels = truth.astype(np.int64)
    if facts.task is Task.LABELS:
        return judge_labels(run, part, wide, labels, facts, thresholds)
    if wide.shape[1] == 1:
        wide = np.hstack([1 - wide, wide])
    classes = {name: values.astype(np.int64) for name, values in baselines.items()}
    return judge_classes(run, part, wide, labels, facts, classes, thresholds)


def judge_classes(
    run: str,
    part: Part,
    outputs: Floats,
    truth: Labels,
    facts: DataFacts,
    baselines: Mapping[str, Labels] | None = None,
    thresholds: Sequence[float] = (),
) -> Report:
    """Judge the probabilities `outputs`, (n, classes), of samples of the classes `truth`, (n,).

    `baselines`: the classes that simpler models give for the same samples. `thresholds`: of the second of two classes.
    """
    count, width = outputs.shape
    names = facts.classes
    known = finite_rows(outputs)
    shares = np.where(known[:, None], outputs, 1 / width)
    predicted = np.where(
        known, _said(shares, thresholds), (truth + 1) % width
    )  # an output that is not finite is wrong
    confusion = confusion_matrix(truth, predicted, width)
    present = confusion.sum(axis=1) > 0
    rng = np.random.default_rng(0)
    per_sample = class_losses(shares, truth)
    scores = matrix_scores(confusion[None], present) | means(per_sample)
    bootstrap = matrix_scores(resampled_matrices(confusion, rng), present) | resampled_means(per_sample, rng)
    ones = np.ones((1, count))
    areas = [curve_areas(shares[:, at], truth == at, ones) for at in range(width)]
    scores |= mean_areas(areas, present)
    bins = reliability(shares[known].max(axis=1), shares[known].argmax(axis=1) == truth[known])
    scores["calibration error"] = np.array([calibration_error(bins) if bins else np.nan])
    if width <= MOST_CURVES:
        weights = bootstrap_weights(count, rng)
        drawn = (curve_areas(shares[:, at], truth == at, weights) for at in range(width))
        bootstrap |= mean_areas(list(drawn), present)
    simpler = {
        name: matrix_scores(confusion_matrix(truth, other, width)[None], present)
        for name, other in (baselines or {}).items()
    }
    listed = tuple(_score(name, scores, bootstrap, simpler) for name in scores)
    rows = class_rows(confusion, names, [float(area["ROC AUC"][0]) for area in areas])
    return Report(
        run=run,
        part=part,
        samples=count,
        task=facts.task.value,
        scores=listed,
        verdict=class_verdict(listed, rows, confusion.tolist()),
        classes=rows,
        confusion=tuple(tuple(int(value) for value in row) for row in confusion),
        reliability=bins,
        notes=(*_class_notes(known, names, present), *threshold_notes(thresholds, names[-1:])),
    )


def judge_numbers(
    run: str,
    part: Part,
    outputs: Floats,
    truth: Floats,
    facts: DataFacts,
    baselines: Mapping[str, Floats] | None = None,
) -> Report:
    """Judge the predictions `outputs`, (n,), of the numbers `truth`, (n,), both in the target's unit."""
    known = np.isfinite(outputs)
    notes = []
    if not known.all():
        notes.append(f"{plural(int((~known).sum()), 'output')} not finite, left out of every score.")
    if not truth[known].all():
        notes.append("A target is 0, so there is no mean absolute percentage error.")
    per_sample = error_terms(outputs[known], truth[known])
    scores = error_scores(means(per_sample))
    bootstrap = error_scores(resampled_means(per_sample, np.random.default_rng(0)))
    simpler = {
        name: error_scores(means(error_terms(other[known], truth[known])))
        for name, other in (baselines or {}).items()
    }
    listed = tuple(_score(name, scores, bootstrap, simpler) for name in scores)
    return Report(
        run=run,
        part=part,
        samples=int(known.sum()),
        task=facts.task.value,
        scores=listed,
        verdict=error_verdict(listed),
        notes=tuple(notes),
    )


def judge_targets(
    run: str,
    part: Part,
    outputs: Floats,
    truth: Floats,
    facts: DataFacts,
    baselines: Mapping[str, Floats],
) -> Report:
    """Judge the predictions `outputs`, (n, targets), of several numbers for each sample, `truth`, (n, targets)."""
    known, names = finite_rows(outputs), facts.target_names
    terms = target_terms(outputs[known], truth[known], names)
    scores = target_scores(means(terms), names)
    bootstrap = target_scores(resampled_means(terms, np.random.default_rng(0)), names)
    simpler = {
        name: target_scores(means(target_terms(other[known], truth[known], names)), names)
        for name, other in baselines.items()
    }
    listed = tuple(_score(name, scores, bootstrap, simpler) for name in scores)
    notes = [f"{MEAN_R2} and {MEAN_MAE} are averages over the targets, each of which counts alike."]
    if not known.all():
        notes.append(f"{plural(int((~known).sum()), 'output')} not finite, left out of every score.")
    return Report(
        run=run,
        part=part,
        samples=int(known.sum()),
        task=facts.task.value,
        scores=listed,
        verdict=targets_verdict(listed, names),
        notes=tuple(notes),
    )


def judge_labels(
    run: str, part: Part, outputs: Floats, truth: Labels, facts: DataFacts, thresholds: Sequence[float] = ()
) -> Report:
    """Judge the probabilities `outputs`, (n, labels), of samples that may have several labels, `truth`, (n, labels)."""
    shares = np.where(np.isfinite(outputs), outputs, 0.5)
    predicted = (shares > (np.array(thresholds) if thresholds else 0.5)).astype(np.int64)
    ones = np.ones((1, len(truth)))
    rows = []
    for at, name in enumerate(facts.classes):
        confusion = confusion_matrix(truth[:, at], predicted[:, at], 2)
        area = curve_areas(shares[:, at], truth[:, at] == 1, ones)["ROC AUC"][0]
        (_, row) = class_rows(confusion, ("", name), [float(area)] * 2)
        rows.append(row)
    per_sample = {
        "exact match": (predicted == truth).all(axis=1).astype(np.float64),
        "hamming loss": (predicted != truth).mean(axis=1),
    }
    scores = means(per_sample)
    bootstrap = resampled_means(per_sample, np.random.default_rng(0))
    bins = reliability(outputs[np.isfinite(outputs)], truth[np.isfinite(outputs)] == 1)
    scores["calibration error"] = np.array([calibration_error(bins) if bins else np.nan])
    for name in ("precision", "recall", "f1"):
        known = [value for row in rows if row.support and (value := getattr(row, name)) is not None]
        scores[f"macro {name}"] = np.array([np.sum(known) / max(sum(row.support > 0 for row in rows), 1)])
    listed = tuple(_score(name, scores, bootstrap, {}) for name in scores)
    weakest = min((row for row in rows if row.support), key=lambda row: row.f1 or 0.0, default=None)
    verdict = f"All labels are right for {share_words(listed[0])} of the samples."
    if weakest is not None:
        verdict += f" {weakest.name} is hardest: F1 {format_metric(weakest.f1 or 0.0)}."
    return Report(
        run=run,
        part=part,
        samples=len(truth),
        task=facts.task.value,
        scores=listed,
        verdict=verdict,
        classes=tuple(rows),
        reliability=bins,
        notes=(
            *_class_notes(finite_rows(outputs), facts.classes, truth.sum(axis=0) > 0),
            *threshold_notes(thresholds, facts.classes),
        ),
    )


def _said(shares: Floats, thresholds: Sequence[float]) -> Labels:
    """The predicted class of each sample, (n,)."""
    if len(thresholds) == 1 and shares.shape[1] == 2:
        return np.asarray(shares[:, 1] > thresholds[0], np.int64)
    return np.asarray(shares.argmax(axis=1), np.int64)


# -------------------------------------------------------------------------------------------------- scores


def finite_rows(outputs: Floats) -> NDArray[np.bool_]:
    """Whether all outputs of a sample are finite, (n,)."""
    found: NDArray[np.bool_] = np.all(np.isfinite(outputs), axis=1)
    return found


def confusion_matrix(truth: Labels, predicted: Labels, width: int) -> Labels:
    """(true class, predicted class) → samples."""
    return np.bincount(truth * width + predicted, minlength=width * width).reshape(width, width)


def matrix_scores(matrices: NDArray[np.int64], present: NDArray[np.bool_]) -> Values:
    """What follows from confusion matrices, (resamples, classes, classes). `present`: the classes that are averaged over.

    Precision of a class that is never predicted counts as 0.
    """
    hits = matrices.diagonal(axis1=1, axis2=2).astype(np.float64)
    true, said = matrices.sum(axis=2), matrices.sum(axis=1)
    recall, precision = hits / np.maximum(true, 1), hits / np.maximum(said, 1)
    f1 = 2 * hits / np.maximum(true + said, 1)
    return {
        "accuracy": hits.sum(axis=1) / matrices.sum(axis=(1, 2)),
        "balanced accuracy": recall[:, present].mean(axis=1),
        "macro precision": precision[:, present].mean(axis=1),
        "macro recall": recall[:, present].mean(axis=1),
        "macro F1": f1[:, present].mean(axis=1),
        "weighted F1": (f1 * true).sum(axis=1) / true.sum(axis=1),
    }


def class_losses(shares: Floats, truth: Labels) -> Values:
    """What is averaged over samples, one number for each, (n,)."""
    count, width = shares.shape
    of_truth = shares[np.arange(count), truth]
    aims = np.eye(width)[truth]
    squares = ((shares - aims) ** 2).sum(axis=1)
    found = {
        "log loss": -np.log(np.clip(of_truth, EPSILON, 1.0)),
        "Brier score": squares / 2 if width == 2 else squares,
    }
    for most in (3, 5):
        if width > 2 * most - 1:
            better = (shares > of_truth[:, None]).sum(axis=1)
            found[f"top-{most} accuracy"] = (better < most).astype(np.float64)
    return found


def curve_areas(shares: Floats, positive: NDArray[np.bool_], weights: Floats) -> Values:
    """Area under the ROC curve and average precision of one class, for each row of sample weights, (resamples, n).

    Samples with the same share count as one step, as in scikit-learn. NaN where a class has no sample.
    """
    order = np.argsort(-shares, kind="stable")
    steps = np.append(np.flatnonzero(np.diff(shares[order])), len(order) - 1)
    hits = np.cumsum(weights[:, order] * positive[order], axis=1)[:, steps]
    taken = np.cumsum(weights[:, order], axis=1)[:, steps]
    misses, zero = taken - hits, np.zeros((len(weights), 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        area = np.trapezoid(np.hstack([zero, hits]), np.hstack([zero, misses]), axis=1)
        roc = area / (hits[:, -1] * misses[:, -1])
        precision = hits / np.maximum(taken, EPSILON)
        average = (np.diff(hits, axis=1, prepend=0) * precision).sum(axis=1) / hits[:, -1]
    return {"ROC AUC": roc, "average precision": average}


def mean_areas(areas: Sequence[Values], present: NDArray[np.bool_]) -> Values:
    """Averages over classes, each against all others; of two classes, the second one's."""
    there = present if len(areas) > 2 else np.array([False, True])
    chosen = [area for area, is_there in zip(areas, there, strict=True) if is_there]
    return {name: np.mean([area[name] for area in chosen], axis=0) for name in areas[0]}


def class_rows(confusion: Labels, names: Sequence[str], areas: Sequence[float]) -> tuple[ClassScores, ...]:
    """Numbers about each class."""

    def row(at: int) -> ClassScores:
        hits, true, said = (
            int(value) for value in (confusion[at, at], confusion[at].sum(), confusion[:, at].sum())
        )
        return ClassScores(
            name=names[at],
            support=true,
            precision=hits / said if said else None,
            recall=hits / true if true else None,
            f1=2 * hits / (true + said) if true + said else None,
            roc_auc=_finite(areas[at]),
        )

    return tuple(row(at) for at in range(len(confusion)))


def _score(name: str, scores: Values, bootstrap: Values, simpler: Mapping[str, Values]) -> Score:
    low, high = _interval(bootstrap.get(name))
    others = {
        which: value
        for which, of in simpler.items()
        if name in of and (value := _finite(of[name][0])) is not None
    }
    return Score(name=name, value=_finite(scores[name][0]), low=low, high=high, baselines=others)


def _interval(values: Floats | None) -> tuple[float | None, float | None]:
    if values is None or not np.isfinite(values).any():
        return None, None
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def threshold_notes(thresholds: Sequence[float], names: Sequence[str]) -> Iterator[str]:
    """From which probability on a class is predicted, where that isn't the usual one."""
    if thresholds:
        told = threshold_words(dict(zip(names, thresholds, strict=True)))
        yield f"Predicted with the thresholds that are kept with the run: {told}."


def _class_notes(known: NDArray[np.bool_], names: Sequence[str], present: NDArray[np.bool_]) -> Iterator[str]:
    if not known.all():
        yield f"The outputs for {plural(int((~known).sum()), 'sample')} are not finite; these count as wrong."
    missing = [name for name, there in zip(names, present, strict=True) if not there]
    if missing:
        yield f"No sample is of {join_names(missing)}: averages over classes leave that out."
