"""What a screen costs the run it shows: epochs with the workbench attached, and without, of one and the same run.

    python -m benchmarks.attached [--pairs 6] [--seconds 15] [--size 120x40]

The lab network on Fashion-MNIST mini, batches of 32. The worker trains on; a workbench in a pty is attached and killed
in turns. A pair is the median epoch with it against the median epoch right after it is gone; the first seconds of each
turn don't count, in which the workbench starts. The goal is at most 1.05 ×, and to the terminal at most 30 kB/s at
120×40 and 12 kB/s at 80×24. Also told: the processor time of the workbench, which is what two busy cores share.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time

import psutil

from tests.terminal import Terminal
from tuinn.runs.commands import Quit, Stop
from tuinn.runs.events import AnyEvent, EpochEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import Reader
from tuinn.runs.launch import launch
from tuinn.spec.presets import fashion_lab

STARTING = 4.0
"""Seconds of each turn that don't count."""

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
    reader: Reader[AnyEvent] = folder.events()
    while not any(isinstance(event, EpochEnded) for event in reader.read_new()):
        time.sleep(0.1)
    spans: list[tuple[Span, Span]] = []
    rates, busy = [], []
    for _ in range(told.pairs):
        with Terminal([sys.executable, "-m", "tuinn", "attach"], (columns, rows)) as terminal:
            terminal.expect("epoch")
            terminal.stream = NoScreen()
            terminal.pump(STARTING)
            process = psutil.Process(terminal.pid)
            spent, began = sum(process.cpu_times()[:2]), time.time()
            rates.append(terminal.pump(told.seconds) / told.seconds)
            ended = time.time()
            busy.append((sum(process.cpu_times()[:2]) - spent) / (ended - began))
        with_screen = (began, ended)
        time.sleep(STARTING)
        began = time.time()
        time.sleep(told.seconds)
        spans.append((with_screen, (began, time.time())))
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
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--size", default="120x40", help="COLUMNSxROWS")
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(TUINN_HOME=home, TUINN_IDLE="0", TUINN_STANDBY="0")
        main()
