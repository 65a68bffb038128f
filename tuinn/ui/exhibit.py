"""The test samples of a dataset and what the network last said of them, ready to be walked through."""

import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuinn.data.sources import describe, load_ready
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.problem import SpecProblem


@dataclass(frozen=True)
class Exhibit:
    """Samples by index, as in the test set."""

    dataset: DatasetSpec
    facts: DataFacts
    x: Any
    """(test, *shape)."""
    y: Any
    """(test,)."""
    outputs: Any = None
    """float32 (count, outputs): probabilities, or values of a regression; None before the first epoch."""
    epoch: int = 0
    """After which the outputs were computed; 0: none."""
    mistakes: tuple[int, ...] | None = None
    """Indices of the samples that are predicted wrongly; None where there is no right or wrong."""

    @property
    def count(self) -> int:
        return len(self.x) if self.outputs is None else len(self.outputs)

    @property
    def drawn(self) -> bool:
        """Whether a sample is shown as a picture: images, and whatever else has two axes or more."""
        return len(self.facts.shape) > 1

    def picture(self, at: int) -> Any:
        """Pixels in 0..1, height × width (× 3)."""
        from tuinn.view.tensor import pixels_of, plane_of

        return pixels_of(plane_of(self.x[at])[0], self.facts.low, self.facts.high)

    def row(self, at: int) -> list[float]:
        """The values of a table, codes of categories among them."""
        return [float(value) for value in self.x[at]]

    def text(self, at: int) -> str:
        """A text, or the words behind word numbers."""
        if self.facts.is_text:
            return str(self.x[at])
        from tuinn.data.word_index import as_text, words_of

        words = words_of(self.dataset.name) if self.dataset.name else ()
        return as_text((int(number) for number in self.x[at]), words)

    def truth(self, at: int) -> int | float | None:
        """The label, or the target of a regression; None where there are several labels."""
        if self.facts.task is Task.LABELS:
            return None
        return float(self.y[at]) if self.facts.task is Task.REGRESSION else int(self.y[at])

    def labels(self, at: int) -> tuple[str, ...]:
        """The true classes, where there may be several."""
        return tuple(name for name, on in zip(self.facts.classes, self.y[at], strict=True) if on > 0)

    def said_labels(self, at: int) -> tuple[str, ...] | None:
        """The classes that the network gives, where there may be several; None while it has given none."""
        if self.outputs is None:
            return None
        shares = zip(self.facts.classes, self.outputs[at], strict=False)
        return tuple(name for name, share in shares if share > 0.5)

    def shares(self, at: int) -> tuple[float | None, ...]:
        """A probability per class; a single sigmoid output speaks for both."""
        if self.outputs is None or self.facts.task is Task.REGRESSION:
            return ()
        given = [float(value) if value == value else None for value in self.outputs[at]]
        if len(given) == 1 and len(self.facts.classes) == 2:
            return (None if given[0] is None else 1 - given[0], given[0])
        return tuple(given)

    def said(self, at: int) -> int | float | None:
        """The label or the value that the network gives; None while it has given none."""
        if self.outputs is None:
            return None
        if self.facts.task is Task.REGRESSION:
            return float(self.outputs[at][0])
        shares = self.shares(at)
        known = [share if share is not None else -1.0 for share in shares]
        return known.index(max(known))

    def neighbour(self, at: int, by: int, only_mistakes: bool) -> int:
        """The sample `by` further on, round the end; among the mistakes only, if asked."""
        if not (only_mistakes and self.mistakes):
            return (at + by) % self.count
        place = bisect_right(self.mistakes, at) if by > 0 else bisect_left(self.mistakes, at) - 1
        return self.mistakes[place % len(self.mistakes)]

    def any(self, only_mistakes: bool) -> int:
        return (
            random.choice(self.mistakes) if only_mistakes and self.mistakes else random.randrange(self.count)
        )


def load_exhibit(dataset: DatasetSpec, predictions: Path | None, epoch: int) -> Exhibit:
    """Read the test set, and the predictions file where there is one.

    Raises SpecProblem for bad data, and for data of one's own that no run has prepared yet.
    """
    import numpy as np

    facts, arrays = describe(dataset).facts, load_ready(dataset)
    if arrays is None:
        raise SpecProblem("These samples are prepared when a run starts.")
    bare = Exhibit(dataset, facts, arrays.x_test, arrays.y_test)
    if predictions is None:
        return bare
    try:
        outputs = np.load(predictions, allow_pickle=False)
    except (OSError, ValueError):
        return bare
    if outputs.ndim != 2 or not 0 < len(outputs) <= len(arrays.x_test):
        return bare
    return Exhibit(dataset, facts, bare.x, bare.y, outputs, epoch, _mistakes(outputs, bare))


def _mistakes(outputs: Any, bare: Exhibit) -> tuple[int, ...] | None:
    if bare.facts.task not in (Task.CLASSES, Task.BINARY):
        return None
    labels = (outputs[:, 0] > 0.5) if outputs.shape[1] == 1 else outputs.argmax(axis=1)
    return tuple(int(at) for at in (labels != bare.y[: len(labels)]).nonzero()[0])
