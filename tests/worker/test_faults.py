"""What can go wrong around a live training: its folder, its disk, its network. Each ends in a sentence, and nothing is half-written."""

import errno
import itertools
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

from tests.conftest import Write, without_root_s_rights
from tests.worker.conftest import Start, Train, WaitFor, journal_of
from tests.worker.test_resume import digits
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.events import EpochEnded, Evaluated, Event, Noted, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import resume_run
from tuinn.worker.event_log import EventLog

pytestmark = pytest.mark.tf

LONG = 1_000_000


def epoch_ended(event: Event) -> TypeGuard[EpochEnded]:
    return isinstance(event, EpochEnded)


def test_a_run_folder_that_is_renamed_ends_the_training_with_a_sentence_and_can_be_resumed(
    start: Start, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUINN_IDLE", "0")
    folder = RunFolder.create(digits(epochs=LONG))
    worker = start(folder)
    wait_for(folder, epoch_ended)
    there = RunFolder(folder.path.rename(folder.path.with_name("elsewhere")))
    assert worker.wait(60) == 1
    assert not folder.path.exists()
    ended = journal_of(there)[-1]
    assert isinstance(ended, RunEnded)
    assert "was deleted or renamed" in ended.message
    done = max(event.epoch for event in journal_of(there) if isinstance(event, EpochEnded))
    again = resume_run(there)
    wait_for(there, lambda event: isinstance(event, EpochEnded) and event.epoch > done)
    there.ask(Stop(), Quit())
    assert again.wait(60) == 0
    assert journal_of(there)[-1].outcome == "stopped"


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], object]]:
    """A disk of 400 kB of its own, for a run. It grows when called."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a disk")
    monkeypatch.setenv("TUINN_HOME", str(place))
    yield lambda: subprocess.run(["mount", "-o", "remount,size=50m", place], check=True)
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_that_is_full_ends_the_worker_with_a_sentence_and_once_it_has_room_the_run_goes_on(
    small_disk: Callable[[], object], start: Start, wait_for: WaitFor
) -> None:
    folder = RunFolder.create(digits(epochs=LONG))
    worker = start(folder)
    status = worker.wait(120)
    reader = folder.events()
    events = reader.read_all()
    # Where what was being written leaves the room that the network takes, it is saved: then the run was stopped. Where not, it
    # failed, and the sentence itself may not have had room in the journal.
    if status == 0:
        assert isinstance(events[-1], RunEnded)
        assert "The disk was full" in events[-1].message
    else:
        assert status == 1
    assert any(map(epoch_ended, events))
    assert reader.skipped <= 1
    assert [path.name for path in folder.path.rglob(".*")] == []
    small_disk()
    again = resume_run(folder)
    done = max(event.epoch for event in events if epoch_ended(event))
    wait_for(folder, lambda event: epoch_ended(event) and event.epoch > done)
    folder.ask(Stop(), Quit())
    assert again.wait(60) == 0
    assert reader.skipped <= 1


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_takes_no_checkpoint_and_no_prediction_is_noted_and_the_training_goes_on(
    train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer
    from tuinn.worker.training import trainer

    monkeypatch.setattr(
        trainer, "AsyncCheckpointer", lambda folder, keep: AsyncCheckpointer(folder, keep, write=full)
    )
    monkeypatch.setattr("tuinn.worker.inference.evaluator.save_in_parts", full)
    training = train(digits(epochs=2))
    warnings = [event.message for event in training.events_of(Noted) if event.level == "warning"]
    assert any("The checkpoint" in message and "No space left" in message for message in warnings)
    assert sum("The predictions cannot be written" in message for message in warnings) == 1
    assert training.ending.outcome == "finished"
    assert training.events_of(Evaluated)


def test_memory_that_runs_out_names_half_the_batch(write_run: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    from tuinn.worker import session

    def out_of_memory(*_: object, **__: object) -> None:
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[128,9]")

    monkeypatch.setattr("tuinn.worker.training.fit_loop.FitLoop.run", out_of_memory)
    folder = RunFolder.create(digits(epochs=1, batch_size=128))
    assert session.run(folder.path) == session.FAILED
    assert "Set batch_size 64 instead of 128" in journal_of(folder)[-1].message


def test_an_exception_in_a_layer_fails_the_run_in_a_sentence_and_it_can_be_resumed(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    from tuinn.worker import session

    def broken(self: object, inputs: object, training: bool = False) -> None:
        raise ValueError("the layer broke")

    monkeypatch.setenv("TUINN_IDLE", "0")
    folder = RunFolder.create(digits(epochs=1))
    with monkeypatch.context() as fault:
        fault.setattr(keras.layers.Dropout, "call", broken)
        assert session.run(folder.path) == session.FAILED
    assert "the layer broke" in journal_of(folder)[-1].message
    assert session.run(folder.path, session.Task(resume=True)) == session.DONE
    assert journal_of(folder)[-1].outcome == "finished"


def test_a_loss_that_turned_nan_is_never_the_best(train: Train) -> None:
    spec = digits(epochs=3, optimizer="sgd", learning_rate=100.0, clipvalue=0.0)
    training = train(spec)
    finite = [event for event in training.events_of(EpochEnded) if event.metrics["val_loss"] is not None]
    assert training.folder.best_checkpoint.exists() == bool(finite)
    assert training.ending.outcome == "finished"


def test_a_run_folder_that_is_deleted_ends_the_training_and_is_not_made_anew(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.worker import session

    folder = RunFolder.create(digits(epochs=LONG))
    say = EventLog.emit
    told: list[Event] = []

    def say_and_delete(self: EventLog, event: Event) -> None:
        told.append(event)
        say(self, event)
        if epoch_ended(event) and event.epoch == 2:
            shutil.rmtree(folder.path)

    monkeypatch.setattr("tuinn.worker.heartbeat.TOUCH_SECONDS", 0.0)
    monkeypatch.setattr(EventLog, "emit", say_and_delete)
    assert session.run(folder.path) == session.FAILED
    ended = told[-1]
    assert isinstance(ended, RunEnded)
    assert "was deleted or renamed" in ended.message
    assert max(event.epoch for event in told if epoch_ended(event)) <= 4
    assert not folder.path.exists()


def test_a_run_folder_that_becomes_read_only_costs_its_files_and_not_the_training(
    start: Start, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUINN_CHECKPOINT_SECONDS", "0")
    folder = RunFolder.create(digits(epochs=LONG))
    worker = start(folder, rights=without_root_s_rights)
    wait_for(folder, epoch_ended)
    folder.ask()  # the command file is there, and stays writable
    try:
        for path in (folder.path, folder.checkpoints):
            path.chmod(0o500)
        seen = itertools.count()
        events = wait_for(
            folder,
            lambda event: (
                isinstance(event, Noted)
                and "cannot be written (Permission denied)" in event.message
                and next(seen)
            ),
        )
        done = max(event.epoch for event in events if epoch_ended(event))
        wait_for(folder, lambda event: epoch_ended(event) and event.epoch > done)
        folder.ask(Stop(), Quit())
        assert worker.wait(60) == 1
    finally:
        for path in (folder.path, folder.checkpoints):
            path.chmod(0o700)
    ended = journal_of(folder)[-1]
    assert isinstance(ended, RunEnded)
    assert "Permission denied" in ended.message
    assert folder.last_checkpoint.is_file()


def test_a_clock_that_is_set_back_in_mid_run_changes_no_number_and_no_state(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.view.run_view import RunView
    from tuinn.worker import session

    monkeypatch.setenv("TUINN_IDLE", "0")
    straight, back = RunFolder.create(digits(epochs=3)), RunFolder.create(digits(epochs=3))
    assert session.run(straight.path) == session.DONE
    now, minute = time.time(), itertools.count()
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: now - 60.0 * next(minute))
        assert session.run(back.path) == session.DONE
    views = []
    for folder in (straight, back):
        view = RunView()
        for event in journal_of(folder):
            view.apply(event)
            assert (view.seconds_left or 0) >= 0
        views.append(view)
        assert not folder.is_overdue()
    one, other = views
    assert other.ended is not None
    assert other.ended.outcome == "finished"
    assert [ended.metrics for ended in other.finished] == [ended.metrics for ended in one.finished]
    assert other.clock.seconds >= 0
