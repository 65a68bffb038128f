"""The second opening of Fashion-MNIST: milliseconds to the first preview, and by how much the process grows.

    python -m benchmarks.second_opening [--times 7]

Needs its four files in Keras' folder, or Debian's package dataset-fashion-mnist. Each opening is a process of its own
that has loaded the screen and shown the bundled images, as the UI has when it comes up; the samples were prepared by
a process before it. The preview is what the pane shows: facts, counts per class, and 25 images as half blocks.
The goals: 150 ms, 20 MB.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tuinn.spec.dataset import DatasetSpec

NAME, IMAGES = "fashion_mnist", 25


def resident() -> float:
    """MB of this process, the pages of files that it maps included."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def preview(name: str) -> int:
    """What the pane does when a dataset comes under the cursor, and a first page of samples; how many were drawn."""
    from tuinn.data import loader
    from tuinn.data.catalog import availability
    from tuinn.data.catalog.decoded_text import with_words
    from tuinn.view.ascii_image import half_blocks, unit
    from tuinn.view.dataset_preview import DatasetPreview

    dataset = DatasetSpec(name)
    facts = loader.describe(dataset).facts
    availability.availability_of(name)
    browser = loader.browse(dataset)
    DatasetPreview.of(with_words(dataset, browser))
    images = [browser.sample("train", at) for at in range(IMAGES)]
    return len([half_blocks(unit(image, facts.low, facts.high), 7, 14) for image in images])


def opening() -> None:
    """In a process of its own: print milliseconds and MB."""
    import tuinn.ui.app  # noqa: F401 - what the UI has loaded

    preview("fashion_mnist_mini")
    before, began = resident(), time.perf_counter()
    assert preview(NAME) == IMAGES
    print(f"{1e3 * (time.perf_counter() - began):.1f} {resident() - before:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--opening", action="store_true", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.opening:
        opening()
        return
    from tuinn.data.catalog.fetch import fetch

    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        fetch(NAME)
        found = [once() for _ in range(told.times + 1)]
    (first, _), rest = found[0], found[1:]
    spent, grown = zip(*rest, strict=True)
    print(f"first opening, read, checked and prepared: {first:.0f} ms")
    print(
        f"second opening: {statistics.median(spent):.1f} ms ({min(spent):.1f} to {max(spent):.1f}), goal 150 ms"
    )
    print(f"the process grows by {statistics.median(grown):.1f} MB (most {max(grown):.1f}), goal 20 MB")


def once() -> tuple[float, float]:
    """Milliseconds and MB of one opening."""
    command = [sys.executable, "-m", "benchmarks.second_opening", "--opening"]
    spent, grown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(spent), float(grown)


if __name__ == "__main__":
    main()
