"""What the line to a run on another machine costs: bytes a second while it trains, and how soon a long journal is here.

    python -m benchmarks.remote_line [EPOCHS] [EVENTS]

The other machine is a home of its own, and `ssh` a script that runs the command there and counts what comes back (without ssh's own
compression). The lab network trains EPOCHS (400) epochs; then a journal of EVENTS (1,000,000) reports is opened. Prints kB, kB/s and seconds.
Goals: ≤ 3 kB/s, ≤ 4 s.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.long_journal import write
from tuinn.runs.events import RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import launch
from tuinn.runs.remote.address import Address
from tuinn.runs.remote.mirror import Mirror
from tuinn.spec.presets.catalog import fashion_lab

FIRST = 8.0
"""Seconds, in which the worker loads TensorFlow, and the first predictions come."""

SSH = """#!/bin/sh
while [ $# -gt 2 ]; do shift; done
TUINN_HOME="$BOX_HOME" sh -c "exec $2" | tee "$BOX_HOME/came"
"""


def main() -> None:
    epochs, events = (int(word) for word in (*sys.argv[1:], "400", "1000000")[:2])
    with tempfile.TemporaryDirectory() as place:
        here, there, programs = (Path(place) / name for name in ("here", "there", "programs"))
        for folder in (here, there, programs):
            folder.mkdir()
        for name, script in (
            ("ssh", SSH),
            ("tuinn", f'#!/bin/sh\nexec {sys.executable} -P -m tuinn "$@"\n'),
        ):
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)
        os.environ |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "BOX_HOME": str(there)}
        os.environ |= {"TUINN_HOME": str(there), "TUINN_IDLE": "0"}
        run = RunFolder.create(fashion_lab().with_fit(epochs=epochs))
        worker = launch(run)
        os.environ["TUINN_HOME"] = str(here)
        mirror = Mirror(Address("box"))
        began = time.perf_counter()
        copy = mirror.open()
        time.sleep(FIRST)
        first, since = (there / "came").stat().st_size, time.perf_counter()
        worker.wait()
        then = ((there / "came").stat().st_size - first) / (time.perf_counter() - since)
        while not any(isinstance(event, RunEnded) for event in copy.events().read_all()):
            time.sleep(0.05)
        took = time.perf_counter() - began
        mirror.close()
        print(
            f"the first {FIRST:.0f} s: {first / 1e3:.0f} kB; then {then / 1e3:.1f} kB/s, of {took:.0f} s in all"
        )
        write(run.events_file, events, 10_000)
        (copy.events_file).unlink()
        size = run.events_file.stat().st_size
        began = time.perf_counter()
        mirror = Mirror(Address("box"))
        mirror.open()
        while not copy.events_file.exists() or copy.events_file.stat().st_size < size:
            time.sleep(0.01)
        print(f"{events:,} reports, {size / 1e6:.0f} MB: here after {time.perf_counter() - began:.1f} s")
        mirror.close()


if __name__ == "__main__":
    main()
