"""A disk that is really full: a small tmpfs. The run says so, keeps what it has, and is saved once there is room."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.conftest import Start, Train, WaitFor, journal_of
from tests.worker.test_kills import assert_the_same
from tests.worker.test_resume import digits
from tuinn.errors import FolderError
from tuinn.runs.events import EpochEnded, Event, Noted, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import resume_run
from tuinn.view.run_view import RunView

pytestmark = pytest.mark.tf


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of 6 MB, with TUINN_HOME on it."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tuinn-test", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a disk")
    monkeypatch.setenv("TUINN_HOME", str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Nothing more goes on it."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def failed(event: Event) -> bool:
    return isinstance(event, RunEnded) and event.outcome == "failed"


def test_a_run_whose_disk_fills_up_stops_is_saved_from_memory_and_goes_on_as_one_straight_through(
    disk: Path, train: Train, start: Start, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = digits(epochs=25)
    straight = train(spec)
    folder = RunFolder.create(spec)
    worker = start(folder, idle=60)
    wait_for(folder, lambda event: isinstance(event, EpochEnded))
    filler = fill(disk)
    told = wait_for(folder, failed)
    assert "disk of the run folder is full (No space left on device, " in told[-1].message
    assert "the worker keeps it in memory" in told[-1].message
    assert worker.poll() is None
    fill(disk)  # what was kept for the last events is left
    monkeypatch.setattr("tuinn.runs.launch.SAVING_SECONDS", 0.5)
    with pytest.raises(FolderError, match=r"No space left|still can't be saved"):
        resume_run(folder)
    monkeypatch.undo()
    monkeypatch.setenv("TUINN_HOME", str(disk))
    filler.unlink()
    events = wait_for(folder, lambda event: isinstance(event, RunEnded) and event.outcome == "stopped")
    assert "The disk was full; `tuinn resume" in events[-1].message
    assert folder.model_file.is_file()
    done = max(event.epoch for event in events if isinstance(event, EpochEnded))
    monkeypatch.setenv("TUINN_IDLE", "0")
    assert resume_run(folder).wait(90) == 0, folder.log_file.read_text()
    assert worker.wait(60) == 0
    view = RunView()
    for event in journal_of(folder):
        view.apply(event)
    assert view.ended is not None
    assert view.ended.outcome == "finished"
    resumed_at = next(event for event in journal_of(folder) if type(event).__name__ == "RunResumed")
    assert resumed_at.epoch > done, "it goes on from where it was when the disk was full"
    assert_the_same(view, straight)
    assert not folder.reserve_file.exists()
    assert [event for event in journal_of(folder) if isinstance(event, Noted)]
