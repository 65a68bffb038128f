"""What the workbench adds to the palette: datasets, runs, presets and settings of the training."""

from collections.abc import Callable, Iterator
from functools import partial

from tuinn.data.catalog.catalog import all_datasets
from tuinn.errors import FolderError
from tuinn.runs.listing import newest_titles
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import fit_options
from tuinn.spec.presets.catalog import PRESETS, describe_preset
from tuinn.text import printable
from tuinn.ui.datasets.recent_datasets import recent
from tuinn.ui.dialogs.palette import PaletteEntry
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.draft_dialogs import DraftDialogs
from tuinn.ui.workbench.layout import CHARTS, DATASET
from tuinn.ui.workbench.run_controller import RunController

MOST_RUNS = 200
"""The newest runs are found; `l` has all of them, with their own filter."""


class PaletteEntries:
    """Reads what there is, and calls the controllers with what was chosen."""

    def __init__(
        self,
        drafts: DraftController,
        dialogs: DraftDialogs,
        runs: RunController,
        show_pane: Callable[[int], None],
    ) -> None:
        self.drafts = drafts
        self.dialogs = dialogs
        self.runs = runs
        self.show_pane = show_pane

    def all(self) -> list[PaletteEntry]:
        """Everything, for a thread: a few files are read, and no journal."""
        return [*self.datasets(), *self.presets(), *self.settings(), *self.newest_runs()]

    def datasets(self) -> Iterator[PaletteEntry]:
        for info in all_datasets():
            yield PaletteEntry("dataset", info.title, partial(self._use, DatasetSpec(info.name)))
        for dataset in recent():
            yield PaletteEntry("dataset", printable(dataset.label), partial(self._use, dataset))

    def presets(self) -> Iterator[PaletteEntry]:
        for name in PRESETS:
            title = f"{name}: {describe_preset(name)}"
            yield PaletteEntry("preset", title, partial(self.dialogs.take_preset, name))

    def settings(self) -> Iterator[PaletteEntry]:
        fit = self.drafts.draft.spec.fit
        values = fit.values()
        for option in fit_options(fit):
            title = f"{option.name} = {option.show(values.get(option.name, option.default))}"
            yield PaletteEntry("setting", title, partial(self.dialogs.edit_fit, option.name))

    def newest_runs(self) -> Iterator[PaletteEntry]:
        try:
            runs = newest_titles(MOST_RUNS)
        except FolderError:
            return  # `l` says what is wrong
        for name, title in runs:
            words = printable(title if title == name else f"{title} · {name}")
            yield PaletteEntry("run", words, partial(self._attach, name))

    def _use(self, dataset: DatasetSpec) -> None:
        self.drafts.use(dataset)
        self.show_pane(DATASET)

    def _attach(self, name: str) -> None:
        self.runs.attach(name)
        self.show_pane(CHARTS)
