"""How long a list of many runs takes: read for the first time, by the next process, and looked at again.

    python -m benchmarks.many_runs [--runs 1000] [--epochs 40] [--per-epoch 50]

The runs are written first, each with a journal of its own. The goals: 1 s with a cache, 50 ms to look again.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.long_journal import write
from tuinn.runs.events import RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalWriter
from tuinn.runs.listing import Listing
from tuinn.spec.presets.catalog import default_draft

T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--per-epoch", type=int, default=50)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        bytes_written = make_runs(told.runs, told.epochs * (told.per_epoch + 3), told.per_epoch)
        print(f"{told.runs:,} runs, {bytes_written / 1e6:.0f} MB of journals")
        first, listing = timed(Listing)
        cold, rows = timed(listing.refresh)
        print(f"read for the first time: {1e3 * (first + cold):.0f} ms for {len(rows):,} runs")
        again, _ = timed(listing.refresh)
        print(f"looked at again: {1e3 * again:.0f} ms, goal 50 ms")
        fresh, listing = timed(Listing)
        warm, _ = timed(listing.refresh)
        print(f"by the next process: {1e3 * (fresh + warm):.0f} ms")
        for words in (["runs"], ["runs", "--filter", "zebra"], ["--version"]):
            spent, _ = timed(
                partial(
                    subprocess.run,
                    [sys.executable, "-m", "tuinn", *words],
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            )
            print(
                f"tuinn {' '.join(words)}: {1e3 * spent:.0f} ms" + (", goal 1 s" if words == ["runs"] else "")
            )


def make_runs(count: int, events: int, per_epoch: int) -> int:
    """Bytes of their journals."""
    total, spec = 0, default_draft()
    for _ in range(count):
        folder = RunFolder.create(spec)
        write(Path(folder.events_file), events, per_epoch)
        appender = JournalWriter(folder.events_file)
        appender.append(RunEnded(at=1.7e9 + 9e5, outcome="finished"))
        appender.close()
        total += folder.events_file.stat().st_size
    return total


def timed(call: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = call()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    main()
