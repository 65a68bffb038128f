"""A worker as a process: its lock, its signals, its questions, its deaths. Each test waits for events, none for a while."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.worker.conftest import Start, WaitFor, finite, journal_of
from tuinn.data.predictions import read_picture
from tuinn.runs.commands import Evaluate, Predict, Quit, Stop, StopAfterEpoch
from tuinn.runs.events import (
    BatchEnded,
    EpochEnded,
    Evaluated,
    Event,
    Noted,
    PictureAnswered,
    Predicted,
    RunEnded,
    RunResumed,
    RunStarted,
)
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import WORKER, Standby, resume_run
from tuinn.runs.provenance import command_line, read_provenance
from tuinn.runs.state import RunState, state_of
from tuinn.spec.presets.catalog import default_draft, digits_mlp, iris_lab

pytestmark = pytest.mark.tf

LONG = 1_000_000
"""Epochs that nobody waits for."""


def ended(event: Event) -> bool:
    return isinstance(event, RunEnded)


def test_a_run_is_trained_answers_questions_and_answers_them_again_later(
    start: Start, wait_for: WaitFor, tmp_path: Path
) -> None:
    from PIL import Image

    picture, no_picture = tmp_path / "seven.png", tmp_path / "notes.txt"
    Image.new("L", (40, 60), 255).save(picture)
    no_picture.write_text("not a picture")

    folder = RunFolder.create(digits_mlp().with_fit(epochs=2))
    first = start(folder, idle=60)
    wait_for(folder, ended)
    assert folder.is_alive()
    folder.ask(
        Predict(request="a", file=str(picture)),
        Predict(request="b", file=str(no_picture)),
        Evaluate(request="c"),
        Quit(),
    )
    assert first.wait(60) == 0
    assert not folder.is_alive()
    events = journal_of(folder)
    pictures = {event.request: event for event in events if isinstance(event, PictureAnswered)}
    measured = {event.request: event for event in events if isinstance(event, Evaluated)}
    assert pictures["a"].problem == ""
    assert sum(map(finite, pictures["a"].outputs)) == pytest.approx(1, abs=1e-4)
    assert pictures["a"].steps
    seen = read_picture(folder.pictures, pictures["a"].pixels)
    assert seen is not None
    facts = folder.facts()
    assert facts is not None
    assert (seen.shape, seen.dtype.name) == ((8, 8), facts.dtype)
    # The picture that could be read, and the training sample most like it.
    assert (pictures["b"].pixels, len(list(folder.pictures.iterdir()))) == ("", 2)
    assert "notes.txt is not a picture" in pictures["b"].problem
    assert pictures["b"].outputs == ()
    assert measured["c"].metrics == measured[""].metrics

    size = folder.commands_file.stat().st_size
    folder.ask(Predict(request="d", file=str(picture)), Evaluate(request="e"), Quit())
    assert start(folder, "--serve", "--commands-from", str(size), idle=60).wait(60) == 0
    later = journal_of(folder)[len(events) :]
    assert [type(event).__name__ for event in later] == ["PictureAnswered", "Evaluated"]
    assert later[0].outputs == pytest.approx(pictures["a"].outputs, abs=1e-6)
    assert later[1].metrics == pytest.approx(measured[""].metrics)
    assert folder.log_file.read_text().count("Traceback") == 0


def test_questions_are_answered_while_the_training_goes_on_and_stop_ends_it(
    start: Start, wait_for: WaitFor, tmp_path: Path
) -> None:
    from PIL import Image

    Image.new("RGB", (28, 28), (255, 0, 0)).save(tmp_path / "red.png")
    folder = RunFolder.create(default_draft().with_fit(epochs=LONG))
    worker = start(folder)
    wait_for(folder, lambda event: isinstance(event, BatchEnded))
    folder.ask(Predict(request="p", file=str(tmp_path / "red.png")), Evaluate(request="e"))
    wait_for(folder, lambda event: isinstance(event, Evaluated) and event.request == "e")
    folder.ask(Stop())
    assert worker.wait(60) == 0
    events = journal_of(folder)
    assert events[-1].outcome == "stopped"
    assert [event.request for event in events if isinstance(event, PictureAnswered)] == ["p"]
    assert folder.model_file.is_file()


def test_sigterm_ends_a_training_as_stopped_with_its_network_saved(start: Start, wait_for: WaitFor) -> None:
    folder = RunFolder.create(iris_lab().with_fit(epochs=LONG))
    worker = start(folder, idle=60)
    wait_for(folder, lambda event: isinstance(event, EpochEnded))
    worker.send_signal(signal.SIGHUP)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert journal_of(folder)[-1].outcome == "stopped"
    assert folder.model_file.is_file()


def test_a_killed_worker_leaves_a_readable_journal_and_a_free_lock(start: Start, wait_for: WaitFor) -> None:
    folder = RunFolder.create(iris_lab().with_fit(epochs=LONG))
    worker = start(folder)
    wait_for(folder, lambda event: isinstance(event, Predicted))
    assert folder.is_alive()
    worker.kill()
    worker.wait()
    reader = folder.events()
    events = reader.read_all()
    assert isinstance(events[0], RunStarted)
    assert not any(ended(event) for event in events)
    assert reader.skipped == 0
    assert not folder.is_alive()


def test_two_workers_never_have_the_same_run(start: Start) -> None:
    folder = RunFolder.create(iris_lab())
    with folder.hold_lock() as mine:
        assert mine
        assert start(folder).wait(60) == 3
    assert not folder.events_file.exists()
    assert "Another worker has" in folder.log_file.read_text()


def test_a_device_that_is_not_there_ends_the_run_with_what_to_do(start: Start) -> None:
    folder = RunFolder.create(iris_lab().with_fit(device="gpu:7"))
    assert start(folder).wait(60) == 1
    last = journal_of(folder)[-1]
    assert last.outcome == "failed"
    assert last.message.startswith("device is gpu:7, but TensorFlow sees ")
    assert "Set device to auto or cpu" in last.message


def test_device_cpu_trains_on_the_cpu_and_is_reported(start: Start) -> None:
    folder = RunFolder.create(iris_lab().with_fit(device="cpu", epochs=1))
    assert start(folder).wait(60) == 0
    (built,) = [event for event in journal_of(folder) if type(event).__name__ == "ModelBuilt"]
    assert built.device.startswith("CPU · ")


def test_a_journal_that_cannot_be_written_is_reported_in_the_log(start: Start) -> None:
    folder = RunFolder.create(iris_lab())
    folder.events_file.mkdir()
    assert start(folder).wait(60) == 1
    assert "cannot be written" in folder.log_file.read_text()
    assert "TUINN_HOME" in folder.log_file.read_text()


def test_a_journal_that_may_grow_no_more_ends_the_run_which_is_saved_and_resumed(start: Start) -> None:
    folder = RunFolder.create(iris_lab().with_fit(epochs=LONG))
    assert start(folder, before="ulimit -f 48").wait(120) == 0, folder.log_file.read_text()
    reader = folder.events()
    *events, ended = reader.read_all()
    assert reader.skipped == 0
    assert isinstance(ended, RunEnded)
    assert ended.outcome == "stopped"
    assert "Raise it (`ulimit -f`); `tuinn resume" in ended.message
    assert folder.model_file.is_file()
    done = max(event.epoch for event in events if isinstance(event, EpochEnded))
    # Under the same limit it stops at once, and says so again; without it, it goes on.
    assert start(folder, "--resume", before="ulimit -f 48").wait(120) == 0
    assert "(`ulimit -f`)" in journal_of(folder)[-1].message
    folder.ask(StopAfterEpoch())
    assert start(folder, "--resume", "--commands-from", "0").wait(120) == 0
    (*_, first) = [event for event in journal_of(folder) if isinstance(event, RunResumed)]
    assert first.epoch > done
    assert max(event.epoch for event in journal_of(folder) if isinstance(event, EpochEnded)) > done


def test_where_nothing_may_be_saved_a_run_fails_with_the_reason_and_whole_lines(start: Start) -> None:
    folder = RunFolder.create(iris_lab().with_fit(epochs=LONG))
    assert start(folder, before="ulimit -f 8").wait(60) == 1
    reader = folder.events()
    *_, ended = reader.read_all()
    assert reader.skipped == 0
    assert isinstance(ended, RunEnded)
    assert ended.outcome == "failed"
    assert "(`ulimit -f`): raise it. Then resume the run." in ended.message


def test_a_network_that_cannot_be_saved_leaves_nothing_half_written(start: Start) -> None:
    folder = RunFolder.create(digits_mlp().with_fit(epochs=1))
    assert start(folder, before="ulimit -f 32").wait(60) == 1
    *events, last = journal_of(folder)
    assert last.outcome == "failed"
    assert "run folder" in last.message
    # A checkpoint is larger than 32 kB too: that is said, and the epoch is trained all the same.
    (noted,) = [event.message for event in events if isinstance(event, Noted)]
    assert "npz cannot be written (File too large)" in noted
    assert any(isinstance(event, EpochEnded) for event in events)
    assert list(folder.checkpoints.iterdir()) == []
    assert not [path.name for path in folder.path.iterdir() if path.suffix == ".keras"]


def test_a_run_folder_is_trained_once(start: Start) -> None:
    folder = RunFolder.create(iris_lab().with_fit(epochs=1))
    assert start(folder).wait(60) == 0
    events = journal_of(folder)
    assert start(folder).wait(60) == 1
    assert journal_of(folder) == events
    assert "trained before" in folder.log_file.read_text()


def test_a_folder_without_a_spec_stays_as_it_is(tmp_path: Path) -> None:
    told = subprocess.run([*WORKER, "run", str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert told.returncode == 1
    assert "is no run folder" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_spec_ends_the_run_with_the_place_of_the_damage(start: Start) -> None:
    folder = RunFolder.create(iris_lab())
    folder.spec_file.write_text(folder.spec_file.read_text().replace("epochs = 60", "epochs = -1"))
    assert start(folder).wait(60) == 1
    last = journal_of(folder)[-1]
    assert last.outcome == "failed"
    assert "fit.epochs" in last.message


def test_questions_about_a_run_without_a_network_are_refused_with_the_reason(start: Start) -> None:
    folder = RunFolder.create(iris_lab())
    folder.ask(Evaluate(request="x"))
    assert start(folder, "--serve", "--commands-from", "0").wait(60) == 1
    (noted,) = journal_of(folder)
    assert isinstance(noted, Noted)
    assert "has no model.keras" in noted.message


def test_a_standby_trains_as_a_fresh_worker_does_and_then_lives_without_its_parent(
    start: Start, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUINN_IDLE", "0")
    spec = iris_lab().with_fit(epochs=3)
    fresh, taken = RunFolder.create(spec), RunFolder.create(spec)
    standby = Standby()
    process = standby.take(taken)
    assert start(fresh).wait(60) == 0
    assert process.wait(60) == 0

    def losses(folder: RunFolder) -> list[float | None]:
        return [event.metrics["loss"] for event in journal_of(folder) if isinstance(event, EpochEnded)]

    assert len(losses(fresh)) == 3
    assert losses(taken) == losses(fresh)
    assert taken.log_file.exists()
    origin = read_provenance(taken.path)
    assert (origin.command, origin.folder) == (command_line(), str(Path.cwd()))
    assert origin.versions == read_provenance(fresh.path).versions != {}


def test_a_standby_without_a_run_ends_with_its_parent() -> None:
    standby = Standby()
    standby.dismiss()
    assert standby.process.wait(60) == 0


def test_a_standby_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from tuinn.runs.launch import Standby; print(Standby().process.pid, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    pidfd = os.pidfd_open(pid)
    try:
        import select

        ready, _, _ = select.select([pidfd], [], [], 60)
        assert ready
    finally:
        os.close(pidfd)


def test_a_worker_that_is_held_up_is_called_stalled_and_runs_again_when_it_goes_on(
    start: Start, wait_for: WaitFor
) -> None:
    folder = RunFolder.create(iris_lab().with_fit(epochs=LONG))
    worker = start(folder)
    wait_for(folder, lambda event: isinstance(event, EpochEnded))
    assert not folder.is_overdue()
    worker.send_signal(signal.SIGSTOP)
    # What the file will look like in ten minutes.
    os.utime(folder.heartbeat_file, (0, 0))
    assert folder.is_overdue()
    assert state_of(None, True, folder.is_alive(), folder.age(), folder.is_overdue()) is RunState.STALLED
    worker.send_signal(signal.SIGCONT)
    deadline = time.monotonic() + 60
    while folder.is_overdue() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not folder.is_overdue()
    folder.ask(Stop(), Quit())
    assert worker.wait(60) == 0


def test_a_standby_takes_up_a_run_that_was_stopped(
    start: Start, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUINN_IDLE", "0")
    folder = RunFolder.create(iris_lab().with_fit(epochs=LONG))
    worker = start(folder)
    wait_for(folder, lambda event: isinstance(event, EpochEnded))
    folder.ask(Stop(), Quit())
    assert worker.wait(60) == 0
    done = journal_of(folder)
    last = max(event.epoch for event in done if isinstance(event, EpochEnded))
    again = resume_run(folder, epochs=last + 20, standby=Standby())
    assert again.wait(90) == 0
    later = journal_of(folder)[len(done) :]
    assert isinstance(later[0], RunResumed)
    assert later[-1].outcome == "finished"
    assert [event.epoch for event in later if isinstance(event, EpochEnded)][-1] == last + 20
