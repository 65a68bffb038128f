"""A saved network whose file is gone or damaged is written again from the run's checkpoints, as it was."""

from typing import Any

import numpy as np
import pytest

from tests.conftest import Write
from tests.worker.conftest import Then, Train, Training
from tests.worker.test_resume import stop_at
from tuinn.errors import WorkerError
from tuinn.runs.commands import Stop
from tuinn.runs.events import BatchEnded, Checkpointed, EpochEnded, Event, Noted
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalWriter
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack
from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer

pytestmark = pytest.mark.tf


def wine(**fit: Any) -> RunSpec:
    layers = (
        LayerSpec.of("Normalization"),
        LayerSpec.of("Dense", units=8, activation="relu"),
        LayerSpec.of("BatchNormalization"),
        LayerSpec.of("Dropout", rate=0.4),
        LayerSpec.of("Dense", units=3, activation="softmax"),
    )
    return RunSpec(
        DatasetSpec("wine"),
        stack(*layers),
        FitSpec(**{"epochs": 8, "batch_size": 16, "learning_rate": 0.2, **fit}),
    )


def stop_with_best(event: Event, folder: RunFolder) -> None:
    if isinstance(event, EpochEnded) and event.epoch == 7:
        folder.ask(Stop(best=True))


def never(event: Event, folder: RunFolder) -> None: ...


def remove(folder: RunFolder) -> None:
    folder.model_file.unlink()


def cut(folder: RunFolder) -> None:
    folder.model_file.write_bytes(folder.model_file.read_bytes()[:2000])


def tell(training: Training) -> None:
    """Its events, in its journal."""
    journal = JournalWriter(training.folder.events_file)
    for event in training.events:
        journal.append(event)
    journal.close()


@pytest.mark.parametrize(
    ("fit", "then", "harm"),
    [
        ({}, never, remove),
        ({}, never, cut),
        ({"schedule": "cosine", "optimizer": "sgd"}, stop_at(BatchEnded, 3), remove),
        ({}, stop_with_best, remove),
        ({"early_stopping_patience": 2, "monitor": "loss"}, never, remove),
        ({"early_stopping_patience": 2, "restore_best": False}, never, remove),
    ],
    ids=["gone", "damaged", "stopped", "stopped with best", "early", "early, last weights"],
)
def test_a_network_whose_file_is_gone_or_damaged_is_written_again_to_the_last_bit(
    fit: dict[str, object], then: Then, harm: object, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    from tuinn.worker.data import batches
    from tuinn.worker.training import saved_network

    monkeypatch.setattr(batches, "MOST_STEPS", 3)
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)
    training = train(wine(**fit), then=then)
    folder = training.folder
    tell(training)
    before = keras.saving.load_model(folder.model_file)
    assert callable(harm)
    harm(folder)
    told: list[Event] = []
    evaluator = saved_network.load_evaluator(folder, folder.spec(), told.append)
    note, saved = told
    assert isinstance(note, Noted)
    assert "It is written again, from a checkpoint." in note.message
    assert ("is damaged: it is no whole .keras file" in note.message) == (harm is cut)
    assert saved == Checkpointed(
        epoch=training.events_of(Checkpointed)[-1].epoch, file="model.keras", at=saved.at
    )
    after = keras.saving.load_model(folder.model_file)
    for one, other in zip(after.weights, before.weights, strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(after.optimizer.variables, before.optimizer.variables, strict=True):
        assert np.array_equal(one, other)
    assert evaluator.evaluate().metrics == training.evaluator.evaluate().metrics


def test_a_run_whose_spec_was_edited_answers_as_it_was_trained_and_says_so(train: Train) -> None:
    from tuinn.worker.training import saved_network

    training = train(wine(epochs=1))
    tell(training)
    folder, trained = training.folder, training.folder.spec()
    layers = (*trained.model.layers[:-1], trained.model.layers[-1].with_options(units=7))
    edited = trained.with_model(stack(*layers))
    folder.spec_file.write_text(edited.with_fit(seed=5).toml())
    told: list[Event] = []
    evaluator = saved_network.load_evaluator(folder, folder.spec(), told.append)
    (note,) = told
    assert isinstance(note, Noted)
    assert note.message.startswith(f"spec.toml was changed since {folder.name} was trained (")
    assert note.message.endswith("It answers as it was trained.")
    assert evaluator.evaluate().metrics == training.evaluator.evaluate().metrics


def test_a_run_that_never_saved_its_network_is_said_to_be_resumed(train: Train) -> None:
    from tuinn.worker.training import saved_network

    training = train(wine(epochs=1))
    training.folder.model_file.unlink()
    with pytest.raises(WorkerError, match=r"ended before it was saved. Resume it: tuinn resume"):
        saved_network.load_evaluator(training.folder, training.folder.spec(), print)


def test_without_a_checkpoint_of_its_epoch_a_network_is_not_written_again(train: Train) -> None:
    from tuinn.worker.training import saved_network

    training = train(wine(epochs=1))
    tell(training)
    training.folder.model_file.unlink()
    training.folder.last_checkpoint.unlink()
    training.folder.best_checkpoint.unlink()
    with pytest.raises(WorkerError, match=r"No checkpoint has the weights of its epoch 1. Train again"):
        saved_network.load_evaluator(training.folder, training.folder.spec(), print)
    assert not training.folder.model_file.exists()


def test_the_last_weights_are_kept_where_the_best_ones_cannot_be_read(write_run: Write) -> None:
    from tuinn.worker.training import trainer

    folder = write_run()
    folder.checkpoints.mkdir()
    folder.best_checkpoint.write_bytes(b"not a checkpoint")
    checkpointer = AsyncCheckpointer(folder)
    told: list[Any] = []
    model: Any = None  # not touched
    assert trainer.restore_best(model, checkpointer, told.append) == 0
    checkpointer.close()
    assert "best.npz is damaged" in told[0].message
    assert "The last weights are kept instead." in told[0].message
