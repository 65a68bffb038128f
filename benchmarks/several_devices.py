"""What it costs to train on several devices: two halves of the processor against the whole, side by side in one process.

    python -m benchmarks.several_devices [--devices 2] [--pairs 7] [--presets iris-lab fashion-lab fashion-cnn]

Both train the same network on the same cores, so all that the halves take longer is what the strategy costs: shares of batches, gradients
that are added, updates on each device. A pair is one timed epoch of each, in alternating order; the ratio is taken within a pair. The first
epoch of each, which traces, is not counted. On two cards the same cost stands against the work that they halve.
"""

import argparse
import os
import statistics

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from tuinn.runs.benchmark import OpenNetwork, interleave
from tuinn.spec.presets.catalog import PRESETS
from tuinn.worker.jobs.epoch_training import RunTraining, forget

SAMPLES = {"iris-lab": 3_000, "fashion-cnn": 3_000}
"""Of an epoch; 30,000 of any other network."""


def main() -> None:
    told = arguments()
    several = "cpu:" + ",".join(map(str, range(told.devices)))
    print(f"{'':14} {'one device':>12} {several:>12} {'a step':>18} {'ratio':>8}")
    for preset in told.presets:
        print(line(preset, several, told.pairs), flush=True)
        forget()


def line(preset: str, several: str, pairs: int) -> str:
    """Of one network."""
    samples = SAMPLES.get(preset, 30_000)
    spec = PRESETS[preset]()
    # The divided processor first: afterwards it can't be divided any more.
    both, one = (
        RunTraining(OpenNetwork(spec=spec.with_fit(device=device).toml(), samples=samples))
        for device in (several, "cpu")
    )
    found = interleave({"one": lambda: one.seconds_of(1), "both": lambda: both.seconds_of(1)}, pairs)
    alone, together = (statistics.median(seconds) for seconds in found.values())
    ratios = sorted(b / a for a, b in zip(found["one"], found["both"], strict=True))
    return (
        f"{preset:14} {samples / alone:10,.0f}/s {samples / together:10,.0f}/s "
        f"{1e3 * alone / one.steps:6.2f} → {1e3 * together / one.steps:6.2f} ms "
        f"{statistics.median(ratios):6.2f} × ({ratios[0]:.2f} … {ratios[-1]:.2f})"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument(
        "--presets", nargs="+", choices=PRESETS, default=["iris-lab", "fashion-lab", "fashion-cnn"]
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
