"""A CSV of 1,000,000 rows × 20 columns: seconds to its preview, and to prepare it against the time polars takes to read it.

    python -m benchmarks.large_csv [--times 3] [--rows 1000000]

The file is written first: 17 columns of numbers, two of categories, a target. Each preview is a process of its own that has
loaded the screen: recognised, understood, the facts, the columns' reach, as in the dataset pane. Reading with polars
and preparing alternate, each in a process of its own. The goals: 3 s, and 3 × .
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


def write(path: Path, rows: int) -> None:
    import numpy as np
    import polars as pl

    random = np.random.default_rng(0)
    columns = {f"c{at}": random.normal(size=rows).astype("f4") for at in range(17)}
    columns["city"] = random.choice(np.array(["north", "south", "west"]), rows)
    columns["rooms"] = random.integers(0, 9, rows)
    columns["price"] = random.normal(size=rows)
    pl.DataFrame(columns).write_csv(path)


def step(kind: str, path: str) -> None:
    """In a process of its own: print seconds."""
    import polars as pl

    import tuinn.ui.app  # noqa: F401 - what the UI has loaded
    from tuinn.data import loader
    from tuinn.view.dataset_preview import DatasetPreview

    dataset = DatasetSpec.at(path)
    began = time.perf_counter()
    if kind == "polars":
        pl.read_csv(path)
    elif kind == "preview":
        loader.describe(dataset)
        DatasetPreview.of(loader.browse(dataset))
    else:
        loader.load(dataset)
    print(f"{time.perf_counter() - began:.3f}")


def measured(kind: str, path: Path, home: str) -> float:
    """Seconds of one step with nothing remembered."""
    words = [sys.executable, "-m", "benchmarks.large_csv", "--step", kind, "--path", str(path)]
    found = subprocess.run(
        words, env={**os.environ, "TUINN_HOME": home}, capture_output=True, text=True, check=True
    )
    return float(found.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--path", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.step:
        step(told.step, told.path)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        write(path, told.rows)
        found: dict[str, list[float]] = {"preview": [], "polars": [], "prepare": []}
        for at in range(told.times):
            for kind, seconds in found.items():
                seconds.append(measured(kind, path, f"{folder}/home-{kind}-{at}"))
    ratios = [a / b for a, b in zip(found["prepare"], found["polars"], strict=True)]
    for kind, seconds in found.items():
        print(f"{kind}: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")
    print(f"prepare / polars: {statistics.median(ratios):.2f} × ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
