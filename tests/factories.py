"""Runs as a worker would tell them, written by hand: the fake worker is a file."""

from tuinn.data.catalog.catalog import FASHION
from tuinn.runs.events import (
    AnyEvent,
    BatchEnded,
    BuiltLayer,
    Checkpointed,
    DataLoaded,
    EpochEnded,
    EpochStarted,
    Evaluated,
    ModelBuilt,
    Predicted,
    RunEnded,
    RunStarted,
)
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalWriter

CLASSES = FASHION.classes
STEPS, SAMPLES = 36, 4500


def append(folder: RunFolder, *events: AnyEvent) -> None:
    """What a worker would say next."""
    appender = JournalWriter(folder.events_file)
    for event in events:
        appender.append(event)
    appender.close()


def opening(epochs: int = 3) -> list[AnyEvent]:
    """Up to the network on its device; the clock starts at 100 s."""
    layers = (BuiltLayer("flatten", "Flatten", (784,), 0), BuiltLayer("dense", "Dense", (10,), 131_460))
    return [
        RunStarted(at=100, run="by-hand", host="box", pid=1, tuinn="0.1.0", epochs=epochs),
        DataLoaded(
            at=101,
            name="fashion_mnist_mini",
            train=SAMPLES,
            validation=500,
            test=1000,
            shape=(28, 28),
            classes=CLASSES,
        ),
        ModelBuilt(
            at=102,
            layers=layers,
            trainable=131_460,
            non_trainable=0,
            loss="sparse_categorical_crossentropy",
            device="CPU · 2 cores",
        ),
    ]


def epoch(
    number: int, loss: float | None, accuracy: float | None = 0.5, seconds: float = 2.0
) -> list[AnyEvent]:
    """One epoch with two reports; losses fall by a tenth from report to report. Starts at 100 + 10 × number s."""
    start = 100.0 + 10 * number
    half = None if loss is None else loss * 1.1
    metrics = {"loss": loss, "accuracy": accuracy}
    validation = {"val_loss": half, "val_accuracy": accuracy}
    return [
        EpochStarted(at=start, epoch=number, steps=STEPS),
        BatchEnded(
            at=start + seconds / 2,
            epoch=number,
            step=STEPS // 2,
            samples=SAMPLES // 2,
            metrics={"loss": half, "accuracy": accuracy},
        ),
        BatchEnded(at=start + seconds, epoch=number, step=STEPS, samples=SAMPLES, metrics=metrics),
        EpochEnded(
            at=start + seconds,
            epoch=number,
            metrics={**metrics, **validation},
            seconds=seconds,
            learning_rate=1e-3,
        ),
        Predicted(at=start + seconds, epoch=number, count=100, mistakes=20),
    ]


def ending(outcome: str = "finished", message: str = "") -> list[AnyEvent]:
    return [
        Evaluated(at=200, metrics={"accuracy": 0.81, "loss": 0.52}, samples=1000),
        Checkpointed(at=201, epoch=3, file="model.keras"),
        RunEnded(at=202, outcome=outcome, message=message),  # type: ignore[arg-type]
    ]


def whole_run() -> list[AnyEvent]:
    """Three epochs, from the first word to the last."""
    epochs = [event for number, loss in ((1, 1.0), (2, 0.7), (3, 0.6)) for event in epoch(number, loss)]
    return [*opening(), *epochs, *ending()]
