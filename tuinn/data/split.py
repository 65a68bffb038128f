"""Keep a share of the training samples aside to validate on."""

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def split(
    count: int, share: float, seed: int, labels: NDArray[np.generic] | None = None
) -> tuple[Indices, Indices]:
    """Indices to train on and indices to validate on: disjoint, complete, both ascending.

    `count` samples, of which round(share × count) go to validation, but never all of them: the training part
    keeps at least one. The same `seed` (0 or more) gives the same split.

    With `labels`, of shape (count,), every class gives its share to within one sample. What is left over
    after rounding down goes to the classes with the largest remainders (Hamilton's method).
    """
    kept = max(0, min(round(share * count), count - 1))
    shuffled = np.random.default_rng(seed).permutation(count)
    if labels is None:
        chosen = shuffled[:kept]
    else:
        _, place = np.unique(labels, return_inverse=True)
        members = [shuffled[place[shuffled] == at] for at in range(place.max(initial=-1) + 1)]
        quotas = apportion(np.array([len(group) for group in members], dtype=np.int64), kept)
        chosen = np.concatenate(
            [shuffled[:0], *(group[:n] for group, n in zip(members, quotas, strict=True))]
        )
    aside = np.zeros(count, dtype=bool)
    aside[chosen] = True
    return np.flatnonzero(~aside).astype(np.int64), np.flatnonzero(aside).astype(np.int64)


def split_last(count: int, share: float, gap: int = 0) -> tuple[Indices, Indices]:
    """Indices to train on, and the last round(share × count) of them to validate on; as `split`, but in the order they are.

    `gap`: so many before those are in neither part, but the training part keeps at least one.
    """
    kept = max(0, min(round(share * count), count - 1))
    start = count - kept
    order = np.arange(count, dtype=np.int64)
    return order[: max(1, start - gap) if kept else start], order[start:]


def apportion(sizes: Indices, kept: int) -> Indices:
    """How many of `kept` places each group gets, in proportion to its size, by largest remainder."""
    total = int(sizes.sum())
    if not total:
        return sizes
    quotas, remainders = np.divmod(sizes * kept, total)
    rest = kept - int(quotas.sum())
    quotas[np.argsort(-remainders, kind="stable")[:rest]] += 1
    return quotas


SEED = 0
"""The test set is a matter of the data, not of a run: it is the same for every seed of a run."""


def split_test(
    count: int, share: float, labels: NDArray[np.generic] | None = None
) -> tuple[Indices, Indices]:
    """Indices to train on and indices to test on, disjoint and complete, each in an order that mixes the classes.

    With `labels`, (count,), every class gives its share, but keeps at least one sample to train on.
    """
    training, test = split(count, share, SEED, labels)
    if labels is not None:
        learned = np.isin(labels[test], labels[training])
        training, test = np.concatenate([training, test[~learned]]), test[learned]
    return shuffle(training), shuffle(test)


def shuffle(places: Indices) -> Indices:
    """In an order of their own, the same each time: any first few of them stand for the rest."""
    return places[np.random.default_rng(SEED).permutation(len(places))]
