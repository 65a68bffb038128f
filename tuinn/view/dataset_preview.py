"""A dataset at a glance, ready to be drawn: counts, and a few samples of each class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuinn.data.explore.preview import Preview, preview, some_of_each_class
from tuinn.data.explore.statistics import take_samples
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.training.outputs import numbers_words
from tuinn.text import printable
from tuinn.view.tensor import pixels_of, plane_of

if TYPE_CHECKING:
    from tuinn.data.protocols import SampleBrowser

MOST = 12
"""Samples that are read for it."""

LETTERS = 300
"""Of a text."""


@dataclass(frozen=True)
class DatasetPreview:
    """Everything the dataset pane shows beside the facts."""

    seen: Preview
    pictures: Sequence[Any] = ()
    """Pixels in 0..1, height × width (× 3)."""
    captions: Sequence[str] = ()
    texts: Sequence[tuple[str, str]] = ()
    """Label, and how the text begins."""

    @classmethod
    def of(cls, browser: "SampleBrowser") -> "DatasetPreview":
        """Reads no more than a few samples, and rows of a table. Raises SpecError where they can't be read."""
        facts, seen = browser.facts, preview(browser)
        if facts.is_table:
            return cls(seen)
        labels = browser.labels("train")
        chosen = some_of_each_class(labels, MOST)
        samples = take_samples(browser, "train", chosen)
        captions = [label_words(facts, labels[at]) for at in chosen]
        if facts.is_text:
            beginnings = [printable(text[:LETTERS]) for text in samples]
            return cls(seen, texts=list(zip(captions, beginnings, strict=True)))
        pictures = [pixels_of(plane_of(sample)[0], facts.low, facts.high) for sample in samples]
        return cls(seen, pictures, captions)


def label_words(facts: DataFacts, value: Any) -> str:
    """A target in words: the class, several classes, or the number; foreign names made printable."""
    if facts.task is Task.REGRESSION:
        return numbers_words([*map(float, value)] if facts.target_names else [float(value)], facts)
    if facts.task is Task.LABELS:
        held = [name for name, on in zip(facts.classes, value, strict=True) if on > 0]
        return printable(" + ".join(held)) or "none"
    return printable(facts.classes[int(value)])
