"""What the user is building, checked; and the way back through every edit."""

from dataclasses import dataclass, field
from functools import cached_property

from tuinn.data.entry import Entry
from tuinn.data.sources import describe
from tuinn.spec import presets
from tuinn.spec.advice import Problem, Remedy, advise, fitted_to
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import Summary, summarise


@dataclass(frozen=True)
class Draft:
    """A spec together with all that follows from it without TensorFlow."""

    spec: RunSpec

    @cached_property
    def entry(self) -> Entry:
        """Raises SpecProblem for a dataset that this version doesn't know, or a path that can't be used."""
        return describe(self.spec.dataset)

    @property
    def facts(self) -> DataFacts:
        return self.entry.facts

    @cached_property
    def summary(self) -> Summary:
        return summarise(self.spec.model, self.facts.input_shape)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        return advise(self.spec, self.facts, self.summary)

    @property
    def error(self) -> Problem | None:
        """The first thing that keeps it from being trained."""
        return next((problem for problem in self.problems if problem.severity == "error"), None)

    @property
    def remedy(self) -> Remedy | None:
        """What the fix key does."""
        return next((p.remedies[0] for p in self.problems[:1] if p.remedies), None)

    def on(self, dataset: DatasetSpec) -> "Draft":
        """The draft for another dataset: an untouched preset gives way to that dataset's own, a stack of
        the user's own is made to fit."""
        own = presets.for_dataset(dataset.name)
        if own and (presets.is_preset(self.spec.model) or not self.spec.model.layers):
            return Draft(own.with_dataset(dataset))
        return Draft(fitted_to(self.spec, dataset, describe(dataset).facts))


@dataclass
class History:
    """Drafts, so that every edit can be taken back and done again. A draft shares what it did not change."""

    draft: Draft
    past: list[Draft] = field(default_factory=list)
    future: list[Draft] = field(default_factory=list)

    def edit(self, draft: Draft) -> None:
        if draft.spec != self.draft.spec:
            self.past.append(self.draft)
            self.future.clear()
            self.draft = draft

    def undo(self) -> bool:
        """True when there was something to take back."""
        return self._step(self.past, self.future)

    def redo(self) -> bool:
        """True when there was something to do again."""
        return self._step(self.future, self.past)

    def _step(self, source: list[Draft], target: list[Draft]) -> bool:
        if not source:
            return False
        target.append(self.draft)
        self.draft = source.pop()
        return True
