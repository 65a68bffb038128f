"""Samples that are there more than once, and in the test what was trained on."""

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tuinn.spec.dataset import Finding
from tuinn.text import shorten

TOLERATED_SHARE = 0.01
"""The share of doubles in the training set from which on they are worth a word."""

RowHashes = NDArray[np.int64]
"""(n,): equal for equal samples; 0 for a sample that is left out."""


def leave_out_duplicates(train: RowHashes, test: RowHashes, wanted: NDArray[np.bool_]) -> int:
    """Take test samples that are trained on as well out of `wanted`, unless none would be left; how many those are."""
    doubles = wanted & np.isin(test, train[train != 0])
    if doubles.sum() == wanted.sum():
        return 0
    wanted &= ~doubles
    return int(doubles.sum())


def duplicate_findings(
    train: RowHashes,
    labels: NDArray[np.generic] | None,
    test: RowHashes,
    what: str,
    left_out: int = 0,
    name: Callable[[int], str] | None = None,
) -> Iterator[Finding]:
    """`labels` of the training samples, where each has one class; `what` they are, such as `images`; `name` of one.

    `left_out`: how many the test lost already because they are trained on.
    """
    learned, asked = train[train != 0], test[test != 0]
    different = len(np.unique(learned))
    if different == 1 and len(learned) > 1:
        yield Finding(f"All training {what} are the same, so there is nothing to learn from them.")
        return
    twice = len(learned) - different
    if twice > TOLERATED_SHARE * len(learned):
        yield Finding(f"{twice:,} of {len(learned):,} training {what} {be(twice)} there more than once.")
    clashes = label_conflicts(train, labels) if labels is not None else train[:0]
    if len(clashes):
        such = f", such as {shorten(name(int(clashes[0])), 100)}" if name else ""
        yield Finding(
            f"{counted(len(clashes), what)} {be(len(clashes))} there with another class as well{such}."
        )
    if left_out:
        yield Finding(
            f"{counted(left_out, what)} kept aside for the test {be(left_out)} trained on as well, so the test leaves "
            f"{'it' if left_out == 1 else 'them'} out."
        )
    elif shared := int(np.isin(asked, learned).sum()):
        yield Finding(
            f"{shared:,} of {len(asked):,} test {what} {be(shared)} trained on as well, so the test flatters the network. "
            "Remove them from one of the two."
        )


def counted(number: int, what: str) -> str:
    """`1 image`, `5 images`."""
    return f"{number:,} {what.removesuffix('s') if number == 1 else what}"


def be(number: int) -> str:
    return "is" if number == 1 else "are"


def label_conflicts(digests: RowHashes, labels: NDArray[np.generic]) -> NDArray[np.int64]:
    """Places of samples that occur with another label, too, but for the first label of each."""
    order = np.lexsort((labels, digests))
    same, other = np.diff(digests[order]) == 0, np.diff(labels[order]) != 0
    return np.asarray(order[1:][same & other & (digests[order][1:] != 0)])


def row_hashes(rows: NDArray[np.generic]) -> NDArray[np.int64]:
    """(n,): equal for equal rows, never 0; a random linear function of their bytes, modulo 2^63.

    Rows that differ get the same number once in some 10^18 pairs.
    """
    raw = np.ascontiguousarray(rows).reshape(len(rows), -1).view(np.uint8)
    words = -(-raw.shape[1] // 8)
    if raw.shape[1] % 8:
        padded = np.zeros((len(rows), words * 8), np.uint8)
        padded[:, : raw.shape[1]] = raw
        raw = padded
    mixed = np.einsum("nw,w->n", raw.view(np.uint64), hash_factors(words))
    return np.asarray((mixed >> np.uint64(1)).astype(np.int64)) | np.int64(1)


@lru_cache(maxsize=4)
def hash_factors(words: int) -> NDArray[np.uint64]:
    """Odd and random, the same in every process."""
    return np.random.default_rng(0).integers(0, 2**64, words, dtype=np.uint64, endpoint=False) | np.uint64(1)
