"""What a report on 10,000 test images costs, intervals and baselines included, against Keras' evaluate and predict of them.

    python -m benchmarks.report_cost [ROUNDS]

The lab network, trained one epoch on Fashion-MNIST mini, whose test images are repeated ten times. In each of ROUNDS (7) rounds
one report and one `model.evaluate` with one `model.predict` of the saved file, in Keras' own batches of 32. Prints the medians and
their ratio. Goal: ≤ 1.2.
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
from tuinn.runs.commands import MakeReport
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.worker.commands import CommandQueue
from tuinn.worker.event_log import EventLog
from tuinn.worker.training import trainer

TIMES = 10


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        mini, file = loader.load(DatasetSpec("fashion_mnist_mini")), Path(home) / "images.npz"
        x, y = np.repeat(mini.x_test, TIMES, axis=0), np.repeat(mini.y_test, TIMES)
        np.savez(file, x_train=mini.x_train, y_train=mini.y_train, x_test=x, y_test=y)
        spec = fashion_lab().with_dataset(DatasetSpec("", path=str(file))).with_fit(epochs=1)
        folder = RunFolder.create(spec)
        evaluator, _ = trainer.train(folder, spec, CommandQueue(folder, 0), EventLog(lambda event: None))
        saved = keras.saving.load_model(folder.model_file)

        def plain() -> None:
            saved.evaluate(x, y, verbose=0)
            saved.predict(x, verbose=0)

        def report() -> None:
            answer = evaluator.report(MakeReport(request="one"))
            assert answer.file, answer.problem

        for once in (plain, report):
            once()  # traces
        times: dict[str, list[float]] = {"report": [], "keras": []}
        for _ in range(rounds):
            times["report"].append(seconds(report))
            times["keras"].append(seconds(plain))
        ours, theirs = (statistics.median(times[name]) for name in ("report", "keras"))
        ratios = sorted(one / other for one, other in zip(times["report"], times["keras"], strict=True))
        print(
            f"report {1e3 * ours:.0f} ms, evaluate and predict {1e3 * theirs:.0f} ms, "
            f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )


def seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
