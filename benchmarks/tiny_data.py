"""Tiny data, where the fixed cost of an epoch rules: the worker's whole training against plain Keras, from the first epoch's start
to the last one's end.

    python -m benchmarks.tiny_data [--rounds 3] [--only iris] [--epochs N] [--profile]

Iris as taught: 8 relu, 3 softmax, RMSprop, 300 epochs, batch 32, a tenth for validation. Housing: 16-16-1, batch 32, 100 epochs, a
tenth for validation. A round is one training of each, in alternating order, both with their tracing; the ratio is taken within a
round. Ours writes all that a run writes: journal, predictions, checkpoints, history.csv, TensorBoard. Goals: iris ≥ 12, housing ≥ 6.
`--profile`: where the time of one training of ours goes, by function. `--growth`: ours alone, the seconds and the memory of each
tenth of the epochs.
"""

import argparse
import cProfile
import os
import pstats
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np

from tuinn.data import loader
from tuinn.runs.config import Config
from tuinn.runs.events import EpochEnded, EpochStarted, Event
from tuinn.runs.folder import RunFolder, home
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.images import dense
from tuinn.spec.run import RunSpec, stack
from tuinn.worker.commands import CommandQueue
from tuinn.worker.event_log import EventLog, journal_of
from tuinn.worker.model import build, compilation
from tuinn.worker.monitoring.csv_log import CsvLog
from tuinn.worker.monitoring.tensorboard import TensorBoardLog
from tuinn.worker.training import trainer

KILOBYTES = 1024

HOUSES = 20_640


def iris(epochs: int) -> RunSpec:
    """As it is taught."""
    fit = FitSpec(optimizer="rmsprop", learning_rate=1e-3, epochs=epochs or 300, batch_size=32, seed=1)
    return RunSpec(DatasetSpec("iris", validation=0.1), stack(dense(8), dense(3, "softmax")), fit)


def housing(epochs: int) -> RunSpec:
    """Made-up houses, as many as California's, in the folder of the runs."""
    file = home() / "houses.npz"
    if not file.exists():
        random = np.random.default_rng(1)
        x = random.normal(size=(HOUSES, 8)).astype(np.float32)
        y = (x @ random.normal(size=8) + random.normal(size=HOUSES)).astype(np.float32)
        cut = HOUSES * 4 // 5
        np.savez(file, x_train=x[:cut], y_train=y[:cut], x_test=x[cut:], y_test=y[cut:])
    loss, metrics = "mean_squared_error", ("mean_absolute_error",)
    fit = FitSpec(epochs=epochs or 100, batch_size=32, seed=1, loss=loss, metrics=metrics)
    layers = stack(dense(16), dense(16), dense(1, "linear"))
    return RunSpec(DatasetSpec("", path=str(file), validation=0.1), layers, fit)


WORK: dict[str, Callable[[int], RunSpec]] = {"iris": iris, "housing": housing}


class Stopwatch(keras.callbacks.Callback):  # type: ignore[misc]
    """When the first epoch of a plain training began and the last one ended."""

    def __init__(self) -> None:
        super().__init__()
        self.began = self.ended = 0.0

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.began = self.began or time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.ended = time.perf_counter()


