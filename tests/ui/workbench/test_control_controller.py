"""Stop, pause, change and resume the run on the screen, without an app."""

import pytest

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.ui.workbench.fake_host import FakeHost, FakeTimer
from tuinn.runs.commands import AddEpochs, Pause, Resume, SetRate, Stop
from tuinn.runs.events import Paused, Resumed, RunResumed
from tuinn.runs.folder import RunFolder
from tuinn.ui.dialogs.form import Form
from tuinn.ui.runs.control_dialog import HALVE, RESUME_LONGER
from tuinn.ui.workbench.control_controller import ControlController
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.run_follower import RunFollower


@pytest.fixture
def control(host: FakeHost, runs: RunController) -> ControlController:
    return ControlController(host, runs)


@pytest.fixture
def resumed(runs: RunController, monkeypatch: pytest.MonkeyPatch) -> list[tuple[RunFolder, int | None]]:
    """Runs that were to be resumed, with the epochs asked for."""
    asked: list[tuple[RunFolder, int | None]] = []

    def resume(run: RunFollower, epochs: int | None = None, from_best: bool = False) -> None:
        asked.append((run.folder, epochs))

    monkeypatch.setattr(runs.launcher, "resume", resume)
    return asked


def test_without_a_run_every_command_says_so(host: FakeHost, control: ControlController) -> None:
    control.stop()
    control.pause_or_continue()
    control.open_dialog()
    assert [words for _, words in host.messages] == [
        "No run is in progress.",
        "No run is in progress.",
        "There is no run to control yet. r starts one, l lists earlier ones.",
    ]
    assert host.dialogs == []


def test_a_run_that_ended_is_not_stopped(
    host: FakeHost, runs: RunController, control: ControlController, write_run: Write
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    control.stop()
    assert folder.commands().read_all() == []
    assert host.last == "No run is in progress."


def test_the_pause_key_pauses_and_once_the_worker_has_paused_continues(
    runs: RunController, control: ControlController, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        runs.attach(folder.name)
        control.pause_or_continue()
        control.pause_or_continue()  # the worker has not said yet that it paused
        append(folder, Paused(epoch=2, step=3))
        runs.poll()
        control.pause_or_continue()
        control.stop()
    assert folder.commands().read_all() == [Pause(), Pause(), Resume(), Stop()]


def test_what_is_announced_is_shown_until_it_has_happened(
    host: FakeHost,
    runs: RunController,
    control: ControlController,
    write_run: Write,
    resumed: list[tuple[RunFolder, int | None]],
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    steps = (
        (control.pause_or_continue, [Paused(epoch=2, step=3)]),
        (control.pause_or_continue, [Resumed(epoch=2, step=3, seconds=1)]),
        (control.stop, ending("stopped")),
    )
    with folder.hold_lock():
        runs.attach(folder.name)
        assert runs.run is not None
        for announce, events in steps:
            announce()
            assert host.until is not None
            assert not host.until(), host.last
            append(folder, *events)
            runs.poll()
            assert host.until(), host.last
        control.resume(runs.run)
        assert host.until is not None
        assert not host.until(), host.last
        append(folder, RunResumed(epoch=2, step=3, epochs=3))
        runs.poll()
        assert host.until(), host.last


def test_a_number_of_epochs_is_typed_as_the_total(
    host: FakeHost, runs: RunController, control: ControlController, write_run: Write
) -> None:
    folder = write_run([*opening(epochs=3), *epoch(1, 1.0)])
    with folder.hold_lock():
        runs.attach(folder.name)
        control.open_dialog()
        host.answer("epochs")
        assert isinstance(host.dialog, Form)
        host.answer({"epochs": 10})
        control.open_dialog()
        host.answer("rate")
        host.answer(None)
        control.open_dialog()
        host.answer("rate")
        host.answer({"learning_rate": 0.25})
    assert folder.commands().read_all() == [AddEpochs(epochs=7), SetRate(learning_rate=0.25)]
    assert host.last == "Sent: learning_rate 0.25."


def test_a_run_that_ends_while_the_number_is_typed_is_resumed(
    host: FakeHost,
    runs: RunController,
    control: ControlController,
    write_run: Write,
    resumed: list[tuple[RunFolder, int | None]],
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        runs.attach(folder.name)
        control.open_dialog()
        host.answer("epochs")
        append(folder, *ending())
    runs.poll()
    host.answer({"epochs": 20})
    assert resumed == [(folder, 20)]
    assert folder.commands().read_all() == []


def test_a_command_that_makes_no_sense_any_more_is_not_sent(
    host: FakeHost, runs: RunController, control: ControlController, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        runs.attach(folder.name)
        control.open_dialog()
        append(folder, *ending())
        runs.poll()
        host.answer("slower")
    assert folder.commands().read_all() == []
    assert host.last == "The run has changed meanwhile. Press z again."


def test_a_finished_run_is_resumed_for_more_epochs_and_polled_again(
    host: FakeHost,
    runs: RunController,
    control: ControlController,
    write_run: Write,
    resumed: list[tuple[RunFolder, int | None]],
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    assert isinstance(runs.timer, FakeTimer)
    runs.timer.pause()
    control.open_dialog()
    host.answer(RESUME_LONGER)
    assert resumed == [(folder, 8)]
    assert host.last == "Resuming from the last checkpoint."
    assert runs.timer.runs


def test_a_folder_that_cannot_be_written_to_is_said(
    host: FakeHost, runs: RunController, control: ControlController, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    folder.commands_file.mkdir()
    with folder.hold_lock():
        runs.attach(folder.name)
        control.stop()
    assert len(host.messages) == len(host.problems) == 1
    assert "commands.jsonl is not writable" in host.last


def test_a_run_that_was_lost_goes_on_in_a_new_one_with_half_the_batch(
    host: FakeHost,
    runs: RunController,
    control: ControlController,
    write_run: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    launched: list[RunFolder] = []
    monkeypatch.setattr(
        "tuinn.ui.workbench.worker_launcher.launch_from_checkpoint",
        lambda folder, standby: launched.append(folder),
    )
    folder = write_run([*opening(), *epoch(1, 1.0)])
    folder.checkpoints.mkdir()
    folder.last_checkpoint.write_bytes(b"a checkpoint")
    runs.attach(folder.name)
    control.open_dialog()
    host.answer(HALVE)
    (made,) = launched
    assert made.spec().fit.batch_size == folder.spec().fit.batch_size // 2
    assert made.last_checkpoint.read_bytes() == b"a checkpoint"
    assert runs.run is not None
    assert runs.run.folder == made
