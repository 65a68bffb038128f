"""`tuinn bench`: how fast this machine trains, as a plain Keras script does and as tuinn does, and what limits it."""

import sys
from collections.abc import Callable
from contextlib import ExitStack

import click
import msgspec
import psutil

from tuinn.cli.common.options import JSON
from tuinn.data.catalog import catalog
from tuinn.errors import WorkerError
from tuinn.runs.benchmark import (
    BENCH_NETWORKS,
    PLAIN,
    TUINN,
    BenchNetwork,
    EpochProcess,
    MeasureFixed,
    MeasurePeak,
    MeasureReading,
    NetworkReady,
    OpenNetwork,
    Tell,
    interleave,
)
from tuinn.spec.cost import training_flops
from tuinn.spec.layers.shapes import summarize
from tuinn.text import format_bytes
from tuinn.view.reports.benchmark_text import Benchmark, NetworkTimes, as_object, lines

ROUNDS, QUICK_ROUNDS = 7, 3
"""Odd numbers, so that the median is one of them."""

MEMORY = 1_500_000_000
"""Bytes that must be free: two processes with TensorFlow and the samples."""


@click.command()
@JSON
@click.option("--quick", is_flag=True, help="Fewer samples and rounds: rougher, in a third of the time.")
def bench(as_json: bool, quick: bool) -> None:
    """Measure how fast this machine trains.

    Three networks, each trained by a plain Keras script and by tuinn, an epoch of each in turn: samples a second of both,
    what share of the peak of matrix multiplication tuinn reaches, what limits it, and what would help. It takes about
    two minutes and uses data that come with tuinn. Other programs should rest meanwhile.
    """
    check_memory(psutil.virtual_memory().available)
    found = measure(quick, progress_line(sys.stderr.isatty()))
    if as_json:
        click.echo(msgspec.json.encode(as_object(found)))
    else:
        click.echo("\n".join(lines(found)))


def check_memory(available: int) -> None:
    """Raises WorkerError where two processes with TensorFlow would not fit."""
    if available < MEMORY:
        raise WorkerError(
            f"Only {format_bytes(available)} of memory are free, and the benchmark needs {format_bytes(MEMORY)}. "
            "Close other programs, and try again."
        )


def progress_line(moves: bool) -> Tell:
    """A function that tells on stderr what is measured now; in a line that is written over where it `moves`."""
    if not moves:
        return tell_once

    def tell(words: str) -> None:
        sys.stderr.write(f"\r\x1b[K{words}")
        sys.stderr.flush()

    return tell


def tell_once(words: str) -> None:
    """A line, but not for each round."""
    if words and "round" not in words and "first" not in words:
        click.echo(words, err=True)


def measure(quick: bool, tell: Tell) -> Benchmark:
    """All networks. Raises WorkerError."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    tell("loading TensorFlow …")
    try:
        with ExitStack() as stack:
            script, ours = (stack.enter_context(EpochProcess(command)) for command in (PLAIN, TUINN))
            measured = [
                measure_network(network, script, ours, quick, rounds, about(tell, at, network))
                for at, network in enumerate(BENCH_NETWORKS, 1)
            ]
    finally:
        tell("")
    ready = measured[0][0]
    times = tuple(times for _, times in measured)
    return Benchmark(ready.device, ready.versions, ready.peak_size, rounds, times)


def about(tell: Tell, at: int, network: BenchNetwork) -> Callable[[str], None]:
    """Tell what is measured of one network."""
    return lambda words: tell(f"{at} of {len(BENCH_NETWORKS)}, {network.title}: {words} …")


def measure_network(
    network: BenchNetwork, script: EpochProcess, ours: EpochProcess, quick: bool, rounds: int, tell: Tell
) -> tuple[NetworkReady, NetworkTimes]:
    """One network, in rounds."""
    spec = network.make()
    work = OpenNetwork(spec=spec.toml(), samples=network.quick_samples if quick else network.samples)
    tell("building")
    ready = ours.open(work)
    script.open(work)
    ways = {
        "script": script.train,
        "tuinn": ours.train,
        "fixed": lambda: ours.measure(MeasureFixed()),
        "reading": lambda: ours.measure(MeasureReading()),
        "peak": lambda: ours.measure(MeasurePeak()),
    }
    found = interleave(ways, rounds, tell)
    summary = summarize(spec.model, catalog.find(spec.dataset.name).facts.shape)
    types = {layer.type_name for layer in spec.model.layers}
    times = NetworkTimes(
        name=network.name,
        title=network.title,
        layers="convolutions" if "Conv2D" in types else "dense",
        batch=spec.fit.batch_size,
        samples=ready.samples,
        steps=ready.steps,
        weights=summary.trainable,
        flops=training_flops(summary) * spec.fit.batch_size,
        script_seconds=found["script"],
        tuinn_seconds=found["tuinn"],
        fixed_seconds=found["fixed"],
        reading_seconds=found["reading"],
        peak_flops=found["peak"],
    )
    return ready, times
