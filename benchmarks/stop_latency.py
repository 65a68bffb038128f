"""How soon a training obeys: from the line in the command file to the event in the journal. The lab network.

    python benchmarks/stop_latency.py [--times 15]

Pause: to `Paused`. Rate: to `RateChanged`. Stop: to `Evaluated`, the first event after the loop is left; and to `RunEnded`,
when the network is measured and saved. The goal for pause and stop is 500 ms. Each is asked after a first whole epoch: before
that TensorFlow may be busy making the graph of the validation, which takes a second.
"""

import argparse
import os
import random
import statistics
import tempfile
import time

from tuinn.runs.commands import AnyCommand, Pause, Quit, Resume, SetRate, Stop
from tuinn.runs.events import EpochEnded, Evaluated, Event, Paused, RateChanged, Resumed, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch, resume_run
from tuinn.spec.presets.catalog import fashion_lab


def main() -> None:
    told = arguments()
    dice = random.Random(1)
    folder = RunFolder.create(fashion_lab().with_fit(epochs=1_000_000))
    reader = folder.events()
    worker = launch(folder)

    def await_one(kind: type[Event]) -> float:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if any(isinstance(event, kind) for event in reader.read_new()):
                return time.perf_counter()
            time.sleep(0.001)
        raise SystemExit(f"{kind.__name__} did not come. {folder.log_file.read_text()}")

    def seconds(command: AnyCommand, kind: type[Event]) -> float:
        began = time.perf_counter()
        folder.ask(command)
        return await_one(kind) - began

    found: dict[str, list[float]] = {"pause": [], "resume": [], "rate": [], "stop": [], "stop, saved": []}
    await_one(EpochEnded)
    for _ in range(told.times):
        time.sleep(dice.uniform(0.1, 0.6))
        found["pause"].append(seconds(Pause(), Paused))
        time.sleep(dice.uniform(0.0, 0.2))
        found["resume"].append(seconds(Resume(), Resumed))
        time.sleep(dice.uniform(0.1, 0.6))
        found["rate"].append(seconds(SetRate(learning_rate=1e-3), RateChanged))
    for _ in range(told.stops):
        time.sleep(dice.uniform(0.1, 0.6))
        began = time.perf_counter()
        folder.ask(Stop())
        found["stop"].append(await_one(Evaluated) - began)
        found["stop, saved"].append(await_one(RunEnded) - began)
        worker = resume_run(folder)
        await_one(EpochEnded)
    folder.ask(Stop(), Quit())
    worker.wait()
    for name, times in found.items():
        print(
            f"{name:12} median {statistics.median(times) * 1e3:4.0f} ms, longest {max(times) * 1e3:4.0f} ms, {len(times)} times"
        )
    print("goal: pause and stop in 500 ms")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--stops", type=int, default=4)
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TUINN_HOME=home, TUINN_IDLE="5")
        main()
