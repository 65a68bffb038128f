"""What the curves of a run are said to show, and when nothing is said."""

import random
from collections.abc import Sequence
from math import exp

import pytest

from tuinn.runs.events import EpochEnded
from tuinn.view.verdict import verdict

Values = Sequence[float | None]


def epochs(train: Values, validation: Values = (), accuracy: float | None = None) -> list[EpochEnded]:
    found = []
    for at, loss in enumerate(train):
        metrics = {"loss": loss} | ({"val_loss": validation[at]} if validation else {})
        metrics |= {"accuracy": accuracy} if accuracy is not None else {}
        found.append(EpochEnded(at=at, epoch=at + 1, metrics=metrics, seconds=1, learning_rate=1e-3))
    return found


FALLING = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
TURNING = (1.0, 0.8, 0.7, 0.72, 0.75, 0.8, 0.85, 0.9)
SETTLED = (1.0, 0.6, 0.42, 0.401, 0.4, 0.4, 0.4, 0.4)


@pytest.mark.parametrize(
    ("train", "validation", "result", "words"),
    [
        (
            FALLING,
            TURNING,
            "overfitting",
            "val loss is lowest in epoch 3 and has risen by 0.2 since: overfitting.",
        ),
        (
            FALLING,
            FALLING,
            "improving",
            "val loss was still falling at the end, by 0.3 in 3 epochs: train longer.",
        ),
        (
            (2.303,) * 6,
            (2.303,) * 6,
            "flat",
            "train loss has stayed at 2.3030 for 6 epochs: nothing is learned.",
        ),
        (
            (1.0, 0.9, 3.0, 9.0, 27.0),
            (1.0, 1.0, 3.0, 9.0, 27.0),
            "diverged",
            "train loss has risen from 0.9000 in epoch 2 to 27.00: the training diverges.",
        ),
        ((1.0, None), (1.0, 1.0), "diverged", "loss is not finite since epoch 2: the training diverged."),
        (
            (1.0, 0.9),
            (1.0, None),
            "diverged",
            "val loss is not finite since epoch 2: the training diverged.",
        ),
        (
            FALLING,
            (),
            "unvalidated",
            "Nothing is kept to validate on, so overfitting can't be seen.",
        ),
    ],
)
def test_the_sentence_tells_the_numbers(train: Values, validation: Values, result: str, words: str) -> None:
    found = verdict(epochs(train, validation), complete=True)
    assert found is not None
    assert (found.result, found.words) == (result, words)


@pytest.mark.parametrize(
    ("train", "validation", "accuracy"),
    [
        ((), (), None),
        ((1.0, 0.5), (1.0, 1.5), None),  # too short
        ((1.0, 0.5, 0.4, 0.3), (1.0, 1.5, 1.8, 2.0), None),
        (SETTLED, SETTLED, None),  # it has converged
        (FALLING, (1.0, 0.8, 0.6, 0.5, 0.45, 0.44, 0.46, 0.44), None),  # it hardly rises
        ((1.0, 0.9, 0.85, 0.8, 0.9, 1.0, 1.1, 1.2), TURNING, None),  # the training gets worse, too
        ((0.01,) * 6, (0.01,) * 6, 0.99),  # it was solved from the start
    ],
)
def test_nothing_is_said_of_short_runs_and_of_good_ones(
    train: Values, validation: Values, accuracy: float | None
) -> None:
    assert verdict(epochs(train, validation, accuracy), complete=True) is None


def test_that_it_still_falls_is_said_of_a_run_that_is_complete_alone() -> None:
    assert verdict(epochs(FALLING, FALLING), complete=False) is None


@pytest.mark.parametrize("length", [10, 20, 60, 300, 1000])
def test_noise_is_hardly_ever_taken_for_a_result(length: int) -> None:
    said = 0
    for seed in range(60):
        chance = random.Random(seed)
        train = [0.3 + exp(-at) for at in range(length)]
        validation = [0.4 + exp(-at) + chance.gauss(0, 0.02) for at in range(length)]
        said += verdict(epochs(train, validation), complete=True) is not None
    assert said <= 3


def test_overfitting_is_found_behind_noise() -> None:
    chance = random.Random(1)
    train = [0.07 + 1.1 * exp(-at / 4) for at in range(60)]
    validation = [
        0.36 + 0.75 * exp(-at / 5) + 0.0045 * max(0, at - 19) + chance.gauss(0, 0.012) for at in range(60)
    ]
    found = verdict(epochs(train, validation), complete=False)
    assert found is not None
    assert found.result == "overfitting"
