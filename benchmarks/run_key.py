"""From the run key to the first event of training, with a warm standby; and what the line carries meanwhile.

    python -m benchmarks.run_key [RUNS]

The lab network on Fashion-MNIST mini, 120×40. Prints medians over RUNS (5): seconds from the key to the worker's
first BatchEnded (goal ≤ 2 s), bytes per second while it trains (goal ≤ 30 kB/s), and the 95th percentile of the
time from a key to the first byte of its answer while it trains (goal ≤ 60 ms).
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.terminal import Terminal
from tuinn.runs.events import AnyEvent, BatchEnded
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalReader
from tuinn.ui.dialogs.fit_form import EVERYDAY

EPOCHS = 200
DOWN_TO_EPOCHS = "\x1b[B" * EVERYDAY.index("epochs")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    waits, rates, latencies = [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as home:
            wait, rate, latency = one_run(home)
        waits.append(wait)
        rates.append(rate)
        latencies += latency
    latencies.sort()
    print(f"run key → first batch: median {statistics.median(waits):.2f} s, worst {max(waits):.2f} s")
    print(
        f"while training: median {statistics.median(rates) / 1e3:.1f} kB/s, worst {max(rates) / 1e3:.1f} kB/s"
    )
    p95 = latencies[int(0.95 * len(latencies))]
    print(
        f"key → first byte while training: median {1e3 * statistics.median(latencies):.1f} ms, p95 {1e3 * p95:.1f} ms"
    )


def one_run(home: str) -> tuple[float, float, list[float]]:
    with Terminal(
        [sys.executable, "-m", "tuinn"], (120, 40), {"TUINN_HOME": home, "TUINN_IDLE": "1"}
    ) as terminal:
        terminal.expect("131,460 parameters")
        terminal.press("t")
        terminal.expect("learning_rate")
        terminal.press(f"{DOWN_TO_EPOCHS}\x15{EPOCHS}\r")
        terminal.expect("learning_rate", gone=True)
        terminal.pump(15)  # the standby loads TensorFlow
        pressed = time.time()
        terminal.press("r")
        terminal.expect("training", 60)
        terminal.pump(1)
        start = time.perf_counter()
        written = terminal.pump(6)
        rate = written / (time.perf_counter() - start)
        latencies = []
        terminal.press("5")
        for _ in range(30):
            terminal.pump(0.1)
            terminal.press("n")
            if (took := terminal.wait_for_byte(1.0)) is not None:
                latencies.append(took)
        first = first_batch(Path(home))
        terminal.press("s")
        terminal.pump(3)
        return first - pressed, rate, latencies


def first_batch(home: Path) -> float:
    (path,) = (home / "runs").iterdir()
    events: list[AnyEvent] = JournalReader(RunFolder(path).events_file, AnyEvent).read_all()
    return next(event.at for event in events if isinstance(event, BatchEnded))


if __name__ == "__main__":
    main()
