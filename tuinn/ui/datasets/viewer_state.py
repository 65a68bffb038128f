"""Where one stands while looking at a dataset: which part, which class, which order, which sample."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import DataFacts
from tuinn.text import count, plural, printable

if TYPE_CHECKING:
    from tuinn.data.protocols import SampleBrowser


@dataclass(frozen=True)
class ViewerState:
    """Frozen; a step gives a new one."""

    entry: DatasetInfo
    browser: "SampleBrowser"
    part: str = "train"
    chosen: int | None = None
    """The class that is shown alone."""
    seed: int | None = None
    """Of the order; None: as stored."""
    at: int = 0
    """Place in the order, counted from 0."""

    @property
    def facts(self) -> DataFacts:
        return self.browser.facts

    @cached_property
    def labels(self) -> Any:
        return self.browser.labels(self.part)

    @cached_property
    def order(self) -> Any:
        """Indices of the samples, in the order in which they are shown."""
        from tuinn.data.explore.preview import sample_order

        return sample_order(self.labels, self.chosen, self.seed)

    @property
    def total(self) -> int:
        return len(self.order)

    def moved(self, by: int) -> "ViewerState":
        """Further on by so many, no further than the ends."""
        return self.to(self.at + by)

    def to(self, place: int) -> "ViewerState":
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
        return replace(self, chosen=states[(states.index(self.chosen) + by) % len(states)], at=0)

    def shuffled(self, seed: int | None) -> "ViewerState":
        return replace(self, seed=seed, at=0)

    def page(self, size: int) -> range:
        """Places of the page of `size` samples in which one stands."""
        first = self.at // size * size
        return range(first, min(first + size, self.total))

    def index(self, place: int) -> int:
        """The sample at a place of the order, as it is stored."""
        return int(self.order[place])

    def label(self, place: int) -> str:
        """What the sample at this place is, in words; foreign names made printable."""
        from tuinn.view.dataset_preview import label_words

        return label_words(self.facts, self.labels[self.index(place)])

    def words(self) -> str:
        """Which samples are shown: `train · 5,000 samples · all classes · as stored`."""
        if self.chosen is not None:
            which = "only " + printable(self.facts.classes[self.chosen])
        else:
            which = "all classes" if self.facts.classes else ""
        order = "as stored" if self.seed is None else f"shuffled, seed {self.seed}"
        other = "test" if self.part == "train" else "train"
        parts = (f"{self.part} (t: {other})", plural(self.total, "sample"), which, order)
        return " · ".join(part for part in parts if part)


def place_words(looking: ViewerState, page: range) -> str:
    """`1 to 25 of 5,000`."""
    if not page:
        return "none"
    return f"{count(page.start + 1)} to {count(page.stop)} of {count(looking.total)}"
