"""How soon one sees another sample, a prediction of a picture of one's own, and a layer of 64 maps, in a real terminal at 120×40.

    python -m benchmarks.inspection [TIMES]

A small convolutional network is trained for an epoch on Fashion-MNIST mini, and its worker is kept alive. For each of TIMES (30): the
next sample in pane 5; a picture of one's own, from Enter to its probabilities; in the lens, the layer below and the one with
64 maps again. Prints medians and 95th percentiles of the milliseconds until the last byte. Goals: ≤ 60, ≤ 150 and ≤ 150 ms.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from benchmarks.edit_keys import answer
from tests.e2e.terminal import Terminal
from tuinn.data import loader
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import fashion_cnn

DOWN, UP, ESCAPE = "\x1b[B", "\x1b[A", "\x1b"


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"TUINN_HOME": home, "TUINN_STANDBY": "0", "TUINN_IDLE": "600"}
        spec, pictures = Path(home) / "cnn.toml", [Path(home) / "one.png", Path(home) / "other.png"]
        spec.write_text(fashion_cnn().with_fit(epochs=1).toml())
        for at, file in enumerate(pictures):
            Image.fromarray(loader.load(DatasetSpec("fashion_mnist_mini")).x_test[at]).save(file)
        subprocess.run(
            [sys.executable, "-m", "tuinn", "train", str(spec), "--plain"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with Terminal([sys.executable, "-m", "tuinn", "attach", "last"], (120, 40), {}) as terminal:
            terminal.expect("finished")
            terminal.press("5")
            terminal.pump(2)
            told("next sample", [answer(terminal, "n")[1] for _ in range(times)])
            own(terminal, pictures[1])  # starts the worker
            told("own picture", [own(terminal, pictures[at % 2]) for at in range(times)])
            terminal.press(ESCAPE)
            terminal.pump(1)
            terminal.press("i")
            terminal.expect("in numpy")
            terminal.pump(2)
            for _ in range(20):
                if "/64 " in terminal.text():
                    break
                answer(terminal, DOWN)
            layers = []
            for _ in range(times):
                answer(terminal, DOWN)
                layers.append(answer(terminal, UP)[1])
            told("64 maps", layers)


def own(terminal: Terminal, picture: Path) -> float:
    """Milliseconds from Enter to the probabilities."""
    terminal.press("o")
    terminal.expect("picture of your own")
    terminal.press(f"\x15{picture}")
    terminal.pump(0.5)
    began = time.perf_counter()
    terminal.press("\r")
    terminal.expect(re.escape(picture.name) + " · (?!waiting|no prediction)", 60)
    return 1000 * (time.perf_counter() - began)


def told(what: str, found: list[float]) -> None:
    found = sorted(found)
    print(
        f"{what}: {statistics.median(found):.0f} ms median, {found[int(0.95 * len(found))]:.0f} ms p95",
        flush=True,
    )


if __name__ == "__main__":
    main()
