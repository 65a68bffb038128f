"""What is odd about any dataset: samples that occur twice, classes that are rare or missing from a part."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tuinn.spec.dataset import Finding
from tuinn.text import join_names, shorten

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


MIN_SAMPLES = 5
"""Training samples of a class below which nothing can be learned of it."""


def label_findings(train: Sequence[int], test: Sequence[int], classes: Sequence[str]) -> Iterator[Finding]:
    """From how many samples of each class there are, in the order of `classes`."""
    rare = [name for name, count in zip(classes, train, strict=True) if count < MIN_SAMPLES]
    if rare:
        fewest = min(range(len(train)), key=train.__getitem__)
        have = "samples" if train[fewest] != 1 else "sample"
        who = join_names(rare)
        yield Finding(
            f"{who} {'have' if len(rare) > 1 else 'has'} fewer than {MIN_SAMPLES} samples to learn from "
            f"({shorten(classes[fewest], 60)}: {train[fewest]} {have}); add some, or leave the class out."
        )
    if min(train):
        yield from imbalance(list(train), tuple(classes))
    absent = [name for name, count in zip(classes, test, strict=True) if not count]
    if absent and len(absent) < len(classes):
        yield Finding(f"No test sample shows {join_names(absent)}, so the test says nothing of it.")


IMBALANCE = 4
"""A class this many times as large as another is worth a word."""


def imbalance(counts: list[int], classes: tuple[str, ...]) -> Iterator[Finding]:
    """`counts`: training samples of each class."""
    most, least = counts.index(max(counts)), counts.index(min(counts))
    if counts[most] < IMBALANCE * counts[least]:
        return
    rows = "sample" if counts[least] == 1 else "samples"
    yield Finding(
        f"The classes are lopsided: {counts[most]:,} samples of {shown(classes[most])}, "
        f"{counts[least]:,} {rows} of {shown(classes[least])}.",
        fix="let every class weigh the same",
        settings={"fit.class_weights": "balanced"},
    )


def shown(name: str) -> str:
    """A name from the file as it stands in a sentence."""
    return shorten(name, 40)
