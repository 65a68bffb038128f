"""What the files beside the journal cost the training, and the look at the machine: microseconds of each call.

    python benchmarks/records_cost.py [--epochs 300]

An epoch here is ten reports and its end, as a run of some seconds an epoch has them. TensorBoard's files are written as
they are by default, and with weight histograms of the lab network.
"""

import argparse
import os
import tempfile
import time

from tuinn.runs.events import AnyEvent

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tests.factories import SAMPLES, STEPS, append, opening
from tuinn.runs.config import TensorBoard
from tuinn.runs.events import BatchEnded, EpochEnded
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.worker.model import build
from tuinn.worker.monitoring.csv_log import CsvLog
from tuinn.worker.monitoring.tensorboard import TensorBoardLog
from tuinn.worker.system_monitor import EARLY_SECONDS, SystemMonitor

METRICS: dict[str, float | None] = {"loss": 0.5, "accuracy": 0.8}


def epoch(number: int) -> list[AnyEvent]:
    reports = [
        BatchEnded(at=number, epoch=number, step=STEPS * n // 10, samples=SAMPLES * n // 10, metrics=METRICS)
        for n in range(1, 11)
    ]
    validation = {f"val_{name}": value for name, value in METRICS.items()}
    ended = EpochEnded(
        at=number, epoch=number, metrics={**METRICS, **validation}, seconds=2, learning_rate=1e-3
    )
    return [*reports, ended]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=300)
    told = parser.parse_args()
    folder = RunFolder.create(fashion_lab())
    append(folder, *opening(), *epoch(1))
    board, drawing = (
        TensorBoardLog(folder, 128, TensorBoard()),
        TensorBoardLog(folder, 128, TensorBoard(histograms=True)),
    )
    drawing.on_model_built(build.build(fashion_lab().model, (28, 28)))
    for name, listener in (
        ("history.csv", CsvLog(folder)),
        ("TensorBoard", board),
        ("with histograms", drawing),
    ):
        began = time.perf_counter()
        for number in range(1, told.epochs + 1):
            for event in epoch(number):
                listener.on_event(event)
        spent = (time.perf_counter() - began) / told.epochs
        print(f"{name:16} {spent * 1e6:6.0f} µs an epoch, its ten reports included")
    now = [0.0]
    gauge, began = SystemMonitor(2, clock=lambda: now[0]), time.perf_counter()
    for _ in range(100):
        now[0] += EARLY_SECONDS
        gauge.read()
    print(
        f"{'load of the machine':16} {(time.perf_counter() - began) * 1e4:6.0f} µs every {EARLY_SECONDS:.0f} to 10 s"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUINN_HOME"] = home
        main()
