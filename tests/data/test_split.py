"""The validation part: disjoint, complete, of the right size, and fair to every class."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers

from tuinn.data.split import split

COUNTS = integers(0, 300)
SHARES = floats(0, 1)
SEEDS = integers(0, 2**32)
LABELS = arrays(np.uint8, integers(1, 300), elements=integers(0, 9))


@given(COUNTS, SHARES, SEEDS)
def test_the_two_parts_share_nothing_and_lose_nothing(count: int, share: float, seed: int) -> None:
    train, validation = split(count, share, seed)
    assert sorted([*train, *validation]) == list(range(count))
    assert train.dtype == validation.dtype == np.int64


@given(LABELS, SHARES, SEEDS)
def test_by_class_too_nothing_is_shared_and_nothing_lost(
    labels: npt.NDArray[np.int64], share: float, seed: int
) -> None:
    train, validation = split(len(labels), share, seed, labels)
    assert sorted([*train, *validation]) == list(range(len(labels)))


@given(LABELS, SHARES, SEEDS)
def test_the_validation_part_has_its_share_and_leaves_one_sample_to_train_on(
    labels: npt.NDArray[np.int64], share: float, seed: int
) -> None:
    wanted = min(round(share * len(labels)), len(labels) - 1)
    for given_labels in (None, labels):
        train, validation = split(len(labels), share, seed, given_labels)
        assert len(validation) == wanted
        assert len(train) >= 1


@given(LABELS, SHARES, SEEDS)
def test_every_class_gives_its_share_to_within_one_sample(
    labels: npt.NDArray[np.int64], share: float, seed: int
) -> None:
    _, validation = split(len(labels), share, seed, labels)
    every, aside = np.bincount(labels, minlength=10), np.bincount(labels[validation], minlength=10)
    assert np.abs(aside - every * len(validation) / len(labels)).max() < 1


@given(LABELS, SHARES, SEEDS)
def test_the_same_seed_gives_the_same_split_in_ascending_order(
    labels: npt.NDArray[np.int64], share: float, seed: int
) -> None:
    first, again = split(len(labels), share, seed, labels), split(len(labels), share, seed, labels)
    for part, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(part, same)
        assert (np.diff(part) > 0).all()


def test_another_seed_gives_another_split() -> None:
    assert split(1_000, 0.1, seed=1)[1].tolist() != split(1_000, 0.1, seed=2)[1].tolist()


def test_a_share_of_zero_keeps_nothing_aside() -> None:
    train, validation = split(10, 0.0, seed=1)
    assert (train.tolist(), validation.tolist()) == (list(range(10)), [])
