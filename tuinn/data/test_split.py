"""Keep a share of one's own samples aside for the test, where the data bring none."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices, split

SEED = 0
"""The test set is a matter of the data, not of a run: it is the same for every seed of a run."""


def apart(count: int, share: float, labels: NDArray[Any] | None = None) -> tuple[Indices, Indices]:
    """Indices to train on and indices to test on, disjoint and complete, each in an order that mixes the classes.

    With `labels`, (count,), every class gives its share, but keeps at least one sample to train on.
    """
    training, test = split(count, share, SEED, labels)
    if labels is not None:
        learned = np.isin(labels[test], labels[training])
        training, test = np.concatenate([training, test[~learned]]), test[learned]
    return mixed(training), mixed(test)


def mixed(places: Indices) -> Indices:
    """In an order of their own, the same each time: any first few of them stand for the rest."""
    return places[np.random.default_rng(SEED).permutation(len(places))]
