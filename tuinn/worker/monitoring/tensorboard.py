"""What TensorBoard reads: event files in `tensorboard/`, written by TensorFlow's own writer.

Every value stands at the number of batches since the run began, so that batches, epochs and validation share one axis.
A run that is taken up, or goes back, says so with a session log: TensorBoard then drops what came later, and shows one line.
"""

from math import ceil
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.runs.config import TensorBoard
from tuinn.runs.events import (
    BatchEnded,
    DataLoaded,
    EpochEnded,
    EpochStarted,
    Evaluated,
    Event,
    Metrics,
    RunEnded,
    WentBack,
)
from tuinn.runs.folder import RunFolder
from tuinn.worker.checkpoints.checkpoint import Place

Part = Literal["train", "validation", "test"]

FLUSH_SECONDS = 5

v1 = tf.compat.v1


class TensorBoardLog:
    """Hears what happens and keeps the event files."""

    def __init__(
        self, folder: RunFolder, batch_size: int, wanted: TensorBoard, place: Place | None = None
    ) -> None:
        """`place`: where a run that is taken up goes on."""
        self.folder, self.batch_size, self.wanted = folder.tensorboard, batch_size, wanted
        self.writers: dict[Part, Any] = {}
        self.steps = 1
        """Batches in an epoch."""
        self.place = place
        self.model: Any = None
        self.at = 0
        """Batches since the run began."""

    def watch(self, model: Any) -> None:
        """The network whose weights and graph are wanted."""
        self.model = model
        if self.wanted.graph:
            self._writer("train").add_graph(graph_of(model))

    def hear(self, event: Event) -> None:
        """Called once for each event. Raises whatever TensorFlow's writer does where the disk refuses."""
        match event:
            case BatchEnded():
                self.at = (event.epoch - 1) * self.steps + event.step
                self._tell("train", "batch", event.metrics)
            case EpochStarted(steps=steps):
                self.steps = steps
            case EpochEnded():
                self._tell_epoch(event)
            case DataLoaded(train=train):
                self.steps = max(1, ceil(train / self.batch_size))
            case WentBack(epoch=epoch):
                for writer in self.writers.values():
                    self._cut(writer, (epoch - 1) * self.steps)
            case Evaluated(request="", metrics=metrics):
                self._tell("test", "epoch", metrics)
            case RunEnded():
                self.close()
            case _:
                pass

    def close(self) -> None:
        """Everything is on disk; another word opens new files."""
        for writer in self.writers.values():
            writer.close()
        self.writers = {}

    def _tell_epoch(self, event: EpochEnded) -> None:
        self.at = event.epoch * self.steps
        own = {name: value for name, value in event.metrics.items() if not name.startswith("val_")}
        self._tell("train", "epoch", {**own, "learning_rate": event.learning_rate})
        validation = {name[4:]: value for name, value in event.metrics.items() if name not in own}
        if validation:
            self._tell("validation", "epoch", validation)
        if self.wanted.histograms and self.model is not None:
            values = [
                v1.Summary.Value(tag=weight.path, histo=histogram(np.asarray(weight)))
                for weight in self.model.trainable_weights
            ]
            self._writer("train").add_summary(v1.Summary(value=values), self.at)
        for writer in self.writers.values():
            writer.flush()

    def _tell(self, part: Part, kind: Literal["batch", "epoch"], metrics: Metrics) -> None:
        if not self.wanted.scalars:
            return
        values = [
            v1.Summary.Value(tag=f"{kind}_{name}", simple_value=float("nan") if value is None else value)
            for name, value in metrics.items()
        ]
        self._writer(part).add_summary(v1.Summary(value=values), self.at)

    def _writer(self, part: Part) -> Any:
        writer = self.writers.get(part)
        if writer is None:
            # A run folder that is gone is not made anew.
            self.folder.mkdir(mode=0o700, exist_ok=True)
            folder = self.folder / part
            before = len(list(folder.glob("events.*")))
            # The writer belongs to TensorFlow 1 and wants no eager execution, which is off inside a graph.
            with tf.Graph().as_default():
                writer = v1.summary.FileWriter(
                    str(folder), flush_secs=FLUSH_SECONDS, filename_suffix=f".{before:03}"
                )
            self.writers[part] = writer
            if before:
                place = self.place or Place()
                self._cut(writer, (place.epoch - 1) * self.steps + place.step)
        return writer

    @staticmethod
    def _cut(writer: Any, at: int) -> None:
        """What was said of later batches than `at` is void."""
        writer.add_session_log(v1.SessionLog(status=v1.SessionLog.START), at + 1)


def graph_of(model: Any) -> Any:
    """The network as a TensorFlow graph, without training."""
    inputs = [tf.TensorSpec(one.shape, one.dtype) for one in model.inputs]
    return (
        tf.function(lambda *x: model(list(x) if len(x) > 1 else x[0], training=False))
        .get_concrete_function(*inputs)
        .graph
    )


def histogram(values: NDArray[Any], buckets: int = 30) -> Any:
    """The spread of these numbers as TensorBoard draws it; those that are not finite are left out."""
    numbers = np.asarray(values, np.float64).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return v1.HistogramProto()
    counts, edges = np.histogram(numbers, bins=buckets)
    return v1.HistogramProto(
        min=numbers.min(),
        max=numbers.max(),
        num=len(numbers),
        sum=numbers.sum(),
        sum_squares=float(numbers @ numbers),
        bucket_limit=edges[1:].tolist(),
        bucket=counts.tolist(),
    )
