"""The test samples of a dataset and what the network last predicted of them, ready to be walked through."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rich.text import Text

from tuinn.data.loader import browse, describe, load_if_ready
from tuinn.errors import SpecError
from tuinn.runs.decision import Decision
from tuinn.runs.folder import DataInfo
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.training.outputs import class_probabilities, none_if_not_finite, predicted_classes
from tuinn.text import format_count, format_metric, format_number, plural, printable
from tuinn.ui.datasets.sample_detail import value_lines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tuinn.data.dataset_arrays import Arrays
    from tuinn.data.protocols import SampleBrowser
    from tuinn.view.regression import Regression

JUDGED = 16
"""Pictures by which the ground of all is judged."""

LETTERS = 2_000
"""Of a text that are shown at most."""

LISTED = 4
"""Labels of a sample that are named at most."""


Only = Literal["all", "mistakes"] | tuple[int, int]
"""The samples that are walked over: all, those predicted wrongly, or those of one class that are predicted as another."""


@dataclass(frozen=True)
class TestSamples:
    """Samples by index, as in the test set."""

    __test__ = False
    """It isn't a class of tests, as pytest would think."""

    dataset: DatasetSpec
    facts: DataFacts
    x: Any
    """(test, *shape)."""
    y: Any
    """(test,)."""
    outputs: Any = None
    """float32 (some of the samples, outputs): probabilities, or values of a regression; None before the first epoch."""
    epoch: int = 0
    """After which the outputs were computed; 0: none."""
    mistakes: "NDArray[np.intp] | None" = None
    """Indices of the samples that are predicted wrongly, rising; None where there is no right or wrong."""
    regressions: "tuple[Regression, ...]" = ()
    """Truth and predictions of each target, where numbers are predicted."""
    thresholds: tuple[float, ...] = ()
    """From where on the second of two classes, or each label, is predicted, as kept with the run; none: all 0.5."""
    dark_ground: bool = False
    """Pictures are light on dark: on a light screen they are drawn the other way round."""

    @property
    def count(self) -> int:
        """All test samples."""
        return len(self.x)

    @property
    def predicted_count(self) -> int:
        """The first ones, for which there are predictions."""
        return 0 if self.outputs is None else len(self.outputs)

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

    def cells(self, at: int) -> dict[str, str]:
        """A row of a table as it would stand in a CSV: by column, words and not their codes, nothing for a gap."""
        found: dict[str, str] = {}
        for place, value in enumerate(self.row(at)):
            column = self.facts.columns[place] if self.facts.columns else None
            if column is not None and column.kind == "category":
                known = 0 < value <= len(column.vocabulary)
                text = column.word(value) if known else ""
            else:
                text = f"{value:.7g}" if isfinite(value) else ""
            found[self.facts.feature(place)] = text
        return found

    def text(self, at: int) -> str:
        """A text, or the words behind word numbers."""
        if self.facts.is_text:
            return str(self.x[at])
        from tuinn.data.catalog.decoded_text import decode_text, word_list

        words = word_list(self.dataset.name) if self.dataset.name else ()
        return decode_text((int(number) for number in self.x[at]), words)

    def truth(self, at: int) -> int | float | None:
        """The label, or the target of a regression; None where there are several labels or targets."""
        if self.facts.target_shape:
            return None
        return float(self.y[at]) if self.facts.task is Task.REGRESSION else int(self.y[at])

    def numbers(self, at: int) -> tuple[float, ...]:
        """The target of a regression, or several."""
        return tuple(map(float, self.y[at])) if self.facts.target_names else (float(self.y[at]),)

    def true_labels(self, at: int) -> tuple[int, ...]:
        """The true classes, by label; none of a regression."""
        if self.facts.task is Task.LABELS:
            return tuple(label for label, on in enumerate(self.y[at]) if on > 0)
        return () if self.facts.task is Task.REGRESSION else (int(self.y[at]),)

    def labels(self, at: int) -> tuple[str, ...]:
        """The true classes, where there may be several."""
        return tuple(self.facts.classes[label] for label in self.true_labels(at))

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
        return predicted_classes(self._outputs(at), self.facts, self.thresholds)

    def predicted(self, at: int) -> int | float | None:
        """The label or the value that the network gives; None where it has given none that is finite."""
        if self.facts.task is Task.REGRESSION:
            given = self._outputs(at)
            return given[0] if given else None
        chosen = self.chosen(at)
        return chosen[0] if chosen else None

    def _outputs(self, at: int) -> tuple[float | None, ...]:
        return none_if_not_finite(self.outputs[at]) if at < self.predicted_count else ()

    def is_predicted(self, at: int) -> bool:
        """Whether the network has given something finite."""
        given = self._outputs(at)
        return bool(given) and any(value is not None for value in given)

    def confusion(self) -> "NDArray[np.intp] | None":
        """(true class, predicted class) → samples, of those with a finite prediction; None where these aren't classes."""
        import numpy as np

        from tuinn.data.predictions import predicted_labels

        if self.outputs is None or self.facts.task in (Task.LABELS, Task.REGRESSION):
            return None
        said, width = predicted_labels(self.outputs, self.thresholds), len(self.facts.classes)
        cells = self.y[: len(said)][said >= 0].astype(np.intp) * width + said[said >= 0]
        return np.bincount(cells, minlength=width * width).reshape(width, width)

    def among(self, only: "Only") -> "NDArray[np.intp] | None":
        """The indices of these samples, rising; None where none is left out, or nothing is known of them yet."""
        if only == "all" or self.mistakes is None:
            return None
        found = self.mistakes
        if only != "mistakes":
            from tuinn.data.predictions import predicted_labels

            true, wanted = only
            said = predicted_labels(self.outputs, self.thresholds)
            found = ((self.y[: len(said)] == true) & (said == wanted)).nonzero()[0]
        return found if len(found) else None

    def neighbour(self, at: int, by: int, only: "Only") -> int:
        """The sample `by` further on, round the end, among these."""
        chosen = self.among(only)
        if chosen is None:
            return (at + by) % self.count
        place = int(chosen.searchsorted(at, "right") if by > 0 else chosen.searchsorted(at) - 1)
        return int(chosen[place % len(chosen)])

    def any(self, only: "Only") -> int:
        chosen = self.among(only)
        return random.randrange(self.count) if chosen is None else int(random.choice(chosen))

    # ---------------------------------------------------------------------------------------------- in words

    @property
    def score_words(self) -> str:
        """How well all predictions there are do, and over how many samples that is; empty where there are none."""
        count = self.predicted_count
        if not count:
            return ""
        first = "the first " * (count < self.count)
        if self.regressions:
            from tuinn.view.regression import error_words

            return error_words(self.regressions, self.facts, f"{first}{plural(count, 'sample')}", count)
        if self.mistakes is None:
            return ""
        right = count - len(self.mistakes)
        of = f"{format_count(right)} of {first}{format_count(count)}"
        if self.facts.task is Task.LABELS:
            return f"all labels right in {of}"
        return f"accuracy {format_metric(right / count)} · {of} right"

    def verdict(self, at: int) -> tuple[bool | None, str]:
        """Whether sample `at` is predicted rightly, None of a number, and what is predicted and true in words."""
        if self.facts.task is Task.LABELS:
            return self._labels_verdict(at)
        if self.facts.target_names:
            from tuinn.view.regression import targets_words

            return None, targets_words(self.facts.target_names, self.numbers(at), self._outputs(at))
        truth, predicted = self.truth(at), self.predicted(at)
        assert truth is not None
        if self.facts.task is Task.REGRESSION:
            words = f"{printable(self.facts.target) or 'true'} {format_number(float(truth))}"
            if predicted is None:
                return None, words
            error = predicted - truth
            how = f"{format_number(abs(error))} too {'high' if error > 0 else 'low'}" if error else "exact"
            return None, f"{words} · predicted {format_number(predicted)} · {how}"
        true = f"true {printable(self.facts.classes[int(truth)])}"
        if predicted is None:
            return None, true
        says = f"predicted {printable(self.facts.classes[int(predicted)])}"
        return predicted == truth, says if predicted == truth else f"{says}, {true}"

    def _labels_verdict(self, at: int) -> tuple[bool | None, str]:
        """Of several labels: which are missing, and which are predicted though they are not true."""
        true, predicted = self.labels(at), self.predicted_labels(at)
        if predicted is None:
            return None, f"true {listed(true)}"
        missed = [name for name in true if name not in predicted]
        extra = [name for name in predicted if name not in true]
        if not missed and not extra:
            return True, f"all labels: {listed(true)}"
        wrong = f"{len(missed) + len(extra)} of {plural(len(self.facts.classes), 'label')}"
        parts = [
            f"{what}: {listed(names)}" for what, names in (("missed", missed), ("added", extra)) if names
        ]
        return False, " · ".join([wrong, *parts])


