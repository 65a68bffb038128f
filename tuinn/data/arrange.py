"""Which samples are shown, and in which order."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.statistics import places


def arranged(labels: NDArray[Any], chosen: int | None = None, seed: int | None = None) -> NDArray[np.int64]:
    """Indices into `labels`, (n,) or (n, classes): those of one class or all, as stored or shuffled.

    The same seed gives the same order.
    """
    if chosen is None:
        order = np.arange(len(labels))
    elif labels.ndim == 2:
        order = np.flatnonzero(labels[:, chosen] > 0)
    else:
        order = np.flatnonzero(labels == chosen)
    if seed is not None:
        order = np.random.default_rng(seed).permutation(order)
    return order.astype(np.int64)


def some_of_each(labels: NDArray[Any], most: int) -> list[int]:
    """At most so many indices, classes taking turns: the first sample of each, then the second of each."""
    if labels.ndim == 2 or not np.issubdtype(labels.dtype, np.integer):
        return [int(at) for at in places(len(labels), most)]
    _, place = np.unique(labels, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(place.max(initial=-1) + 1))
    turn = np.empty(len(labels), np.int64)
    turn[order] = np.arange(len(labels)) - starts[place[order]]
    return [int(at) for at in np.lexsort((place, turn))[:most]]
