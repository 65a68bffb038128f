"""A lesson as a value: what is learned, on which data, in which steps."""

from collections.abc import Callable

import msgspec

from tuinn.data.catalog.catalog import find
from tuinn.labs.places import OPENED, PAGES, WORKBENCH
from tuinn.spec.advice.advise import adapt_to_dataset
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.presets.catalog import make_preset
from tuinn.spec.run import RunSpec

Setting = str | int | float | bool
"""The value of a field of a spec, as `--set` takes it."""


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A result that was published, to be compared with one's own."""

    words: str
    """What it is, such as `test accuracy`."""
    value: float
    source: str
    """Who got it, and how."""
    metric: str = "accuracy"
    """The metric over the test set that it is compared with, as Keras names it."""
    note: str = ""
    """What must be known to compare the two."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do."""

    title: str
    do: str
    """What is to be done there, in a sentence or two, with the keys."""
    look: str
    """What to look for."""
    screen: str
    """Where it leads: a name of `places.screens()`."""
    done: str = OPENED
    """When it counts as done: a name of `places.goals_of(screen)`."""
    dataset: str = ""
    stand_in: str = ""
    preset: str = ""
    layers: tuple[dict[str, object], ...] = ()
    settings: dict[str, Setting] = {}
    """These five: where the step differs from the lesson. Its settings come on top of the lesson's."""


class Lesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file holds, and its name."""

    title: str
    about: str
    """One line: the network, or what it is about."""
    learn: str
    """What one will have learned, in two or three sentences."""
    steps: tuple[Step, ...]
    name: str = ""
    """The name of the file, without its ending."""
    order: int = 100
    """Where it stands in the list: smaller ones come first."""
    dataset: str = ""
    stand_in: str = ""
    """A dataset that takes the place of the other while that isn't at hand."""
    preset: str = ""
    layers: tuple[dict[str, object], ...] = ()
    """The network, in place of a preset, as in a spec."""
    settings: dict[str, Setting] = {}
    """Fields of the spec that differ, by their paths, such as `"fit.epochs"`."""
    stand_in_settings: dict[str, Setting] = {}
    """Those that differ on the stand-in, such as more epochs where it has fewer samples. They come on top of all others."""
    figure: Figure | None = None
    words: tuple[str, ...] = ()
    """Words of the glossary that it needs."""
    rows: tuple[dict[str, str | float], ...] = ()
    """Rows of a table that the trained network predicts: column → value."""

    def dataset_of(self, step: Step, is_here: Callable[[str], bool]) -> str:
        """Return the name of the dataset that the step takes, or of its stand-in where that is not at hand."""
        wanted, stand_in = step.dataset or self.dataset, step.stand_in or self.stand_in
        return stand_in if wanted and stand_in and not is_here(wanted) else wanted

    def spec_of(self, step: Step, dataset: str) -> RunSpec | None:
        """Return data, network and settings of the step on this dataset of the catalog; None where it has none.

        Raises SpecError for a setting that is not allowed.
        """
        return self.spec_on(step, DatasetSpec(dataset), find(dataset).facts) if dataset else None

    def spec_on(self, step: Step, dataset: DatasetSpec, facts: DataFacts) -> RunSpec | None:
        """Return the same on any data with these facts."""
        preset, layers = step.preset or self.preset, step.layers or self.layers
        if not (preset or layers):
            return None
        if step.preset or not layers:
            spec = make_preset(preset, dataset, facts)
        else:
            written = RunSpec(dataset, ModelSpec.from_dict(list(layers)), FitSpec())
            spec = adapt_to_dataset(written, dataset, facts)
        settings = {**self.settings, **step.settings}
        if dataset.name == (step.stand_in or self.stand_in):
            settings |= self.stand_in_settings
        for path, value in settings.items():
            spec = spec.with_setting(path, str(value).lower() if isinstance(value, bool) else str(value))
        return spec

    def needs_run(self, step: Step) -> bool:
        """Whether the step shows a trained network."""
        place = WORKBENCH.get(step.screen)
        return place is not None and place.needs_run


def keys_to(step: Step) -> str:
    """Return the keys that lead to the step's screen from the workbench; `0` is where the lab pages are."""
    return "0" if step.screen in PAGES else WORKBENCH[step.screen].keys
