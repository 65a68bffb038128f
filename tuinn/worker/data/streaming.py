"""Samples that don't fit into memory: they stay on disk, and each batch is read shortly before it is wanted."""

import time
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.spec.advice.model_size import memory_here
from tuinn.spec.dataset import DataFacts
from tuinn.worker.data.batches import InputPipeline, Part
from tuinn.worker.model.network import Network
from tuinn.worker.system_monitor import find_card

AHEAD = 2
"""Batches that are read before they are wanted."""


class StreamingPipeline(InputPipeline):
    """As Samples, in the same order and with the same numbers, but the device holds the targets only.

    Its elements are a span and the samples of it, instead of a span alone.
    """

    def hold(self, arrays: Arrays, network: Network | None) -> None:
        self.arrays = arrays
        self.seconds_read = 0.0
        self.order = self.places.numpy()
        """As `places`; what a batch that is being read goes by."""

    def shuffle(self, epoch: int) -> None:
        super().shuffle(epoch)
        # A new array: a batch of an epoch that was broken off may still be in the making.
        self.order = self.places.numpy()

    def rows(self, span: NDArray[np.int64]) -> NDArray[Any]:
        """The samples of a span, (b, *shape). Read in the order in which they lie on disk."""
        began = time.perf_counter()
        try:
            return self._read(span)
        finally:
            self.seconds_read = (self.seconds_read or 0.0) + time.perf_counter() - began

    def _read(self, span: NDArray[np.int64]) -> NDArray[Any]:
        places = self.order[span[0] : span[1]]
        first = len(self.arrays.x_train)
        part, places = (
            (self.arrays.x_train, places) if places[0] < first else (self.arrays.x_test, places - first)
        )
        by_place = np.argsort(places, kind="stable")
        found = np.empty((len(places), *part.shape[1:]), part.dtype)
        found[by_place] = part[places[by_place]]
        return found

    def spans(self, part: Part, batch: int, skip: int = 0) -> Any:
        """A tf.data.Dataset of (span, samples); `skip` as in InputPipeline. None of those left out is read."""
        return super().spans(part, batch, skip).map(self._with_rows).prefetch(AHEAD)

    def _with_rows(self, span: Any) -> tuple[Any, Any]:
        x = tf.numpy_function(self.rows, [span], self.arrays.x_train.dtype, stateful=True)
        return span, tf.ensure_shape(x, (None, *self.arrays.x_train.shape[1:]))

    def first(self) -> Any:
        span = tf.constant([0, 1], tf.int64)
        return span, self.rows(span.numpy())

    def take(self, span: Any) -> tuple[Any, Any]:
        """Of an element."""
        (start, stop), x = tf.unstack(span[0]), span[1]
        y = tf.gather(self.y, self.places[start:stop])
        return x if self.encode is None else self.encode(x, training=False), y

    def take_weights(self, span: Any) -> tuple[Any, ...]:
        return super().take_weights(span[0])


SHARE = 4
"""One part in so many: the network and TensorFlow want the rest."""

SMALLEST_CARD = 8_000_000_000
"""Bytes that a card is taken to have where its driver doesn't say."""


def room() -> int:
    """Bytes of samples that may lie in the memory of the device that computes."""
    cards = tf.config.get_visible_devices("GPU")
    if not cards:
        return memory_here() // SHARE
    card = find_card(int(cards[0].name.rpartition(":")[2]))
    total = card.read()["gpu_memory_total"] if card else None
    return int(total or SMALLEST_CARD) // SHARE


def fits(arrays: Arrays, facts: DataFacts, most: int) -> bool:
    """True where all samples may lie in memory. Texts are numbers by then, and are always taken in."""
    return facts.is_text or arrays.x_train.nbytes + arrays.x_test.nbytes <= most
