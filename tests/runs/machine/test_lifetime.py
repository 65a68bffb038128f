"""What is started here outlives the logout, or says that it doesn't. The system's programs are shell scripts."""

import getpass
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.stand_ins import HANGS, MANAGER, SESSION, StandIns, place
from tuinn import programs
from tuinn.runs import launch
from tuinn.runs.machine import lifetime
from tuinn.runs.machine.lifetime import LINGER, SCOPE


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    """A machine on which logind ends processes at the logout, and a login session on it."""
    monkeypatch.setattr(lifetime, "ASK_SECONDS", 5.0)
    here = StandIns(tmp_path / "bin", monkeypatch)
    here.logind()
    here.user_manager()
    place(tmp_path, monkeypatch, SESSION)
    return here


def run_plainly(tmp_path: Path, *command: str) -> str:
    """What a process that was started detached wrote."""
    with (tmp_path / "out").open("wb") as out:
        process = launch.start_detached(command, subprocess.DEVNULL, out.fileno())
        assert process.wait(30) == 0
    return (tmp_path / "out").read_text()


def test_outside_of_login_sessions_nothing_is_asked(
    stand_ins: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(tmp_path, monkeypatch, "0::/system.slice/cron.service\n")
    monkeypatch.setattr(lifetime, "answer_of", lambda *_: pytest.fail("a program was started"))
    assert not lifetime.needs_asking()
    found = lifetime.lifetime()
    assert (found.ends_at, found.words, found.scope) == ("never", "", ())


def test_where_logind_kills_a_process_is_started_under_the_service_manager(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    stand_ins.logind(linger="yes")
    assert run_plainly(tmp_path, "sh", "-c", "echo done") == "done\n"
    found = lifetime.lifetime()
    assert (found.ends_at, found.words, found.scope) == ("never", "", SCOPE)
    *_, last = stand_ins.log("systemd-run")
    assert last == "--user --scope --quiet --collect -- sh -c echo done"


def test_the_answer_is_remembered(stand_ins: StandIns) -> None:
    assert lifetime.lifetime().ends_at == "last logout"
    stand_ins.logind(linger="yes")
    assert lifetime.lifetime().ends_at == "last logout"
    assert lifetime.lifetime(again=True).ends_at == "never"


def test_without_linger_the_end_is_the_last_logout_and_one_command_is_named(stand_ins: StandIns) -> None:
    found = lifetime.lifetime()
    assert found.words == "Runs end at your last logout. So that they go on: loginctl enable-linger"
    assert found.scope == SCOPE


def test_where_logind_leaves_processes_alone_they_are_started_plainly(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    stand_ins.logind(kills="no")
    assert run_plainly(tmp_path, "echo", "plain") == "plain\n"
    assert lifetime.lifetime().words == ""
    assert stand_ins.log("systemd-run") == []


def test_a_user_whom_logind_spares_is_told_nothing(stand_ins: StandIns) -> None:
    stand_ins.logind(spared=f"root {getpass.getuser()}")
    assert lifetime.lifetime().ends_at == "never"


def test_a_user_without_a_name_is_asked_about_all_the_same(
    stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(number: int) -> object:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr("tuinn.runs.machine.lifetime.pwd.getpwuid", unknown)
    assert lifetime.lifetime(again=True).ends_at == "last logout"


def test_a_shell_under_the_service_manager_ends_with_it(
    stand_ins: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins.logind(kills="no")
    place(tmp_path, monkeypatch, MANAGER)
    found = lifetime.lifetime()
    assert found.ends_at == "last logout"
    assert LINGER in found.words
    assert found.scope == ()
    stand_ins.logind(kills="no", linger="yes")
    assert lifetime.lifetime(again=True).words == ""


BAD_SCOPES = {
    "no user manager": ("systemctl", "echo 'Failed to connect to bus' >&2; exit 1", "systemctl --user gives"),
    "nonsense": ("systemctl", "echo 'no such thing'", "systemctl --user gives no answer"),
    "hangs": ("systemctl", HANGS, "systemctl --user gives no answer"),
    "refuses": ("systemd-run", "echo 'Access denied' >&2; exit 1", "systemd-run failed (Access denied)"),
    "hangs too": ("systemd-run", HANGS, "systemd-run gives no answer"),
    "is missing": ("systemd-run", "", "systemd-run failed (systemd-run: "),
}


@pytest.mark.parametrize(("program", "script", "words"), BAD_SCOPES.values(), ids=BAD_SCOPES)
def test_where_no_scope_can_be_had_a_process_is_started_plainly_and_that_is_said(
    stand_ins: StandIns,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    script: str,
    words: str,
) -> None:
    if script == HANGS:
        monkeypatch.setattr(lifetime, "ASK_SECONDS", 0.5)
    if script:
        stand_ins.put(program, script)
    else:
        monkeypatch.setattr(lifetime, "SCOPE", ("systemd-run-that-is-missing", "--user"))
        words = "systemd-run failed (systemd-run-that-is-missing: No such file or directory)"
    assert run_plainly(tmp_path, "echo", "plain") == "plain\n"
    found = lifetime.lifetime()
    assert found.ends_at == "logout"
    assert found.words.startswith("Runs end at your logout: ")
    assert words in found.words
    assert LINGER in found.words


@pytest.mark.parametrize("script", ["exit 1", "echo what", "echo KillUserProcesses=perhaps", HANGS])
def test_a_logind_that_gives_no_answer_is_said(
    stand_ins: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(lifetime, "ASK_SECONDS", 0.5)
    stand_ins.put("loginctl", script)
    assert run_plainly(tmp_path, "echo", "plain") == "plain\n"
    found = lifetime.lifetime()
    assert found.ends_at == "unknown"
    assert found.words == "Whether runs go on after your logout can't be told: loginctl gives no answer."


def test_a_linger_that_is_not_told_is_said(stand_ins: StandIns) -> None:
    stand_ins.put("loginctl", '[ "$1" = show-session ] && echo KillUserProcesses=yes')
    found = lifetime.lifetime()
    assert found.words.startswith("Whether runs go on after your last logout can't be told")
    assert found.scope == SCOPE


def test_a_program_that_hangs_is_ended_with_all_it_started(stand_ins: StandIns) -> None:
    stand_ins.put("slow", 'echo $$ > "$0.log"; sleep 600 & echo $! >> "$0.log"; wait')
    begun = time.monotonic()
    assert programs.answer_of(("slow",), 0.5).code is None
    assert time.monotonic() - begun < 10
    for pid in stand_ins.log("slow"):
        assert is_over(int(pid))


def is_over(pid: int) -> bool:
    """Whether a process is gone, or dead and not yet waited for."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
    return False


def in_hours(hours: float) -> str:
    return (datetime.now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S")


def test_in_a_slurm_job_the_end_is_that_of_the_job(
    stand_ins: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(tmp_path, monkeypatch, "0::/system.slice/slurmstepd.scope/job_77/step_batch\n")
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    end = in_hours(49.01)
    stand_ins.put("squeue", f'echo "$*" >> "$0.log"; echo {end}')
    assert lifetime.needs_asking()
    words = lifetime.lifetime().words
    assert stand_ins.log("squeue") == ["-h -j 77 -o %e"]
    assert words == f"Runs end with Slurm job 77: at {datetime.fromisoformat(end):%d %b %H:%M}, in 2 d 1 h."


def test_the_end_of_a_job_is_also_in_scontrol_and_in_the_environment(
    stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    stand_ins.put("squeue", "exit 1")
    stand_ins.put(
        "scontrol", f"echo '   StartTime=2026-01-01T00:00:00 EndTime={in_hours(1.01)} Deadline=N/A'"
    )
    assert "in 1 h 00 m. Runs end at your last logout." in lifetime.lifetime(again=True).words
    stand_ins.put("scontrol", "exit 1")
    monkeypatch.setenv("SLURM_JOB_END_TIME", str(int(time.time() + 7300)))
    assert "in 2 h 01 m." in lifetime.lifetime(again=True).words


@pytest.mark.parametrize("script", ["exit 1", "echo N/A", "echo NONE", "echo 9999999999-99", HANGS])
def test_a_job_whose_end_nobody_tells_is_named_all_the_same(
    stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(lifetime, "ASK_SECONDS", 0.5)
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    stand_ins.put("squeue", script)
    stand_ins.put("scontrol", "exit 1")
    assert lifetime.lifetime().words.startswith("Runs end with Slurm job 77. ")
