"""A graphics card: plain Keras beside tuinn with and without XLA and in mixed precision, in one table.

    python -m benchmarks.gpu [--rounds 5] [--only NAME ...] [--device gpu]

A process for each way keeps its network on the card, and each has an epoch in turn; samples/s are medians, and the ratio to plain
Keras is taken within a round. Plain Keras has what it chooses by itself: XLA where a card computes. The share of the peak compares the
arithmetic of the fastest way of tuinn with 4,096² matrices of float32, so that in mixed precision it may be above 1. Five networks take
some four minutes. Without a card that TensorFlow can use it says so and exits with 2; `--device cpu` tries the program itself.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tuinn.data.catalog import catalog
from tuinn.errors import WorkerError
from tuinn.runs.benchmark import (
    PLAIN,
    TUINN,
    EpochProcess,
    MeasurePeak,
    NetworkReady,
    OpenNetwork,
    first_look,
    interleave,
    lab,
    median_ratio,
    small_cnn,
)
from tuinn.spec.cost import training_flops
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec

NO_CARD = 2
"""The exit code where there is nothing to measure."""

SAMPLES_ON_CPU = 1_280
"""Enough to try the program."""


@dataclass(frozen=True)
class Way:
    """A way to train a network."""

    title: str
    command: tuple[str, ...]
    precision: str = "float32"
    jit: bool = False

    def work(self, spec: RunSpec, samples: int, device: str) -> OpenNetwork:
        """What its process is asked to open."""
        spec = spec.with_fit(precision=self.precision, device=device)
        return OpenNetwork(spec=spec.toml(), samples=samples, jit=self.jit)


WAYS = (
    Way("plain Keras", PLAIN),
    Way("tuinn", TUINN),
    Way("tuinn, XLA", TUINN, jit=True),
    Way("tuinn, float16", TUINN, "mixed_float16"),
    Way("tuinn, float16, XLA", TUINN, "mixed_float16", jit=True),
)

NETWORKS: dict[str, tuple[str, Callable[[], RunSpec], int]] = {
    "lab": ("Fashion lab net", lab, 60_000),
    "dense": ("784-512-10 RMSprop", first_look, 60_000),
    "cnn": ("small CNN", small_cnn, 60_000),
    "residual": ("residual CNN", PRESETS["residual-cnn"], 30_000),
    "lstm": ("LSTM, 200 steps", PRESETS["text-lstm"], 25_600),
}
"""Title, spec, and samples of an epoch."""


def main(words: Sequence[str]) -> int:
    """Measure and print. Returns the exit code."""
    told = arguments().parse_args(words)
    # Several processes share the card: each takes memory as it needs it.
    env = {**os.environ, "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    began = time.monotonic()
    with ExitStack() as stack:
        processes = [stack.enter_context(EpochProcess(way.command, env)) for way in WAYS]
        for name in told.only or NETWORKS:
            try:
                for line in measure(name, processes, told.rounds, told.device):
                    print(line, flush=True)
            except WorkerError as problem:
                print(problem, file=sys.stderr)
                if "TensorFlow sees" in str(problem):
                    return NO_CARD
    print(f"in {time.monotonic() - began:.0f} s")
    return 0


def measure(name: str, processes: Sequence[EpochProcess], rounds: int, device: str) -> Iterator[str]:
    """A line for each way. Raises WorkerError where plain Keras or tuinn can't be measured; other ways say why."""
    title, make, samples = NETWORKS[name]
    spec = make()
    samples = SAMPLES_ON_CPU if device == "cpu" else samples
    ways: dict[str, Callable[[], float]] = {}
    failed: dict[str, str] = {}
    ready = NetworkReady(samples=0, steps=0)
    for way, process in zip(WAYS, processes, strict=True):
        try:
            ready = process.open(way.work(spec, samples, device))
            process.train()  # traced, and where XLA can't, it says so here
            ways[way.title] = process.train
        except WorkerError as problem:
            if way in WAYS[:2]:
                raise
            failed[way.title] = str(problem)
    peak = processes[1].measure(MeasurePeak())
    found = interleave(ways, rounds, lambda words: print(f"{title}: {words}", file=sys.stderr))
    yield f"\n{title}, batch {spec.fit.batch_size}; {ready.device}; {ready.versions}; peak {peak / 1e12:.2f} TFLOP/s"
    plain = found[WAYS[0].title]
    for way_title, seconds in found.items():
        rate, ratio = samples / statistics.median(seconds), median_ratio(plain, seconds)
        yield f"  {way_title:20} {rate:12,.0f} samples/s  {ratio:6.2f} × plain Keras"
    for way_title, why in failed.items():
        yield f"  {way_title:20} not measured: {why}"
    facts = catalog.info_for(spec.dataset).facts
    flops = training_flops(summarize(spec.model, facts.input_shape)) * samples
    fastest = min(statistics.median(seconds) for title, seconds in found.items() if title.startswith("tuinn"))
    yield f"  the fastest of tuinn reaches {100 * flops / fastest / peak:.1f} % of the peak"


def arguments() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser("python -m benchmarks.gpu", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="an odd number: 5")
    parser.add_argument("--only", nargs="+", choices=NETWORKS, metavar="NAME", help=", ".join(NETWORKS))
    parser.add_argument("--device", default="gpu", help="gpu, gpu:1 or cpu")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
