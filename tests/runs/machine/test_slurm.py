"""Slurm's queue, its answers and its silence; the script of a job; and runs that wait for their turn."""

import os
import shlex
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import Write
from tests.factories import ending, epoch, opening, whole_run
from tests.stand_ins import HANGS, StandIns
from tuinn.errors import FolderError, SpecError
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.listing import ListedRun, Listing
from tuinn.runs.machine import slurm, submit
from tuinn.runs.machine.batch_job import BatchJob, read_job, write_job
from tuinn.runs.machine.slurm import JobStatus
from tuinn.runs.machine.submit import Wanted, script_of
from tuinn.runs.state import RunState
from tuinn.spec.presets.catalog import iris_lab
from tuinn.view.run_columns import left_text, node_text, shown_state


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    return StandIns(tmp_path / "bin", monkeypatch)


QUEUE = """77|RUNNING|node-7|1-02:03:04|None
78|PENDING||4:00:00|Resources
79|RUNNING|node-8|UNLIMITED|None
80_[1-9]|PENDING||1:00|Priority
nonsense
|||
"""


def put_queue(stand_ins: StandIns, text: str = QUEUE) -> None:
    (stand_ins.folder / "queue").write_text(text)
    stand_ins.put("squeue", 'echo "$*" >> "$0.log"; cat "${0%/*}/queue"')


def test_the_queue_is_what_squeue_tells_of_this_user(stand_ins: StandIns) -> None:
    put_queue(stand_ins)
    assert slurm.ask_queue() == {
        "77": JobStatus("RUNNING", "node-7", 93_784.0),
        "78": JobStatus("PENDING", "", None, "Resources"),
        "79": JobStatus("RUNNING", "node-8", None),
    }


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:30", 30),
        ("59:59", 3599),
        ("1:00:00", 3600),
        ("2-00:00:01", 172_801),
        ("INVALID", None),
        ("", None),
    ],
)
def test_times_of_squeue_are_understood(text: str, seconds: float | None) -> None:
    assert slurm.seconds_of(text) == seconds


