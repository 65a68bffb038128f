"""A run on another machine: its journal comes here, commands go there, and the line may break.

The other machine is a folder with a home of its own; `ssh` is a script that runs the command there.
"""

import os
import signal
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.stand_ins import StandIns
from tuinn.errors import FolderError
from tuinn.runs import launch
from tuinn.runs.commands import AddEpochs, Evaluate, Pause, SetRate
from tuinn.runs.folder import RunFolder
from tuinn.runs.remote import mirror as mirror_module
from tuinn.runs.remote.address import Address, address_of
from tuinn.runs.remote.frames import Condition, FileChanged, JournalGrew, Welcome, written
from tuinn.runs.remote.mirror import Mirror
from tuinn.runs.state import RunState
from tuinn.view.run_follower import RunFollower

SSH = """while [ $# -gt 2 ]; do shift; done
echo $$ >> "$0.log"
TUINN_HOME="$BOX_HOME" exec sh -c "exec $2"
"""


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    """A machine that `ssh` leads to, with tuinn on it."""
    stand_ins = StandIns(tmp_path / "bin", monkeypatch)
    monkeypatch.setenv("BOX_HOME", str(tmp_path / "box"))
    stand_ins.put("ssh", SSH)
    stand_ins.put("tuinn", f'exec {sys.executable} -P -m tuinn "$@"')
    monkeypatch.setattr(mirror_module, "RETRY_SECONDS", 0.1)
    return stand_ins


@pytest.fixture
def there(box: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_run: Write) -> RunFolder:
    """A run on it."""
    with monkeypatch.context() as other:
        other.setenv("TUINN_HOME", str(tmp_path / "box"))
        return write_run([*opening(), *epoch(1, 1.0)])


Open = Callable[..., RunFolder]


@pytest.fixture
def look() -> Iterator[Open]:
    """Opens the line to a run there, and hangs up at the end."""
    mirrors: list[Mirror] = []

    def opened(run: str = "", host: str = "box") -> RunFolder:
        mirror = Mirror(Address(host, run))
        folder = mirror.open()
        mirrors.append(mirror)
        return folder

    yield opened
    for one in mirrors:
        one.close()


def until(true: Callable[[], object]) -> None:
    """Wait for it, at most twenty seconds."""
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_journal_comes_here_and_commands_go_there(there: RunFolder, look: Open) -> None:
    here = look()
    assert here.name == there.name
    line = here.line()
    assert line is not None
    assert (line.host, line.trouble) == ("box", "")
    assert here.spec() == there.spec()
    with there.hold_lock():
        until(here.is_alive)
        append(there, *epoch(2, 0.5))
        until(lambda: here.events_file.read_bytes() == there.events_file.read_bytes())
        here.ask(Pause(), SetRate(learning_rate=0.5))
        until(lambda: len(there.commands().read_new()) == 2)
    assert there.commands_file.read_bytes() == here.commands_file.read_bytes()
    until(lambda: not here.is_alive())


def test_what_answers_are_shown_from_comes_along(there: RunFolder, look: Open) -> None:
    here = look()
    (there.path / "reports").mkdir(exist_ok=True)
    (there.path / "reports" / "test.json").write_text("{}")
    (there.path / "model.keras").write_bytes(b"large")
    there.predictions_file.write_bytes(b"numbers")
    until(lambda: here.report_file("test").is_file() and here.predictions_file.is_file())
    assert here.predictions_file.read_bytes() == b"numbers"
    assert not here.model_file.exists()


def kill_the_line(box: StandIns) -> None:
    """The process at the other end, for real."""
    for pid in map(int, box.log("ssh")):
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_line_that_breaks_is_said_and_opened_again_and_nothing_is_lost(
    box: StandIns, there: RunFolder, look: Open
) -> None:
    here = look()
    run = RunFollower(here)
    with there.hold_lock():
        until(here.is_alive)
        run.catch_up()
        assert (run.state, run.host) == (RunState.RUNNING, "box")
        box.put("ssh", "echo 'ssh: connect to host box port 22: No route to host' >&2; exit 255")
        kill_the_line(box)
        until(lambda: run.poll() or "No route to host" in run.trouble)
        assert run.trouble.endswith("The run there goes on; the line is tried again.")
        assert run.state is RunState.RUNNING, "the line is gone, not the run"
        here.ask(Pause(), AddEpochs(epochs=2))
        append(there, *epoch(2, 0.5), *epoch(3, 0.4))
        box.put("ssh", SSH)
        until(lambda: here.events_file.read_bytes() == there.events_file.read_bytes())
        until(lambda: run.poll() or not run.trouble)
        until(lambda: there.commands_size())
        kill_the_line(box)
        here.ask(SetRate(learning_rate=0.5))
        until(lambda: len(there.commands().read_new()) >= 3)
    assert there.commands_file.read_bytes() == here.commands_file.read_bytes(), "none twice, none lost"
    run.catch_up()
    assert len(run.view.finished) == 3


def test_what_is_here_already_is_not_sent_again(there: RunFolder, look: Open) -> None:
    first = look()
    until(lambda: first.events_file.is_file() and first.events_file.stat().st_size)
    whole = first.events_file.read_bytes()
    marked = whole.replace(b'"at":', b'"aT":', 1)
    first.events_file.write_bytes(marked)
    append(there, *epoch(2, 0.5))
    again = look()
    until(lambda: len(again.events_file.read_bytes()) == there.events_file.stat().st_size)
    assert again.events_file.read_bytes().startswith(marked)


