"""What the reporter costs: the same fit with and without it, side by side.

    python benchmarks/reporter_cost.py [--pairs 9] [--samples 60000] [--epochs 2]

With: a journal on disk, commands looked for, at most ten events a second. Without: the same `fit`, no callback.
The prediction after each epoch is counted apart: it is work that a user asked for. A pair is one timed fit of
each, in alternating order; the ratio is taken within a pair. The goal is 1 %.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable

from tuinn.data import loader
from tuinn.runs.commands import Question
from tuinn.runs.events import Event
from tuinn.worker.keras_types import Model

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np

from tuinn.data.catalog import catalog
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.predictions import save_predictions
from tuinn.runs.events import Predicted
from tuinn.runs.folder import RunFolder
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import default_draft
from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer
from tuinn.worker.commands import CommandQueue
from tuinn.worker.data.batches import InputPipeline, inference_batch, steps_per_execution
from tuinn.worker.event_log import EventLog, journal_of
from tuinn.worker.heartbeat import Heartbeat
from tuinn.worker.model import build, compilation
from tuinn.worker.model.network import Network
from tuinn.worker.model.target_scaler import TargetScaler
from tuinn.worker.training.checkpoints import TrainingCheckpoints
from tuinn.worker.training.control import TrainingControl
from tuinn.worker.training.progress import TrainingProgress
from tuinn.worker.training.reporter import Reporter


class NoCheckpoints(TrainingCheckpoints):
    """What checkpoints cost is measured by checkpoint_cost.py."""

    def take(self, best: bool = False, score: float | None = None) -> None:
        return


def unasked(question: Question) -> Event:
    raise AssertionError(f"nobody asks {question}")


def reporter_of(
    folder: RunFolder, model: Model, log: EventLog, samples: int, batch: int, epochs: int
) -> Reporter:
    """With everything that a training gives it, save checkpoints and questions."""
    progress, heartbeat = TrainingProgress(samples, batch, epochs), Heartbeat(folder.heartbeat_file)
    checkpoints = NoCheckpoints(model, [], progress, AsyncCheckpointer(folder), log)
    control = TrainingControl(model, CommandQueue(folder), progress, checkpoints, log, heartbeat, unasked)
    return Reporter(progress, log, control, lambda epoch: Predicted(epoch=epoch, count=0), heartbeat.beat)


def main() -> None:
    told = arguments()
    spec = default_draft()
    facts, arrays = catalog.find(spec.dataset.name).facts, loader.load(spec.dataset)
    x = np.resize(arrays.x_train, (told.samples, *facts.shape))
    summary = summarize(spec.model, facts.shape)
    loss = compilation.loss_of(spec, facts, len(facts.classes))
    y = compilation.targets(np.resize(arrays.y_train, told.samples), loss, len(facts.classes))
    batch = spec.fit.batch_size
    keras.utils.set_random_seed(1)
    model = build.build(spec.model, facts.shape)
    compilation.compile_model(
        model, spec.fit, loss, facts.task, steps_per_execution(summary, batch, -(-len(x) // batch))
    )
    pipeline = InputPipeline(Arrays(x, y, x[:0], y[:0]), (y, y[:0]), np.arange(len(x)), np.arange(0), seed=1)
    pipeline.attach(model)
    spans = pipeline.spans("training", batch)
    folder = RunFolder.create(spec)
    log = EventLog(journal_of(folder))

    def seconds(with_reporter: bool) -> float:
        reporter = reporter_of(folder, model, log, len(x), batch, told.epochs)
        began = time.perf_counter()
        model.fit(
            spans, epochs=told.epochs, shuffle=False, verbose=0, callbacks=[reporter] if with_reporter else []
        )
        return time.perf_counter() - began

    seconds(True)
    ratios, bare = [], []
    for pair in range(told.pairs):
        order = (True, False) if pair % 2 else (False, True)
        found = {way: seconds(way) for way in order}
        ratios.append(found[True] / found[False])
        bare.append(found[False])
    ratios.sort()
    print(f"fit of {told.epochs} × {len(x):,} samples: {statistics.median(bare):.2f} s without the reporter")
    print(
        f"with / without: {statistics.median(ratios):.4f} ({ratios[0]:.4f} … {ratios[-1]:.4f}), {told.pairs} pairs"
    )
    print(f"goal: at most 1.01; {len(folder.events().read_all())} events written")
    reporter = reporter_of(folder, model, log, 10**6, batch, 1)
    reporter.set_model(model)
    cost = median_of(lambda: reporter_calls(reporter, 100)) / 100
    print(f"one hook that tells: {cost * 1e6:.0f} µs; ten a second: {cost * 10:.4%} of the time")
    shown = arrays.x_test[:1000]
    network = Network(model, model, model, None, loss, TargetScaler())
    spent = median_of(
        lambda: save_predictions(folder.predictions_file, network.outputs(shown, inference_batch(summary)))
    )
    print(f"prediction of {len(shown)} test samples after each epoch: {spent * 1e3:.1f} ms")


def reporter_calls(reporter: Reporter, times: int) -> None:
    """So many calls of on_train_batch_end that are due: each an event on disk and a look at the commands."""
    for _ in range(times):
        reporter.due = 0.0
        reporter.on_train_batch_end(5, {"accuracy": 0.5, "loss": 1.25})


def median_of(what: Callable[[], object], times: int = 15) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--samples", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        main()
