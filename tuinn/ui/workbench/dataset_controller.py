"""Datasets: open a path, change how it is read, look at samples, train on it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text

from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.advice.fix import layer_text
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers.catalog import format_shape
from tuinn.spec.options import Value
from tuinn.text import plural, printable
from tuinn.ui.datasets import recent_datasets
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.host import Host

if TYPE_CHECKING:
    from tuinn.spec.advice.frozen_trunk import FrozenTrunk
    from tuinn.ui.datasets.path_dialog import Found, FoundNetwork


class DatasetController:
    """Opens what is about datasets; the draft follows what is decided there."""

    def __init__(
        self, host: Host, drafts: DraftController, select_dataset: Callable[[DatasetSpec], None]
    ) -> None:
        self.host = host
        self.drafts = drafts
        self.select_dataset = select_dataset
        """Put the cursor of the dataset list on this dataset."""

    def use(self, dataset: DatasetSpec) -> None:
        """Take the dataset that was picked into use; say so where it is in use already, and what trains."""
        draft = self.drafts.draft
        if dataset == draft.spec.dataset:
            self.host.show_message(f"{printable(draft.entry.title)} is in use. r trains.")
        else:
            self.drafts.use(dataset)

    def open_path(self, path: str = "") -> None:
        """Ask for a path, or recognise this one at once; then show how it is read."""
        from tuinn.ui.datasets.path_dialog import FoundDataset, FoundNetwork, PathDialog

        def found(answer: "Found | None") -> None:
            if isinstance(answer, FoundDataset):
                self.change_options(answer.dataset, answer.info)
            elif isinstance(answer, FoundNetwork):
                self._take_network(answer)

        self.host.open_dialog(PathDialog(path), found)

    def _take_network(self, found: "FoundNetwork") -> None:
        """Ask what a saved network is to be for the draft: its stack, or the frozen start of it."""
        from tuinn.spec.advice.frozen_trunk import frozen_trunk
        from tuinn.ui.dialogs.dialog import Choose

        draft, name = self.drafts.draft, printable(found.file.name)
        layers = plural(len(found.saved.imported.model.layers), "layer")
        lines = [("stack", Text(f"Take its {layers}, without their weights, as the stack"))]
        if many := len(found.saved.imported.taken):
            settings = plural(many, "setting")
            lines.append(("all", Text(f"Take its {layers}, and {settings} of its training")))
        words = "u undoes that."
        try:
            trunk = frozen_trunk(found.saved, draft.spec, draft.facts)
        except SpecError as problem:
            words = f"It {problem.message} {words}"
        else:
            head = layer_text(trunk.spec.model.layers[-1])
            kept = plural(trunk.kept, "layer")
            lines.append(
                ("trunk", Text(f"As a frozen trunk: its first {kept} with their weights, then {head}"))
            )

        def chosen(what: str | None) -> None:
            if what in ("stack", "all"):
                self._take_stack(found, with_settings=what == "all")
            elif what == "trunk":
                self._take_trunk(found, trunk)

        self.host.open_dialog(Choose(f"A saved network: {name}", lines, words), chosen)

    def _take_stack(self, found: "FoundNetwork", with_settings: bool) -> None:
        """Make the layers of a saved network the draft's; say what of it is not taken over."""
        from tuinn.spec.keras_import.training.settings import fit_with

        imported, draft = found.saved.imported, self.drafts.draft
        spec = draft.spec.with_model(imported.model)
        notes = [f"The layers of {found.file.name}, without its weights. Undo takes them back."]
        if with_settings:
            learned = round(draft.facts.train * (1 - spec.dataset.validation))
            spec = spec.replace_fit(fit_with(spec.fit, imported.settings, imported.decay, learned))
        self.drafts.edit_spec(spec)
        if imported.input_shape not in (None, self.drafts.draft.facts.input_shape):
            notes.append(f"It takes samples of {format_shape(imported.input_shape)}.")
        notes += imported.notes
        if with_settings:
            notes.append(f"Taken over: {', '.join(imported.taken)}.")
        self.host.show_message(printable(" ".join(notes)), seconds=15)

    def _take_trunk(self, found: "FoundNetwork", trunk: "FrozenTrunk") -> None:
        """Make the first layers of a saved network the frozen start of the draft."""
        from tuinn.runs.jobs import network_in_file

        facts = self.drafts.draft.facts
        self.drafts.edit_spec(trunk.spec)
        known = network_in_file(found.file).info
        notes = [f"The first {plural(trunk.kept, 'layer')} of {found.file.name}, frozen. u undoes that."]
        notes += trunk.notes
        pictured = not facts.columns and not facts.is_text
        if pictured and known is not None and (known.facts.low, known.facts.high) != (facts.low, facts.high):
            theirs, ours = (f"{one.low:g} to {one.high:g}" for one in (known.facts, facts))
            notes.append(f"It learned from values from {theirs}, and these run from {ours}.")
        self.host.show_message(printable(" ".join(notes)), seconds=15)

    def change_options(self, dataset: DatasetSpec, info: DatasetInfo) -> None:
        """Show how a dataset is read: target, size, task, shares. What is decided there is trained on."""
        from tuinn.ui.datasets.options_form import DatasetOptionsForm

        form = DatasetOptionsForm(dataset, info)

        def answered(values: dict[str, Value] | None) -> None:
            if values is None:
                return
            asked, decided = form.kept(values)
            if asked.path:
                recent_datasets.remember(asked)
            self.drafts.use(decided)
            self.select_dataset(asked)

        self.host.open_dialog(form, answered)

    def view_samples(self, dataset: DatasetSpec, info: DatasetInfo | None) -> None:
        """Open the dataset viewer; without `info` it finds out itself what the dataset is."""
        from tuinn.ui.datasets.viewer import DatasetViewer

        self.host.open_dialog(DatasetViewer(dataset, info), lambda _: None)
