"""Arrays → batches, fast: all samples lie on the device once, and each batch is gathered inside the graph that takes it."""

from copy import copy
from math import ceil, prod
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.split import Indices
from tuinn.spec.layers.shapes import Summary
from tuinn.worker.devices import computes_on_gpu
from tuinn.worker.keras_types import Array, Dataset, Element, Model, Tensor
from tuinn.worker.model.network import Network

Part = Literal["training", "validation", "test"]

EXECUTION_SECONDS = 0.1
"""How long one execution should take: the callbacks, and so stop and progress, are called once per execution."""

CPU_SPEED, CPU_STEP = 35e9, 0.0004
"""Multiply-adds a second in training, and seconds per step whatever the network. Measured with
benchmarks/throughput.py on 2 shared cores: 33e9 in dense layers, 55e9 in convolutions, 0.3 ms a step."""
GPU_SPEED, GPU_STEP = 1e12, 0.0004
"""Likewise; guesses on the slow side, which make executions too short rather than too long."""

MOST_STEPS = 50
INFERENCE_VALUES = 32_000_000
"""Numbers that the layers may give at once for a batch that is not trained on: 128 MB."""


class InputPipeline:
    """The samples of a run, and the order in which they are taken: training, validation, test."""

    seconds_read: float | None = None
    """Spent so far reading samples from the disk; None where they all lie in memory."""

    def __init__(
        self,
        arrays: Arrays,
        targets: tuple[Array, Array],
        training: Indices,
        validation: Indices,
        seed: int,
        network: Network | None = None,
    ) -> None:
        """`targets`: those of `x_train` and `x_test` as the loss wants them; indices are into `x_train`.

        `network` encodes samples where they aren't taken as they are cached.
        """
        # Eager tensors, which a graph takes as arguments: it never holds a copy, and 2 GB is no limit.
        self.encode = network.batch_encoder if network else None
        self.y = tf.constant(np.concatenate(targets))
        self.training = tf.constant(training, dtype=tf.int64)
        self.weights: Tensor | None = None
        self.seed = seed
        self.device: str | None = None
        """Where the samples lie; None: where TensorFlow puts them."""
        self.others: list[InputPipeline] = []
        """Of the further devices that train together."""
        test = len(arrays.x_train) + np.arange(len(arrays.x_test))
        self.order = tf.Variable(
            np.concatenate([training, validation, test]).astype(np.int64), trainable=False
        )
        """Indices of the samples, in the order in which they are taken."""
        parts = {"training": training, "validation": validation, "test": test}
        self.counts = {name: len(part) for name, part in parts.items()}
        self.load(arrays, network)

    def load(self, arrays: Arrays, network: Network | None) -> None:
        """Bring the samples to where batches are taken from."""
        x = network.all_inputs(arrays) if network else np.concatenate([arrays.x_train, arrays.x_test])
        self.x = tf.constant(gatherable(x))

    def shuffle(self, epoch: int | Tensor) -> None:
        """Take the training order of this epoch, counted from 0. It follows from (seed, epoch) alone. Works inside a graph."""
        order = tf.random.experimental.stateless_shuffle(self.training, seed=[self.seed, epoch])
        for pipeline in (self, *self.others):
            pipeline.order[: len(self.training)].assign(order)

    def set_weights(self, weights: NDArray[np.float32] | None) -> None:
        """Weigh each sample of `x_train` in training; None: all the same."""
        for pipeline in (self, *self.others):
            with tf.device(pipeline.device):
                pipeline.weights = None if weights is None else tf.constant(weights)

    def spans(self, part: Part, batch: int, skip: int = 0) -> Dataset:
        """[start, stop) in the order: each sample once, the last span maybe short.

        `skip`: spans at the beginning that are left out, at most all but one.
        """
        first = self._first(part)
        starts = np.arange(first, first + self.counts[part], batch, dtype=np.int64)
        stops = np.minimum(starts + batch, first + self.counts[part])
        spans = tf.data.Dataset.from_tensor_slices(np.stack([starts, stops], axis=1)[skip:])
        options = tf.data.Options()
        # Nothing here is worth tuning, and to join the tuner's threads costs 10 ms per epoch.
        options.autotune.enabled = False
        options.experimental_optimization.apply_default_optimizations = False
        dataset: Dataset = spans.with_options(options)
        return dataset

    def open(self, part: Part, batch: int, skip: int) -> tuple[object, ...]:
        """What `element` needs for a pass over a part that begins after the first `skip` batches."""
        return ()

    def element(self, source: tuple[Any, ...], part: Part, batch: int, at: Tensor) -> Element:
        """Inside a graph, batch `at` of a part, counted from 0, as one of `spans`. `source`: what `open` gave."""
        start = tf.add(self._first(part), tf.multiply(at, batch))
        stop = tf.minimum(tf.add(start, batch), self._first(part) + self.counts[part])
        span: Element = tf.stack([start, stop])
        return span

    def _first(self, part: Part) -> int:
        """Where it begins in the order."""
        names = list(self.counts)
        return sum(self.counts[name] for name in names[: names.index(part)])

    def first(self) -> Element:
        """An element such as `spans` gives, of one sample."""
        span: Element = tf.constant([0, 1], tf.int64)
        return span

    def take(self, span: Element) -> tuple[Tensor, Tensor]:
        """The samples and targets of a span: (b, *shape) and (b, …). Works inside a graph."""
        chosen = self.order[span[0] : span[1]]
        x = tf.gather(self.x, chosen)
        return x if self.encode is None else self.encode(x, training=False), tf.gather(self.y, chosen)

    def targets_of(self, start: int, stop: int) -> Array:
        """The targets of the samples from `start` to before `stop` of this epoch's training, as the loss wants them."""
        chosen: Array = tf.gather(self.y, self.order[start:stop]).numpy()
        return chosen

    def take_weights(self, span: Element) -> tuple[Tensor, ...]:
        """The weight of each sample of a training span, (b,); nothing where all weigh the same."""
        return () if self.weights is None else (tf.gather(self.weights, self.order[span[0] : span[1]]),)

    def size(self, element: Element) -> Tensor:
        """How many samples a batch has. Works inside a graph, as `cut` does."""
        size: Tensor = tf.subtract(element[1], element[0])
        return size

    def cut(self, element: Element, first: Tensor, stop: Tensor) -> Element:
        """The samples of a batch from `first` to before `stop`, counted within it."""
        span: Element = tf.stack([tf.add(element[0], first), tf.add(element[0], stop)])
        return span

    def on(self, device: str) -> "InputPipeline":
        """The same samples in the same order, in the memory of another device of this machine."""
        other = copy(self)
        other.device, other.others = device, []
        with tf.device(device):
            other.y, other.order = tf.identity(self.y), tf.Variable(self.order, trainable=False)
        self.copy_samples(other)
        other.set_weights(None if self.weights is None else self.weights.numpy().astype(np.float32))
        self.others.append(other)
        return other

    def copy_samples(self, other: "InputPipeline") -> None:
        """Bring the samples to the device of another pipeline, too."""
        with tf.device(other.device):
            other.x = tf.identity(self.x)

    def attach(self, model: Model) -> None:
        """From now on a step of this model takes a span, and gathers its samples and targets itself: `train_step`, `test_step`.

        A batch passes neither through Python nor through tf.data, whose functions cost 5 ms per epoch to set up.
        """
        train_step, test_step = model.train_step, model.test_step
        model.train_step = lambda span: train_step((*self.take(span), *self.take_weights(span)))
        model.test_step = lambda span: test_step(self.take(span))


