"""Arrays → batches, fast: all samples lie on the device once, and each batch is gathered inside the graph that takes it."""

from math import ceil, prod
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.split import Indices
from tuinn.spec.layers.shapes import Summary
from tuinn.worker.devices import computes_on_gpu
from tuinn.worker.model.network import Network

Part = Literal["training", "validation", "test"]

EXECUTION_SECONDS = 0.1
"""How long one execution should take: the hooks, and so stop and progress, come once per execution."""

CPU_SPEED, CPU_STEP = 35e9, 0.0004
"""Multiply-adds a second in training, and seconds per step whatever the network. Measured with
benchmarks/throughput.py on 2 shared cores: 33e9 in dense layers, 55e9 in convolutions, 0.3 ms a step."""
GPU_SPEED, GPU_STEP = 1e12, 0.0004
"""Likewise; guesses on the slow side, which make executions too short rather than too long."""

MOST_STEPS = 50
HELD_VALUES = 32_000_000
"""Numbers that the layers may give at once when a batch is only looked at, not trained on: 128 MB."""


class InputPipeline:
    """The samples of a run, and the order in which they are taken: training, validation, test."""

    seconds_read: float | None = None
    """Spent so far reading samples from the disk; None where they all lie in memory."""

    def __init__(
        self,
        arrays: Arrays,
        targets: tuple[NDArray[Any], NDArray[Any]],
        training: Indices,
        validation: Indices,
        seed: int,
        network: Network | None = None,
    ) -> None:
        """`targets`: those of `x_train` and `x_test` as the loss wants them; indices are into `x_train`.

        `network`: it says how samples are encoded, where they aren't taken as they are kept.
        """
        # Eager tensors, which a graph takes as arguments: none ever holds a copy, and 2 GB is no limit.
        self.encode = network.encode if network else None
        self.y = tf.constant(np.concatenate(targets))
        self.training = tf.constant(training, dtype=tf.int64)
        self.weights: Any = None
        self.seed = seed
        test = len(arrays.x_train) + np.arange(len(arrays.x_test))
        self.places = tf.Variable(
            np.concatenate([training, validation, test]).astype(np.int64), trainable=False
        )
        """Which sample stands where in the order."""
        parts = {"training": training, "validation": validation, "test": test}
        self.counts = {name: len(part) for name, part in parts.items()}
        self.hold(arrays, network)

    def hold(self, arrays: Arrays, network: Network | None) -> None:
        """Bring the samples to where batches are taken from."""
        x = network.all_taken(arrays) if network else np.concatenate([arrays.x_train, arrays.x_test])
        self.x = tf.constant(gatherable(x))

    def shuffle(self, epoch: int) -> None:
        """Take the training order of this epoch, counted from 0. It follows from (seed, epoch) alone."""
        order = tf.random.experimental.stateless_shuffle(self.training, seed=[self.seed, epoch])
        self.places[: len(self.training)].assign(order)

    def weigh(self, weights: NDArray[np.float32] | None) -> None:
        """From now on each sample of `x_train` counts for this much in training; None: all the same."""
        self.weights = None if weights is None else tf.constant(weights)

    def spans(self, part: Part, batch: int, skip: int = 0) -> Any:
        """A tf.data.Dataset of [start, stop), places in the order: each sample once, the last span maybe short.

        `skip`: spans at the beginning that are left out, at most all but one.
        """
        names = list(self.counts)
        first = sum(self.counts[name] for name in names[: names.index(part)])
        starts = np.arange(first, first + self.counts[part], batch, dtype=np.int64)
        stops = np.minimum(starts + batch, first + self.counts[part])
        spans = tf.data.Dataset.from_tensor_slices(np.stack([starts, stops], axis=1)[skip:])
        plain = tf.data.Options()
        # Nothing here is worth tuning, and to join the tuner's threads costs 10 ms per epoch.
        plain.autotune.enabled = False
        plain.experimental_optimization.apply_default_optimizations = False
        return spans.with_options(plain)

    def first(self) -> Any:
        """An element such as `spans` gives, of one sample."""
        return [0, 1]

    def take(self, span: Any) -> tuple[Any, Any]:
        """The samples and targets of a span: (b, *shape) and (b, …). Works inside a graph."""
        chosen = self.places[span[0] : span[1]]
        x = tf.gather(self.x, chosen)
        return x if self.encode is None else self.encode(x, training=False), tf.gather(self.y, chosen)

    def take_weights(self, span: Any) -> tuple[Any, ...]:
        """What each sample of a training span counts for, (b,); nothing where all count the same."""
        return () if self.weights is None else (tf.gather(self.weights, self.places[span[0] : span[1]]),)

    def feed(self, model: Any) -> None:
        """From now on `fit` and `evaluate` of this model want spans, and gather the samples themselves.

        A batch passes neither through Python nor through tf.data, whose functions cost 5 ms per epoch to set up.
        """
        learn, look = model.train_step, model.test_step
        model.train_step = lambda span: learn((*self.take(span), *self.take_weights(span)))
        model.test_step = lambda span: look(self.take(span))


def gatherable(x: NDArray[Any]) -> NDArray[Any]:
    """The samples in a type that the device can gather. TensorFlow has no such kernel for small integers on GPUs.

    Bytes are exact in float16, which has 11 significant bits; other small types become float32.
    """
    if not computes_on_gpu() or x.dtype in (np.float16, np.float32, np.float64, object):
        return x
    return x.astype(np.float16 if x.dtype.itemsize == 1 else np.float32)


def held_batch(summary: Summary, most: int = 4096) -> int:
    """How many samples may go through the network at once without training: as many as HELD_VALUES allow."""
    values = sum(prod(row.shape) for row in summary.rows if row.shape is not None) + prod(summary.input_shape)
    return max(1, min(most, HELD_VALUES // max(1, values)))


def steps_per_execution(summary: Summary, batch: int, steps: int) -> int:
    """How many steps to run between two hooks, so that an execution takes about EXECUTION_SECONDS.

    A step is taken to cost 3 × macs × batch (forward, and twice that backward) at a fixed speed, plus a fixed
    overhead. The executions of an epoch of `steps` steps are made about equally long.
    """
    speed, overhead = (GPU_SPEED, GPU_STEP) if computes_on_gpu() else (CPU_SPEED, CPU_STEP)
    seconds = 3 * summary.macs * batch / speed + overhead
    most = max(1, min(MOST_STEPS, int(EXECUTION_SECONDS / seconds)))
    return ceil(steps / ceil(steps / most))
