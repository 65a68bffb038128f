"""How soon the first screen comes, against a bare Textual app; and what the screen costs at rest.

    python -m benchmarks.first_byte [PAIRS]

Prints the ratio of the medians over PAIRS (15) paired starts, then bytes per second, share of a core and memory at
rest, after the standby has loaded TensorFlow. Let Python keep its bytecode: without it every start compiles tuinn anew. Goals: ratio ≤ 1.5, 0 bytes/s, ≤ 1 %, ≤ 120 MB.
"""

import statistics
import sys
import tempfile
import time

import psutil

from tests.e2e.terminal import Terminal

HELLO = "from textual.app import App\nfrom textual.widgets import Label\nclass Hello(App):\n  def compose(self): yield Label('hello')\nHello().run()"
SIZE = (120, 40)


def first_byte(command: list[str], home: str) -> float:
    with Terminal(command, SIZE, {"TUINN_HOME": home, "TUINN_STANDBY": "1"}) as terminal:
        terminal.pump(2.0)
        assert terminal.first_byte is not None
        return terminal.first_byte


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as home:
        hello, tuinn = [], []
        for _ in range(pairs):
            hello.append(first_byte([sys.executable, "-c", HELLO], home))
            tuinn.append(first_byte([sys.executable, "-m", "tuinn"], home))
        one, other = statistics.median(hello), statistics.median(tuinn)
        print(f"first byte: hello {1e3 * one:.0f} ms, tuinn {1e3 * other:.0f} ms, ratio {other / one:.2f}")
        with Terminal([sys.executable, "-m", "tuinn"], SIZE, {"TUINN_HOME": home}) as terminal:
            terminal.pump(15)
            process = psutil.Process(terminal.pid)
            before, start = sum(process.cpu_times()[:2]), time.perf_counter()
            written = terminal.pump(10)
            took = time.perf_counter() - start
            busy = sum(process.cpu_times()[:2]) - before
            rss = process.memory_info().rss
            print(
                f"at rest: {written / took:.0f} bytes/s, {100 * busy / took:.2f} % of a core, {rss / 1e6:.0f} MB RSS"
            )


if __name__ == "__main__":
    main()
