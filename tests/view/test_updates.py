"""What one update is, and how many there are: 60,000 samples in batches of 128 are 469."""

import pytest

from tests.factories import opening
from tuinn.runs.events import AnyEvent, BatchEnded, DataLoaded, EpochStarted
from tuinn.view.run_view import RunView
from tuinn.view.updates import Updates


def folded(*events: AnyEvent) -> RunView:
    view = RunView()
    for event in events:
        view.apply(event)
    return view


def loaded(train: int, validation: int = 0) -> DataLoaded:
    return DataLoaded(
        at=1.0, name="mnist", train=train, validation=validation, test=1, shape=(28, 28), classes=()
    )


@pytest.mark.parametrize(
    ("train", "batch", "each", "last"), [(60_000, 128, 469, 96), (54_000, 128, 422, 112), (128, 128, 1, 128), (10, 128, 1, 10)]
)  # fmt: skip
def test_updates_of_an_epoch_are_samples_by_batch_size_rounded_up(
    train: int, batch: int, each: int, last: int
) -> None:
    told = Updates.of(folded(loaded(train)), batch)
    assert told is not None
    assert (told.each, told.last_batch) == (each, last)


def test_how_far_a_run_is_in_updates_and_samples() -> None:
    view = folded(loaded(60_000, 500), EpochStarted(at=2.0, epoch=3, steps=469))
    view.epochs = 5
    view.apply(BatchEnded(at=3.0, epoch=3, step=137, samples=137 * 128, metrics={"loss": 0.5}))
    told = Updates.of(view, 128)
    assert told is not None
    assert told.now() == "epoch 3 of 5 · update 137 of 469 · 1,075 in all · 17,536 of 60,000 samples"
    words = dict(told.explanations())
    assert "60,000 / 128 → 469 updates, the last batch of 96." in words["an epoch"]
    assert words["the run"] == "5 epochs × 469 = 2,345 updates."
    assert words["validation"].startswith("After it 500 samples are predicted")


def test_nothing_is_said_before_the_data_are_read() -> None:
    assert Updates.of(RunView(), 128) is None
    told = Updates.of(folded(*opening()), 128)
    assert told is not None
    assert told.weights > 0
