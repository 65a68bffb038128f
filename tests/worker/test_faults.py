"""What can go wrong around a live training: its folder, its disk, its network. Each ends in a sentence, and nothing is half-written."""

import errno
import os

import pytest

from tests.worker.test_resume import digits
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.events import EpochEnded, Evaluated, Noted, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import take_up

pytestmark = pytest.mark.tf

LONG = 1_000_000


def epoch_ended(event) -> bool:
    return isinstance(event, EpochEnded)


def test_a_run_folder_that_is_renamed_ends_the_training_with_a_sentence_and_can_be_resumed(
    start, wait_for, monkeypatch
):
    monkeypatch.setenv("TUINN_IDLE", "0")
    folder = RunFolder.create(digits(epochs=LONG))
    worker = start(folder)
    wait_for(folder, epoch_ended)
    there = RunFolder(folder.path.rename(folder.path.with_name("elsewhere")))
    assert worker.wait(60) == 1
    assert not folder.path.exists()
    ended = there.events().read_all()[-1]
    assert isinstance(ended, RunEnded)
    assert "was deleted or renamed" in ended.message
    done = max(event.epoch for event in there.events().read_all() if isinstance(event, EpochEnded))
    again = take_up(there)
    wait_for(there, lambda event: isinstance(event, EpochEnded) and event.epoch > done)
    there.ask(Stop(), Quit())
    assert again.wait(60) == 0
    assert there.events().read_all()[-1].outcome == "stopped"


def test_a_disk_that_takes_no_more_of_the_journal_ends_the_worker_with_a_sentence_and_a_journal_that_opens(
    start, wait_for
):
    folder = RunFolder.create(digits(epochs=LONG))
    # The limit is on each file, in blocks of 1024 bytes; with SIGXFSZ ignored a write fails as on a full disk.
    worker = start(folder, before="trap '' XFSZ; ulimit -f 20")
    assert worker.wait(120) == 1
    assert f"The journal {folder.events_file} cannot be written" in folder.log_file.read_text()
    reader = folder.events()
    events = reader.read_all()
    assert any(map(epoch_ended, events))
    assert reader.skipped == 0
    assert not folder.model_file.exists()
    assert [path.name for path in folder.path.iterdir() if path.name.startswith(".")] == []


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_takes_no_checkpoint_and_no_prediction_is_noted_and_the_training_goes_on(
    train, monkeypatch
):
    from tuinn.worker import trainer
    from tuinn.worker.checkpoints import Keeper

    monkeypatch.setattr(trainer, "Keeper", lambda folder, keep: Keeper(folder, keep, write=full))
    monkeypatch.setattr("tuinn.worker.exam.save_predictions", full)
    training = train(digits(epochs=2))
    warnings = [event.message for event in training.said(Noted) if event.level == "warning"]
    assert any("The checkpoint" in message and "No space left" in message for message in warnings)
    assert sum("The predictions cannot be written" in message for message in warnings) == 1
    assert training.ending.outcome == "finished"
    assert training.said(Evaluated)


def test_memory_that_runs_out_names_half_the_batch(write_run, monkeypatch):
    import tensorflow as tf

    from tuinn.worker import session, trainer

    def out_of_memory(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[128,9]")

    monkeypatch.setattr(trainer.legs, "fit", out_of_memory)
    folder = RunFolder.create(digits(epochs=1, batch_size=128))
    assert session.run(folder.path) == session.FAILED
    assert "Set batch_size 64 instead of 128" in folder.events().read_all()[-1].message


def test_an_exception_in_a_layer_fails_the_run_in_a_sentence_and_it_can_be_taken_up(write_run, monkeypatch):
    import keras

    from tuinn.worker import session

    def broken(self, inputs, training=False):
        raise ValueError("the layer broke")

    monkeypatch.setenv("TUINN_IDLE", "0")
    folder = RunFolder.create(digits(epochs=1))
    with monkeypatch.context() as fault:
        fault.setattr(keras.layers.Dropout, "call", broken)
        assert session.run(folder.path) == session.FAILED
    assert "the layer broke" in folder.events().read_all()[-1].message
    assert session.run(folder.path, session.Errand(resume=True)) == session.DONE
    assert folder.events().read_all()[-1].outcome == "finished"


def test_a_loss_that_turned_nan_is_never_the_best(train):
    spec = digits(epochs=3, optimizer="sgd", learning_rate=100.0, clipvalue=0.0)
    training = train(spec)
    finite = [event for event in training.said(EpochEnded) if event.metrics["val_loss"] is not None]
    assert training.folder.best_checkpoint.exists() == bool(finite)
    assert training.ending.outcome == "finished"
