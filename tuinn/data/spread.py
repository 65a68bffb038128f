"""How some numbers lie: ends, mean, a histogram, gaps."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 36
"""Of a histogram."""


@dataclass(frozen=True)
class Spread:
    """How some numbers lie, in their own unit."""

    count: int
    """Finite ones."""
    missing: int
    """NaN or infinite."""
    low: float = 0.0
    mean: float = 0.0
    deviation: float = 0.0
    """Standard deviation, divided by the count."""
    high: float = 0.0
    bins: tuple[int, ...] = ()
    """How many fall into each of BINS equal parts of low..high, or have each of a few whole numbers; empty where
    there is nothing to count."""

    @property
    def is_peaked(self) -> bool:
        """One part holds so much that all others would look empty."""
        return bool(self.bins) and max(self.bins) > 12 * sorted(self.bins)[len(self.bins) // 2]

    @classmethod
    def of(cls, values: NDArray[Any]) -> "Spread":
        """Of any number of values of any shape."""
        flat = np.asarray(values).ravel()
        whole = flat.astype(np.float64, copy=False)
        finite = whole[np.isfinite(whole)]
        missing = len(whole) - len(finite)
        if not len(finite):
            return cls(0, missing)
        low, high = float(finite.min()), float(finite.max())
        mean, deviation = float(finite.mean()), float(finite.std())
        if high <= low:
            counts = np.array([len(finite)])
        elif high - low < BINS and (finite == np.rint(finite)).all():
            counts = np.bincount((finite - low).astype(np.int64))  # whole numbers: one part for each
        else:
            counts = np.histogram(finite, BINS, (low, high))[0]
        return cls(len(finite), missing, low, mean, deviation, high, tuple(int(n) for n in counts))
