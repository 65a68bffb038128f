"""What a Dask cluster costs a sweep: the time of 24 trials of iris, and the runner's processor and memory over many trials.

python -m benchmarks.cluster_sweep [iris | runner [TRIALS [SECONDS]]]

`iris` trains the same sweep four at a time here, and over a local cluster of four processes with homes of their own, in
turn. `runner` has workers that only wait (tests/runner/cluster/fake_trial.py), each trial so many seconds, four at a time.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.runner.cluster.conftest import FakeCluster
from tuinn.spec.presets.catalog import iris_lab
from tuinn.sweeps.events import SweepStarted
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.follower import SweepFollower
from tuinn.sweeps.launch import start_sweep
from tuinn.sweeps.spec import SweepSpec

MACHINES = 4
ROUNDS = 2


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory() as place:
        os.environ["TUINN_HOME"] = str(Path(place) / "home")
        os.environ["TUINN_STANDBY"] = "0"
        if what in ("", "iris"):
            iris(Path(place))
        if what in ("", "runner"):
            numbers = [float(word) for word in sys.argv[2:]] or [1000.0, 4.0]
            runner(Path(place), int(numbers[0]), numbers[1] if len(numbers) > 1 else 4.0)


def cluster_in(folder: Path, fake: str, epoch_seconds: float = 0.0) -> FakeCluster:
    """A scheduler and four machines."""
    folder.mkdir()
    cluster = FakeCluster(folder, epoch_seconds=epoch_seconds)
    cluster.start_scheduler()
    for number in range(MACHINES):
        cluster.add(f"machine-{number}", fake)
    return cluster


def iris(place: Path) -> None:
    """24 trials, four at a time, here and there in turn."""
    rates = ",".join(str(round(0.002 * number, 3)) for number in range(1, 25))
    plan = SweepSpec.of(
        iris_lab(), [f"fit.learning_rate={rates}"], trials=24, parallel=MACHINES, pruner="none"
    )
    cluster = cluster_in(place / "cluster", "")
    try:
        took: dict[str, list[float]] = {"here": [], cluster.address: []}
        for _ in range(ROUNDS):
            for where, seconds in took.items():
                seconds.append(seconds_of(start_sweep(plan, where)))
                print(f"{where:24} {seconds[-1]:7.1f} s", flush=True)
    finally:
        cluster.close()
    here, there = (min(seconds) for seconds in took.values())
    print(f"24 trials of iris over 4 processes: {there / here:.2f} × the time of 4 at a time without Dask")


def seconds_of(folder: SweepFolder) -> float:
    began = time.monotonic()
    while not SweepFollower(folder, brief=True).view.ended:
        time.sleep(0.2)
    view = SweepFollower(folder).view
    assert [trial.state for trial in view.trials] == ["finished"] * 24, view.ended
    return time.monotonic() - began


def runner(place: Path, trials: int, seconds: float) -> None:
    """The share of a core, and memory after a tenth and at the end."""
    epochs = 20
    cluster = cluster_in(place / "runner", "trials", seconds / epochs)
    rates = ",".join(f"{1e-6 * number:.6f}" for number in range(1, trials + 1))
    base = iris_lab().with_fit(epochs=epochs)
    plan = SweepSpec.of(base, [f"fit.learning_rate={rates}"], parallel=MACHINES, pruner="none", trials=trials)
    try:
        folder = start_sweep(plan, cluster.address)
        while not (started := [one for one in folder.events().read_all() if isinstance(one, SweepStarted)]):
            time.sleep(0.1)
        process = psutil.Process(started[0].pid)
        marks = watch(folder, process, trials)
    finally:
        cluster.close()
    (_, first_at, first_cpu, first_memory), (_, last_at, last_cpu, last_memory) = marks[0], marks[-1]
    share = (last_cpu - first_cpu) / (last_at - first_at)
    print(
        f"{trials:,} trials of {seconds:g} s, {MACHINES} at a time: {last_at - first_at:.0f} s, the runner {share:.2%} of a core, "
        f"{first_memory:.1f} MB after a tenth, {last_memory:.1f} MB at the end"
    )


def watch(folder: SweepFolder, process: psutil.Process, trials: int) -> list[tuple[int, float, float, float]]:
    """Trials that are over, time, processor seconds, and MB of memory: from a tenth on, at each tenth."""
    marks: list[tuple[int, float, float, float]] = []
    sweep = SweepFollower(folder, brief=True)
    while sweep.view.ended is None:
        time.sleep(0.2)
        sweep.poll()
        if sweep.view.done >= trials * (len(marks) + 1) // 10 and sweep.view.ended is None:
            cpu, memory = sum(process.cpu_times()[:2]), process.memory_info().rss / 1e6
            marks.append((sweep.view.done, time.monotonic(), cpu, memory))
            print(f"{sweep.view.done:6} trials  {cpu:7.2f} s of the processor  {memory:6.1f} MB", flush=True)
    assert {trial.state for trial in sweep.view.trials} == {"finished"}, sweep.view.ended
    return marks


if __name__ == "__main__":
    main()
