"""Kill one run with SIGKILL at many random moments, take it up each time, and compare it with a run straight through.

    python -m benchmarks.kill_often [--kills 50] [--epochs 400] [--seed 1]

Prints where it was taken up, and the largest difference of any metric of any epoch. The goal is at most 1e-6.
"""

import argparse
import math
import os
import subprocess
import tempfile
import time

from tests.worker.kills import kill_often
from tests.worker.test_resume import digits
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch


def difference(one: float | None, other: float | None) -> float:
    """Infinite where only one of them is a finite number."""
    if one is None or other is None:
        return 0.0 if one is other else math.inf
    return abs(one - other)


def main() -> None:
    told = arguments()
    spec = digits(epochs=told.epochs)
    began = time.monotonic()
    straight = kill_often(RunFolder.create(spec), start, 0, 0, 1.0)
    story = kill_often(RunFolder.create(spec), start, told.kills, told.seed, told.most)
    differences = [
        difference(value, other.metrics[name])
        for one, other in zip(story.view.finished, straight.view.finished, strict=True)
        for name, value in one.metrics.items()
    ]
    middles = sum(step > 0 for _, step in story.resumed)
    print(f"{story.kills} kills, {story.unreadable} torn lines, {time.monotonic() - began:.0f} s in all")
    print(f"taken up at {[epoch for epoch, _ in story.resumed]}, {middles} times in mid-epoch")
    print(f"{len(story.view.finished)} epochs, largest difference of a metric: {max(differences):.2g}")


def start(folder: RunFolder, *words: str) -> "subprocess.Popen[bytes]":
    return launch(folder, *words)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=float, default=1.0, help="seconds from a first report to the kill")
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TUINN_HOME=home, TUINN_IDLE="0", TUINN_CHECKPOINT_SECONDS="0")
        main()
