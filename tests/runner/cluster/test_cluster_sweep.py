"""A sweep over the machines of a real Dask cluster: what comes home, what is obeyed, and what each death looks like."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.runner.cluster.conftest import FakeCluster, FakeMachine, until
from tests.runner.test_sweep_runner import said
from tuinn.runs.commands import Pause, Resume
from tuinn.runs.events import Paused
from tuinn.runs.folder import RunFolder, runs_folder
from tuinn.spec.presets.catalog import iris_lab
from tuinn.sweeps.commands import StopAll
from tuinn.sweeps.events import SweepStarted, TrialStarted, TrialTakenUp
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.launch import resume_sweep, start_sweep
from tuinn.sweeps.spec import SweepSpec

pytest.importorskip("distributed")

RATES = "fit.learning_rate=0.1,0.2,0.3,0.4"


def sweep_on(
    cluster: FakeCluster, over: str = RATES, epochs: int = 5, parallel: int = 2, pruner: str = "none"
) -> SweepFolder:
    base = iris_lab().with_fit(epochs=epochs)
    return start_sweep(SweepSpec.of(base, [over], parallel=parallel, pruner=pruner), cluster.address)


def ended(folder: SweepFolder) -> SweepFollower:
    """Wait for the end of the sweep, and until its runner has left."""
    until(lambda: SweepFollower(folder).view.ended and not folder.is_alive(), "the sweep doesn't end")
    return SweepFollower(folder)


def here(run: str) -> RunFolder:
    return RunFolder(runs_folder() / run)


def machine_of(cluster: FakeCluster, run: str) -> FakeMachine:
    return next(one for one in cluster.machines.values() if run in one.runs())


def first_run(folder: SweepFolder) -> str:
    """Wait until the first trial has trained a few epochs, as far as is known here, and return its run."""
    until(lambda: len(here_epochs(folder, 1)) > 2, "no epoch comes here")
    return SweepFollower(folder).view.of(1).run


def here_epochs(folder: SweepFolder, number: int) -> list[str]:
    run = SweepFollower(folder).view.of(number).run
    file = here(run).events_file
    return (
        [line for line in file.read_text().splitlines() if "EpochEnded" in line]
        if run and file.exists()
        else []
    )


def kill_runner(folder: SweepFolder) -> None:
    os.kill(said(folder, SweepStarted)[-1].pid, signal.SIGKILL)
    until(lambda: not folder.is_alive())


def all_starts(cluster: FakeCluster) -> list[str]:
    return sorted(start for machine in cluster.machines.values() for start in machine.starts())


def test_trials_train_on_the_machines_and_come_home_whole(cluster: FakeCluster) -> None:
    cluster.add("one")
    cluster.add("two")
    sweep = ended(sweep_on(cluster))
    assert sweep.state is SweepState.FINISHED
    assert [trial.value for trial in sweep.view.trials] == [rate / 5 for rate in (0.1, 0.2, 0.3, 0.4)]
    runs = [trial.run for trial in sweep.view.trials]
    assert all(machine.runs() for machine in cluster.machines.values()), "both machines have trained"
    assert all_starts(cluster) == sorted(f"{run} 1" for run in runs)
    for run in runs:
        there, home = machine_of(cluster, run).run(run), here(run)
        assert home.events_file.read_bytes() == there.events_file.read_bytes()
        assert home.model_file.read_text() == f"{run} 5"
        assert home.last_checkpoint.read_text() == "5"
        assert not home.best_checkpoint.exists(), "nobody asked for it"
        assert (home.path / "reports" / "test.json").read_text() == "{}"
        assert home.line() is None
        assert not home.is_alive()


def test_what_is_asked_of_a_run_here_is_obeyed_there_once(cluster: FakeCluster) -> None:
    cluster.epoch_seconds = 0.1
    machine = cluster.add("one")
    folder = sweep_on(cluster, over="fit.learning_rate=0.1,0.2", epochs=60, parallel=1)
    run = here(first_run(folder))
    assert run.is_alive()
    line = run.line()
    assert line is not None
    assert line.host
    run.ask(Pause())
    until(lambda: "Paused" in run.events_file.read_text())
    run.ask(Resume())
    until(lambda: "Resumed" in run.events_file.read_text())
    assert machine.run(run.name).commands_file.read_bytes() == run.commands_file.read_bytes()
    assert len([event for event in run.events().read_all() if isinstance(event, Paused)]) == 1
    folder.ask(StopAll())
    assert ended(folder).state is SweepState.STOPPED


def test_a_sweep_that_is_stopped_stops_its_trials_there_and_resumes_them_there(cluster: FakeCluster) -> None:
    cluster.epoch_seconds = 0.1
    cluster.add("one")
    cluster.add("two")
    folder = sweep_on(cluster, over="fit.learning_rate=0.1,0.2", epochs=40)
    first_run(folder)
    folder.ask(StopAll())
    sweep = ended(folder)
    assert sweep.state is SweepState.STOPPED
    assert [trial.state for trial in sweep.view.trials] == ["halted"] * 2
    stopped_at = {trial.run: int(here(trial.run).last_checkpoint.read_text()) for trial in sweep.view.trials}
    resume_sweep(sweep)
    until(lambda: not SweepFollower(folder).view.ended)
    sweep = ended(folder)
    assert [len(trial.reports) for trial in sweep.view.trials] == [40, 40]
    starts = [f"{run} 1" for run in stopped_at] + [f"{run} {at + 1}" for run, at in stopped_at.items()]
    assert all_starts(cluster) == sorted(starts)


def test_a_hopeless_trial_is_stopped_there(cluster: FakeCluster) -> None:
    cluster.epoch_seconds = 0.1
    cluster.add("one")
    sweep = ended(sweep_on(cluster, over="fit.learning_rate=0.95,0.1", epochs=30, parallel=1))
    lost, good = sweep.view.trials
    assert (lost.state, good.state) == ("pruned", "finished")
    assert lost.epoch < 30
    assert here(lost.run).model_file.is_file()


# ----------------------------------------------------------------------------------------------- deaths


def test_the_trial_of_a_machine_that_vanishes_is_started_again_elsewhere_once(cluster: FakeCluster) -> None:
    cluster.epoch_seconds = 0.2
    cluster.add("one")
    cluster.add("two")
    folder = sweep_on(cluster, over="fit.learning_rate=0.1,0.2", epochs=20, parallel=1)
    run = first_run(folder)
    victim = machine_of(cluster, run)
    (other,) = [machine for machine in cluster.machines.values() if machine is not victim]
    victim.vanish()
    sweep = ended(folder)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 2
    assert [len(trial.reports) for trial in sweep.view.trials] == [20, 20]
    assert [event.number for event in said(folder, TrialTakenUp)] == [1]
    assert other.starts() == [f"{run} 1", f"{sweep.view.of(2).run} 1"]
    assert here(run).events_file.read_bytes() == other.run(run).events_file.read_bytes()


def test_a_trial_whose_machine_vanishes_twice_fails_and_no_other_does(cluster: FakeCluster) -> None:
    cluster.epoch_seconds = 0.2
    for name in ("one", "two", "three"):
        cluster.add(name)
    folder = sweep_on(cluster, over="fit.learning_rate=0.1,0.2", epochs=20, parallel=1)
    run = first_run(folder)
    first = machine_of(cluster, run)
    first.vanish()
    left = [machine for machine in cluster.machines.values() if machine is not first]
    until(lambda: any(machine.starts() for machine in left), "it isn't started again")
    (second,) = [machine for machine in left if machine.starts()]
    second.vanish()
    sweep = ended(folder)
    assert [trial.state for trial in sweep.view.trials] == ["failed", "finished"]
    assert "Nothing is heard of" in sweep.view.of(1).message
    (third,) = [machine for machine in left if machine is not second]
    assert third.starts() == [f"{sweep.view.of(2).run} 1"]
    assert run in first.runs()


def test_a_dask_worker_that_is_killed_costs_no_epoch_where_it_comes_back(cluster: FakeCluster) -> None:
    cluster.epoch_seconds = 0.3
    one = cluster.add("one", "trials", "--nanny")
    folder = sweep_on(cluster, over="fit.learning_rate=0.1,0.2", epochs=40, parallel=1)
    run = first_run(folder)
    before = cluster.log("one").count("Registered to")
    os.kill(dask_worker_of(one), signal.SIGKILL)
    until(lambda: cluster.log("one").count("Registered to") > before)
    cluster.add("two")
    sweep = ended(folder)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 2
    assert one.starts()[0] == f"{run} 1"
    assert [start for start in all_starts(cluster) if start.startswith(run)] == [f"{run} 1"]
    assert said(folder, TrialTakenUp) == []


def dask_worker_of(machine: FakeMachine) -> int:
    """The process that a nanny has started, and starts again."""
    children = psutil.Process(machine.process.pid).children()
    (pid,) = [int(one.pid) for one in children if any("spawn" in word for word in one.cmdline())]
    return pid


def test_a_runner_that_was_killed_finds_its_trials_training_and_counts_each_once(
    cluster: FakeCluster,
) -> None:
    cluster.epoch_seconds = 0.2
    cluster.add("one")
    cluster.add("two")
    folder = sweep_on(cluster, over="fit.learning_rate=0.1,0.2,0.3", epochs=30)
    first_run(folder)
    kill_runner(folder)
    sweep = SweepFollower(folder)
    assert sweep.state is SweepState.LOST
    resume_sweep(sweep)
    sweep = ended(folder)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 3
    assert [len(trial.reports) for trial in sweep.view.trials] == [30] * 3
    assert all_starts(cluster) == sorted(f"{trial.run} 1" for trial in sweep.view.trials)
    assert len(said(folder, TrialStarted)) == 3


def test_trials_that_ended_while_no_runner_was_there_come_home_when_one_is(cluster: FakeCluster) -> None:
    cluster.epoch_seconds = 0.1
    cluster.add("one")
    folder = sweep_on(cluster, over="fit.learning_rate=0.1,0.2", epochs=15, parallel=1)
    run = first_run(folder)
    kill_runner(folder)
    until(lambda: "RunEnded" in machine_of(cluster, run).run(run).events_file.read_text())
    assert "RunEnded" not in here(run).events_file.read_text()
    resume_sweep(SweepFollower(folder))
    sweep = ended(folder)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 2
    assert all_starts(cluster) == sorted(f"{trial.run} 1" for trial in sweep.view.trials)
    assert here(run).model_file.is_file()


def test_a_scheduler_that_is_killed_ends_the_sweep_in_a_sentence_and_resuming_loses_nothing(
    cluster: FakeCluster,
) -> None:
    cluster.epoch_seconds = 0.2
    one = cluster.add("one")
    folder = sweep_on(cluster, over="fit.learning_rate=0.1,0.2", epochs=40, parallel=1)
    run = first_run(folder)
    assert cluster.scheduler is not None
    os.killpg(cluster.scheduler.pid, signal.SIGKILL)
    sweep = ended(folder)
    assert sweep.state is SweepState.FAILED
    assert sweep.view.ended is not None
    assert f"The Dask scheduler at {cluster.address} is gone." in sweep.view.ended.message
    assert one.run(run).is_alive(), "what trains goes on"
    cluster.scheduler.wait()
    one.process.wait(30)  # a Dask worker leaves with its scheduler
    cluster.start_scheduler()
    cluster.add("one")
    resume_sweep(sweep)
    until(lambda: not SweepFollower(folder).view.ended)
    sweep = ended(folder)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 2
    assert all_starts(cluster) == sorted(f"{trial.run} 1" for trial in sweep.view.trials)


def test_a_home_that_is_shared_is_used_as_it_is(cluster: FakeCluster, own_home: Path) -> None:
    cluster.epoch_seconds = 0.05
    cluster.add("one", "trials", TUINN_HOME=str(own_home))
    sweep = ended(sweep_on(cluster, over="fit.learning_rate=0.1,0.2"))
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 2
    assert all(here(trial.run).model_file.is_file() for trial in sweep.view.trials)
    assert not list(own_home.glob("runs/*/line.json"))
