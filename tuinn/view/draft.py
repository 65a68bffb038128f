"""A draft: a run specification with everything that follows from it, and the history of its edits."""

from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from tuinn.data.catalog.catalog import find
from tuinn.data.info import DatasetInfo
from tuinn.data.loader import describe
from tuinn.errors import SpecError
from tuinn.runs.folder import RunFolder
from tuinn.spec.advice.advise import Fix, Problem, adapt_to_dataset, advise, data_problems
from tuinn.spec.dataset import DataFacts, DatasetSpec, Finding, Task
from tuinn.spec.layers.shapes import LayerRow, Summary, summarize
from tuinn.spec.presets import catalog
from tuinn.spec.run import RunSpec

INSTEAD = "fashion_mnist_mini"
"""What can be trained on where the draft's own data can't be read: it is included."""


@dataclass(frozen=True, eq=False)  # the same spec looked at again is another draft: the data may have changed
class Draft:
    """A spec together with all that follows from it without TensorFlow."""

    spec: RunSpec
    remembered: DataFacts | None = None
    """What a run found its data to be, for the case that they can't be read any more."""

    @cached_property
    def entry(self) -> DatasetInfo:
        """For the user's own data this may take a while the first time; `is_known` says whether it is done."""
        return entry_of(self.spec.dataset, self.remembered)

    @property
    def is_known(self) -> bool:
        """Whether `entry` is at hand, or is so at once."""
        dataset = self.spec.dataset
        return "entry" in self.__dict__ or not (dataset.path or must_be_fetched(dataset.name))

    def knowing(self, entry: DatasetInfo) -> "Draft":
        """The same draft with this known of its data."""
        draft = Draft(self.spec, entry.facts)
        draft.__dict__["entry"] = entry
        return draft

    def heir(self, spec: RunSpec) -> "Draft":
        """The draft of a changed spec; what is known of the same data is kept."""
        # How much is kept to validate on changes nothing of what is known.
        share = self.spec.dataset.validation
        same = msgspec.structs.replace(spec.dataset, validation=share) == self.spec.dataset
        draft = Draft(spec, self.remembered if same else None)
        if "entry" in self.__dict__ and same:
            draft.__dict__["entry"] = self.entry
        return draft

    @property
    def facts(self) -> DataFacts:
        return self.entry.facts

    @property
    def is_lost(self) -> bool:
        """Nothing is known of the data: the path is gone, and no run remembers it."""
        return self.facts.dtype == ""

    @cached_property
    def summary(self) -> Summary:
        if self.is_lost:
            return Summary(
                tuple(LayerRow(layer.type_name, layer, None) for layer in self.spec.model.layers), ()
            )
        return summarize(self.spec.model, self.facts.input_shape, self.facts.is_text)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        if self.is_lost:
            return tuple(data_problems(self.spec, self.facts))
        return advise(self.spec, self.facts, self.summary)

    @property
    def error(self) -> Problem | None:
        """The first thing that keeps it from being trained."""
        return next((problem for problem in self.problems if problem.severity == "error"), None)

    @property
    def fix(self) -> Fix | None:
        """What the fix key does."""
        return next((p.fixes[0] for p in self.problems[:1] if p.fixes), None)

    def on(self, dataset: DatasetSpec) -> "Draft":
        """The draft for another dataset: an untouched preset gives way to that dataset's own, a stack of
        the user's own is made to fit."""
        own = catalog.preset_for_dataset(dataset.name)
        untouched = catalog.is_preset(self.spec.model) or not self.spec.model.layers
        if own and untouched:
            return Draft(own.with_dataset(dataset))
        bare = Draft(self.spec.with_dataset(dataset))
        if untouched and not bare.is_lost:
            return bare.heir(catalog.make_preset(catalog.suited_preset(bare.facts), dataset, bare.facts))
        return bare.heir(adapt_to_dataset(self.spec, dataset, bare.facts))


def must_be_fetched(name: str) -> bool:
    """Whether this dataset of the catalogue doesn't come along."""
    try:
        return bool(find(name).files)
    except SpecError:
        return False


def entry_of(dataset: DatasetSpec, remembered: DataFacts | None = None) -> DatasetInfo:
    """What is known of a dataset. Where it can't be read, that is an error among its findings; the facts are those
    remembered, or empty ones."""
    try:
        return describe(dataset)
    except (SpecError, OSError) as problem:
        known = remembered or DataFacts(Task.CLASSES, (), "", 0, 0, (), 0, 0)
        finding = Finding(
            str(problem),
            "error",
            f"train on {find(INSTEAD).title}, which comes along",
            {"dataset.name": INSTEAD},
        )
        facts = msgspec.structs.replace(known, findings=(finding,))
        return DatasetInfo(dataset.label, dataset.label, facts, "", dataset.path, "These data can't be read.")


def info_of_run(folder: RunFolder, dataset: DatasetSpec) -> DatasetInfo | None:
    """What a run knows of its data, wherever those are now; None before it has read them."""
    found = folder.data_info()
    if found is None:
        return None
    return DatasetInfo(
        name=dataset.label,
        title=found.title,
        facts=found.facts,
        licence="",
        source=dataset.path,
        description="",
        background=found.ground,
        dark_corners=found.dark_corners,
        resize_mode=found.fitting,
    )


@dataclass
class EditHistory:
    """Drafts, so that every edit can be taken back and done again. A draft shares what it did not change."""

    draft: Draft
    past: list[Draft] = field(default_factory=list)
    future: list[Draft] = field(default_factory=list)

    def edit(self, draft: Draft) -> None:
        if draft.spec != self.draft.spec:
            self.past.append(self.draft)
            self.future.clear()
            self.draft = draft
        elif not self.draft.is_known:
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
