"""A dataset in memory: four read-only arrays, and the one reader that makes them from a .npz file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.spec.dataset import DataFacts
from tuinn.spec.problem import SpecProblem


@dataclass(frozen=True)
class Arrays:
    """Samples along the first axis, targets in the same order. All four are made read-only."""

    x_train: NDArray[Any]
    """(train, *shape), validation samples included."""
    y_train: NDArray[Any]
    """(train,): labels counted from 0, or the numbers to predict."""
    x_test: NDArray[Any]
    """(test, *shape)."""
    y_test: NDArray[Any]
    """(test,)."""

    def __post_init__(self) -> None:
        for part in (self.x_train, self.y_train, self.x_test, self.y_test):
            part.setflags(write=False)


def read(path: Path, facts: DataFacts) -> Arrays:
    """The arrays in a bundled .npz file. Pickled objects are never read.

    Raises SpecProblem for a file that is missing, damaged, or not what `facts` say.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = Arrays(file["x_train"], file["y_train"], file["x_test"], file["y_test"])
    except FileNotFoundError as error:
        raise SpecProblem(f"The bundled file {path} is missing. Reinstall tuinn.", "dataset.name") from error
    except Exception as error:  # zip, zlib and NumPy each have their own names for "damaged"
        raise damaged(path) from error
    fits = arrays.x_train.shape == (facts.train, *facts.shape) and arrays.x_train.dtype == facts.dtype
    fits = fits and arrays.x_test.shape == (facts.test, *facts.shape) and arrays.x_test.dtype == facts.dtype
    if not fits or arrays.y_train.shape != (facts.train,) or arrays.y_test.shape != (facts.test,):
        raise damaged(path)
    return arrays


def damaged(path: Path) -> SpecProblem:
    """The problem to raise for a file that is there and can't be used."""
    return SpecProblem(f"The bundled file {path} is damaged. Reinstall tuinn.", "dataset.name")
