"""What checkpoints cost: the same training with and without them, side by side.

    python benchmarks/checkpoint_cost.py [--pairs 9] [--epochs 3]

The lab network on Fashion-MNIST's 60,000 training samples where Debian's files are here, else the mini set repeated.
A pair is two fits, in alternating order; the ratio is taken within a pair. With: a copy of the whole state after
each epoch, written, fsynced and renamed by the thread. Without: the same fit, where the state is never taken.
The goal is 1.02.
"""

import argparse
import gzip
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tuinn.data import loader
from tuinn.spec.dataset import DatasetSpec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np

from tuinn.data.catalog import catalog
from tuinn.data.dataset_arrays import Arrays
from tuinn.runs.folder import RunFolder
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer, Checkpoint, Position
from tuinn.worker.commands import CommandQueue
from tuinn.worker.data.batches import InputPipeline, inference_batch, steps_per_execution
from tuinn.worker.event_log import EventLog, journal_of
from tuinn.worker.heartbeat import Heartbeat
from tuinn.worker.inference.evaluator import Evaluator
from tuinn.worker.model import build, compilation
from tuinn.worker.model.network import Network
from tuinn.worker.model.target_scaler import TargetScaler
from tuinn.worker.training.checkpoints import TrainingCheckpoints
from tuinn.worker.training.control import TrainingControl
from tuinn.worker.training.fit_loop import FitLoop
from tuinn.worker.training.progress import TrainingProgress
from tuinn.worker.training.reporter import Reporter

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


class NoCheckpoints(TrainingCheckpoints):
    """Takes none."""

    def take(self, best: bool = False, score: float | None = None) -> None:
        return


def samples_60000() -> tuple[np.ndarray, np.ndarray]:
    """Images and labels."""
    try:
        with (
            gzip.open(DEBIAN / "train-images-idx3-ubyte.gz") as images,
            gzip.open(DEBIAN / "train-labels-idx1-ubyte.gz") as labels,
        ):
            x = np.frombuffer(images.read(), np.uint8, offset=16).reshape(-1, 28, 28)
            return x, np.frombuffer(labels.read(), np.uint8, offset=8).astype(np.int64)
    except OSError:
        mini = loader.load(DatasetSpec("fashion_mnist_mini"))
        return np.resize(mini.x_train, (60_000, 28, 28)), np.resize(mini.y_train, 60_000)


def main() -> None:
    told = arguments()
    x, y = samples_60000()
    spec = fashion_lab().with_fit(epochs=told.epochs)
    entry = catalog.find("fashion_mnist_mini")
    loss = compilation.loss_of(spec, entry.facts, 10)
    cut = 54_000
    arrays = Arrays(x, y, x[:1000], y[:1000])
    summary = summarize(spec.model, entry.facts.shape)
    batch = spec.fit.batch_size
    steps = -(-cut // batch)
    keras.utils.set_random_seed(1)
    model = build.build(spec.model, entry.facts.shape)
    compilation.compile_model(
        model, spec.fit, loss, entry.facts.task, steps_per_execution(summary, batch, steps), steps
    )
    network = Network(model, model, model, None, loss, TargetScaler())
    order = np.arange(len(x))
    pipeline = InputPipeline(arrays, (y, y[:1000]), order[:cut], order[cut:], 1, network)
    pipeline.attach(model)
    folder = RunFolder.create(spec)
    evaluator = Evaluator(folder, network, entry, arrays, pipeline, inference_batch(summary))
    log = EventLog(journal_of(folder))

    def seconds(kind: type[TrainingCheckpoints]) -> float:
        checkpointer = AsyncCheckpointer(folder)
        progress = TrainingProgress(cut, batch, told.epochs)
        heartbeat = Heartbeat(folder.heartbeat_file)
        control = TrainingControl(
            model,
            CommandQueue(folder),
            progress,
            kind(model, [], progress, checkpointer, log),
            log,
            heartbeat,
            evaluator.answer,
        )
        reporter = Reporter(progress, log, control, evaluator.predict, heartbeat.beat)
        began = time.perf_counter()
        FitLoop(evaluator, reporter, shuffle=True).run()
        spent = time.perf_counter() - began
        checkpointer.close()
        return spent

    seconds(TrainingCheckpoints)
    ratios, bare = [], []
    for pair in range(told.pairs):
        ways = (TrainingCheckpoints, NoCheckpoints) if pair % 2 else (NoCheckpoints, TrainingCheckpoints)
        found = {way: seconds(way) for way in ways}
        ratios.append(found[TrainingCheckpoints] / found[NoCheckpoints])
        bare.append(found[NoCheckpoints] / told.epochs)
    ratios.sort()
    print(f"an epoch of {cut:,} + {len(x) - cut:,} samples: {statistics.median(bare):.2f} s without")
    print(
        f"with / without: {statistics.median(ratios):.4f} ({ratios[0]:.4f} … {ratios[-1]:.4f}), {told.pairs} pairs"
    )
    took = timed(lambda: training_state.take(model, [], False))
    state = training_state.take(model, [], False)
    wrote = timed(lambda: Checkpoint(Position(2), 3, state=state).write(folder.last_checkpoint))
    size = folder.last_checkpoint.stat().st_size
    print(
        f"the copy: {took * 1e3:.1f} ms; the file, in the thread: {wrote * 1e3:.1f} ms, {size / 1e6:.1f} MB"
    )
    print("goal: at most 1.02")


def timed(what: Callable[[], object]) -> float:
    found = []
    for _ in range(21):
        began = time.perf_counter()
        what()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--epochs", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        main()
