"""Which samples the gallery shows, and which one is marked. Needs no app; `choose` may take long and is meant for a thread."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import format_number, plural, printable
from tuinn.ui.gallery.label_decisions import Kind, LabelDecisions
from tuinn.view.gallery import Filter, Judged, Order, Searched, Verdict, chosen, order_words
from tuinn.view.reports.learning_text import learning_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tuinn.data.learning_history import LearningHistory

    Places = NDArray[np.intp]

VERDICTS: tuple[Verdict, ...] = ("all", "wrong", "right")


class GallerySamples(Protocol):
    """Samples by index, with what a network says of the first of them. `TestSamples` are some."""

    @property
    def facts(self) -> DataFacts: ...
    @property
    def x(self) -> Any:
        """(n, *shape)."""

    @property
    def y(self) -> Any:
        """(n,); (n, labels) of several labels."""

    @property
    def outputs(self) -> Any:
        """(some, outputs)."""

    @property
    def thresholds(self) -> tuple[float, ...]:
        """As in `predicted_classes`."""

    @property
    def dark_ground(self) -> bool: ...
    @property
    def drawn(self) -> bool:
        """Whether a sample is shown as a picture."""

    def picture(self, at: int) -> Any:
        """Pixels in 0..1, height × width (× 3)."""

    def row(self, at: int) -> list[float]: ...
    def cells(self, at: int) -> dict[str, str]: ...
    def text(self, at: int) -> str: ...
    def true_labels(self, at: int) -> tuple[int, ...]: ...
    def numbers(self, at: int) -> tuple[float, ...]:
        """The target of a regression, or several."""

    def verdict(self, at: int) -> tuple[bool | None, str]:
        """Whether it is predicted rightly, None of a number, and what is predicted and true in words."""


@dataclass(frozen=True)
class GalleryState:
    """Where one was in a gallery."""

    wanted: Filter = field(default_factory=Filter)
    order: Order = Order.WORST
    sample: int = -1
    """Index of the marked sample; -1: the first."""
    zoom: int = 0


@dataclass
class GalleryController:
    """Filter, order and mark. Before `choose` nothing is shown."""

    samples: GallerySamples
    title: str
    """Of the samples, such as `test samples of Iris #2`."""
    state: GalleryState = field(default_factory=GalleryState)
    ranked: "Places | None" = None
    """An order of their own that whoever opened the gallery gave them."""
    ranked_words: str = ""
    """What that order is called, where it isn't by labels in doubt."""
    among: "Places | None" = None
    """The only samples that may be shown; None: all."""
    history: "LearningHistory | None" = None
    """What was said after each epoch; None where nobody knows."""
    decisions: LabelDecisions | None = None
    """About their labels, where these are in doubt."""
    places: "Places | None" = None
    """The samples shown, in order; None: not chosen yet."""
    at: int = 0
    """The marked one, by its place in them."""
    per_page: int = 1
    decided: list[int] = field(default_factory=list)
    """Samples about whose labels was decided here, the last one at the end."""

    @property
    def facts(self) -> DataFacts:
        return self.samples.facts

    @cached_property
    def judged(self) -> Judged:
        samples = self.samples
        return Judged.of(samples.outputs, samples.y[: self.known], self.facts.task, samples.thresholds)

    @property
    def known(self) -> int:
        """Samples that are predicted."""
        return len(self.samples.outputs)

    @property
    def count(self) -> int:
        """Samples that are shown."""
        return 0 if self.places is None else len(self.places)

    @property
    def sample(self) -> int | None:
        """Index of the marked sample."""
        return None if self.places is None or not len(self.places) else int(self.places[self.at])

    @property
    def page(self) -> range:
        """Places of the samples on the page of the marked one."""
        first = self.at // self.per_page * self.per_page
        return range(first, min(first + self.per_page, self.count))

    def choose(self) -> "Places":
        """The samples that the filter leaves, in order."""
        import numpy as np

        def column(at: int) -> "NDArray[np.float64]":
            return np.asarray(self.samples.x[: self.known, at], np.float64)

        found = chosen(
            self.judged,
            self.samples.y[: self.known],
            self.state.wanted,
            self.state.order,
            Searched(self.words_of, column),
            self.ranked,
        )
        return found if self.among is None else found[np.isin(found, self.among)]

    def take(self, places: "Places") -> None:
        """Show these; the mark stays on its sample where that is among them."""
        marked = self.state.sample
        found = (places == marked).nonzero()[0]
        self.places, self.at = places, int(found[0]) if len(found) else 0

    def words_of(self, at: int) -> str:
        """What can be read in a sample."""
        return " ".join(self.samples.cells(at).values()) if self.facts.is_table else self.samples.text(at)

    # ---------------------------------------------------------------------------------------------- changing

    def move(self, by: int) -> None:
        """Mark another sample, no further than the ends."""
        self.at = max(0, min(self.at + by, self.count - 1))
        self.state = replace(self.state, sample=-1 if self.sample is None else self.sample)

    def filter_by(self, wanted: Filter) -> None:
        self.state = replace(self.state, wanted=wanted)

    def next_order(self) -> None:
        """Put another order in its place."""
        orders = [order for order in Order if order is not Order.RANKED or self.ranked is not None]
        at = orders.index(self.state.order) if self.state.order in orders else -1
        self.state = replace(self.state, order=orders[(at + 1) % len(orders)], sample=-1)

    def next_verdict(self) -> bool:
        """Only wrong, only right, all again. False: a number is neither."""
        if self.facts.task is Task.REGRESSION:
            return False
        at = VERDICTS.index(self.state.wanted.verdict)
        self.filter_by(replace(self.state.wanted, verdict=VERDICTS[(at + 1) % len(VERDICTS)]))
        return True

    def next_class(self, said: bool, by: int) -> bool:
        """Only the next class, true or predicted; all again after the last. False: there are none."""
        wanted, count = self.state.wanted, len(self.facts.classes)
        if not count or (said and self.facts.task is Task.LABELS):
            return False
        now = wanted.said if said else wanted.true
        at = (-1 if now is None else now) + 1 + by
        label = at % (count + 1) - 1
        value = None if label < 0 else label
        self.filter_by(replace(wanted, said=value) if said else replace(wanted, true=value))
        return True

    def clear(self) -> bool:
        """Take every filter away. False: there was none."""
        was = self.state.wanted
        self.filter_by(Filter())
        return was != Filter()

    # ---------------------------------------------------------------------------------------------- in words

    def head(self) -> str:
        """What is shown, in which order."""
        order = self.state.order
        words = self.ranked_words if order is Order.RANKED and self.ranked_words else ""
        parts = [self.state.wanted.words(self.facts), words or order_words(order, self.facts)]
        return " · ".join(part for part in parts if part)

    def count_words(self) -> str:
        """How many there are, of how many."""
        known = self.known if self.ranked is None else len(self.ranked)
        if self.count == known:
            return plural(known, "sample")
        return f"{self.count:,} of {plural(known, 'sample')}"

    def share(self, at: int) -> str:
        """How sure the network is of what it says, or the number that it predicts; the first of several targets."""
        value = float(self.judged.sure[at])
        if self.facts.task is Task.REGRESSION:
            return format_number(value)
        return "–" if value != value else f"{100 * value:.0f} %" if value < 0.9995 else "100 %"

    def status(self) -> str:
        """The marked sample in words."""
        if self.sample is None:
            return ""
        _, words = self.samples.verdict(self.sample)
        place = f"{self.at + 1:,} of {self.count:,}"
        if self.decisions is not None:
            words = words.replace("true ", "label ")
        if self.decisions is not None and (decided := self.decisions.words(self.sample)):
            place = f"{decided} · {place}"
        sure = "" if self.facts.task is Task.REGRESSION else f" · {self.share(self.sample)}"
        return f"#{self.sample + 1:,} · {words}{sure} · {place}"

    def learning(self, ascii_only: bool) -> str:
        """When the network got the marked sample right."""
        history, at = self.history, self.sample
        if history is None or at is None or at >= history.said.shape[1] or self.samples.y.ndim > 1:
            return "What it said of this sample after each epoch is not known."
        shares, said = history.shares[:, at].tolist(), history.said[:, at].tolist()
        true = int(self.samples.y[at])
        return learning_words(history.epochs, shares, said, true, self.facts.classes, ascii_only)

    @property
    def given(self) -> str:
        """What stands before the class of a sample."""
        return "true" if self.decisions is None else "label"

    def decide(self, kind: Kind) -> None:
        """Decide about the label of the marked sample, and go on to the next. Raises SpecError."""
        if self.decisions is None or self.sample is None:
            return
        label = self.facts.classes[int(self.judged.said[self.sample])] if kind == "relabel" else ""
        self.decisions.decide(self.sample, kind, label)
        self.decided.append(self.sample)
        self.move(1)

    def undecide(self) -> None:
        """Take back what was decided about the marked sample, or else what was decided last; the mark goes there.

        Raises SpecError.
        """
        decisions, at = self.decisions, self.sample
        if decisions is None or at is None or self.places is None:
            return
        if decisions.of(at) is None and self.decided:
            found = (self.places == self.decided[-1]).nonzero()[0]
            if not len(found):
                return  # it isn't shown
            self.move(int(found[0]) - self.at)
            at = self.decided[-1]
        decisions.undo(at)
        self.decided = [sample for sample in self.decided if sample != at]

    def can_decide(self, kind: Kind) -> bool:
        """Whether that can be decided about the marked sample."""
        if self.decisions is None or self.sample is None:
            return False
        return kind != "relabel" or int(self.judged.said[self.sample]) >= 0

    def captions(self, at: int) -> tuple[str, str]:
        """What is predicted of a sample, and what it is where that is something else."""
        facts, samples = self.facts, self.samples
        if facts.task is Task.REGRESSION:
            first = samples.y[at][0] if facts.target_names else samples.y[at]
            return f"true {format_number(float(first))}", ""
        if facts.task is Task.LABELS:
            return samples.verdict(at)[1], ""
        said, true = int(self.judged.said[at]), int(samples.y[at])
        first = printable(facts.classes[said]) if said >= 0 else "not finite"
        return first, "" if said == true else printable(facts.classes[true])
