"""Scores over bootstrap samples (Efron & Tibshirani 1993): as many samples, drawn with replacement, again and again."""

import numpy as np
from numpy.typing import NDArray

from tuinn.worker.inference.number_scores import Floats, Values

Labels = NDArray[np.int64]

RESAMPLES, LEAST_RESAMPLES = 1000, 200
"""Bootstrap samples of a score that is a mean, or follows from the confusion matrix."""

MOST_DRAWN = 10_000_000
"""Samples that are drawn for all of them, at most; fewer bootstrap samples of a large test set do."""

CURVE_RESAMPLES, MOST_CURVES = 100, 20
"""Bootstrap samples of areas under curves, which take longer, and classes up to which they have an interval."""

CHUNK = 1_000_000
"""Samples that are drawn at once."""


def means(per_sample: Values) -> Values:
    """The averages themselves."""
    return {name: values.mean(keepdims=True) for name, values in per_sample.items()}


def resampled_matrices(confusion: Labels, rng: np.random.Generator) -> NDArray[np.int64]:
    """Confusion matrices of bootstrap samples: to draw samples is to draw cells as often as they have samples."""
    count = int(confusion.sum())
    drawn = rng.multinomial(count, confusion.ravel() / count, size=RESAMPLES)
    return drawn.reshape(-1, *confusion.shape)


def resampled_means(per_sample: Values, rng: np.random.Generator) -> Values:
    """The averages over bootstrap samples."""
    table = np.column_stack(list(per_sample.values()))
    count = len(table)
    drawn = max(LEAST_RESAMPLES, min(RESAMPLES, MOST_DRAWN // count))
    rows = max(1, CHUNK // count)
    parts = [
        bootstrap_weights(count, rng, min(rows, drawn - start)) @ table / count
        for start in range(0, drawn, rows)
    ]
    return dict(zip(per_sample, np.concatenate(parts).T, strict=True))


def bootstrap_weights(count: int, rng: np.random.Generator, drawn: int = CURVE_RESAMPLES) -> Floats:
    """How often each sample was drawn, (drawn, count): faster than to pick the drawn ones."""
    picked = rng.integers(count, size=(drawn, count), dtype=np.int32)
    return np.stack([np.bincount(row, minlength=count) for row in picked]).astype(np.float64)
