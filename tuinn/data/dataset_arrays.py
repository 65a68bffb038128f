"""A dataset in memory: four read-only arrays, and the one reader that makes them from a .npz file."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.text_store import Texts
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts

CHUNK = 1 << 22
"""Values that are hashed at a time."""

Samples = NDArray[np.generic] | Texts


@dataclass(frozen=True)
class Arrays:
    """Samples along the first axis, targets in the same order. All four are made read-only."""

    x_train: Any
    """(train, *shape), validation samples included: an array, maybe memory-mapped, or Texts."""
    y_train: NDArray[np.generic]
    """(train,): labels counted from 0, or the numbers to predict; (train, classes) of 0 and 1 for several labels;
    (train, targets) of numbers for several targets."""
    x_test: Any
    """(test, *shape)."""
    y_test: NDArray[np.generic]
    """As `y_train`."""

    def __post_init__(self) -> None:
        for part in (self.x_train, self.y_train, self.x_test, self.y_test):
            part.setflags(write=False)

    def fit(self, facts: DataFacts) -> bool:
        """True where counts, shapes and types are what the facts say."""
        parts = ((self.x_train, self.y_train, facts.train), (self.x_test, self.y_test, facts.test))
        return all(
            x.shape == (count, *facts.shape)
            and y.shape == (count, *facts.target_shape)
            and (facts.is_text == isinstance(x, Texts))
            and (facts.is_text or x.dtype == facts.dtype)
            for x, y, count in parts
        )

    def fingerprint(self) -> str:
        """What changes whenever a value, its type or its place does: a hash over all of them, in hex."""
        digest = hashlib.sha256()
        for part in (self.x_train, self.y_train, self.x_test, self.y_test):
            for array in (part.ends, part.blob) if isinstance(part, Texts) else (part,):
                digest.update(f"{array.dtype.str} {array.shape}\n".encode())
                values = array.reshape(-1)
                for at in range(0, len(values), CHUNK):
                    digest.update(values[at : at + CHUNK].tobytes())
        return digest.hexdigest()


CORNER = 0.1
"""Of the range of pixels: within so much of its ends a corner is dark, or light."""


def dark_corners(picture: NDArray[np.generic], low: float = 0.0, high: float = 1.0) -> int:
    """How many corners of a grey picture, height × width (× 1), are dark."""
    corners = np.asarray(picture, np.float64)[:: max(len(picture) - 1, 1), :: max(picture.shape[1] - 1, 1)]
    return int((corners <= low + CORNER * (high - low)).sum()) * 4 // max(corners.size, 1)


def has_dark_ground(pictures: Iterable[NDArray[np.generic]], low: float = 0.0, high: float = 1.0) -> bool:
    """Whether these are mostly grey drawings on a dark ground, such as MNIST's: three corners of four are dark."""
    votes = [
        (picture.ndim == 2 or picture.shape[-1] == 1) and dark_corners(picture, low, high) >= 3
        for picture in pictures
    ]
    return 2 * votes.count(True) > len(votes)


def read_bundled(path: Path, facts: DataFacts) -> Arrays:
    """The arrays in a bundled .npz file. Pickled objects are never read.

    Raises SpecError for a file that is missing, damaged, or not what `facts` say.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = Arrays(file["x_train"], file["y_train"], file["x_test"], file["y_test"])
    except FileNotFoundError as error:
        raise SpecError(f"The bundled file {path} is missing. Reinstall tuinn.", "dataset.name") from error
    except Exception as error:  # zip, zlib and NumPy each have their own names for "damaged"
        raise damaged_file(path) from error
    if not arrays.fit(facts):
        raise damaged_file(path)
    return arrays


def damaged_file(path: Path) -> SpecError:
    """The problem to raise for a file that is there and can't be used."""
    return SpecError(f"The bundled file {path} is damaged. Reinstall tuinn.", "dataset.name")


@dataclass(frozen=True)
class ArraysBrowser:
    """A SampleBrowser of arrays."""

    arrays: Arrays
    facts: DataFacts

    def labels(self, part: str) -> NDArray[np.generic]:
        """(n,) targets of `train` or `test`."""
        return self.arrays.y_train if part == "train" else self.arrays.y_test

    def sample(self, part: str, at: int) -> Any:
        """An array of the facts' shape, or a text."""
        return (self.arrays.x_train if part == "train" else self.arrays.x_test)[at]