def sample_index(text: str, count: int) -> int | None:
    """Of the sample with this number, as typed: `1` is 0. None where there is none, of `count`."""
    digits = text.strip().lstrip("#").replace(",", "").replace("_", "")
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else 0
    return number - 1 if 1 <= number <= count else None


def shape_words(facts: DataFacts) -> list[str]:
    """What the network is given for one sample, an array whose first axis is the batch; and in fewer words."""
    shape = f"shape {(1, *facts.shape)}"
    return [f"{shape} · a batch of one", shape]


def listed(names: Sequence[str]) -> str:
    """Labels by name, the first few of them; `none` where there is none."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return printable(" + ".join(names[:LISTED])) + more if names else "none"


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
    dataset: DatasetSpec,
    predictions: Path | None = None,
    epoch: int = 0,
    data_info: DataInfo | None = None,
    decision: Decision | None = None,
) -> TestSamples:
    """Read the test set, and the predictions file where there is one.

    With `data_info`, the very samples that the run had, as long as the cache has them; `decision`: what was decided
    for it. Of the user's own data that no run has prepared yet, samples are read as they are asked for. Raises SpecError for
    bad data.
    """
    from tuinn.data.predictions import read_predictions, wrong_predictions

    bare = _kept(dataset, data_info) or _read(dataset)
    bare = replace(bare, dark_ground=_is_dark_ground(bare))
    if predictions is None or isinstance(bare.x, Unprepared):
        return bare
    outputs = read_predictions(predictions)
    if outputs is None or not 0 < len(outputs) <= len(bare.x):
        return bare
    thresholds = decision.of(bare.facts) if decision else ()
    wrong = wrong_predictions(outputs, bare.y[: len(outputs)], bare.facts.task, thresholds)
    mistakes = None if wrong is None else wrong.nonzero()[0]
    regressions = _regressions(bare, outputs) if bare.facts.task is Task.REGRESSION else ()
    return replace(
        bare,
        outputs=outputs,
        epoch=epoch,
        mistakes=mistakes,
        regressions=regressions,
        thresholds=thresholds,
    )


def _is_dark_ground(samples: TestSamples) -> bool:
    """Judged by the first pictures, where they are grey; False where one of them can't be read."""
    from tuinn.data.dataset_arrays import has_dark_ground

    if not samples.drawn or samples.facts.shape[-1] in (3, 4):
        return False
    try:
        return has_dark_ground([samples.picture(at) for at in range(min(samples.count, JUDGED))])
    except SpecError:
        return False


