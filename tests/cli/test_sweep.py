"""`tuinn sweep`: a runner of its own that continues without us; its workers only tell stories."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Start, Tuinn
from tuinn.runs.commands import Stop
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.spec.presets.catalog import default_draft
from tuinn.sweeps.events import SweepResumed, SweepStarted
from tuinn.sweeps.folder import SweepFolder, all_sweeps
from tuinn.sweeps.follower import SweepFollower
from tuinn.sweeps.spec import SweepSpec

GRID = ("--over", "fit.learning_rate=0.1,0.2,0.3")


@pytest.fixture
def made() -> SweepFolder:
    """A sweep that nobody conducts."""
    return SweepFolder.create(SweepSpec.of(default_draft(), ["fit.learning_rate=0.1,0.2"]))


def wait_until(true: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_sweep_is_followed_to_its_end_a_line_per_trial(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("sweep", "start", lab, *GRID, "--follow")
    assert (done.code, done.err) == (0, "")
    (folder,) = all_sweeps()
    lines = done.out.splitlines()
    assert lines[:2] == [f"{folder.name}  3 trials  grid  val_loss", f"next  tuinn sweep show {folder.name}"]
    assert lines[2:5] == [
        "trial 1/3  finished  val_loss 0.6600  learning rate 0.1  ★",
        "trial 2/3  finished  val_loss 0.6600  learning rate 0.2",
        "trial 3/3  finished  val_loss 0.6600  learning rate 0.3",
    ]
    assert lines[5] == f"{folder.name}  finished  3 of 3 trials  3 finished"
    assert lines[6].startswith("best      trial 1  val_loss 0.6600 in epoch 3  learning rate 0.1")
    assert len(all_runs()) == 3

    shown = json.loads(tuinn("sweep", "show", "--json").out)
    assert (shown["state"], shown["trials_done"], shown["best"]["number"]) == ("finished", 3, 1)
    assert [trial["values"] for trial in shown["trials"]] == [
        {"fit.learning_rate": rate} for rate in (0.1, 0.2, 0.3)
    ]
    assert tuinn("attach", shown["best"]["run"]).code == 0

    again = tuinn("sweep", "resume", "last")
    assert (again.code, again.err) == (
        1,
        f"tuinn: {folder.name} has tried all 3 combinations of its values.\n",
    )


def test_json_names_the_sweep_and_its_journal_can_be_followed(tuinn: Tuinn, lab: Path) -> None:
    told = json.loads(tuinn("sweep", "start", lab, *GRID, "--json").out)
    assert (told["trials"], told["sampler"], told["misfits"]) == (3, "grid", [])
    followed = tuinn("sweep", "show", told["sweep"], "--follow", "--json")
    kinds = [json.loads(line)["kind"] for line in followed.out.splitlines()]
    assert (kinds[0], kinds[-1], kinds.count("TrialEnded")) == ("SweepStarted", "SweepEnded", 3)
    (row,) = json.loads(tuinn("sweep", "list", "--json").out)
    assert (row["name"], row["state"]) == (told["sweep"], "finished")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "A sweep needs a field to sweep over: --over FIELD=RANGE."),
        (["--over", "fit.lerning_rate=1,2"], "Did you mean learning_rate?"),
        (["--over", "fit.learning_rate=log:0..1"], "must be a number above 0"),
        (["--over", "fit.epochs=5..5"], "is empty"),
        (
            ["--over", "fit.epochs=1..1000000", "--over", "fit.seed=1..1000", "--sampler", "grid"],
            "1,000,000,000 points",
        ),
        (["--over", "layers[6].units=3,4"], "No trial of this sweep can be trained."),
        ([*GRID, "--metric", "beauty"], "'beauty' is not reported by this draft."),
        ([*GRID, "--trials", "0"], "0 is not in the range"),
        ([*GRID, "--set", "layers[6].units=3"], "ends in 3 outputs"),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_started(
    tuinn: Tuinn, lab: Path, words: list[str], why: str
) -> None:
    done = tuinn("sweep", "start", lab, *words)
    assert done.code == 2
    assert why in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert all_sweeps() == []


def test_values_that_cannot_be_trained_are_named_before_anything_starts(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn("sweep", "start", lab, "--over", "layers[6].units=9,10", "--follow")
    assert done.code == 0
    assert done.err.startswith("warning: can't be trained, and is skipped: layers[6].units=9: layer 6:")
    assert "trial 1/2  skipped  layer 6:" in done.out
    assert len(all_runs()) == 1


def test_a_draft_that_only_the_sweep_puts_right_may_be_swept_over(tuinn: Tuinn, lab: Path) -> None:
    done = tuinn(
        "sweep", "start", lab, "--set", "layers[6].units=3", "--over", "layers[6].units=3,10", "--follow"
    )
    assert "trial 2/2  finished" in done.out


def test_a_runner_that_was_killed_is_lost_and_its_sweep_is_resumed(
    tuinn: Tuinn, start: Start, lab: Path
) -> None:
    first = start("sweep", "start", lab, *GRID, "--follow", worker="deaf")
    wait_until(lambda: all_runs() and all_runs()[0].is_alive())
    (folder,) = all_sweeps()
    (pid,) = [event.pid for event in folder.events().read_all() if isinstance(event, SweepStarted)]
    os.kill(pid, signal.SIGKILL)
    _, err = first.communicate()
    assert first.returncode == 1
    assert f"ended without saying why. Resume it: tuinn sweep resume {folder.name}" in err
    assert json.loads(tuinn("sweep", "show", "--json").out)["state"] == "lost"
    (run,) = all_runs()
    resumed = start("sweep", "resume", "last", "--follow")
    wait_until(lambda: SweepResumed in map(type, folder.events().read_all()))
    os.kill(_holder(run), signal.SIGKILL)
    out, err = resumed.communicate()
    assert resumed.returncode == 0, err
    assert "3 of 3 trials  3 finished" in out
    assert len(all_runs()) == 3


def _holder(run: RunFolder) -> int:
    """The process that holds the run's lock."""
    inode = run.lock_file.stat().st_ino
    with Path("/proc/locks").open() as locks:
        return next(int(line.split()[4]) for line in locks if line.split()[5].endswith(f":{inode}"))


