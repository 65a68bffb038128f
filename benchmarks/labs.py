"""What the lab pages cost in a real terminal.

    python -m benchmarks.labs [TIMES]
    python -m benchmarks.labs playground [SECONDS]

The first: how soon a key on a weight redraws the chart of the lab of the neurons, at 120×40.

Two neurons, then four: TIMES (60) changes of a weight, each to a value that was not drawn before. Prints median and 95th percentile of the milliseconds until the last byte,
and the bytes sent. Goal: ≤ 60 ms at the 95th percentile.

The second: how often the playground redraws its surface while it trains, at 120×40 and 80×24: spirals with two more layers, for
SECONDS (10) from the first epoch on, when most changes. Prints drawings, kilobytes and epochs a second, and the share of a core.
Goals: ≥ 5 a second, ≤ 40 kB/s.
"""

import os
import re
import statistics
import sys
import tempfile
import time

from benchmarks.edit_keys import answer, processor
from tests.e2e.terminal import Terminal


def main() -> None:
    if sys.argv[1:2] == ["playground"]:
        playground(float(sys.argv[2]) if len(sys.argv) > 2 else 10.0)
        return
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TUINN_HOME": home, "TUINN_STANDBY": "0"}
        with Terminal([sys.executable, "-m", "tuinn", "lab", "neuron"], (120, 40), {}) as terminal:
            terminal.expect("squared error 0.0370")
            terminal.pump(2)
            told("two neurons", terminal, times)
            terminal.press("nn")
            terminal.expect("neuron 4")
            terminal.pump(1)
            told("four neurons", terminal, times)
    expressions()


def told(what: str, terminal: Terminal, times: int) -> None:
    before = terminal.written
    answers = [answer(terminal, "+") for _ in range(times)]
    found = sorted(last for _, last, _, _ in answers)
    print(
        f"{what}: {statistics.median(found):.0f} ms median, {found[int(0.95 * len(found))]:.0f} ms p95; "
        f"processor {statistics.mean(one[2] for one in answers):.0f} ms, "
        f"{(terminal.written - before) / times:.0f} bytes a key",
        flush=True,
    )


def playground(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TUINN_HOME": home, "TUINN_STANDBY": "0"}
        for size in ((120, 40), (80, 24)):
            with Terminal([sys.executable, "-m", "tuinn", "lab", "playground"], size, {}) as terminal:
                terminal.expect("epoch 0")
                terminal.press("mmmnn")
                terminal.expect("spirals")
                terminal.pump(1)
                told_frames(terminal, size, seconds)


def told_frames(terminal: Terminal, size: tuple[int, int], seconds: float) -> None:
    before, computed, began = terminal.written, processor(terminal.pid), time.perf_counter()
    heads = {epoch(terminal)}
    terminal.press(" ")
    while time.perf_counter() - began < seconds:
        terminal.pump(0.02)
        heads.add(epoch(terminal))
    took = time.perf_counter() - began
    print(
        f"{size[0]}×{size[1]}: {(len(heads) - 1) / took:.1f} drawings/s, {(terminal.written - before) / took / 1e3:.1f} kB/s, "
        f"{max(heads) / took:.0f} epochs/s, {(processor(terminal.pid) - computed) / took / 10:.0f} % of a core",
        flush=True,
    )


def epoch(terminal: Terminal) -> int:
    """The one in the first line, which is drawn together with the surface."""
    found = re.search(r"epoch ([\d,]+)", terminal.screen.display[0])
    return int(found[1].replace(",", "")) if found else 0


EXPRESSIONS = (
    "train_images[10:100]",
    "train_images[:, 14:, 14:]",
    "train_images[:, 7:-7, 7:-7]",
    "train_images.reshape((60000, 28 * 28))",
    "train_images.mean(axis=0)",
    "train_images[train_labels == 3].mean(axis=0)",
    "train_images * 2",
    "255 - train_images",
    "train_images.astype('float32') / 255",
    "train_images / 255",
)


def expressions(times: int = 7) -> None:
    """How long expressions over 60,000 images take."""
    import numpy as np

    from tuinn.labs.tensors.outcome import compute

    chance = np.random.default_rng(1)
    names = {
        "train_images": chance.integers(0, 256, (60_000, 28, 28), dtype=np.uint8),
        "train_labels": chance.integers(0, 10, 60_000, dtype=np.uint8),
    }
    for text in EXPRESSIONS:
        found = []
        for _ in range(times):
            started = time.perf_counter()
            compute(text, names)
            found.append(1000 * (time.perf_counter() - started))
        print(f"{text}: {statistics.median(found):.0f} ms", flush=True)


if __name__ == "__main__":
    main()
