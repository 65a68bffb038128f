"""How much of the memory may be filled with samples."""

import tensorflow as tf

from tuinn.data.arrays import Arrays
from tuinn.spec.dataset import DataFacts
from tuinn.spec.size_advice import memory_here
from tuinn.worker.gauge import find_card

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
