"""A long journal in the real screen: how soon its charts stand, how keys are answered meanwhile, and what it weighs.

    python -m benchmarks.long_journal_ui [--events 1000000] [--times 3]

A run of a million events is written, `tuinn attach` opened on it in a pty of 120×40, and opened again with a key pressed
five times a second until the charts stand. Goals: charts ≤ 2.5 s from the start of the process, keys p95 ≤ 100 ms, ≤ 200 MB.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.long_journal import write
from tests.e2e.terminal import Terminal
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import default_draft

EVERY = 0.2
"""Seconds between two keys, at least."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        folder = RunFolder.create(default_draft())
        write(folder.events_file, told.events, 20)
        print(f"{told.events:,} events, {folder.events_file.stat().st_size / 1e6:.0f} MB")
        opened, processor, latencies, memory = [], [], [], []
        for _ in range(told.times):
            alone, pressed = open_once(folder, keys=False), open_once(folder, keys=True)
            opened.append(alone[0])
            processor.append(alone[1])
            latencies += pressed[2]
            memory.append((alone[3], pressed[3]))
    print(
        f"charts stand after {_told(opened)} s from the start, {_told(processor)} s of processor; goal 2.5 s"
    )
    latencies.sort()
    if latencies:
        p95 = latencies[int(0.95 * len(latencies))]
        print(
            f"{len(latencies)} keys meanwhile: median {1e3 * statistics.median(latencies):.0f} ms, "
            f"p95 {1e3 * p95:.0f} ms, goal 100 ms"
        )
    alone, with_keys = (max(column) / 1e3 for column in zip(*memory, strict=True))
    print(f"at most {alone:.0f} MB, with the keys {with_keys:.0f} MB; goal 200 MB")


def _told(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def open_once(folder: RunFolder, keys: bool) -> tuple[float, float, list[float], int]:
    """Seconds until the charts stand, of those on the processor, seconds from each key to its answer, and kB."""
    environ = {"TUINN_STANDBY": "0"}
    with Terminal([sys.executable, "-m", "tuinn", "attach", folder.name], (120, 40), environ) as terminal:
        terminal.expect("reading the journal", 30)
        latencies, panes = [], ["2", "3"]
        while not stands(terminal.text()):
            terminal.pump(EVERY)
            if keys and not stands(terminal.text()):
                panes.reverse()
                terminal.press(panes[0])
                took = terminal.wait_for_byte(5.0)
                latencies.append(5.0 if took is None else took)
        opened = time.perf_counter() - terminal.started
        stat = Path(f"/proc/{terminal.pid}/stat").read_text().rsplit(")", 1)[1].split()
        processor = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        status = Path(f"/proc/{terminal.pid}/status").read_text()
        memory = re.search(r"VmHWM:\s+(\d+)", status)
        return opened, processor, latencies, int(memory[1]) if memory else 0


def stands(text: str) -> bool:
    """The run is read to its end, and its curves are drawn."""
    return "lost" in text and re.search("[⠁-⣿]{3}", text) is not None


if __name__ == "__main__":
    main()
