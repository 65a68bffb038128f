"""The conductor as a program: its exit code, its lock, and a disk that is full."""

import errno
import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from tests.runner.conftest import Workers
from tests.runner.test_sweep_runner import GRID, sweep_of
from tuinn.errors import FolderError
from tuinn.programs import own_code
from tuinn.runner import __main__ as program
from tuinn.runner import sweep_runner, trials
from tuinn.runs.journal import JournalWriter
from tuinn.sweeps import launch
from tuinn.sweeps.events import SweepEnded
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.launch import resume_sweep


@pytest.fixture
def stepped(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> Workers:
    """Workers that go on whenever a conductor waits."""
    monkeypatch.setattr("time.sleep", workers.step)
    monkeypatch.setattr(sweep_runner.SweepRunner.__init__, "__defaults__", (0, workers.step, None))
    return workers


def test_a_sweep_that_is_through_leaves_with_0_and_its_lock_free(stepped: Workers) -> None:
    folder = sweep_of(GRID)
    assert program.run_sweep(folder, 0) == program.DONE
    assert not folder.is_alive()
    assert SweepFollower(folder).state is SweepState.FINISHED


class FullDisk(JournalWriter):
    """Takes three lines and no more."""

    room = 3

    def append(self, line: msgspec.Struct) -> None:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= 1
        super().append(line)


def test_a_disk_that_is_full_leaves_a_sentence_in_the_log_and_the_sweep_can_be_taken_up(
    stepped: Workers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sweep_of(GRID)
    with monkeypatch.context() as patch:
        patch.setattr(trials, "JournalWriter", FullDisk)
        assert program.run_sweep(folder, 0) == program.FAILED
    assert "cannot be written (No space left on device)" in capsys.readouterr().err
    assert SweepFollower(folder).state is SweepState.LOST
    assert program.run_sweep(folder, 0) == program.DONE
    assert SweepFollower(folder).view.done == 4


def test_a_run_folder_that_cannot_be_made_ends_the_sweep_with_its_sentence(
    stepped: Workers, own_home: Path
) -> None:
    folder = sweep_of(GRID)
    (own_home / "runs").write_text("in the way")
    assert program.run_sweep(folder, 0) == program.FAILED
    (ended,) = [event for event in folder.events().read_all() if isinstance(event, SweepEnded)]
    assert ended.outcome == "failed"
    assert ended.message.startswith("No run folder can be made in")
    (own_home / "runs").unlink()
    assert program.run_sweep(folder, 0) == program.DONE


def test_a_mistake_of_ours_ends_the_sweep_with_a_word_and_a_traceback(
    stepped: Workers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trials, "trial_problem", lambda sweep, values: 1 / 0)
    folder = sweep_of(GRID)
    assert program.run_sweep(folder, 0) == program.FAILED
    ended = SweepFollower(folder).view.ended
    assert ended is not None
    assert "The runner failed: ZeroDivisionError" in ended.message
    assert "Traceback" in capsys.readouterr().err


def test_a_damaged_sweep_is_a_sentence_in_the_log(
    stepped: Workers, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sweep_of(GRID)
    folder.sweep_file.write_text("junk")
    assert program.run_sweep(folder, 0) == program.FAILED
    assert "is damaged or from a newer tuinn" in capsys.readouterr().err


def test_the_brief_view_of_a_list_tells_what_the_whole_one_tells(stepped: Workers) -> None:
    folder = sweep_of(GRID)
    program.run_sweep(folder, 0)
    brief, whole = SweepFollower(folder, brief=True), SweepFollower(folder)
    assert (brief.state, brief.view.best, brief.view.done) == (whole.state, whole.view.best, whole.view.done)


AT_CATCHING = """
import runpy, sys
from tuinn import programs
programs.SignalInbox.catch = lambda self: sys.exit(" ".join(sys.modules))
sys.argv = ["tuinn.runner", "queue", "nowhere"]
runpy.run_module("tuinn.runner", run_name="__main__", alter_sys=True)
"""


def test_signals_are_caught_before_anything_slow_is_loaded() -> None:
    ended = subprocess.run(own_code(AT_CATCHING), capture_output=True, text=True, check=False)
    loaded = set(ended.stderr.split())
    assert "tuinn.programs" in loaded
    assert not loaded & {"msgspec", "numpy", "optuna", "tuinn.spec.run", "tuinn.sweeps.folder"}


def test_a_sweep_whose_runner_was_killed_before_its_first_event_is_resumed_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    launched: list[int] = []
    monkeypatch.setattr(launch, "launch_runner", lambda folder, offset: launched.append(offset))
    folder = sweep_of(GRID)
    sweep = SweepFollower(folder)
    assert sweep.state is SweepState.STARTING
    resume_sweep(sweep)
    assert launched == [0]
    with folder.hold_lock(), pytest.raises(FolderError, match="is already in progress"):
        resume_sweep(SweepFollower(folder))
