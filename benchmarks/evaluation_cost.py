"""What measuring costs: 10,000 test images against `model.evaluate`, and the validation of an epoch against its training.

    python -m benchmarks.evaluation_cost [ROUNDS]

The lab network on Fashion-MNIST mini repeated to 60,000 and 10,000 images, a tenth for validation. In each of ROUNDS (7) rounds one
of each, after one that traces; the ratios are taken within a round. Goals: not slower than `model.evaluate` with its batches of 32;
validation ≤ 10 % of the training.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np

from tuinn.data import loader
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.worker.commands import CommandQueue
from tuinn.worker.data.executions import TrainingSteps
from tuinn.worker.devices import Device
from tuinn.worker.event_log import EventLog
from tuinn.worker.heartbeat import Heartbeat
from tuinn.worker.training import trainer

TRAINING, TEST = 60_000, 10_000


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        mini, file = loader.load(DatasetSpec("fashion_mnist_mini")), Path(home) / "images.npz"
        x_train, y_train = np.resize(mini.x_train, (TRAINING, 28, 28)), np.resize(mini.y_train, TRAINING)
        x_test, y_test = np.resize(mini.x_test, (TEST, 28, 28)), np.resize(mini.y_test, TEST)
        np.savez(file, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
        spec = fashion_lab().with_dataset(DatasetSpec("", path=str(file), validation=0.1))
        folder, log = RunFolder.create(spec), EventLog(lambda event: None)
        heartbeat = Heartbeat(folder.heartbeat_file)
        evaluator = trainer.prepare(
            folder, spec, CommandQueue(folder, 0), log, heartbeat, Device("cpu"), resumed=False
        )
        model, batch = evaluator.model, spec.fit.batch_size
        model.optimizer.build(model.trainable_variables)
        steps = TrainingSteps(model, evaluator.pipeline, batch, True, evaluator.evaluation)
        trainer.save(evaluator.network, folder.model_file)
        saved = keras.saving.load_model(folder.model_file)

        def train() -> None:
            steps.begin(0)
            for _ in steps.run(0):
                pass

        ways: dict[str, Callable[[], object]] = {
            "train": train,
            "validate": lambda: evaluator.evaluation.evaluate("validation"),
            "test": evaluator.evaluate,
            "keras": lambda: saved.evaluate(x_test, y_test, verbose=0),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for at in range(rounds + 1):
            for name, way in ways.items():
                began = time.perf_counter()
                way()
                if at:  # the first traces
                    times[name].append(time.perf_counter() - began)
    print(f"{TEST:,} images tested against model.evaluate: {compared(times, 'test', 'keras')}")
    print(f"validation against the training of its epoch: {compared(times, 'validate', 'train')}")


def compared(times: dict[str, list[float]], one: str, other: str) -> str:
    ratios = sorted(mine / theirs for mine, theirs in zip(times[one], times[other], strict=True))
    medians = [1e3 * statistics.median(times[name]) for name in (one, other)]
    return (
        f"{medians[0]:.0f} ms, {medians[1]:.0f} ms, "
        f"ratio {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}), {len(ratios)} rounds"
    )


if __name__ == "__main__":
    main()