@pytest.mark.parametrize("script", ["exit 1", HANGS, "echo '||||'; exit 3"])
def test_a_slurm_that_gives_no_answer_is_not_an_empty_queue(
    stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(slurm, "ASK_SECONDS", 0.5)
    stand_ins.put("squeue", script)
    assert slurm.ask_queue() is None


def test_slurm_is_asked_at_most_every_30_seconds_by_all_processes(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    put_queue(stand_ins)
    cache, now = tmp_path / "cache" / "squeue.json", time.time()
    first = slurm.queue(cache, now)
    assert slurm.queue(cache, now + 29) == first
    assert len(stand_ins.log("squeue")) == 1
    slurm.queue(cache, now + 31)
    assert len(stand_ins.log("squeue")) == 2
    stand_ins.put("squeue", 'echo "$*" >> "$0.log"; exit 1')
    assert slurm.queue(cache, now + 62) is None
    assert slurm.queue(cache, now + 63) is None
    assert len(stand_ins.log("squeue")) == 3


@pytest.mark.parametrize("content", ["", "{", '{"asked": "x"}', "[1]"])
def test_a_damaged_answer_is_asked_for_again(stand_ins: StandIns, tmp_path: Path, content: str) -> None:
    put_queue(stand_ins)
    cache = tmp_path / "squeue.json"
    cache.write_text(content)
    assert slurm.queue(cache) is not None


# ------------------------------------------------------------------------------------------------ in the table


def listed(listing: Listing, folder: RunFolder) -> ListedRun:
    return next(run for run in listing.refresh() if run.name == folder.name)


def test_a_run_that_waits_for_its_first_turn_is_queued_however_long_that_takes(
    stand_ins: StandIns, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_queue(stand_ins)
    folder = write_run()
    write_job(folder.path, BatchJob("78", time.time() - 7200))
    long_ago = time.time() - 7200
    os.utime(folder.spec_file, (long_ago, long_ago))
    listing = Listing()
    assert shown_state(listed(listing, folder)) == "queued"
    listing.ask_slurm()
    run = listed(listing, folder)
    assert (run.state, shown_state(run), node_text(run)) == (RunState.STARTING, "queued", "Resources")


def test_a_run_in_its_turn_shows_node_and_time_left(stand_ins: StandIns, write_run: Write) -> None:
    put_queue(stand_ins)
    folder = write_run([*opening(), *epoch(1, 1.0)])
    write_job(folder.path, BatchJob("77", time.time()))
    listing = Listing()
    with folder.hold_lock():
        listing.refresh()
        listing.ask_slurm()
        run = listed(listing, folder)
    assert (shown_state(run), node_text(run), left_text(run)) == ("running", "node-7", "1 d 2 h")


def test_a_run_that_waits_for_its_next_turn_is_queued(stand_ins: StandIns, write_run: Write) -> None:
    put_queue(stand_ins)
    folder = write_run([*opening(), *epoch(1, 1.0), *ending("stopped", "Stopped.")])
    write_job(folder.path, BatchJob("78", time.time()))
    listing = Listing()
    assert shown_state(listed(listing, folder)) == "stopped"
    listing.ask_slurm()
    assert shown_state(listed(listing, folder)) == "queued"


def test_a_run_whose_job_left_the_queue_before_it_began_is_lost_and_says_so(
    stand_ins: StandIns, write_run: Write
) -> None:
    put_queue(stand_ins, "")
    folder = write_run()
    write_job(folder.path, BatchJob("78", time.time() - 3600))
    listing = Listing()
    listing.refresh()
    listing.ask_slurm()
    long_ago = time.time() - 3600
    os.utime(folder.spec_file, (long_ago, long_ago))
    run = listed(Listing(), folder)
    assert run.state is RunState.LOST
    assert run.trouble == "Its Slurm job 78 was cancelled, or ended, before the training began."


def test_a_run_that_has_trained_is_not_lost_when_its_job_leaves_the_queue(
    stand_ins: StandIns, write_run: Write
) -> None:
    put_queue(stand_ins, "")
    folder = write_run(whole_run())
    write_job(folder.path, BatchJob("78", time.time() - 3600))
    listing = Listing()
    listing.refresh()
    listing.ask_slurm()
    assert shown_state(listed(listing, folder)) == "finished"
    assert read_job(folder.path) == BatchJob("78", read_job(folder.path).submitted)  # type: ignore[union-attr]


def test_without_jobs_nobody_is_asked(stand_ins: StandIns, write_run: Write) -> None:
    put_queue(stand_ins)
    write_run(whole_run())
    listing = Listing()
    listing.refresh()
    listing.ask_slurm()
    assert stand_ins.log("squeue") == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"number": 3}'])
def test_a_damaged_file_of_a_job_is_no_job(write_run: Write, content: str) -> None:
    folder = write_run(whole_run())
    (folder.path / "job.json").write_text(content)
    assert listed(Listing(), folder).job is None


# --------------------------------------------------------------------------------------------------- the script


def test_the_script_is_shell_whatever_its_paths_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / 'it\'s a "home" with $HOME, `id`, 100 % and ; blanks'
    monkeypatch.setenv("TUINN_HOME", str(home))
    folder = RunFolder.create(iris_lab())
    file = tmp_path / "job.sh"
    text = script_of(
        folder.path, Wanted("gpu", "4:00:00", "a100:1", 8, "16G", "lab", more=("--comment=my run",))
    )
    # In place of the program that would train: what it would be started with.
    file.write_text(text.replace("\nexec ", "\nexec printf '%s\\n' \"$TUINN_HOME\" "))
    told = subprocess.run(["bash", str(file)], capture_output=True, text=True, check=True).stdout.splitlines()
    assert told[0] == str(home)
    assert told[-4:] == ["resume", str(folder.path), "--requeue", "--plain"]
    options = [shlex.split(line)[1] for line in text.splitlines() if line.startswith("#SBATCH")]
    assert options[1:] == [
        "--signal=B:USR1@120",
        "--requeue",
        "--open-mode=append",
        "--partition=gpu",
        "--time=4:00:00",
        "--gpus=a100:1",
        "--mem=16G",
        "--account=lab",
        "--cpus-per-task=8",
        "--comment=my run",
    ]


BAD = {
    "partition": (Wanted(partition="gpu; rm"), "--partition: 'gpu; rm' is not understood. Give the name"),
    "line": (Wanted(partition="gpu\n"), "is not understood"),
    "time": (Wanted(time="4 hours"), "--time: '4 hours' is not understood. Give minutes, H:M:S or D-H:M:S"),
    "short": (
        Wanted(time="3:00"),
        "--time: 3:00 is too short for a signal 120 s before its end. Ask for 240 s",
    ),
    "memory": (Wanted(memory="much"), "--memory: 'much' is not understood"),
    "gpus": (Wanted(gpus="-1"), "--gpus: '-1' is not understood"),
    "option": (Wanted(more=("qos",)), "--sbatch: 'qos' is no option"),
    "two lines": (Wanted(more=("--qos=a\n#SBATCH --x",)), "is no option"),
}


@pytest.mark.parametrize(("wanted", "words"), BAD.values(), ids=BAD)
def test_what_slurm_would_not_take_is_refused_before(wanted: Wanted, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        wanted.check()
    assert words in str(caught.value)


@pytest.mark.parametrize("limit", ["4", "4:00", "1:00:00", "1-0", "1-12:30", "2-00:00:00", ""])
def test_every_form_of_a_limit_is_taken(limit: str) -> None:
    Wanted(time=limit).check()


# ----------------------------------------------------------------------------------------------- how it is submitted


def test_the_number_of_the_job_is_kept_in_the_run_folder(
    stand_ins: StandIns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "50 % 'of' it"))
    stand_ins.put("sbatch", 'printf "%s\\n" "$@" > "$0.log"; echo "4711;cluster"')
    folder = RunFolder.create(iris_lab())
    assert submit.submit(folder, Wanted()).number == "4711"
    job = read_job(folder.path)
    assert job is not None
    assert (job.number, job.is_over) == ("4711", False)
    assert stand_ins.log("sbatch") == [
        "--parsable",
        f"--output={str(folder.path).replace('%', '%%')}/slurm.log",
        f"--chdir={Path.cwd()}",
        str(folder.path / "job.sh"),
    ]


REFUSALS = {
    "refuses": (
        "echo 'sbatch: error: invalid partition specified: gpu' >&2; exit 1",
        "Slurm did not take the job: invalid partition specified: gpu. Nothing was submitted.",
        0,
    ),
    "silent": ("exit 7", "Slurm did not take the job: exit code 7. Nothing was submitted.", 0),
    "hangs": (HANGS, "sbatch gave no answer within 0 s. Whether", 1),
    "nonsense": ("echo submitted, probably", "sbatch gave no number of a job. Whether", 1),
}


@pytest.mark.parametrize(("script", "words", "left"), REFUSALS.values(), ids=REFUSALS)
def test_an_sbatch_that_does_not_do_its_work_is_told_in_a_sentence(
    stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, script: str, words: str, left: int
) -> None:
    monkeypatch.setattr(submit, "SUBMIT_SECONDS", 0.4)
    stand_ins.put("sbatch", script)
    folder = RunFolder.create(iris_lab())
    with pytest.raises(FolderError) as caught:
        submit.submit(folder, Wanted())
    assert words in str(caught.value)
    assert len(all_runs()) == left


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 0", ""),
        ("echo 'scancel: error: Kill job error on job id 78' >&2; exit 1", "Kill job error on job id 78"),
        ("exit 3", "scancel ended with exit code 3"),
        (HANGS, "scancel gives no answer"),
    ],
)
def test_a_job_is_cancelled_or_it_is_said_why_not(
    stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    monkeypatch.setattr(slurm, "ASK_SECONDS", 0.5)
    stand_ins.put("scancel", f'echo "$*" >> "$0.log"; {script}')
    told = slurm.cancel("78")
    assert words in told
    assert bool(told) == bool(words)
    assert stand_ins.log("scancel") == ["78"]
