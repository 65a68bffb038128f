"""Workers that logind would end at the logout are started through systemd-run; it is a shell script here."""

from pathlib import Path

import pytest

from tests.stand_ins import SESSION, StandIns, place
from tests.worker.conftest import journal_of
from tests.worker.test_resume import digits
from tuinn.runs import launch
from tuinn.runs.events import RunEnded, RunStarted
from tuinn.runs.folder import RunFolder

pytestmark = pytest.mark.tf


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    here = StandIns(tmp_path / "bin", monkeypatch)
    here.logind()
    here.user_manager()
    place(tmp_path, monkeypatch, SESSION)
    monkeypatch.setenv("TUINN_IDLE", "0")
    return here


@pytest.mark.parametrize("by_standby", [False, True])
def test_a_worker_trains_through_systemd_run_and_keeps_its_process_number(
    stand_ins: StandIns, by_standby: bool
) -> None:
    folder = RunFolder.create(digits(epochs=1))
    worker = launch.Standby().take(folder) if by_standby else launch.launch(folder)
    try:
        assert worker.wait(120) == 0, folder.log_file.read_text()
    finally:
        worker.kill()
    begun, *_, ended = journal_of(folder)
    assert isinstance(begun, RunStarted)
    assert begun.pid == worker.pid
    assert isinstance(ended, RunEnded)
    assert ended.outcome == "finished"
    tried, started = stand_ins.log("systemd-run")
    assert tried.endswith("-- true")
    assert f"-m tuinn.worker {'standby' if by_standby else 'run'}" in started