def test_a_sweep_is_stopped_with_what_is_in_hand(tuinn: Tuinn, start: Start, lab: Path) -> None:
    process = start("sweep", "start", lab, *GRID, "--follow", worker="until stop")
    wait_until(lambda: all_runs() and all_runs()[0].is_alive())
    assert tuinn("sweep", "stop").code == 0
    _, err = process.communicate()
    assert process.returncode == 130
    assert "was stopped. Resume it: tuinn sweep resume" in err
    shown = tuinn("sweep", "show").out
    assert "stopped  trial 1 of 3  1 halted" in shown
    assert tuinn("sweep", "stop").err.startswith(
        f"tuinn: {all_sweeps()[0].name} is not running: it is stopped."
    )


@pytest.mark.parametrize("verb", ["stop", "pause"])
def test_a_sweep_that_nobody_conducts_cannot_be_steered(tuinn: Tuinn, made: SweepFolder, verb: str) -> None:
    os.utime(made.sweep_file, (0, 0))
    done = tuinn("sweep", verb)
    assert (done.code, done.err) == (
        1,
        f"tuinn: {made.name} is not running: it is lost. Resume it: tuinn sweep resume {made.name}\n",
    )


def test_without_any_sweep_the_sentence_says_how_to_make_one(tuinn: Tuinn) -> None:
    assert "`tuinn sweep start SPEC.toml" in tuinn("sweep", "show").err
    assert "There are no sweeps yet." in tuinn("sweep", "list").out


def test_a_damaged_sweep_is_listed_as_such(tuinn: Tuinn, made: SweepFolder) -> None:
    made.sweep_file.write_text("junk")
    assert "damaged" in tuinn("sweep", "list").out
    assert "is damaged or from a newer tuinn" in tuinn("sweep", "show").err


@pytest.mark.parametrize("name", ["SIGUSR2", "SIGTERM"])
def test_a_signal_to_whoever_follows_a_sweep_stops_it_and_says_how_it_goes_on(
    start: Start, lab: Path, name: str
) -> None:
    process = start("sweep", "start", lab, *GRID, "--follow", worker="until stop")
    wait_until(lambda: all_runs() and all_runs()[0].events_file.exists())
    process.send_signal(signal.Signals[name])
    _, err = process.communicate()
    (folder,) = all_sweeps()
    assert process.returncode == 130
    assert f"Resume it: tuinn sweep resume {folder.name}" in err
    ended = SweepFollower(folder).view.ended
    assert ended is not None
    assert f"It got {name}" in ended.message
    assert Stop(signal=name) in all_runs()[0].commands().read_all()


def test_a_sweep_goes_on_without_the_terminal_in_which_it_is_followed(start: Start, lab: Path) -> None:
    process = start("sweep", "start", lab, *GRID, "--follow", worker="until stop")
    wait_until(lambda: all_runs() and all_runs()[0].events_file.exists())
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate()
    (folder,) = all_sweeps()
    assert process.returncode == 129
    assert err == f"{folder.name} continues. See it: tuinn sweep show {folder.name}\n"
    assert folder.is_alive()
    assert folder.commands().read_all() == []
