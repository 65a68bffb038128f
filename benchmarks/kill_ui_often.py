"""Kill the screen often, at random moments, by SIGKILL, SIGHUP and SIGTERM in turn: the run must not notice.

    python -m benchmarks.kill_ui_often [--kills 50] [--seed 7] [--most 2.5]

Each screen is attached to the same run, has keys pressed, and lives at most `--most` seconds. Goals: no epoch missing,
no line torn, the worker alive, and the terminal restored after each SIGHUP and SIGTERM.
"""

import argparse
import os
import tempfile
from pathlib import Path

from tests.e2e.screen_kills import kill_screens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--most", type=float, default=2.5, help="longest life, as a multiple of the time to the first picture"
    )
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        found = kill_screens(told.kills, told.seed, told.most, Path(__file__).parents[1])
    missing = len({*range(1, max(found.epochs, default=0) + 1)} - {*found.epochs})
    print(
        f"{told.kills} kills, {found.drawn} of them after the first picture, {len(found.commands)} commands asked"
    )
    print(
        f"worker alive: {found.alive}; epochs {len(found.epochs):,}, missing {missing}; torn lines {found.torn}"
    )
    print(f"terminals not restored: {found.unrestored or 'none'}")


if __name__ == "__main__":
    main()
