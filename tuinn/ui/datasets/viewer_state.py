"""The position in a dataset viewer: which part, which class, which order, which sample."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import DataFacts
from tuinn.text import format_count, plural, printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tuinn.data.protocols import SampleBrowser


@dataclass(frozen=True)
class ViewerState:
    """Frozen; each step returns a new one."""

    info: DatasetInfo
    browser: "SampleBrowser"
    part: str = "train"
    only_class: int | None = None
    """The class that is shown alone; None: all classes."""
    seed: int | None = None
    """Seed of the order; None: as stored."""
    at: int = 0
    """Place in the order, counted from 0."""

    @property
    def facts(self) -> DataFacts:
        return self.browser.facts

    @cached_property
    def labels(self) -> "NDArray[np.generic]":
        return self.browser.labels(self.part)

    @cached_property
    def order(self) -> "NDArray[np.int64]":
        """Indices of the samples, in the order in which they are shown."""
        from tuinn.data.explore.preview import sample_order

        return sample_order(self.labels, self.only_class, self.seed)

    @property
    def total(self) -> int:
        return len(self.order)

    def to(self, place: int) -> "ViewerState":
        """At this place of the order, no further than the ends."""
        moved = replace(self, at=min(max(place, 0), max(self.total - 1, 0)))
        for name in ("labels", "order"):  # they are the same, and may be long
            if name in self.__dict__:
                moved.__dict__[name] = self.__dict__[name]
        return moved

    def other_part(self) -> "ViewerState":
        return replace(self, part="test" if self.part == "train" else "train", at=0)

    def next_class(self, by: int) -> "ViewerState":
        """All classes, then each alone, round and round."""
        states = [None, *range(len(self.facts.classes))]
        return replace(self, only_class=states[(states.index(self.only_class) + by) % len(states)], at=0)

    def shuffled(self, seed: int | None) -> "ViewerState":
        return replace(self, seed=seed, at=0)

    def page(self, size: int) -> range:
        """Places of the page of `size` samples that holds `at`."""
        first = self.at // size * size
        return range(first, min(first + size, self.total))

    def index(self, place: int) -> int:
        """The sample at a place of the order, as it is stored."""
        return int(self.order[place])

    def label(self, place: int) -> str:
        """The label of the sample at this place; foreign names made printable."""
        from tuinn.view.dataset_preview import label_words

        return label_words(self.facts, self.labels[self.index(place)])

    def words(self) -> str:
        """Which samples are shown: `train · 5,000 samples · all classes · as stored`."""
        if self.only_class is not None:
            which = "only " + printable(self.facts.classes[self.only_class])
        else:
            which = "all classes" if self.facts.classes else ""
        order = "as stored" if self.seed is None else f"shuffled, seed {self.seed}"
        other = "test" if self.part == "train" else "train"
        parts = (f"{self.part} (t: {other})", plural(self.total, "sample"), which, order)
        return " · ".join(part for part in parts if part)


def page_words(page: range, total: int) -> str:
    """`1 to 25 of 5,000`."""
    if not page:
        return "none"
    return f"{format_count(page.start + 1)} to {format_count(page.stop)} of {format_count(total)}"
