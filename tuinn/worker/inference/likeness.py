"""How like the training data a picture from outside is: by its brightness, and by its place in the last hidden layer."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.data.predictions import predicted_labels
from tuinn.spec.dataset import DataFacts, Task
from tuinn.worker.keras_types import Array, Model
from tuinn.worker.model.network import Network

COMPARED = 500
"""Training samples that it is compared with."""

MOST_NUMBERS = 4096
"""Of the last hidden layer that are compared."""

CHUNK = 32
"""Training samples that are in memory at once."""

BINS = 16
"""Of a histogram of brightness."""

LEAST = 20
"""Training samples below which nothing is said."""


@dataclass(frozen=True)
class Likeness:
    """What was found of one picture."""

    unlike: str = ""
    """In what it is unlike the training data, as a sentence; empty where it isn't."""
    nearest: Array | None = None
    """The training sample of the predicted class that is nearest in the last hidden layer; None: there is none."""


class TrainingLikeness:
    """Training samples by which pictures are judged; measured once, when the first picture comes."""

    def __init__(
        self, network: Network, facts: DataFacts, arrays: Arrays, training: NDArray[np.int64], batch: int
    ) -> None:
        self.network, self.facts, self.arrays, self.batch = network, facts, arrays, batch
        chosen = np.random.default_rng(0).permutation(training)[:COMPARED] if len(training) else training
        self.places = np.sort(chosen)

    @cached_property
    def _hidden(self) -> Model:
        return self.network.up_to_last_hidden()

    def _place(self, samples: Array) -> NDArray[np.float32]:
        """(n, numbers) in the last hidden layer."""
        parts = [
            np.asarray(self._hidden(self.network.encoded(samples[at : at + self.batch]), training=False))
            for at in range(0, len(samples), self.batch)
        ]
        found = np.concatenate(parts).astype(np.float32)
        return found.reshape(len(found), -1)[:, :MOST_NUMBERS]

    @cached_property
    def _measured(self) -> tuple[NDArray[np.float32], float, NDArray[np.float64], float]:
        """Places and histograms of the training samples, and the largest distance of one of them from the others."""
        parts, shares = [], []
        for at in range(0, len(self.places), CHUNK):
            samples = self.arrays.x_train[self.places[at : at + CHUNK]]
            parts.append(self._place(samples))
            shares.append(self._histograms(samples))
        places, histograms = np.concatenate(parts), np.concatenate(shares)
        to_others = distances(places, places)
        np.fill_diagonal(to_others, np.inf)
        far = float(to_others.min(axis=1).max())
        away = np.abs(histograms - histograms.mean(axis=0)).sum(axis=1) / 2
        return places, far, histograms, float(away.max())

    def _histograms(self, samples: Array) -> NDArray[np.float64]:
        """(n, BINS): shares of a sample's pixels."""
        low, high = self.facts.low, self.facts.high

        def histogram(sample: Array) -> NDArray[np.float64]:
            share = (sample.astype(np.float64).ravel() - low) / max(high - low, 1e-12)
            bins = np.clip((share * BINS).astype(np.int64), 0, BINS - 1)
            found: NDArray[np.float64] = np.bincount(bins, minlength=BINS) / bins.size
            return found

        return np.stack([histogram(sample) for sample in samples])

    def judge(self, picture: Array, outputs: NDArray[np.float32]) -> Likeness:
        """`picture`: (*shape) as it was prepared; `outputs`: (outputs,) of the network for it."""
        if len(self.places) < LEAST:
            return Likeness()
        places, far, histograms, odd = self._measured
        to_all = distances(self._place(picture[None]), places)[0]
        away = float(np.abs(self._histograms(picture[None])[0] - histograms.mean(axis=0)).sum() / 2)
        found = []
        if picture.min() == picture.max():
            found.append("it is one plain colour")
        elif away > odd:
            found.append("its brightness is spread as in none of them")
        if not to_all.min() <= far:
            found.append(
                "in the last hidden layer it is further from them than any of them is from the others"
            )
        unlike = f"Unlike the training data: {', and '.join(found)}." if found else ""
        return Likeness(unlike, self._nearest(to_all, outputs))

    def _nearest(self, to_all: NDArray[np.float32], outputs: NDArray[np.float32]) -> Array | None:
        chosen = np.ones(len(self.places), bool)
        if self.facts.task in (Task.BINARY, Task.CLASSES):
            chosen = self.arrays.y_train[self.places] == predicted_labels(outputs[None])[0]
        if not chosen.any():
            return None
        place = self.places[np.where(chosen, to_all, np.inf).argmin()]
        return np.array(self.arrays.x_train[int(place)])


def distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, d) and (m, d) → (n, m), Euclidean."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T
    found: NDArray[np.float32] = np.sqrt(np.maximum(squares, 0))
    return found
