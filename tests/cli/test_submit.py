"""`tuinn submit`, `tuinn resume --requeue` and what other commands do with a run that Slurm trains."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tuinn
from tests.conftest import Write
from tests.factories import append, epoch, opening, whole_run
from tests.stand_ins import StandIns
from tuinn.runs.folder import all_runs
from tuinn.runs.machine.batch_job import BatchJob, read_job, write_job


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    here = StandIns(tmp_path / "bin", monkeypatch)
    here.put("sbatch", "echo 4711")
    here.put("squeue", "true")
    here.put("scontrol", 'echo "$*" >> "$0.log"')
    return here


def queue_says(stand_ins: StandIns, line: str) -> None:
    stand_ins.put("squeue", f"echo '{line}'")


def test_a_spec_becomes_a_run_and_a_job(tuinn: Tuinn, lab: Path, stand_ins: StandIns) -> None:
    queue_says(stand_ins, "4711|PENDING||4:00:00|Priority")
    done = tuinn("submit", lab, "--partition", "gpu", "--time", "4:00:00", "--set", "fit.epochs=7")
    (folder,) = all_runs()
    assert done.code == 0
    assert done.out.splitlines() == [
        f"{folder.name}  Slurm job 4711",
        f"its output  {folder.path / 'slurm.log'}",
        f"next  tuinn runs, tuinn attach {folder.name}",
    ]
    assert folder.spec().fit.epochs == 7
    assert "#SBATCH --partition=gpu" in (folder.path / "job.sh").read_text()
    (run,) = json.loads(tuinn("runs", "--json").out)
    assert run["job"] == {
        "number": "4711",
        "state": "PENDING",
        "node": "",
        "seconds_left": None,
        "reason": "Priority",
    }
    head, row = tuinn("runs").out.splitlines()
    assert head.split()[:6] == ["state", "run", "dataset", "network", "best", "curve"]
    assert "job" in head.split()
    assert row.split()[0] == "queued"
    assert "4711" in row


def test_as_json_the_job_is_an_object(tuinn: Tuinn, lab: Path, stand_ins: StandIns) -> None:
    told = json.loads(tuinn("submit", lab, "--json").out)
    (folder,) = all_runs()
    assert told == {
        "run": folder.name,
        "path": str(folder.path),
        "job": "4711",
        "script": str(folder.path / "job.sh"),
    }


def test_a_dry_run_prints_the_script_and_makes_nothing(tuinn: Tuinn, lab: Path, stand_ins: StandIns) -> None:
    stand_ins.put("sbatch", "exit 1")
    done = tuinn("submit", lab, "--dry-run", "--warning", "60", "--sbatch", "--qos=long")
    assert done.code == 0
    assert done.out.startswith("#!/bin/bash\n#SBATCH --job-name=tuinn-")
    assert "#SBATCH --signal=B:USR1@60\n" in done.out
    assert "#SBATCH --qos=long\n" in done.out
    assert all_runs() == []


def test_without_sbatch_nothing_is_made(
    tuinn: Tuinn, lab: Path, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stand_ins.folder / "sbatch").unlink()
    done = tuinn("submit", lab)
    assert done.code == 1
    assert done.err == (
        "tuinn: There is no `sbatch` here: log in to a machine of the cluster from which jobs are submitted.\n"
    )
    assert all_runs() == []


def test_a_spec_that_cannot_be_trained_is_not_submitted(tuinn: Tuinn, lab: Path, stand_ins: StandIns) -> None:
    done = tuinn("submit", lab, "--set", "fit.loss=binary_crossentropy")
    assert done.code == 2
    assert all_runs() == []
    assert tuinn("submit", lab, "--time", "soon").err.startswith("tuinn: --time: 'soon' is not understood.")


def test_stopping_a_run_that_waits_cancels_its_job(
    tuinn: Tuinn, stand_ins: StandIns, write_run: Write
) -> None:
    queue_says(stand_ins, "78|PENDING||4:00:00|Priority")
    stand_ins.put("scancel", 'echo "$*" >> "$0.log"')
    folder = write_run()
    write_job(folder.path, BatchJob("78"))
    done = tuinn("stop", "last")
    assert done.out == (
        f"{folder.name}: its Slurm job 78 is cancelled. Train it here: tuinn resume {folder.name}\n"
    )
    assert stand_ins.log("scancel") == ["78"]
    job = read_job(folder.path)
    assert job is not None
    assert job.is_over


def test_a_job_that_cannot_be_cancelled_is_told(tuinn: Tuinn, stand_ins: StandIns, write_run: Write) -> None:
    queue_says(stand_ins, "78|PENDING||4:00:00|Priority")
    stand_ins.put("scancel", "echo 'scancel: error: Access denied' >&2; exit 1")
    folder = write_run()
    write_job(folder.path, BatchJob("78"))
    done = tuinn("stop", "last")
    assert done.code == 1
    assert f"Slurm job 78 of {folder.name} can't be cancelled: scancel: error: Access denied" in done.err


def test_a_run_in_its_turn_is_stopped_as_any_other(
    tuinn: Tuinn, stand_ins: StandIns, write_run: Write
) -> None:
    queue_says(stand_ins, "78|RUNNING|node-7|4:00:00|None")
    folder = write_run([*opening(), *epoch(1, 1.0)])
    write_job(folder.path, BatchJob("78"))
    with folder.hold_lock():
        assert tuinn("stop", "last").out == f"{folder.name} stops.\n"
    assert len(folder.commands().read_all()) == 1


# ------------------------------------------------------------------------------------------------------ turns


@pytest.fixture
def in_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "78")


@pytest.mark.usefixtures("in_job")
def test_after_slurms_warning_the_job_is_run_again(
    tuinn: Tuinn, stand_ins: StandIns, write_run: Write
) -> None:
    folder = write_run()
    done = tuinn("resume", folder.name, "--requeue", "--plain", worker="signalled")
    assert done.code == 130
    assert stand_ins.log("scontrol")[-1] == "requeue 78"
    assert done.out.endswith(f"Slurm runs job 78 again; {folder.name} goes on in its next turn.\n")


@pytest.mark.usefixtures("in_job")
@pytest.mark.parametrize(
    ("story", "words"),
    [
        ("signalled early", "Job 78 is not run again: this turn was too short to train at all."),
        ("terminated", ""),
        ("fail", ""),
        ("finish", ""),
    ],
)
def test_otherwise_it_is_not(
    tuinn: Tuinn, stand_ins: StandIns, write_run: Write, story: str, words: str
) -> None:
    folder = write_run()
    done = tuinn("resume", folder.name, "--requeue", "--plain", worker=story)
    assert words in done.err
    assert not any(line.startswith("requeue") for line in stand_ins.log("scontrol"))
    assert "goes on in its next turn" not in done.out


@pytest.mark.usefixtures("in_job")
def test_a_job_that_slurm_does_not_run_again_is_told_with_what_to_do(
    tuinn: Tuinn, stand_ins: StandIns, write_run: Write
) -> None:
    stand_ins.put("scontrol", "echo 'Requested operation is presently disabled for job 78' >&2; exit 1")
    folder = write_run()
    done = tuinn("resume", folder.name, "--requeue", "--plain", worker="signalled")
    assert done.code == 130
    assert done.err.endswith(
        "tuinn: Slurm does not run job 78 again: Requested operation is presently disabled for job 78. "
        f"Go on: tuinn resume {folder.name}\n"
    )


def test_outside_of_a_job_there_is_nothing_to_run_again(
    tuinn: Tuinn, stand_ins: StandIns, write_run: Write
) -> None:
    folder = write_run()
    done = tuinn("resume", folder.name, "--requeue", "--plain", worker="signalled")
    assert "tuinn: There is no Slurm job to run again here. Go on: tuinn resume" in done.err


@pytest.mark.usefixtures("in_job")
def test_a_turn_after_the_last_epoch_ends_well(tuinn: Tuinn, stand_ins: StandIns, write_run: Write) -> None:
    folder = write_run()
    append(folder, *whole_run())
    done = tuinn("resume", folder.name, "--requeue", "--plain")
    assert (done.code, done.out) == (0, f"{folder.name} has trained all its 3 epochs.\n")
