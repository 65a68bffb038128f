"""Training samples that a network sees as nearest to another one: by their distance in its last hidden layer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuinn.worker.keras_types import Array, Model
from tuinn.worker.model.network import ChosenRows, Network, SampleRows

Places = NDArray[np.int64]
Floats = NDArray[np.float32]

SHOWN = 12
"""Neighbours that are found."""

MOST_SAMPLES, MOST_BYTES = 20_000, 200_000_000
"""Training samples that are compared with, at most, and bytes of what the layer gives for them."""


@dataclass(frozen=True)
class Neighbours:
    """What the last hidden layer gives for training samples."""

    layer: Model
    """Encoded samples → what the layer gives."""
    network: Network
    places: Places
    """Of the training samples, rising."""
    features: Floats
    """(places, width)."""

    @classmethod
    def of(cls, network: Network, rows: SampleRows, used: Places, batch: int) -> "Neighbours":
        """Of the training samples at `used`: all, or some of them by chance. `batch` samples go through at a time."""
        layer = network.up_to_last_hidden()
        width = int(np.prod([size or 1 for size in layer.output.shape[1:]]))
        most = max(SHOWN, min(MOST_SAMPLES, MOST_BYTES // (4 * max(width, 1))))
        places = np.sort(np.random.default_rng(0).permutation(used)[:most]).astype(np.int64)
        return cls(layer, network, places, _features(layer, network, ChosenRows(rows, places), batch))

    def nearest(self, sample: Array, batch: int) -> tuple[Places, Floats]:
        """The places of the training samples nearest to a sample, (1, *shape) as it is cached, and their distances."""
        wanted = _features(self.layer, self.network, sample, batch)[0]
        distances = np.sqrt(((self.features - wanted) ** 2).sum(axis=1))
        order = np.argsort(distances, kind="stable")[:SHOWN]
        return self.places[order], distances[order]


def _features(layer: Model, network: Network, rows: SampleRows, batch: int) -> Floats:
    parts = []
    for at in range(0, len(rows), batch):
        part = np.asarray(layer(network.encoded(rows[at : at + batch]), training=False), np.float32)
        parts.append(part.reshape(len(part), -1))
    return np.nan_to_num(np.concatenate(parts))
