"""A monkey at the workbench: keys, clicks, pastes and sizes by chance, until something breaks.

    python -m benchmarks.monkey [--seed 1] [--actions 100000]

Sessions of 1,000 actions, each with a seed of its own, 80×24 and 120×40 in turn. Prints each session that broke, with
its seed and its last actions, and at the end how many did; `--seed` of a broken session with `--actions 1000` repeats it.
"""

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.monkey import SIZES, furnish, no_world, play

SESSION = 1_000


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--actions", type=int, default=100_000)
    told = options.parse_args()
    broken, done, began = 0, 0, time.perf_counter()
    for seed in range(told.seed, told.seed + -(-told.actions // SESSION)):
        actions = min(SESSION, told.actions - done)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, no_world(Path(folder)):
            try:
                asyncio.run(play(seed, actions, SIZES[seed % 2], furnish(Path(folder))))
            except AssertionError as problem:
                broken += 1
                traceback.print_exception(problem.__cause__, limit=-8)
                print(problem, flush=True)
        done += actions
        print(f"{done} actions, {broken} sessions broken, {time.perf_counter() - began:.0f} s", flush=True)
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
