"""A training that was stopped and resumed is the same training, to the last digit."""

import itertools
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.worker.conftest import Then, Train, Training
from tuinn.runs.commands import Stop
from tuinn.runs.events import BatchEnded, Checkpointed, EpochEnded, EpochStarted, Event
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack
from tuinn.worker.checkpoints.checkpoint import Checkpoint

pytestmark = pytest.mark.tf

EPOCHS = 6


def digits(**more: Any) -> RunSpec:
    """Every random thing there is: shuffling, augmentation, noise and dropout."""
    return RunSpec(
        DatasetSpec("digits"),
        stack(
            LayerSpec.of("Rescaling", scale=1 / 16),
            LayerSpec.of("Reshape", target_shape=[8, 8, 1]),
            LayerSpec.of("RandomFlip"),
            LayerSpec.of("RandomRotation", factor=0.1),
            LayerSpec.of("GaussianNoise", stddev=0.3),
            LayerSpec.of("Flatten"),
            LayerSpec.of("Dense", units=16, activation="relu"),
            LayerSpec.of("BatchNormalization"),
            LayerSpec.of("Dropout", rate=0.4),
            LayerSpec.of("Dense", units=10, activation="softmax"),
        ),
        FitSpec(**{"epochs": EPOCHS, "batch_size": 16, "seed": 3, **more}),
    )


def epoch_metrics(*trainings: Training) -> dict[int, dict[str, float | None]]:
    """The metrics of each epoch; what came later counts."""
    return {
        event.epoch: event.metrics
        for event in itertools.chain(*(training.events_of(EpochEnded) for training in trainings))
    }


def stop_at(kind: type[BatchEnded | EpochEnded], epoch: int) -> Then:
    """Stop the training when it says this for the second time in an epoch, or the first time of an EpochEnded."""
    seen = []

    def then(event: Event, folder: RunFolder) -> None:
        if isinstance(event, kind) and event.epoch == epoch:
            seen.append(event)
            if len(seen) == (2 if kind is BatchEnded else 1):
                folder.ask(Stop())

    return then


def assert_same(one: dict[int, dict[str, float | None]], other: dict[int, dict[str, float | None]]) -> None:
    assert one.keys() == other.keys()
    for epoch in one:
        assert one[epoch] == pytest.approx(other[epoch], abs=1e-6), f"epoch {epoch}"


@pytest.mark.parametrize(
    "fit",
    [
        {},
        {"schedule": "cosine"},
        {"schedule": "reduce_on_plateau", "patience": 1, "early_stopping_patience": 3},
        {"optimizer": "sgd"},
    ],
    ids=str,
)
def test_a_training_stopped_after_an_epoch_and_resumed_is_the_same_as_one_straight_through(
    train: Train, fit: dict[str, object]
) -> None:
    spec = digits(**fit)
    straight = train(spec)
    first = train(spec, then=stop_at(EpochEnded, 3))
    assert first.ending.outcome == "stopped"
    second = train(spec, resume=first.folder)
    assert second.ending == straight.ending
    assert_same(epoch_metrics(first, second), epoch_metrics(straight))
    for one, other in zip(
        second.evaluator.model.get_weights(), straight.evaluator.model.get_weights(), strict=True
    ):
        assert np.allclose(one, other, atol=1e-6)


def test_a_training_stopped_in_mid_epoch_and_resumed_is_the_same_as_one_straight_through(
    train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.worker.data import batches

    monkeypatch.setattr(batches, "MOST_STEPS", 7)
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)
    spec = digits()
    straight = train(spec)
    first = train(spec, then=stop_at(BatchEnded, 3))
    assert set(epoch_metrics(first)) == {1, 2}
    assert "Stopped in epoch 3 of 6, after 14 of" in first.ending.message
    second = train(spec, resume=first.folder)
    assert [event.epoch for event in second.events_of(EpochStarted)] == [4, 5, 6]
    assert_same(epoch_metrics(first, second), epoch_metrics(straight))


def test_a_training_that_was_done_can_be_given_more_epochs(train: Train) -> None:
    straight = train(digits())
    first = train(digits(epochs=4))
    second = train(digits(epochs=4), resume=first.folder, epochs=6)
    assert_same(epoch_metrics(first, second), epoch_metrics(straight))
    assert second.ending.outcome == "finished"


def test_checkpoints_hold_plain_arrays_and_json_only(train: Train) -> None:
    folder = train(digits(epochs=2)).folder
    for file in (folder.last_checkpoint, folder.best_checkpoint):
        with np.load(file, allow_pickle=False) as found:
            assert {found[name].dtype.kind for name in found.files} <= set("fiub")
            assert json.loads(found["head"].tobytes())["format"] == 1
    assert sorted(path.name for path in folder.checkpoints.iterdir()) == ["best.npz", "last.npz"]


def test_a_checkpoint_is_reported_once_it_is_on_disk(train: Train) -> None:
    there = []

    def look(event: Event, folder: RunFolder) -> None:
        if isinstance(event, Checkpointed):
            there.append((event.file, (folder.path / event.file).is_file()))

    train(digits(epochs=2), then=look)
    assert ("checkpoints/last.npz", True) in there
    assert all(found for _, found in there)


def test_a_checkpoint_of_another_network_is_refused_in_a_sentence(train: Train) -> None:
    from tuinn.errors import WorkerError

    folder = train(digits(epochs=1)).folder
    other = RunSpec(
        DatasetSpec("digits"),
        stack(LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=10, activation="softmax")),
        FitSpec(epochs=2),
    )
    with pytest.raises(WorkerError, match=r"spec\.toml was changed since"):
        train(other, resume=folder)
    # A version that kept no spec has left the shapes.
    replace(Checkpoint.read(folder.last_checkpoint), spec=None).write(folder.last_checkpoint)
    with pytest.raises(WorkerError, match="another network"):
        train(other, resume=folder)


@pytest.mark.parametrize("damaged", [True, False])
def test_a_training_resumed_from_its_best_epoch_trains_the_later_ones_again_to_the_same_numbers(
    train: Train, damaged: bool
) -> None:
    spec = digits(learning_rate=0.1)
    straight = train(spec)
    best = Checkpoint.read(straight.folder.best_checkpoint).epochs_done
    assert best < EPOCHS
    if damaged:
        straight.folder.last_checkpoint.write_bytes(b"not a checkpoint")
    again = train(spec, resume=straight.folder, from_best=True)
    assert [event.epoch for event in again.events_of(EpochEnded)] == list(range(best + 1, EPOCHS + 1))
    assert_same(epoch_metrics(straight, again), epoch_metrics(straight))
    assert (straight.folder.checkpoints / "last.damaged.npz").exists() == damaged
