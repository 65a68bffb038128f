"""Scores of a regression, from averages over its samples, of one target or of several.

What is averaged can be averaged over bootstrap samples as well. The definitions are scikit-learn's.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tuinn.runs.report import MEAN_MAE, MEAN_R2

Floats = NDArray[np.float64]
Values = dict[str, Floats]
"""Score → one value per bootstrap sample, (resamples,); (1,) for the samples themselves."""


def error_terms(outputs: Floats, truth: Floats) -> Values:
    """What is averaged over samples, (n,) each; those of the targets alone count from their mean, lest digits be lost."""
    error, apart = outputs - truth, truth - (truth.mean() if truth.size else 0.0)
    found = {"absolute": np.abs(error), "square": error**2, "target": apart, "target square": apart**2}
    if truth.all():
        found["relative"] = np.abs(error / truth)
    return found


def error_scores(averages: Values) -> Values:
    """The scores of a regression, from the averages of its `error_terms`."""
    spread = averages["target square"] - averages["target"] ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = np.where(spread > 0, 1 - averages["square"] / spread, np.nan)
    found = {"MAE": averages["absolute"], "RMSE": np.sqrt(averages["square"]), "R²": explained}
    if "relative" in averages:
        found["MAPE"] = averages["relative"]
    return found


def target_terms(outputs: Floats, truth: Floats, names: Sequence[str]) -> Values:
    """`error_terms` of each target, as `term of name`."""
    return {
        f"{term} of {name}": values
        for at, name in enumerate(names)
        for term, values in error_terms(outputs[:, at], truth[:, at]).items()
    }


def target_scores(averages: Values, names: Sequence[str]) -> Values:
    """Scores on the whole, then those of each target, from the averages of their `target_terms`.

    On the whole they are scikit-learn's `multioutput="uniform_average"`.
    """
    found: Values = {}
    for name in names:
        end = f" of {name}"
        own = {term.removesuffix(end): values for term, values in averages.items() if term.endswith(end)}
        found |= {f"{score}{end}": values for score, values in error_scores(own).items()}
    whole = {
        MEAN_R2: np.mean([found[f"R² of {name}"] for name in names], axis=0),
        MEAN_MAE: np.mean([found[f"MAE of {name}"] for name in names], axis=0),
    }
    return whole | found
