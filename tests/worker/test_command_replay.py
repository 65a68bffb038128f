"""A rate or a patience that was set after the last checkpoint is set again by the worker that resumes the run."""

import errno
import os
from pathlib import Path
from typing import Literal

import pytest

from tests.conftest import Write
from tests.factories import append, opening
from tests.worker.test_resume import digits
from tuinn.runs.commands import SetPatience, SetRate, Stop
from tuinn.runs.events import (
    EpochEnded,
    EpochsChanged,
    Event,
    PatienceChanged,
    RateChanged,
    RunEnded,
    RunResumed,
    RunStarted,
)
from tuinn.runs.folder import RunFolder
from tuinn.worker.checkpoints.checkpoint import Checkpoint
from tuinn.worker.commands import PastCommands
from tuinn.worker.event_log import EventLog

PatienceSetting = Literal["early_stopping_patience", "patience"]


def rate(value: float, asked: bool = True, epoch: int = 2) -> RateChanged:
    return RateChanged(epoch=epoch, step=0, learning_rate=value, asked=asked)


def patience(value: int, setting: PatienceSetting = "early_stopping_patience") -> PatienceChanged:
    return PatienceChanged(epoch=2, step=0, setting=setting, patience=value)


def test_the_last_value_of_each_setting_is_replayed_and_none_that_a_checkpoint_includes(
    write_run: Write,
) -> None:
    story = [rate(0.1), patience(3), rate(0.2, asked=False), patience(2, "patience"), rate(0.3), patience(9)]
    past = PastCommands.read(write_run([*opening(epochs=3), EpochsChanged(epochs=12), *story]))
    assert past.epochs == 12
    assert past.after(0) == [
        SetRate(learning_rate=0.3),
        SetPatience(patience=9),
        SetPatience(patience=2, setting="patience"),
    ]
    assert past.after(3) == [SetRate(learning_rate=0.3), SetPatience(patience=9)]
    assert past.after(5) == []
    assert past.after(None) == []


def test_without_a_journal_nothing_is_replayed(write_run: Write) -> None:
    past = PastCommands.read(write_run())
    assert (past.epochs, past.after(0)) == (None, [])


@pytest.mark.tf
def test_a_rate_and_a_patience_set_after_the_last_checkpoint_outlive_it(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.worker import session
    from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer
    from tuinn.worker.training import trainer

    monkeypatch.setenv("TUINN_IDLE", "0")
    folder = RunFolder.create(digits(epochs=6, learning_rate=0.01))
    say = EventLog.emit

    def write(checkpoint: Checkpoint, file: Path) -> None:
        # The disk takes the first epoch, and breaks.
        if checkpoint.position.epoch > 2 or checkpoint.settings_changed:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        Checkpoint.write(checkpoint, file)

    def steer(self: EventLog, event: Event) -> None:
        say(self, event)
        if isinstance(event, EpochEnded) and event.epoch == 2:
            folder.ask(SetRate(learning_rate=0.004), SetPatience(patience=1))
        if isinstance(event, EpochEnded) and event.epoch == 3:
            folder.ask(Stop())

    with monkeypatch.context() as first:
        first.setattr(
            trainer, "AsyncCheckpointer", lambda folder, keep: AsyncCheckpointer(folder, keep, write=write)
        )
        first.setattr(EventLog, "emit", steer)
        assert session.run(folder.path) == session.DONE
    done = folder.events()
    assert any(isinstance(event, RateChanged) for event in done.read_all())

    assert session.run(folder.path, session.Task(resume=True)) == session.DONE
    later = done.read_all()
    assert isinstance(later[0], RunResumed)
    assert later[0].epoch == 2
    told = [event for event in later if isinstance(event, RateChanged | PatienceChanged)]
    assert [getattr(event, "learning_rate", getattr(event, "patience", None)) for event in told] == [0.004, 1]
    assert {event.learning_rate for event in later if isinstance(event, EpochEnded)} == {0.004}
    assert any(isinstance(event, RunEnded) for event in later)
    # Resumed once more, from a checkpoint that includes the changes: nothing is set again.
    append(folder, RunStarted(run=folder.name, host="", pid=1, tuinn="", epochs=9))
    assert session.run(folder.path, session.Task(resume=True)) == session.DONE
    last = done.read_all()
    assert not any(isinstance(event, RateChanged | PatienceChanged) for event in last)
    assert {event.learning_rate for event in last if isinstance(event, EpochEnded)} == {0.004}
