"""What a screen costs the run it shows: epochs with the workbench attached, and without, of one and the same run.

    python -m benchmarks.attached [--pairs 30] [--seconds 3] [--size 120x40]

The lab network on Fashion-MNIST mini, batches of 32. The worker trains on; a workbench in a pty is attached, and stopped
and continued in turns (SIGSTOP takes all its processor time away, as if nobody were there). A pair is the median epoch of two
turns that follow each other; the first second of each doesn't count, in which the workbench catches up. The goal is at most 1.05 ×, and to the terminal at most 30 kB/s at
120×40 and 12 kB/s at 80×24. Also told: the processor time of the workbench, which is what two busy cores share.
"""

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time

import psutil

from tests.e2e.terminal import Terminal
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.events import AnyEvent, EpochEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalReader
from tuinn.runs.launch import launch
from tuinn.spec.presets.catalog import fashion_lab

STARTING, CATCHING_UP = 6.0, 1.0
"""Seconds that don't count: of the workbench's start, and of each turn."""

Span = tuple[float, float]


class NoScreen:
    """Nobody looks: a terminal elsewhere takes no time of this machine's."""

    def feed(self, data: bytes) -> None:
        return


def main() -> None:
    told = arguments()
    columns, rows = map(int, told.size.split("x"))
    folder = RunFolder.create(fashion_lab().with_fit(epochs=1_000_000, batch_size=32))
    worker = launch(folder)
    reader: JournalReader[AnyEvent] = folder.events()
    while not any(isinstance(event, EpochEnded) for event in reader.read_new()):
        time.sleep(0.1)
    spans: list[tuple[Span, Span]] = []
    rates, busy = [], []
    with Terminal([sys.executable, "-m", "tuinn", "attach"], (columns, rows)) as terminal:
        terminal.expect("epoch")
        terminal.stream = NoScreen()
        terminal.pump(STARTING)
        process = psutil.Process(terminal.pid)
        for pair in range(told.pairs):
            turns = {}
            for shown in (True, False) if pair % 2 else (False, True):
                terminal.signal(signal.SIGCONT if shown else signal.SIGSTOP)
                terminal.pump(CATCHING_UP)
                spent, began = sum(process.cpu_times()[:2]), time.time()
                written = terminal.pump(told.seconds)
                turns[shown] = (began, time.time())
                if shown:
                    rates.append(written / told.seconds)
                    busy.append((sum(process.cpu_times()[:2]) - spent) / (time.time() - began))
            spans.append((turns[True], turns[False]))
        terminal.signal(signal.SIGCONT)
    folder.ask(Stop(), Quit())
    worker.wait()
    epochs = [event for event in folder.events().read_all() if isinstance(event, EpochEnded)]
    ratios, bare = [], []
    for attached, alone in spans:
        one, other = median_epoch(epochs, attached), median_epoch(epochs, alone)
        ratios.append(one / other)
        bare.append(other)
    ratios.sort()
    print(f"an epoch without a screen: {statistics.median(bare):.3f} s; {len(spans)} pairs at {told.size}")
    print(f"with / without: {statistics.median(ratios):.3f} ({ratios[0]:.3f} … {ratios[-1]:.3f}), goal 1.05")
    print(f"to the terminal: {statistics.median(rates) / 1e3:.1f} kB/s, at most {max(rates) / 1e3:.1f} kB/s")
    print(f"the workbench keeps {statistics.median(busy):.1%} of one core busy")


def median_epoch(epochs: list[EpochEnded], span: Span) -> float:
    """Seconds of the epochs that lie in this span of time."""
    return statistics.median(
        event.seconds for event in epochs if span[0] <= event.at - event.seconds and event.at <= span[1]
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--size", default="120x40", help="COLUMNSxROWS")
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TUINN_HOME=home, TUINN_IDLE="0", TUINN_STANDBY="0")
        main()