def gatherable(x: Array) -> Array:
    """The samples in a type that the device can gather. TensorFlow has no such kernel for small integers on GPUs.

    Bytes are exact in float16, which has 11 significant bits; other small types become float32.
    """
    if not computes_on_gpu() or x.dtype in (np.float16, np.float32, np.float64, object):
        return x
    return x.astype(np.float16 if x.dtype.itemsize == 1 else np.float32)


def inference_batch(summary: Summary, most: int = 4096) -> int:
    """Samples that may go through the network at once without training: as many as INFERENCE_VALUES allow."""
    values = sum(prod(row.shape) for row in summary.rows if row.shape is not None) + prod(summary.input_shape)
    return max(1, min(most, INFERENCE_VALUES // max(1, values)))


def steps_per_execution(summary: Summary, batch: int, steps: int) -> int:
    """How many steps to run between two calls of the callbacks, so that an execution takes about EXECUTION_SECONDS.

    A step is taken to cost 3 × macs × batch (forward, and twice that backward) at a fixed speed, plus a fixed
    overhead. The executions of an epoch of `steps` steps are made about equally long.
    """
    speed, overhead = (GPU_SPEED, GPU_STEP) if computes_on_gpu() else (CPU_SPEED, CPU_STEP)
    seconds = 3 * summary.macs * batch / speed + overhead
    most = max(1, min(MOST_STEPS, int(EXECUTION_SECONDS / seconds)))
    return ceil(steps / ceil(steps / most))
