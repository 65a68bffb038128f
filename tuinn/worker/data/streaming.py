"""Samples that don't fit into memory: they stay on disk, and each batch is read shortly before it is taken.

`pipeline_class` decides by the size of the samples and `memory_budget`.
"""

import time
from typing import Any

import numpy as np
import tensorflow as tf

from tuinn.data.dataset_arrays import Arrays
from tuinn.spec.advice.model_size import machine_memory
from tuinn.spec.dataset import DataFacts
from tuinn.worker.data.batches import InputPipeline, Part
from tuinn.worker.keras_types import Array, Dataset, Element, Tensor
from tuinn.worker.model.network import Network
from tuinn.worker.system_monitor import find_card

MEMORY_SHARE = 4
"""One part in so many is for samples: the network and TensorFlow need the rest."""

SMALLEST_CARD = 8_000_000_000
"""Bytes that a card is taken to have where its driver doesn't say."""

PREFETCH = 2
"""Batches that are read before they are taken."""


class StreamingPipeline(InputPipeline):
    """As InputPipeline, in the same order and with the same numbers, but the device holds the targets only.

    Its elements are a span and the samples of it, instead of a span alone.
    """

    def load(self, arrays: Arrays, network: Network | None) -> None:
        self.arrays = arrays
        self.seconds_read = 0.0
        self.order_read = self.order.numpy()
        """As `order`; by which batches are read."""

    def shuffle(self, epoch: int | Tensor) -> None:
        super().shuffle(epoch)
        if tf.executing_eagerly():
            self._read_order()

    def open(self, part: Part, batch: int, skip: int) -> tuple[object, ...]:
        self._read_order()
        return (iter(self.spans(part, batch, skip)),)

    def element(self, source: tuple[Any, ...], part: Part, batch: int, at: Tensor) -> Element:
        element: Element = source[0].get_next()
        return element

    def _read_order(self) -> None:
        # A new array: a batch of an epoch that was interrupted may still be read.
        self.order_read = self.order.numpy()

    def rows(self, span: Array) -> Array:
        """The samples of a span, (b, *shape). Read in the order in which they lie on disk."""
        began = time.perf_counter()
        try:
            return self._read(span)
        finally:
            self.seconds_read = (self.seconds_read or 0.0) + time.perf_counter() - began

    def _read(self, span: Array) -> Array:
        rows = self.order_read[int(span[0]) : int(span[1])]
        first_test = len(self.arrays.x_train)
        part, rows = (
            (self.arrays.x_train, rows) if rows[0] < first_test else (self.arrays.x_test, rows - first_test)
        )
        ascending = np.argsort(rows, kind="stable")
        samples: Array = np.empty((len(rows), *part.shape[1:]), part.dtype)
        samples[ascending] = part[rows[ascending]]
        return samples

    def spans(self, part: Part, batch: int, skip: int = 0) -> Dataset:
        """(span, samples); `skip` as in InputPipeline. None of those left out is read."""
        return super().spans(part, batch, skip).map(self._with_rows).prefetch(PREFETCH)

    def _with_rows(self, span: Tensor) -> tuple[Tensor, Tensor]:
        x = tf.numpy_function(self.rows, [span], self.arrays.x_train.dtype, stateful=True)
        return span, tf.ensure_shape(x, (None, *self.arrays.x_train.shape[1:]))

    def first(self) -> Element:
        span = tf.constant([0, 1], tf.int64)
        return span, tf.constant(self.rows(span.numpy()))

    def take(self, span: Element) -> tuple[Tensor, Tensor]:
        (start, stop), x = tf.unstack(span[0]), span[1]
        y = tf.gather(self.y, self.order[start:stop])
        return x if self.encode is None else self.encode(x, training=False), y

    def size(self, element: Element) -> Tensor:
        return super().size(element[0])

    def cut(self, element: Element, first: Tensor, stop: Tensor) -> Element:
        cut: Element = super().cut(element[0], first, stop), element[1][first:stop]  # type: ignore[assignment]
        return cut

    def copy_samples(self, other: InputPipeline) -> None:
        """They come with each batch."""

    def take_weights(self, span: Element) -> tuple[Tensor, ...]:
        return super().take_weights(span[0])


def pipeline_class(arrays: Arrays, facts: DataFacts) -> type[InputPipeline]:
    """How the samples of a run are held: in the memory of the device, or streamed from the disk."""
    return InputPipeline if fits_in_memory(arrays, facts, memory_budget()) else StreamingPipeline


def fits_in_memory(arrays: Arrays, facts: DataFacts, budget: int) -> bool:
    """True where all samples take at most `budget` bytes. Texts are numbers by then, and always fit."""
    return facts.is_text or arrays.x_train.nbytes + arrays.x_test.nbytes <= budget


def memory_budget() -> int:
    """Bytes of samples that may lie in the memory of the device that computes."""
    cards = tf.config.get_visible_devices("GPU")
    if not cards:
        return machine_memory() // MEMORY_SHARE
    card = find_card(int(cards[0].name.rpartition(":")[2]))
    total = card.read()["gpu_memory_total"] if card else None
    return int(total or SMALLEST_CARD) // MEMORY_SHARE
