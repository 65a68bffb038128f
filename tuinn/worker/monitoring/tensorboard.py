"""The event files that TensorBoard reads, in `tensorboard/`, written by TensorFlow's own writer.

Every value is at the number of batches since the run began, so that batches, epochs and validation share one axis.
A run that is resumed, or goes back, writes a session log: TensorBoard then drops what came later, and shows one line.
"""

from math import ceil
from typing import Literal, Protocol

import numpy as np
import tensorflow as tf

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
    StopAsked,
    WentBack,
)
from tuinn.runs.folder import RunFolder
from tuinn.worker.checkpoints.checkpoint import Position
from tuinn.worker.keras_types import Array, Model

Part = Literal["train", "validation", "test"]

FLUSH_SECONDS = 5

v1 = tf.compat.v1


class Writer(Protocol):
    """What is used of TensorFlow's writer."""

    def add_summary(self, summary: object, global_step: int) -> None: ...

    def add_session_log(self, session_log: object, global_step: int) -> None: ...

    def add_graph(self, graph: object) -> None: ...

    def flush(self) -> None: ...

    def close(self) -> None: ...


class TensorBoardLog:
    """Listens to the events and writes the event files."""

    def __init__(
        self, folder: RunFolder, batch_size: int, options: TensorBoard, start: Position | None = None
    ) -> None:
        """`start`: where a run that is resumed goes on."""
        self.folder, self.batch_size, self.options = folder.tensorboard, batch_size, options
        self.writers: dict[Part, Writer] = {}
        self.steps = 1
        """Batches in an epoch."""
        self.start = start or Position()
        self.model: Model | None = None
        self.batches = 0
        """Since the run began."""

    def on_model_built(self, model: Model) -> None:
        """Write its graph, and from now on its weights, where they are wanted."""
        self.model = model
        if self.options.graph:
            self._writer("train").add_graph(graph_of(model))

    def on_event(self, event: Event) -> None:
        """Raises whatever TensorFlow's writer does where the disk refuses."""
        match event:
            case BatchEnded():
                self.batches = self._batches_before(event.epoch, event.step)
                self._write_metrics("train", "batch", event.metrics)
            case EpochStarted(steps=steps):
                self.steps = steps
            case EpochEnded():
                self._write_epoch(event)
            case DataLoaded(train=train):
                self.steps = max(1, ceil(train / self.batch_size))
                self.batches = self._batches_before(self.start.epoch, self.start.step)
            case StopAsked(epoch=epoch, step=step):
                self.batches = self._batches_before(epoch, step)
            case WentBack(epoch=epoch):
                self.batches = self._batches_before(epoch)
                for writer in self.writers.values():
                    self._drop_after(writer, self.batches)
            case Evaluated(request="", metrics=metrics):
                self._write_metrics("test", "epoch", metrics)
            case RunEnded():
                self.close()
            case _:
                pass

    def close(self) -> None:
        """Bring everything to the disk; another event opens new files."""
        for writer in self.writers.values():
            writer.close()
        self.writers = {}

    def _write_epoch(self, event: EpochEnded) -> None:
        self.batches = event.epoch * self.steps
        own = {name: value for name, value in event.metrics.items() if not name.startswith("val_")}
        self._write_metrics("train", "epoch", {**own, "learning_rate": event.learning_rate})
        validation = {name[4:]: value for name, value in event.metrics.items() if name not in own}
        if validation:
            self._write_metrics("validation", "epoch", validation)
        if self.options.histograms and self.model is not None:
            values = [
                v1.Summary.Value(tag=weight.path, histo=histogram(np.asarray(weight)))
                for weight in self.model.trainable_weights
            ]
            self._writer("train").add_summary(v1.Summary(value=values), self.batches)
        for writer in self.writers.values():
            writer.flush()

    def _write_metrics(self, part: Part, kind: Literal["batch", "epoch"], metrics: Metrics) -> None:
        if not self.options.scalars:
            return
        values = [
            v1.Summary.Value(tag=f"{kind}_{name}", simple_value=float("nan") if value is None else value)
            for name, value in metrics.items()
        ]
        self._writer(part).add_summary(v1.Summary(value=values), self.batches)

    def _writer(self, part: Part) -> Writer:
        if part in self.writers:
            return self.writers[part]
        # A run folder that is gone is not created again.
        self.folder.mkdir(mode=0o700, exist_ok=True)
        folder = self.folder / part
        before = len(list(folder.glob("events.*")))
        # The writer belongs to TensorFlow 1 and wants no eager execution, which is off inside a graph.
        with tf.Graph().as_default():
            writer: Writer = v1.summary.FileWriter(
                str(folder), flush_secs=FLUSH_SECONDS, filename_suffix=f".{before:03}"
            )
        self.writers[part] = writer
        if before:
            self._drop_after(writer, self._batches_before(self.start.epoch, self.start.step))
        return writer

    def _batches_before(self, epoch: int, step: int = 0) -> int:
        """Since the run began, up to this place. `epoch` is counted from 1."""
        return (epoch - 1) * self.steps + step

    @staticmethod
    def _drop_after(writer: Writer, batches: int) -> None:
        """Let TensorBoard drop what was written of later batches."""
        writer.add_session_log(v1.SessionLog(status=v1.SessionLog.START), batches + 1)


def graph_of(model: Model) -> object:
    """The network as a TensorFlow graph, without training."""
    inputs = [tf.TensorSpec(each.shape, each.dtype) for each in model.inputs]
    call = tf.function(lambda *x: model(list(x) if len(x) > 1 else x[0], training=False))
    graph: object = call.get_concrete_function(*inputs).graph
    return graph


def histogram(values: Array, buckets: int = 30) -> object:
    """The distribution of these numbers as TensorBoard draws it; those that are not finite are left out."""
    numbers = np.asarray(values, np.float64).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        empty: object = v1.HistogramProto()
        return empty
    counts, edges = np.histogram(numbers, bins=buckets)
    made: object = v1.HistogramProto(
        min=numbers.min(),
        max=numbers.max(),
        num=len(numbers),
        sum=numbers.sum(),
        sum_squares=float(numbers @ numbers),
        bucket_limit=edges[1:].tolist(),
        bucket=counts.tolist(),
    )
    return made
