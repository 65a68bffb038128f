"""A run as a Slurm job, in turns: a stand-in for sbatch really runs the script, sends the signal, and runs it again."""

import subprocess
from pathlib import Path

import pytest

from tests.stand_ins import StandIns
from tests.worker.conftest import Train, journal_of
from tests.worker.test_kills import assert_the_same
from tests.worker.test_resume import digits
from tuinn.runs.events import RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder
from tuinn.runs.listing import Listing
from tuinn.runs.machine.submit import Wanted, submit
from tuinn.view.run_columns import shown_state
from tuinn.view.run_view import RunView

pytestmark = [pytest.mark.tf, pytest.mark.timeout(600)]

SBATCH = """
for script; do :; done
folder=$(dirname "$script")
echo 4711
export SLURM_JOB_ID=4711
(
    for turn in 1 2 3 4 5; do
        rm -f "$0.requeued"
        before=$(grep -c '"kind":"EpochEnded"' "$folder/events.jsonl" 2>/dev/null)
        "$script" >> "$folder/slurm.log" 2>&1 &
        job=$!
        if [ $turn -lt 2 ]; then
            # The limit of time comes after three more epochs.
            until [ "$(grep -c '"kind":"EpochEnded"' "$folder/events.jsonl" 2>/dev/null)" -ge $((${before:-0} + 3)) ]; do
                kill -0 $job || break
                sleep 0.02
            done
            kill -USR1 $job
        fi
        wait $job
        echo "$turn $?" >> "$0.log"
        [ -e "$0.requeued" ] || break
    done
    echo over >> "$0.log"
) > /dev/null 2>&1 &
echo $! > "$0.pid"
"""
"""Runs the script; sends its warning in the first turn; runs it again as often as scontrol asks for that."""

SCONTROL = """[ "$1 $2" = "requeue 4711" ] && touch "${0%/*}/sbatch.requeued" """


def test_a_run_in_two_turns_ends_in_the_numbers_of_one_straight_through(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = digits(epochs=30)
    straight = train(spec)
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / 'it\'s a "home" of 100 %, $HOME'))
    stand_ins = StandIns(tmp_path / "the programs", monkeypatch)
    stand_ins.put("sbatch", SBATCH)
    stand_ins.put("scontrol", SCONTROL)
    stand_ins.put("squeue", "echo '4711|RUNNING|node-7|1:00:00|None'")
    folder = RunFolder.create(spec)
    submit(folder, Wanted(partition="gpu", time="4:00:00"))
    await_end(stand_ins)
    assert stand_ins.log("sbatch") == ["1 130", "2 0", "over"], (folder.path / "slurm.log").read_text()
    events = journal_of(folder)
    turns = [type(event) for event in events if isinstance(event, RunStarted | RunResumed)]
    assert turns == [RunStarted, RunResumed]
    ends = [(event.outcome, event.signal) for event in events if isinstance(event, RunEnded)]
    assert ends == [("stopped", "SIGUSR1"), ("finished", "")]
    view = RunView()
    for event in events:
        view.apply(event)
    assert_the_same(view, straight)
    (run,) = Listing().refresh()
    assert shown_state(run) == "finished"
    log = (folder.path / "slurm.log").read_text()
    assert log.count("Slurm runs job 4711 again") == 1
    assert "Runs end with Slurm job 4711" in log


def await_end(stand_ins: StandIns) -> None:
    """Until the job has had its last turn."""
    pid = (stand_ins.folder / "sbatch.pid").read_text().strip()
    subprocess.run(["tail", f"--pid={pid}", "-f", "/dev/null"], timeout=500, check=True)
