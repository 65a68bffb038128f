"""What a sweep costs: opening a long one, drawing it, bytes to the terminal while it is on, and the conductor's processor.

python -m benchmarks.sweep_cost [SECONDS]
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.e2e.terminal import Terminal
from tuinn.runs.journal import JournalWriter
from tuinn.spec.presets.catalog import default_draft, preset_for_dataset
from tuinn.sweeps.commands import StopAll
from tuinn.sweeps.events import SweepStarted, TrialEnded, TrialReported, TrialStarted, Weighed
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.follower import SweepFollower
from tuinn.sweeps.launch import start_sweep
from tuinn.sweeps.ranges import Setting
from tuinn.sweeps.spec import SweepSpec
from tuinn.view.parallel_coordinates import chart

TRIALS, EPOCHS, REPORTS = 1000, 100, 60
OVERS = ["fit.learning_rate=log:1e-4..1e-1", "layers[3].units=16..256", "fit.optimizer=adam,sgd"]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        os.environ["TUINN_STANDBY"] = "0"
        folder = long_sweep()
        size = folder.events_file.stat().st_size
        print(f"{TRIALS:,} trials, {TRIALS * REPORTS:,} reports, {size / 1e6:.1f} MB")
        sweep = SweepFollower(folder)
        print(f"opened and folded     {median(lambda: SweepFollower(folder)):7.1f} ms")
        print(f"parallel chart 72×14  {median(lambda: chart(sweep.view, 72, 14)):7.1f} ms")
        print(f"to the terminal, 80×24, four trials at a time: {bytes_per_second(seconds):.0f} bytes/s")
        print(f"the conductor, two trials at a time: {conductor_share(seconds):.2%} of a core")


def median(call: Callable[[], object], times: int = 5) -> float:
    """Milliseconds."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)


def started(folder: SweepFolder, trials: int, parallel: int) -> SweepStarted:
    return SweepStarted(sweep=folder.name, host="box", pid=1, tuinn="0", trials=trials, parallel=parallel)


def begun(number: int) -> TrialStarted:
    values: dict[str, Setting] = {
        "fit.learning_rate": 1e-4 * number,
        "layers[3].units": 16 + number % 240,
        "fit.optimizer": "adam",
    }
    return TrialStarted(
        at=time.time(), number=number, values=values, run=f"20260101-000000-fashion-{number:04x}"
    )


def long_sweep() -> SweepFolder:
    """A sweep of a thousand trials that was on for a day."""
    folder = SweepFolder.create(SweepSpec.of(default_draft(), OVERS, trials=TRIALS))
    journal = JournalWriter(folder.events_file)
    journal.append(started(folder, TRIALS, 1))
    reports = tuple(1.0 / (epoch + 1) for epoch in range(EPOCHS))
    for number in range(1, TRIALS + 1):
        journal.append(begun(number))
        for epoch in range(REPORTS):
            journal.append(TrialReported(number=number, epoch=epoch + 1, value=reports[epoch]))
        journal.append(
            TrialEnded(
                number=number,
                outcome="finished",
                value=1.0 / number,
                epoch=EPOCHS,
                epochs=EPOCHS,
                seconds=60,
                reports=reports,
            )
        )
    journal.append(
        Weighed(
            importance=dict.fromkeys((o.partition("=")[0] for o in OVERS), 1 / 3), method="fANOVA", trials=9
        )
    )
    return folder


def bytes_per_second(seconds: float) -> float:
    """A sweep whose four trials report once a second, on the screen."""
    folder = SweepFolder.create(SweepSpec.of(default_draft(), OVERS, trials=100, parallel=4))
    journal = JournalWriter(folder.events_file)
    journal.append(started(folder, 100, 4))
    with folder.hold_lock(), Terminal((sys.executable, "-m", "tuinn"), (80, 24), dict(os.environ)) as screen:
        screen.expect("goes on")
        screen.press("\r")
        screen.expect("trial 1 of 100")
        for number in range(1, 5):
            journal.append(begun(number))
        screen.pump(2)
        before = screen.written
        for second in range(int(seconds)):
            for number in range(1, 5):
                journal.append(
                    TrialReported(
                        at=time.time(), number=number, epoch=second + 1, value=1 / (second + number)
                    )
                )
            screen.pump(1)
        screen.expect(r"val_loss .*\n.*0\.", 5)
        return (screen.written - before) / seconds


def conductor_share(seconds: float) -> float:
    """Of a core, while two real trainings report some hundred epochs a second."""
    iris = preset_for_dataset("iris")
    assert iris is not None
    base = iris.with_fit(epochs=1_000_000)
    folder = start_sweep(SweepSpec.of(base, ["fit.learning_rate=0.001,0.002"], parallel=2))
    while (sweep := SweepFollower(folder)) and len([t for t in sweep.view.trials if t.epoch > 50]) < 2:
        time.sleep(0.2)
    (pid,) = [event.pid for event in folder.events().read_all() if isinstance(event, SweepStarted)]
    conductor = psutil.Process(pid)
    before = sum(conductor.cpu_times()[:2])
    time.sleep(seconds)
    share: float = (sum(conductor.cpu_times()[:2]) - before) / seconds
    folder.ask(StopAll())
    while folder.is_alive():
        time.sleep(0.2)
    return share


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