def test_clocks_that_are_an_hour_apart_make_no_run_stalled(there: RunFolder, look: Open) -> None:
    there.heartbeat_file.write_text("60")
    ahead = time.time() + 3600
    here = look()
    with there.hold_lock():
        until(here.heartbeat_file.is_file)
        os.utime(there.heartbeat_file, (ahead, ahead))
        until(lambda: here.heartbeat_file.stat().st_mtime > ahead - 100)
        assert not here.is_overdue()


def refused(look: Open, run: str = "", host: str = "box") -> str:
    with pytest.raises(FolderError) as problem:
        look(run, host)
    return str(problem.value)


def test_each_reason_for_no_line_is_one_sentence(box: StandIns, there: RunFolder, look: Open) -> None:
    assert refused(look, "no-such-run").startswith("box: No run matches 'no-such-run'.")
    box.put("tuinn", "echo 'sh: 1: tuinn: not found' >&2; exit 127")
    assert refused(look) == (
        "There is no tuinn on box (sh: 1: tuinn: not found). Install it there, or say where it is: TUINN_THERE=/path/to/tuinn"
    )
    box.put("tuinn", f"echo '{written(Welcome('run', '9.0', protocol=9)).decode().strip()}'; cat > /dev/null")
    assert refused(look) == "tuinn on box speaks another version of the line. Install the same one on both."
    box.put("tuinn", "echo 'Error: No such command relay' >&2; exit 2")
    assert refused(look) == "The line to box has ended (Error: No such command relay)."
    box.put("ssh", "echo 'Host key verification failed.' >&2; exit 255")
    assert refused(look) == "There is no line to box: Host key verification failed. Try: ssh box"


def test_a_host_is_never_an_option_of_ssh() -> None:
    with pytest.raises(FolderError, match="is no machine"):
        address_of("-oProxyCommand=reboot:run")
    assert address_of("user@box:run") == Address("user@box", "run")
    assert address_of("box:") == Address("box", "")
    assert address_of("20261128-132052-digits-59b0") is None
    assert address_of("/tmp/a:b/run") is None


def test_what_a_shell_says_at_the_login_is_skipped(box: StandIns, there: RunFolder, look: Open) -> None:
    box.put("ssh", "echo 'Welcome to box!'\n" + SSH)
    assert look().spec() == there.spec()


def test_a_file_from_the_other_machine_stays_in_the_folder(
    there: RunFolder, look: Open, tmp_path: Path
) -> None:
    here = look()
    mirror = Mirror(Address("box"))
    mirror.folder = here
    for name in ("../../evil", "/tmp/evil", "a/b/c"):
        with pytest.raises(FolderError, match="doesn't belong to a run"):
            mirror._take(FileChanged(name, zlib.compress(b"x")), zlib.decompress)
    assert list(tmp_path.rglob("evil")) == []
    mirror._take(Condition(alive=False), zlib.decompress)


def test_nothing_that_belongs_there_is_started_here(there: RunFolder, look: Open) -> None:
    here = look()
    for start in (launch.launch, launch.resume_run, lambda folder: launch.with_batch_size(folder, 8)):
        with pytest.raises(FolderError, match=r"is on box\. Do that there: ssh box"):
            start(here)


def test_a_question_about_a_run_that_ended_starts_a_worker_there(
    box: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_run: Write, look: Open
) -> None:
    with monkeypatch.context() as other:
        other.setenv("TUINN_HOME", str(tmp_path / "box"))
        there = write_run(whole_run())
    here = look()
    here.ask(Evaluate(request="one"))
    until(there.log_file.is_file)
    until(lambda: "model.keras" in there.log_file.read_text() or there.log_file.stat().st_size)
    assert not here.log_file.exists()


def test_the_end_comes_here_too(there: RunFolder, look: Open) -> None:
    run = RunFollower(look())
    append(there, *ending())
    until(lambda: run.poll() and run.state is RunState.FINISHED)
    assert run.view.ended is not None


def test_of_two_screens_one_has_the_line_and_the_other_one_takes_it_over(there: RunFolder) -> None:
    first, second = Mirror(Address("box")), Mirror(Address("box"))
    here = first.open()
    assert second.open() == here
    here.ask(Pause())
    until(lambda: there.commands_size())
    assert first.close()
    here.ask(AddEpochs(epochs=1))
    append(there, *epoch(2, 0.5))
    until(lambda: here.events_file.read_bytes() == there.events_file.read_bytes())
    until(lambda: len(there.commands().read_new()) == 2)
    assert second.close()
    assert there.commands_file.read_bytes() == here.commands_file.read_bytes(), "none twice, none lost"


def test_what_is_asked_last_goes_there_before_the_line_is_closed_or_that_is_told(
    box: StandIns, there: RunFolder
) -> None:
    mirror = Mirror(Address("box"))
    here = mirror.open()
    here.ask(Pause())
    assert mirror.close()
    assert len(there.commands().read_new()) == 1
    again = Mirror(Address("box"))
    again.open()
    box.put("ssh", "exit 255")
    kill_the_line(box)
    until(lambda: again.line is None)
    here.ask(AddEpochs(epochs=1))
    assert not again.close()
    assert len(there.commands().read_new()) == 1


def test_damaged_data_break_the_line_and_not_the_copy(there: RunFolder, look: Open) -> None:
    here = look()
    until(
        lambda: here.events_file.is_file() and here.events_file.read_bytes() == there.events_file.read_bytes()
    )
    before = here.events_file.read_bytes()
    mirror = Mirror(Address("box"))
    mirror.folder, mirror.sender = here, "one"
    with pytest.raises(zlib.error):
        mirror._take(JournalGrew(0, b"no zlib"), zlib.decompress)
    assert here.events_file.read_bytes() == before
