"""Labels that look wrong, as a file of the run: what networks say of training samples that they have not learned from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.data.inspection import read_arrays, save_arrays


@dataclass(frozen=True)
class LabelIssues:
    """Of the training samples of a run, those to validate on included."""

    outputs: NDArray[np.float32]
    """(train, outputs): probabilities; NaN for samples that were not looked at."""
    order: NDArray[np.int64]
    """Indices of those that were, that with the least likely label first."""
    suspects: int
    """How many of the first ones look wrong."""

    def write(self, file: Path) -> None:
        """Raises OSError."""
        suspects = np.array(self.suspects)
        save_arrays(file, {"outputs": self.outputs, "order": self.order, "suspects": suspects})

    @classmethod
    def read(cls, file: Path) -> "LabelIssues":
        """Raises ValueError where it is missing or damaged."""
        _, arrays = read_arrays(file)
        try:
            outputs, order = arrays["outputs"].astype(np.float32), arrays["order"].astype(np.int64)
            suspects = int(arrays["suspects"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{file} cannot be read ({error}).") from error
        if outputs.ndim != 2 or order.ndim != 1 or (len(order) and order.max() >= len(outputs)):
            raise ValueError(f"{file} cannot be read (its arrays don't fit).")
        return cls(outputs, order, suspects)
