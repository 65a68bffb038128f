"""Why a worker died or is silent: the cause by what was recorded, without a process; and what is recorded of real ones."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.conftest import Write
from tests.factories import epoch, opening
from tuinn.runs import worker_record
from tuinn.runs.death import Death, Remains, cause_of_death, why_silent
from tuinn.runs.folder import RunFolder
from tuinn.runs.listing import Listing
from tuinn.runs.state import RunState
from tuinn.runs.worker_record import SIZE, WorkerRecord, begin_record, leave_words, read_record, write_record

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("remains", "kind", "words"),
    [
        (Remains(folder_gone=True, code=-9), "gone", ["run folder was deleted"]),
        (Remains(last_words="The journal cannot be written.", code=1), "disk", ["The journal cannot be"]),
        (Remains(journal_gone=True, oom_kills=1), "journal", ["deleted or overwritten", "can't be told"]),
        (Remains(code=3), "exited", ["exit code 3"]),
        (Remains(code=-4, instructions=("AVX",)), "instructions", ["SIGILL", "AVX among them", "Install"]),
        (Remains(fatal="SIGILL"), "instructions", ["lacks instructions for which TensorFlow was built ("]),
        (Remains(code=-7, disk_free=0), "file", ["SIGBUS", "0 B are free"]),
        (Remains(code=-11), "crashed", ["SIGSEGV", "worker.log says where"]),
        (Remains(fatal="SIGFPE"), "crashed", ["SIGFPE"]),
        (Remains(code=-6), "crashed", ["SIGABRT"]),
        (Remains(code=-6, limits={"memory": 2 * GB}), "out_of_memory", ["ulimit -v", "2.0 GB", "batch_size"]),
        (
            Remains(code=-9, oom_kills=1, memory_limit=4 * GB, memory_free=GB),
            "out_of_memory",
            ["(its limit is 4.0 GB)", "smaller batch_size"],
        ),
        (Remains(code=-9, oom_kills=1, memory_free=GB), "out_of_memory", ["(1.0 GB are free now)"]),
        (Remains(oom_kills=2), "out_of_memory", ["so the system killed the worker. Set a smaller"]),
        (Remains(code=-9), "killed", ["batch system killed the worker (signal 9)."]),
        (Remains(), "killed", ["(signal 9)"]),
        (Remains(limits={"cpu": 10}), "killed", ["limit of 10 s of processor time (ulimit -t)"]),
        (Remains(code=-14), "killed", ["SIGALRM"]),
        (Remains(code=-62), "killed", ["signal 62"]),
        (Remains(restarted=True, oom_kills=3), "restarted", ["machine was restarted"]),
        (Remains(host="node7"), "elsewhere", ["node7"]),
        (Remains(recorded=False), "unknown", ["ended without saying why"]),
        (Remains(recorded=False, code=-9), "killed", ["(signal 9)"]),
        (Remains(fatal="SIGSEGV", restarted=True), "crashed", ["SIGSEGV"]),
    ],
    ids=str,
)
def test_a_death_is_told_by_the_most_certain_cause(remains: Remains, kind: str, words: list[str]) -> None:
    death = cause_of_death(remains)
    assert death.kind == kind
    for word in words:
        assert word in death.message
    assert death.message.endswith(".")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("T", "suspended. It goes on after: kill -CONT 42. It ends after: kill -9 42"),
        ("D", "waits for a disk or a device"),
        ("S", "gives no sign of life. It ends after: kill -9 42"),
        ("", "gives no sign of life. It ends after: kill -9 42"),
    ],
)
def test_a_silent_worker_is_told_with_the_command_that_ends_it(state: str, words: str) -> None:
    assert words in why_silent(42, state)
    assert "(process 42 on node7)" in why_silent(42, state, "node7")


def test_a_record_keeps_its_size_so_that_the_last_words_need_no_room(write_run: Write) -> None:
    folder = write_run([])
    begin_record(folder.path, folder.log_file)
    file = folder.path / worker_record.FILE
    assert file.stat().st_size == SIZE
    leave_words(folder.path, "The journal cannot be written. " * 1000)
    assert file.stat().st_size == SIZE
    record = read_record(folder.path)
    assert record is not None
    assert record.pid == os.getpid()
    assert record.last_words.startswith("The journal cannot be written.")
    assert folder.examine_death().kind == "disk"


def test_a_cause_that_was_found_is_kept_for_those_who_look_later(write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    begin_record(folder.path, folder.log_file)
    assert folder.examine_death(-11).kind == "crashed"
    assert RunFolder(folder.path).examine_death().signal == "SIGSEGV"
    (row,) = Listing().refresh()
    assert (row.state, row.death) == (RunState.LOST, folder.examine_death())
    assert "SIGSEGV" in row.trouble
    begin_record(folder.path, folder.log_file)
    assert folder.examine_death().kind == "killed"


def test_a_cause_is_not_written_over_the_record_of_a_worker_that_lives(write_run: Write) -> None:
    folder = write_run([*opening()])
    begin_record(folder.path, folder.log_file)
    with folder.hold_lock():
        assert folder.examine_death(-9).kind == "killed"
    record = read_record(folder.path)
    assert record is not None
    assert record.died is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("memory.events", "low 0\noom 3\noom_kill {}\n"),
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"),
        ("vmstat", "pgfault 1\noom_kill {}\n"),
    ],
)
def test_a_counter_of_out_of_memory_kills_that_has_risen_is_the_cause(
    write_run: Write, tmp_path: Path, name: str, text: str
) -> None:
    folder, counter = write_run([*opening()]), tmp_path / name
    begin_record(folder.path, folder.log_file)
    record = read_record(folder.path)
    assert record is not None
    gone = str(tmp_path / "gone" / "memory.events")
    write_record(
        folder.path, msgspec.structs.replace(record, oom_kills={gone: 0, str(counter): 4}, memory_limit=GB)
    )
    counter.write_text(text.format(4))
    assert folder.examine_death(-9).kind == "killed"
    counter.write_text(text.format(5))
    death = folder.examine_death(-9)
    assert death.kind == "out_of_memory"
    assert "its limit is 1.0 GB" in death.message


def test_a_worker_of_another_start_or_machine_is_told_as_that(write_run: Write) -> None:
    folder = write_run([*opening()])
    begin_record(folder.path, folder.log_file)
    record = read_record(folder.path)
    assert record is not None
    write_record(folder.path, msgspec.structs.replace(record, host="node7"))
    assert folder.examine_death().kind == "elsewhere"
    write_record(folder.path, msgspec.structs.replace(record, boot="another"))
    assert folder.examine_death().kind == "restarted"


CRASH = """
import faulthandler, os, sys
from pathlib import Path
from tuinn.runs.worker_record import begin_record
folder = Path(sys.argv[1])
begin_record(folder, folder / "worker.log")
faulthandler.enable()
os.kill(os.getpid(), int(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (signal.SIGILL, "instructions"),
        (signal.SIGSEGV, "crashed"),
        (signal.SIGBUS, "file"),
        (signal.SIGFPE, "crashed"),
        (signal.SIGABRT, "crashed"),
        (signal.SIGKILL, "killed"),
    ],
)
def test_the_signal_that_ended_a_process_is_found_without_its_parent(
    write_run: Write, number: signal.Signals, kind: str
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    folder.log_file.write_text("Fatal Python error: Segmentation fault\n")  # of an earlier worker
    with folder.log_file.open("ab") as log:
        command = [sys.executable, "-c", CRASH, str(folder.path), str(number.value)]
        assert subprocess.run(command, stderr=log, check=False).returncode == -number
    assert folder.examine_death() == Death(kind, folder.examine_death(-number).message, number.name)


SUSPEND = """
import os, signal, sys
from pathlib import Path
from tuinn.runs.worker_record import begin_record
begin_record(Path(sys.argv[1]), Path(sys.argv[1]) / "worker.log")
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
"""


def test_a_worker_that_is_suspended_is_stalled_at_once(write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    command = [sys.executable, "-c", SUSPEND, str(folder.path)]
    with folder.hold_lock(), subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
        try:
            os.waitpid(worker.pid, os.WUNTRACED)
            assert folder.is_overdue()
            assert f"kill -CONT {worker.pid}" in folder.silence()
            (row,) = Listing().refresh()
            assert row.state is RunState.STALLED
            assert f"kill -9 {worker.pid}" in row.trouble
            record = read_record(folder.path)
            assert isinstance(record, WorkerRecord)
            write_record(folder.path, msgspec.structs.replace(record, ticks=1))
            assert not folder.is_overdue(), "another process has its number"
        finally:
            worker.kill()


@pytest.mark.parametrize(("data_loaded", "kind"), [(True, "journal"), (False, "killed")])
def test_a_run_whose_journal_was_emptied_is_not_said_to_have_been_killed(
    write_run: Write, data_loaded: bool, kind: str
) -> None:
    folder = write_run(opening())
    begin_record(folder.path, folder.log_file)
    record = read_record(folder.path)
    assert record is not None
    if data_loaded:
        folder.facts_file.touch()
    assert folder.examine_death().kind == "killed"
    write_record(folder.path, record)
    for content in (b"", b"\0" * 5000 + b"\n", b"{garbage\n"):
        folder.events_file.write_bytes(content)
        assert folder.examine_death().kind == kind
        write_record(folder.path, record)
    folder.events_file.unlink()
    assert folder.examine_death().kind == "journal"
    assert read_record(folder.path) == record, "the journal may come back"
