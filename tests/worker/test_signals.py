"""Signals of batch systems to a worker: it stops, saves and leaves, and a resumed run is the one straight through."""

import signal
from collections.abc import Callable

import pytest

from tests.worker.conftest import Start, Train, WaitFor, journal_of
from tests.worker.test_kills import assert_the_same
from tests.worker.test_resume import digits
from tuinn.runs.commands import Stop
from tuinn.runs.events import BatchEnded, EpochEnded, Event, ModelBuilt, RunEnded, RunStarted
from tuinn.runs.folder import RunFolder
from tuinn.view.run_view import RunView

pytestmark = pytest.mark.tf


def at_its_start(event: Event) -> bool:
    return isinstance(event, RunStarted)


def while_compiling(event: Event) -> bool:
    return isinstance(event, ModelBuilt)


def in_an_epoch(event: Event) -> bool:
    return isinstance(event, BatchEnded) and event.epoch > 2


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("SIGUSR1", at_its_start),
        ("SIGUSR2", while_compiling),
        ("SIGXCPU", in_an_epoch),
        ("SIGTERM", in_an_epoch),
    ],
)
def test_a_run_that_got_a_signal_is_resumed_and_ends_as_one_straight_through(
    train: Train, start: Start, wait_for: WaitFor, name: str, moment: Callable[[Event], bool]
) -> None:
    spec = digits(epochs=12)
    straight = train(spec)
    folder = RunFolder.create(spec)
    worker = start(folder, idle=60)
    wait_for(folder, moment)
    worker.send_signal(signal.Signals[name])
    assert worker.wait(90) == 0, folder.log_file.read_text()
    ended = journal_of(folder)[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.outcome, ended.signal) == ("stopped", name), ended.message
    assert f"It got {name}" in ended.message
    assert f"`tuinn resume {folder.name}` goes on" in ended.message
    trained = any(isinstance(event, EpochEnded) for event in journal_of(folder))
    assert trained or moment is not in_an_epoch
    assert start(folder, "--resume").wait(90) == 0, folder.log_file.read_text()
    view = RunView()
    for event in journal_of(folder):
        view.apply(event)
    assert view.ended is not None
    assert view.ended.outcome == "finished"
    assert_the_same(view, straight)


def test_a_stop_before_tensorflow_is_loaded_ends_the_run_without_loading_it(start: Start) -> None:
    folder = RunFolder.create(digits())
    folder.ask(Stop(signal="SIGUSR1"))
    assert start(folder).wait(60) == 0
    begun, ended = journal_of(folder)
    assert isinstance(begun, RunStarted)
    assert isinstance(ended, RunEnded)
    assert (ended.outcome, ended.signal) == ("stopped", "SIGUSR1")
    assert ended.message.startswith("Stopped before the training began. It got SIGUSR1 of the batch system;")
    assert "oneDNN" not in folder.log_file.read_text()
