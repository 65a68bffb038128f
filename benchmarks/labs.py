"""How soon a key on a weight redraws the chart of the lab of the neurons, in a real terminal at 120×40.

    python -m benchmarks.labs [TIMES]

Two neurons, then four: TIMES (60) changes of a weight. Prints median and 95th percentile of the milliseconds until the last byte,
and the bytes sent. Goal: ≤ 60 ms at the 95th percentile.
"""

import os
import statistics
import sys
import tempfile

from benchmarks.edit_keys import answer
from tests.e2e.terminal import Terminal


def main() -> None:
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


def told(what: str, terminal: Terminal, times: int) -> None:
    before = terminal.written
    answers = [answer(terminal, "+-"[at % 4 // 2]) for at in range(times)]
    found = sorted(last for _, last, _, _ in answers)
    print(
        f"{what}: {statistics.median(found):.0f} ms median, {found[int(0.95 * len(found))]:.0f} ms p95; "
        f"processor {statistics.mean(one[2] for one in answers):.0f} ms, "
        f"{(terminal.written - before) / times:.0f} bytes a key",
        flush=True,
    )


if __name__ == "__main__":
    main()
