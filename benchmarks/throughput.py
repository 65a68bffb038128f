"""Samples per second: tuinn's way of training against plain `model.fit(x, y)`, side by side in one process.

    python -m benchmarks.throughput [--preset fashion-lab] [--pairs 7] [--samples 30000] [--steps N]

Both train the same network, with the same batch size and no callbacks, on the dataset's own samples repeated
to `--samples`. A pair is one timed epoch of each, in alternating order; the ratio is taken within a pair, so
what else the machine does hits both alike. The first epoch of each, which traces, is not counted. Both have a worker's settings
of TensorFlow; `python -m benchmarks` leaves the script those that it has by itself.
"""

import argparse
import os
import statistics

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

from tuinn.runs.benchmark import OpenNetwork, interleave
from tuinn.spec.cost import training_flops
from tuinn.spec.presets.catalog import PRESETS
from tuinn.worker.jobs.epoch_training import RunTraining, ScriptTraining


def main() -> None:
    told = arguments()
    spec = PRESETS[told.preset]()
    work = OpenNetwork(spec=spec.toml(), samples=told.samples)
    plain, ours = ScriptTraining(work), RunTraining(work)
    if told.steps:
        ours.whole.together = told.steps
    ways = {"plain fit(x, y)": lambda: plain.seconds_of(1), "tuinn": lambda: ours.seconds_of(1)}
    found = interleave(ways, told.pairs)
    for name, seconds in found.items():
        rates = sorted(told.samples / each for each in seconds)
        print(f"{name:16} {statistics.median(rates):9,.0f} samples/s   {rates[0]:,.0f} … {rates[-1]:,.0f}")
    ratios = sorted(other / mine for other, mine in zip(*found.values(), strict=True))
    print(f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} … {ratios[-1]:.2f}), {told.pairs} pairs")
    step, flops = (
        statistics.median(found["tuinn"]) / ours.steps,
        training_flops(ours.data.summary) * ours.batch,
    )
    together = ours.whole.together
    print(
        f"{told.preset}: {1e3 * step:.2f} ms a step, {flops / 1e6:.0f} MFLOP, "
        f"{together} steps per execution: {1e3 * step * together:.0f} ms"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="fashion-lab", choices=PRESETS)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--samples", type=int, default=30_000)
    parser.add_argument("--steps", type=int, default=0, help="steps per execution; 0: as the worker chooses")
    return parser.parse_args()


if __name__ == "__main__":
    main()
