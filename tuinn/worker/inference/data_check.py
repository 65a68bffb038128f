"""Slices of the test samples that do badly, and whether a small model can tell test samples from training samples.

The interval of a share is Wilson's (1927). The small model is scikit-learn's random forest, asked about samples that its trees
have not seen (out of bag).
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from math import prod

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.predictions import wrong_predictions
from tuinn.runs.data_check import DataCheck, Slice
from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import format_number
from tuinn.worker.inference.bootstrap import bootstrap_weights
from tuinn.worker.inference.report import curve_areas
from tuinn.worker.keras_types import Array
from tuinn.worker.model.network import SampleRows

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
Group = tuple[str, Bools]
"""What samples have in common, and which ones have it, (n,)."""

LEAST = 10
"""Samples of a slice."""

MOST_SLICES = 8

MOST_COLUMNS, MOST_WORDS = 60, 12
"""Columns of a table, and words of one, that slices are made of."""

COMPARED, MOST_FEATURES, LEAST_COMPARED = 2_000, 1_024, 20
"""Samples of each kind and numbers of a sample that the small model sees, and samples that it needs."""

TREES, DEPTH = 100, 8

Z = 1.96

CHUNK = 200
"""Samples that are read at once."""


def check_data(
    arrays: Arrays,
    training: NDArray[np.int64],
    outputs: NDArray[np.float32],
    facts: DataFacts,
    thresholds: Sequence[float],
) -> DataCheck:
    """Check the test samples, for which the network gives `outputs`. `training`: places of the samples that are trained on."""
    wrong = wrong_predictions(outputs, arrays.y_test, facts.task, thresholds)
    found: tuple[int, tuple[Slice, ...]] = (0, ())
    if wrong is not None:
        found = worst_slices(~wrong, arrays.y_test, list(groups(arrays.x_test, facts)), facts)
    area, interval, compared, telling = told_apart(arrays, training, facts)
    right = None if wrong is None or not len(wrong) else float(1 - wrong.mean())
    return DataCheck(len(outputs), right, *found, area, *interval, compared, telling)


# ------------------------------------------------------------------------------------------------------ slices


def worst_slices(
    right: Bools, truth: NDArray[np.generic], common: Sequence[Group], facts: DataFacts
) -> tuple[int, tuple[Slice, ...]]:
    """How many slices were looked at, and those that are surely worse than all samples together."""
    classes = (
        []
        if facts.task is Task.LABELS
        else [(name, np.asarray(truth == label)) for label, name in enumerate(facts.classes)]
    )
    # One after the other: there may be thousands, of as many samples as there are.
    both = ((f"{name}, {what}", of & which) for name, of in classes for what, which in common)
    judged = [
        _slice(name, right[which]) for name, which in chain(classes, common, both) if which.sum() >= LEAST
    ]
    mean = float(right.mean()) if len(right) else 1.0
    worst = sorted((one for one in judged if one.high < mean), key=lambda one: (one.high, one.name))
    return len(judged), tuple(worst[:MOST_SLICES])


def _slice(name: str, right: Bools) -> Slice:
    low, high = wilson(int(right.sum()), len(right))
    return Slice(name, len(right), float(right.mean()), low, high)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    share, spread = hits / count, Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * np.sqrt(share * (1 - share) / count + spread / (4 * count))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def groups(rows: SampleRows, facts: DataFacts) -> Iterator[Group]:
    """What samples have in common: the range of a column or its word, brightness, or length."""
    if facts.is_table:
        for at in range(min(facts.shape[0], MOST_COLUMNS)):
            column = _column(rows, at)
            known = facts.columns[at] if facts.columns else None
            if known is not None and known.kind == "category":
                for code, word in enumerate(known.vocabulary[:MOST_WORDS], start=1):
                    yield f"{facts.feature(at)} {word}", column == code
            else:
                yield from _thirds(facts.feature(at), column)
    elif facts.is_text:
        lengths = _numbers(rows, lambda part: np.array([len(str(text).split()) for text in part]))
        yield from _named_thirds(("short", "of middle length", "long"), lengths)
    elif facts.words:
        yield from _named_thirds(
            ("short", "of middle length", "long"), _numbers(rows, lambda part: (part != 0).sum(axis=1))
        )
    elif len(facts.shape) > 1:
        means = _numbers(rows, lambda part: part.reshape(len(part), -1).mean(axis=1))
        yield from _named_thirds(("dark", "of middle brightness", "bright"), means)


def _numbers(rows: SampleRows, of: Callable[[Array], object]) -> Floats:
    """A number for each sample, (n,), read in parts."""
    parts = [np.asarray(of(rows[at : at + CHUNK]), np.float64) for at in range(0, len(rows), CHUNK)]
    return np.concatenate(parts) if parts else np.empty(0)


def _column(rows: SampleRows, at: int) -> Floats:
    return _numbers(rows, lambda part: part[:, at])


def _thirds(name: str, values: Floats) -> Iterator[Group]:
    """Low, middle and high values; each value by itself where there are few, and gaps."""
    finite = np.isfinite(values)
    if (~finite).any():
        yield f"{name} missing", ~finite
    known = np.unique(values[finite])
    if len(known) <= 4:
        for value in known if len(known) > 1 else ():
            yield f"{name} {format_number(float(value))}", values == value
        return
    low, high = (float(edge) for edge in np.quantile(values[finite], [1 / 3, 2 / 3]))
    yield f"{name} up to {format_number(low)}", finite & (values <= low)
    yield f"{name} {format_number(low)} to {format_number(high)}", finite & (values > low) & (values <= high)
    yield f"{name} above {format_number(high)}", finite & (values > high)


def _named_thirds(names: tuple[str, str, str], values: Floats) -> Iterator[Group]:
    if len(np.unique(values)) > 2:
        low, high = np.quantile(values, [1 / 3, 2 / 3])
        yield names[0], values <= low
        yield names[1], (values > low) & (values <= high)
        yield names[2], values > high


# -------------------------------------------------------------------------------------------- train against test


def told_apart(
    arrays: Arrays, training: NDArray[np.int64], facts: DataFacts
) -> tuple[float | None, tuple[float | None, float | None], int, tuple[str, ...]]:
    """Area under the curve of a small model that tells test from training samples, its interval, how many samples of each
    it was shown, and the columns that tell most."""
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(0)
    test = np.arange(len(arrays.x_test), dtype=np.int64)
    count = min(len(training), len(test), COMPARED)
    if count < LEAST_COMPARED:
        return None, (None, None), count, ()
    chosen = [np.sort(rng.permutation(places)[:count]) for places in (training, test)]
    width = MOST_FEATURES if facts.is_text or facts.words else prod(facts.shape)
    columns = np.sort(rng.permutation(width)[:MOST_FEATURES])
    x = np.concatenate(
        [
            features(rows, places, columns, facts)
            for rows, places in zip((arrays.x_train, arrays.x_test), chosen, strict=True)
        ]
    )
    is_test = np.arange(2 * count) >= count
    forest = RandomForestClassifier(
        TREES, max_depth=DEPTH, min_samples_leaf=5, oob_score=True, bootstrap=True, random_state=0
    )
    forest.fit(x, is_test)
    shares = np.nan_to_num(forest.oob_decision_function_[:, 1], nan=0.5)
    area = float(curve_areas(shares, is_test, np.ones((1, len(x))))["ROC AUC"][0])
    drawn = curve_areas(shares, is_test, bootstrap_weights(len(x), rng))["ROC AUC"]
    low, high = (float(edge) for edge in np.nanpercentile(drawn, [2.5, 97.5]))
    order = columns[np.argsort(-forest.feature_importances_, kind="stable")]
    names = tuple(facts.feature(int(at)) for at in order[:3]) if facts.is_table and low > 0.5 else ()
    return area, (low, high), count, names


def features(rows: object, places: Places, columns: Places, facts: DataFacts) -> Floats:
    """Numbers of these samples, (n, columns): pixels, columns of a table, or counts of words. Read in parts."""
    parts = [
        _features(rows[places[at : at + CHUNK]], columns, facts)  # type: ignore[index]  # arrays and texts take places
        for at in range(0, len(places), CHUNK)
    ]
    return np.concatenate(parts)


def _features(some: Array, columns: Places, facts: DataFacts) -> Floats:
    if facts.is_text or facts.words:
        from sklearn.feature_extraction.text import HashingVectorizer

        texts = [text if isinstance(text, str) else " ".join(map(str, text)) for text in some]
        counts = HashingVectorizer(n_features=MOST_FEATURES, alternate_sign=False).transform(texts)
        return np.asarray(counts.toarray(), np.float64)[:, columns]
    flat = np.asarray(some).reshape(len(some), -1)[:, columns]
    return np.nan_to_num(flat.astype(np.float64), nan=0.0)