def _regressions(samples: TestSamples, outputs: "NDArray[np.float32]") -> "tuple[Regression, ...]":
    import numpy as np

    from tuinn.view.regression import Regression

    facts, count = samples.facts, len(outputs)
    is_number = not facts.columns or facts.columns[0].kind == "number"
    single = facts.shape == (1,) and facts.is_table and is_number
    inputs = samples.x[:count, 0].astype(float) if single else None
    truth = np.asarray(samples.y[:count]).astype(float).reshape(count, -1)
    said = outputs.astype(float)
    return tuple(Regression(truth[:, at], said[:, at], inputs) for at in range(truth.shape[1]))


def load_training_samples(dataset: DatasetSpec, data_info: DataInfo | None) -> "tuple[TestSamples, Arrays]":
    """The training samples as the data give them, and the arrays they come from. Raises SpecError where they aren't there."""
    from tuinn.data import cache

    arrays = cache.entry(data_info.kept).arrays() if data_info and data_info.kept else load_if_ready(dataset)
    if arrays is None or (data_info is not None and not arrays.fit(data_info.facts)):
        raise SpecError(f"The training samples of {printable(dataset.label)} are gone or have changed.")
    facts = data_info.facts if data_info else describe(dataset).facts
    bare = TestSamples(dataset, facts, arrays.x_train, arrays.y_train)
    return replace(bare, dark_ground=_is_dark_ground(bare)), arrays


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


def sample_words(samples: TestSamples, at: int, width: int) -> Text:
    """A row of a table, column by column; or a text, as far as there is room."""
    if samples.facts.is_table:
        return value_lines(samples.facts, samples.row(at), width)
    return text_words(samples.text(at))


def text_words(text: str) -> Text:
    """The beginning of a text, as it may be shown."""
    return Text("\n".join(printable(line) for line in text[:LETTERS].splitlines()))
