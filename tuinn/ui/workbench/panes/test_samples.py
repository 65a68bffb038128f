"""The test samples of a dataset and what the network last predicted of them, ready to be walked through."""

import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinn.data.loader import browse, describe, load_if_ready
from tuinn.runs.folder import DataInfo
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.training.outputs import class_probabilities, none_if_not_finite, predicted_classes

if TYPE_CHECKING:
    from tuinn.data.protocols import SampleBrowser


@dataclass(frozen=True)
class TestSamples:
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
        from tuinn.data.catalog.decoded_text import decode_text, word_list

        words = word_list(self.dataset.name) if self.dataset.name else ()
        return decode_text((int(number) for number in self.x[at]), words)

    def truth(self, at: int) -> int | float | None:
        """The label, or the target of a regression; None where there are several labels."""
        if self.facts.task is Task.LABELS:
            return None
        return float(self.y[at]) if self.facts.task is Task.REGRESSION else int(self.y[at])

    def labels(self, at: int) -> tuple[str, ...]:
        """The true classes, where there may be several."""
        return tuple(name for name, on in zip(self.facts.classes, self.y[at], strict=True) if on > 0)

    def predicted_labels(self, at: int) -> tuple[str, ...] | None:
        """The classes that the network gives, by name; None where it has given none that is finite."""
        chosen = self.chosen(at)
        return None if chosen is None else tuple(self.facts.classes[label] for label in chosen)

    def shares(self, at: int) -> tuple[float | None, ...]:
        """A probability per class; none for a regression, or before the first epoch."""
        given = self._outputs(at)
        return class_probabilities(given, self.facts) if given else ()

    def chosen(self, at: int) -> tuple[int, ...] | None:
        """The labels of the classes that the network gives; None where it gives none."""
        return predicted_classes(self._outputs(at), self.facts)

    def predicted(self, at: int) -> int | float | None:
        """The label or the value that the network gives; None where it has given none that is finite."""
        if self.facts.task is Task.REGRESSION:
            given = self._outputs(at)
            return given[0] if given else None
        chosen = self.chosen(at)
        return chosen[0] if chosen else None

    def _outputs(self, at: int) -> tuple[float | None, ...]:
        return () if self.outputs is None else none_if_not_finite(self.outputs[at])

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


class Unprepared:
    """Test samples that lie in their own files still."""

    def __init__(self, browser: "SampleBrowser") -> None:
        self.browser = browser

    def __len__(self) -> int:
        return len(self.browser.labels("test"))

    def __getitem__(self, at: int) -> Any:
        """Raises SpecError where it can't be read."""
        return self.browser.sample("test", at)


def load_test_samples(
    dataset: DatasetSpec, predictions: Path | None = None, epoch: int = 0, data_info: DataInfo | None = None
) -> TestSamples:
    """Read the test set, and the predictions file where there is one.

    With `data_info`, the very samples that the run had, as long as the cache has them. Of the user's own data that no
    run has prepared yet, samples are read as they are asked for. Raises SpecError for bad data.
    """
    from tuinn.data.predictions import read_predictions, wrong_predictions

    bare = _kept(dataset, data_info) or _read(dataset)
    if predictions is None or isinstance(bare.x, Unprepared):
        return bare
    outputs = read_predictions(predictions)
    if outputs is None or not 0 < len(outputs) <= len(bare.x):
        return bare
    wrong = wrong_predictions(outputs, bare.y[: len(outputs)], bare.facts.task)
    mistakes = None if wrong is None else tuple(wrong.nonzero()[0].tolist())
    return replace(bare, outputs=outputs, epoch=epoch, mistakes=mistakes)


def _kept(dataset: DatasetSpec, data_info: DataInfo | None) -> TestSamples | None:
    """What a run prepared, even if its source has changed or gone."""
    if data_info is None or not data_info.kept:
        return None
    from tuinn.data import cache

    arrays = cache.entry(data_info.kept).arrays()
    if arrays is None or not arrays.fit(data_info.facts):
        return None
    return TestSamples(dataset, data_info.facts, arrays.x_test, arrays.y_test)


def _read(dataset: DatasetSpec) -> TestSamples:
    arrays = load_if_ready(dataset)
    if arrays is not None:
        return TestSamples(dataset, describe(dataset).facts, arrays.x_test, arrays.y_test)
    browser = browse(dataset)
    return TestSamples(dataset, browser.facts, Unprepared(browser), browser.labels("test"))
