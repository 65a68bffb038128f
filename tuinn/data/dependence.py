"""How strongly one column goes with another."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.spec.dataset import Task


def link_of(
    values: NDArray[Any], target: NDArray[Any], category: bool, task: Task
) -> tuple[float | None, str]:
    """How strongly a column goes with the target, and which measure that is.

    Pearson's r for two rows of numbers (two classes count as 0 and 1), the correlation ratio where one of them is
    categories, Cramér's V where both are.
    """
    if task is Task.LABELS or not len(values):
        return None, ""
    known = np.isfinite(values.astype(np.float64)) & np.isfinite(target.astype(np.float64))
    values, target = values[known], target[known]
    numbers = task in (Task.REGRESSION, Task.BINARY)
    if not category:
        return (pearson(values, target), "r") if numbers else (ratio(target, values), "eta")
    return (ratio(values, target), "eta") if task is Task.REGRESSION else (cramer(values, target), "V")


def pearson(one: NDArray[Any], other: NDArray[Any]) -> float | None:
    """Pearson's correlation, -1..1; None where one of the two doesn't vary."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.clip(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()), -1, 1))


def ratio(groups: NDArray[Any], values: NDArray[Any]) -> float | None:
    """The correlation ratio, 0..1: the root of the share of the variance that lies between the groups."""
    numbers = values.astype(np.float64)
    if len(numbers) < 2 or numbers.std() == 0:
        return None
    _, place = np.unique(groups, return_inverse=True)
    sizes = np.bincount(place)
    if len(sizes) < 2:
        return None
    means = np.bincount(place, numbers) / sizes
    between = (sizes * (means - numbers.mean()) ** 2).sum() / len(numbers)
    return float(np.sqrt(np.clip(between / numbers.var(), 0, 1)))


def cramer(one: NDArray[Any], other: NDArray[Any]) -> float | None:
    """Cramér's V, 0..1, without the correction for small samples."""
    _, a = np.unique(one, return_inverse=True)
    _, b = np.unique(other, return_inverse=True)
    if not len(a) or not a.max() or not b.max():
        return None
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / len(a)
    chi = ((table - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi / len(a) / (min(table.shape) - 1)))