@dataclass
class EpochClock:
    """The same, of the events of a run; and the memory at each tenth."""

    epochs: int
    began: float = 0.0
    ended: float = 0.0

    def __post_init__(self) -> None:
        self.tenths: list[tuple[int, float, int]] = []

    def hear(self, event: Event) -> None:
        if isinstance(event, EpochStarted):
            self.began = self.began or time.perf_counter()
        elif isinstance(event, EpochEnded):
            self.ended = time.perf_counter()

    def on_event(self, event: Event) -> None:
        """Every epoch, those that the journal leaves out too."""
        if isinstance(event, EpochEnded) and event.epoch % max(1, self.epochs // 10) == 0:
            self.tenths.append((event.epoch, time.perf_counter(), memory()))

    def on_model_built(self, model: object) -> None:
        """Nothing is asked of it."""


def memory() -> int:
    """Kilobytes that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // KILOBYTES


def ours(spec: RunSpec) -> EpochClock:
    """Train as the worker does, with all the files of a run."""
    folder = RunFolder.create(spec)
    write, clock = journal_of(folder), EpochClock(spec.fit.epochs)

    def heard(event: Event) -> None:
        write(event)
        clock.hear(event)

    board = TensorBoardLog(folder, spec.fit.batch_size, Config().tensorboard)
    log = EventLog(heard, [CsvLog(folder), board, clock])
    trainer.train(folder, spec, CommandQueue(folder, 0), log)
    return clock


def plain(spec: RunSpec) -> Stopwatch:
    """Train by `fit(x, y)`, with nothing beside it."""
    facts, arrays = loader.describe(spec.dataset).facts, loader.load(spec.dataset)
    summary = summarize(spec.model, facts.shape)
    assert summary.output is not None
    loss = compilation.loss_of(spec, facts, summary.output[-1])
    keras.utils.set_random_seed(1)
    model, watch = build.build(spec.model, facts.shape), Stopwatch()
    model.compile(
        optimizer=compilation.optimizer(spec.fit, 1),
        loss=compilation.loss_function(spec.fit, loss),
        metrics=[compilation.metric(name, loss, facts.task) for name in spec.fit.metrics],
    )
    model.fit(
        arrays.x_train,
        compilation.targets(arrays.y_train, loss, summary.output[-1]),
        batch_size=spec.fit.batch_size,
        epochs=spec.fit.epochs,
        validation_split=spec.dataset.validation,
        callbacks=[watch],
        verbose=0,
    )
    return watch


def seconds(way: Callable[[RunSpec], Stopwatch | EpochClock], spec: RunSpec) -> float:
    watch = way(spec)
    return watch.ended - watch.began


def compare(name: str, spec: RunSpec, rounds: int) -> None:
    """Print the medians and the ratio within a round."""
    ways: dict[str, Callable[[RunSpec], Stopwatch | EpochClock]] = {"plain": plain, "ours": ours}
    times: dict[str, list[float]] = {way: [] for way in ways}
    for at in range(rounds):
        for way in list(ways) if at % 2 else reversed(list(ways)):
            times[way].append(seconds(ways[way], spec))
    ratios = sorted(one / other for one, other in zip(times["plain"], times["ours"], strict=True))
    theirs, mine = (statistics.median(times[way]) for way in ways)
    epochs = spec.fit.epochs
    print(
        f"{name:8} {epochs} epochs: plain fit {theirs:.2f} s, tuinn {mine:.2f} s ({1e3 * mine / epochs:.1f} ms an epoch), "
        f"ratio {statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f}), {rounds} rounds",
        flush=True,
    )


def profile(spec: RunSpec) -> None:
    """Print the functions that take most of one training, after one that brought everything into memory."""
    ours(spec.with_fit(epochs=2))
    profiler = cProfile.Profile()
    profiler.enable()
    clock = ours(spec)
    profiler.disable()
    print(f"{clock.ended - clock.began:.2f} s under the profiler")
    found = pstats.Stats(profiler)
    found.sort_stats("cumulative").print_stats(70)
    found.sort_stats("tottime").print_stats(35)


def growth(spec: RunSpec) -> None:
    """Print what each tenth of the epochs took, and the memory after it."""
    clock, before = ours(spec), 0.0
    for epoch, at, kilobytes in clock.tenths:
        took = at - (before or clock.began)
        print(f"to epoch {epoch}: {took:.2f} s, {kilobytes / KILOBYTES:.0f} MB", flush=True)
        before = at


def main() -> None:
    told = arguments()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TUINN_HOME"] = folder
        for name in [told.only] if told.only else list(WORK):
            spec = WORK[name](told.epochs)
            if told.profile:
                profile(spec)
            elif told.growth:
                growth(spec)
            else:
                compare(name, spec, told.rounds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=WORK)
    parser.add_argument("--epochs", type=int, default=0, help="0: as taught")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--growth", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
