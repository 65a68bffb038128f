"""How fast a folder of images is prepared, against `keras.utils.image_dataset_from_directory` read once; and in how much memory.

    python -m benchmarks.image_folder [--files 20000] [--side 64] [--format jpg] [--pairs 5]

Makes the files, then PAIRS times in turn: Keras lists the folder and reads every batch once; tuinn looks at it and
prepares it into an empty cache. Imports are left out of both. The memory is that of tuinn and its decoders together,
sampled every 20 ms: pages of their own (USS), and the sum of what each has in memory at all (RSS), shared pages
counted more than once.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

KERAS = """
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
start = time.perf_counter()
read = 0
side = int(sys.argv[2])
for x, y in keras.utils.image_dataset_from_directory(sys.argv[1], image_size=(side, side), batch_size=128, verbose=False):
    read += len(x)
print(json.dumps([read, time.perf_counter() - start]))
"""

TUINN = """
import json, sys, time
import numpy, PIL.Image
from tuinn.data import sources
from tuinn.spec.dataset import DatasetSpec
dataset = DatasetSpec.at(sys.argv[1], image_size=[int(sys.argv[2])] * 2)
start = time.perf_counter()
sources.describe(dataset)
arrays = sources.load(dataset)
seconds = time.perf_counter() - start
start = time.perf_counter()
again = sources.load(dataset)
print(json.dumps([len(arrays.x_train) + len(arrays.x_test), seconds, time.perf_counter() - start]))
"""


def make(root: Path, files: int, side: int, suffix: str) -> None:
    """Waves of many lengths, with some noise: about as hard to pack as photos."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side]
    for at in range(files):
        folder = root / f"class {at % 10}"
        folder.mkdir(exist_ok=True)
        waves = [np.sin(columns / rng.uniform(3, 20)) * np.cos(rows / rng.uniform(3, 20)) for _ in range(3)]
        pixels = np.stack(waves, axis=-1) * 100 + 128 + rng.normal(0, 4, (side, side, 3))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{at:06}.{suffix}")


def timed(script: str, root: Path, side: int) -> tuple[list[float], float, float]:
    """What it printed, and the most memory of it and its children, in MB: own, and all."""
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(root), str(side)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TUINN_HOME": home},
        )
        peaks, done = [0.0, 0.0], threading.Event()
        watcher = threading.Thread(target=watch, args=(process.pid, peaks, done))
        watcher.start()
        told = process.communicate()[0]
        done.set()
        watcher.join()
    return json.loads(told), *peaks


def watch(pid: int, peaks: list[float], done: threading.Event) -> None:
    while not done.wait(0.02):
        try:
            root = psutil.Process(pid)
            infos = [one.memory_full_info() for one in (root, *root.children(recursive=True))]
        except psutil.Error:
            continue
        peaks[0] = max(peaks[0], sum(info.uss for info in infos) / 1e6)
        peaks[1] = max(peaks[1], sum(info.rss for info in infos) / 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--format", default="jpg")
    parser.add_argument("--pairs", type=int, default=5)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        make(root, told.files, told.side, told.format)
        ratios, own, every = [], 0.0, 0.0
        for _ in range(told.pairs):
            (read, keras), *_ = timed(KERAS, root, told.side)
            (prepared, tuinn, again), uss, rss = timed(TUINN, root, told.side)
            assert read == prepared == told.files
            own, every = max(own, uss), max(every, rss)
            ratios.append(keras / tuinn)
            print(
                f"keras {read / keras:,.0f} files/s, tuinn {prepared / tuinn:,.0f} files/s, ratio {ratios[-1]:.2f}; "
                f"second opening {1e3 * again:.0f} ms; memory {uss:.0f} MB of its own, {rss:.0f} MB in all",
                flush=True,
            )
            time.sleep(0.2)
        print(
            f"{told.files:,} {told.format} files of {told.side}×{told.side}: rate against Keras, median of {told.pairs}: "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); "
            f"peak memory {own:.0f} MB of its own, {every:.0f} MB in all"
        )


if __name__ == "__main__":
    main()
