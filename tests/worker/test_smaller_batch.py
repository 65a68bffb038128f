"""Out of memory in mid-training: a new run with half the batch goes on from the checkpoint."""

import pytest

from tests.worker.conftest import journal_of
from tests.worker.test_resume import digits
from tuinn.runs.events import BatchEnded, EpochEnded, Event, Noted, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch_from_checkpoint, with_batch_size

pytestmark = pytest.mark.tf


def test_a_new_run_with_half_the_batch_goes_on_from_the_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    from tuinn.worker import session
    from tuinn.worker.event_log import EventLog

    monkeypatch.setenv("TUINN_IDLE", "0")
    monkeypatch.setenv("TUINN_CHECKPOINT_SECONDS", "0")
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)
    folder = RunFolder.create(digits(epochs=4))
    say = EventLog.emit

    def out_of_memory(self: EventLog, event: Event) -> None:
        say(self, event)
        if isinstance(event, BatchEnded) and event.epoch == 3:
            raise MemoryError

    with monkeypatch.context() as fault:
        fault.setattr(EventLog, "emit", out_of_memory)
        assert session.run(folder.path) == session.FAILED
    failed = journal_of(folder)[-1]
    assert f"tuinn resume {folder.name} --batch-size 8" in failed.message
    made = with_batch_size(folder, 8)
    assert made.spec().fit.batch_size == 8
    assert launch_from_checkpoint(made).wait(90) == 0, made.log_file.read_text()
    events = journal_of(made)
    begun, resumed = events[0], events[1]
    assert isinstance(begun, RunStarted)
    assert isinstance(resumed, RunResumed)
    assert (resumed.epoch, resumed.step) >= (3, 0)
    assert any(isinstance(event, Noted) and "not exactly" in event.message for event in events)
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [3, 4]
    assert events[-1].outcome == "finished"


@pytest.mark.parametrize(("size", "step"), [(8, 14), (16, 7), (5, 22), (32, 3)])
def test_the_place_in_an_epoch_is_the_same_number_of_samples(size: int, step: int) -> None:
    from tuinn.worker.checkpoints.checkpoint import Checkpoint, Position

    checkpoint = Checkpoint(Position(epoch=3, step=7), epochs=5, spec=digits())
    assert checkpoint.with_batch_size(size).position.step == step
    old = Checkpoint(Position(epoch=3, step=7), epochs=5)
    assert old.with_batch_size(size) is old
