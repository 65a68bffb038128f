"""kill -9 of a sweep's conductor, over and over at random moments; the sweep against one straight through.

python -m benchmarks.kill_conductor [--trials 14] [--seed 1]

Its workers are processes of their own that take 20 ms an epoch, without TensorFlow: what is tried here is the conductor.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tuinn.runs import launch as running
from tuinn.runs.commands import Stop
from tuinn.runs.events import EpochEnded, Event, RunEnded, RunResumed, RunStarted
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.journal import JournalWriter
from tuinn.spec.presets.catalog import default_draft
from tuinn.sweeps import launch
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.follower import SweepFollower
from tuinn.sweeps.spec import SweepSpec
from tuinn.sweeps.view import SweepView

ME = (sys.executable, "-m", "benchmarks.kill_conductor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    launch.RUNNER = (*ME, "conduct")
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        sweep = SweepSpec.of(
            default_draft().with_fit(epochs=15),
            ["fit.learning_rate=log:1e-4..1e-1"],
            trials=told.trials,
            pruner="none",
        )
        straight, _ = through(sweep, None)
        runs = len(all_runs())
        killed, kills = through(sweep, random.Random(told.seed))
        print(f"{kills} kills, {told.trials} trials, {len(all_runs()) - runs} runs")
        same = [(trial.values, trial.reports) for trial in straight.trials] == [
            (trial.values, trial.reports) for trial in killed.trials
        ]
        print(f"the same values tried and the same results: {same}")


def through(sweep: SweepSpec, dice: random.Random | None) -> tuple[SweepView, int]:
    """A sweep to its end, its conductor killed now and then; and how often."""
    folder, kills = SweepFolder.create(sweep), 0
    conductor = launch.launch_runner(folder)
    while True:
        time.sleep(dice.uniform(0.3, 1.6) if dice else 0.2)
        view = SweepFollower(folder).view
        if view.ended is not None:
            conductor.wait()
            return view, kills
        if dice:
            conductor.kill()
            conductor.wait()
            kills += 1
            time.sleep(dice.choice((0.0, 0.4)))
            conductor = launch.launch_runner(folder)


def work(path: Path, words: list[str]) -> None:
    """A worker whose loss is the learning rate over the epoch."""
    run = RunFolder(path)
    with run.hold_lock() as mine:
        if mine:
            journal, resumed = JournalWriter(run.events_file), "--resume" in words
            done = [event.epoch for event in run.events().read_all() if isinstance(event, EpochEnded)]
            for event in story(run, max(done, default=0) + 1, resumed):
                journal.append(event)


def story(run: RunFolder, first: int, resumed: bool) -> Iterator[Event]:
    spec, now = run.spec(), time.time()
    opening: Event = RunStarted(at=now, run=run.name, host="", pid=1, tuinn="", epochs=spec.fit.epochs)
    yield RunResumed(at=now, epoch=first, step=0, epochs=spec.fit.epochs) if resumed else opening
    for epoch in range(first, spec.fit.epochs + 1):
        time.sleep(0.02)
        if any(isinstance(command, Stop) for command in run.commands().read_all()):
            yield RunEnded(at=time.time(), outcome="stopped")
            return
        loss: dict[str, float | None] = {"val_loss": spec.fit.learning_rate / epoch}
        yield EpochEnded(at=time.time(), epoch=epoch, metrics=loss, seconds=0.02, learning_rate=1)
    yield RunEnded(at=time.time(), outcome="finished")


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        work(Path(sys.argv[2]), sys.argv[3:])
    elif sys.argv[1:2] == ["conduct"]:
        from tuinn.runner.__main__ import main as run_program

        running.WORKER = ME
        del sys.argv[1]
        sys.exit(run_program())
    else:
        main()
