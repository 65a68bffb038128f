"""Attach a workbench to one run again and again, and end it at random moments: kill −9, SIGHUP, SIGTERM, the terminal gone.

    python -m benchmarks.kill_screen [--times 50] [--seed 1] [--most 2.5]

Prints what became of the run, which is to be nothing: every epoch is told once, no line is torn, the worker lives. And of
the terminal: after each signal that can be caught, the last bytes leave the alternate screen.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter

from tests.e2e.terminal import Terminal
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.events import AnyEvent, EpochEnded, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalReader
from tuinn.runs.launch import launch
from tuinn.spec.presets.catalog import fashion_lab

WAYS = ("SIGKILL", "SIGHUP", "SIGTERM", "terminal gone")
LEFT = b"\x1b[?1049l"
"""Leaves the alternate screen."""


def main() -> None:
    told = arguments()
    dice = random.Random(told.seed)
    folder = RunFolder.create(fashion_lab().with_fit(epochs=1_000_000))
    worker = launch(folder)
    reader: JournalReader[AnyEvent] = folder.events()
    while not any(isinstance(event, EpochEnded) for event in reader.read_new()):
        time.sleep(0.1)
    ended: Counter[str] = Counter()
    restored: Counter[str] = Counter()
    for number in range(told.times):
        way = WAYS[number % len(WAYS)]
        with Terminal(
            [sys.executable, "-m", "tuinn", "attach"], dice.choice([(80, 24), (120, 40)])
        ) as terminal:
            terminal.pump(dice.uniform(0.0, told.most))
            entered = b"\x1b[?1049h" in terminal.tail or terminal.written > 4096
            ended[way] += 1
            if way == "terminal gone":
                os.close(terminal.fd)
                terminal.fd = -1
                deadline = time.monotonic() + 30
                while os.waitpid(terminal.pid, os.WNOHANG)[0] == 0 and time.monotonic() < deadline:
                    time.sleep(0.02)
                terminal.ended = 0
                restored[way] += time.monotonic() < deadline
            else:
                terminal.signal(getattr(signal, way))
                terminal.wait()
                if way != "SIGKILL":
                    restored[way] += not entered or LEFT in terminal.tail
        assert worker.poll() is None, folder.log_file.read_text()
    folder.ask(Stop(), Quit())
    worker.wait()
    reader = folder.events()
    events = reader.read_all()
    epochs = [event.epoch for event in events if isinstance(event, EpochEnded)]
    print(f"{told.times} screens ended: {dict(ended)}")
    print(f"left the alternate screen, or ended with its terminal: {dict(restored)}; SIGKILL can't be caught")
    whole = epochs == sorted(set(epochs)) and isinstance(events[-1], RunEnded)
    print(
        f"the run: {len(epochs):,} epochs told, each once and in order: {whole}; torn lines: {reader.skipped}"
    )
    print(f"commands: {folder.commands_file.read_text().split()}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--most", type=float, default=2.5, help="seconds from the start to the end of a screen"
    )
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TUINN_HOME=home, TUINN_IDLE="0", TUINN_STANDBY="0")
        main()
