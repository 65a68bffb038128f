"""Arrays → batches, fast: the samples lie on the device once, and each batch is gathered inside the graph that trains on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, prod
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.spec.shapes import Summary
from tuinn.worker.devices import computes_on_gpu

EXECUTION_SECONDS = 0.1
"""How long one execution should take: the hooks, and so stop and progress, come once per execution."""

CPU_SPEED, CPU_STEP = 15e9, 0.0006
"""Multiply-adds a second in training, and seconds per step whatever the network."""
GPU_SPEED, GPU_STEP = 1e12, 0.0004

MOST_STEPS = 50
HELD_VALUES = 32_000_000
"""Numbers that the layers may give at once when a batch is only looked at, not trained on: 128 MB."""


class Feed:
    """The training samples, and the order in which each epoch takes them: each sample once, the last batch maybe short."""

    def __init__(self, x: NDArray[Any], y: NDArray[Any], batch: int, seed: int) -> None:
        """`x`: (n, *shape); `y`: (n, …). Both are eager tensors, so that no graph ever holds a copy of them."""
        self.count = len(x)
        self.batch_size = batch
        self.steps = ceil(self.count / batch)
        self.seed = seed
        self.x, self.y = tf.constant(gatherable(x)), tf.constant(y)
        self.order = tf.Variable(tf.range(self.count, dtype=tf.int64), trainable=False, name="order")

    def shuffle(self, epoch: int) -> None:
        """Take the order of this epoch, counted from 0. It follows from (seed, epoch) alone."""
        ordered = tf.range(self.count, dtype=tf.int64)
        self.order.assign(tf.random.experimental.stateless_shuffle(ordered, seed=[self.seed, epoch]))

    def batch(self, step: Any) -> tuple[Any, Any]:
        """Batch number `step`, counted from 0, in the present order: (b, *shape) and (b, …). Works inside a graph."""
        start = step * self.batch_size
        chosen = self.order[start : start + self.batch_size]
        return tf.gather(self.x, chosen), tf.gather(self.y, chosen)

    @contextmanager
    def into(self, model: Any) -> Iterator[Any]:
        """Inside the block, `model.fit` on the dataset that this yields trains on these samples.

        The dataset only counts steps; `train_step` gathers. So a batch never passes through Python or tf.data.
        """
        learn = model.train_step
        model.train_step = lambda step: learn(self.batch(step))
        try:
            yield tf.data.Dataset.range(self.steps)
        finally:
            model.train_step = learn


def gatherable(x: NDArray[Any]) -> NDArray[Any]:
    """The samples in a type that the device can gather. TensorFlow has no such kernel for small integers on GPUs.

    Bytes are exact in float16, which has 11 significant bits; other small types become float32.
    """
    if not computes_on_gpu() or x.dtype in (np.float16, np.float32, np.float64):
        return x
    return x.astype(np.float16 if x.dtype.itemsize == 1 else np.float32)


def held(x: NDArray[Any], y: NDArray[Any], batch: int) -> Any:
    """A tf.data.Dataset of samples that are only looked at, in their own order, `batch` at a time."""
    with tf.device("CPU"):
        samples, answers = tf.constant(x), tf.constant(y)

    def slices(step: Any) -> tuple[Any, Any]:
        return samples[step * batch : (step + 1) * batch], answers[step * batch : (step + 1) * batch]

    return tf.data.Dataset.range(ceil(len(x) / batch)).map(slices).prefetch(1)


def held_batch(summary: Summary, most: int = 4096) -> int:
    """How many samples may go through the network at once without training: as many as HELD_VALUES allow."""
    values = sum(prod(row.shape) for row in summary.rows if row.shape is not None) + prod(summary.input_shape)
    return max(1, min(most, HELD_VALUES // max(1, values)))


def steps_per_execution(summary: Summary, batch: int, steps: int) -> int:
    """How many steps to run between two hooks, so that an execution takes about EXECUTION_SECONDS.

    A step is taken to cost 3 × macs × batch (forward, and twice that backward) at a fixed speed, plus a fixed
    overhead. On 2 shared CPU cores: see benchmarks/throughput.py. The executions of an epoch of `steps` steps
    are made about equally long.
    """
    speed, overhead = (GPU_SPEED, GPU_STEP) if computes_on_gpu() else (CPU_SPEED, CPU_STEP)
    seconds = 3 * summary.macs * batch / speed + overhead
    most = max(1, min(MOST_STEPS, int(EXECUTION_SECONDS / seconds)))
    return ceil(steps / ceil(steps / most))
