"""The dialogs in which the draft is edited: layers, settings of the training, presets, fixes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from rich.text import Text

from tuinn.spec.cost import receptive_fields
from tuinn.spec.layers.catalog import LAYER_TYPES, LayerSpec, format_shape
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.options import Value
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec
from tuinn.text import format_count, plural, printable
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.host import Host
from tuinn.ui.workbench.inference.inference_controller import dataset_info_of
from tuinn.view.draft import Draft
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:  # the first screen does without them
    from tuinn.runs.examination import Examination
    from tuinn.spec.keras_import.report import ParsedLayers


class LayerStack(Protocol):
    """Takes what a dialog answers; it knows where its cursor goes afterwards. The layers pane is one."""

    def put(self, at: int, layer: LayerSpec, new: bool) -> None:
        """Insert a new layer at this place, counted from 0, or replace the one that is there."""

    def insert_at_cursor(self, layers: tuple[LayerSpec, ...], network: bool = False) -> None:
        """Insert these after the layer under the cursor. Of a whole network, what takes the input takes that layer."""

    def replace_all(self, layers: tuple[LayerSpec, ...]) -> None:
        """Make these the whole stack."""

    @property
    def cursor(self) -> int:
        """The layer under the cursor, counted from 0."""


class DraftDialogs:
    """Opens the dialogs and hands their answers to the draft or to the stack of layers."""

    def __init__(self, host: Host, drafts: DraftController, stack: LayerStack) -> None:
        self.host = host
        self.drafts = drafts
        self.stack = stack

    # ----------------------------------------------------------------------------------------------- layers

    def add_layer(self, at: int) -> None:
        """Choose a layer type, then its options; it goes before the layer that is at this place now."""
        from tuinn.ui.dialogs.layer_picker import LayerPicker

        def chosen(layer_type: str | None) -> None:
            if layer_type is not None:
                self._open_layer_form(at, LayerSpec(layer_type, {}), new=True)

        self.host.open_dialog(LayerPicker(), chosen)

    def edit_layer(self, at: int) -> None:
        """Change the options of the layer at this place, counted from 0."""
        self._open_layer_form(at, self.drafts.draft.spec.model.layers[at], new=False)

    def type_layers(self, text: str = "") -> None:
        """Type layers as lines, or paste Keras code; `text` is there to begin with."""
        from tuinn.ui.dialogs.line_entry import LineEntry

        def typed(reading: "ParsedLayers | None") -> None:
            if reading is None:
                return
            if reading.fit or reading.decay or (reading.is_model and self.drafts.draft.spec.model.layers):
                self._ask_where(reading)
            else:
                self.stack.insert_at_cursor(reading.layers)

        summary = self.drafts.draft.summary
        shapes = [row.shape for row in summary.rows[: self.stack.cursor + 1]]
        self.host.open_dialog(LineEntry(text, summary, shapes[-1] if shapes else summary.input_shape), typed)

    def _ask_where(self, reading: "ParsedLayers") -> None:
        """A whole network was pasted: is it to take the place of the stack, or to stand within it?"""
        from tuinn.ui.dialogs.dialog import Choose

        def chosen(what: str | None) -> None:
            if what == "all":
                self.drafts.edit_spec(self._with_settings(reading))
            elif what == "replace":
                self.stack.replace_all(reading.layers)
            elif what == "insert":
                self.stack.insert_at_cursor(reading.layers, network=True)

        here = plural(len(self.drafts.draft.spec.model.layers), "layer")
        there = plural(len(reading.layers), "layer")
        lines = [
            ("replace", Text(f"Replace the stack ({here}) by the {there} pasted")),
            ("insert", Text(f"Insert the {there} below layer {self.stack.cursor + 1}")),
        ]
        many = len(reading.fit) + (reading.decay is not None) + (reading.validation is not None)
        if many:
            settings = plural(many, "setting")
            lines.insert(0, ("all", Text(f"Replace the stack, and take over {settings} of the training")))
        self.host.open_dialog(Choose("A whole network was pasted", lines, "u undoes any of these."), chosen)

    def _with_settings(self, reading: "ParsedLayers") -> RunSpec:
        """The draft with the pasted network, and with what its code says of the training."""
        from tuinn.spec.keras_import.training.settings import fit_with

        draft = self.drafts.draft
        spec = draft.spec.with_model(ModelSpec(reading.layers))
        if reading.validation is not None:
            spec = spec.with_dataset(spec.dataset.with_value("validation", reading.validation))
        if reading.spec is not None:
            return replace(spec, model=reading.spec.model, fit=reading.spec.fit)
        learned = round(draft.facts.train * (1 - spec.dataset.validation))
        return spec.replace_fit(fit_with(spec.fit, reading.fit, reading.decay, learned))

    def _open_layer_form(self, at: int, layer: LayerSpec, new: bool) -> None:
        from tuinn.ui.dialogs.form import Form

        options = sorted(LAYER_TYPES[layer.type_name].options, key=lambda option: option.advanced)

        def kept(values: Mapping[str, Value] | None) -> None:
            if values is not None:
                self.stack.put(at, LayerSpec(layer.type_name, dict(values)), new)

        if new and all(option.advanced for option in options):
            kept(LayerSpec.of(layer.type_name).options)
            return
        outcome = partial(self._outcome, at, layer.type_name, new)
        folded = [option.name for option in options if option.advanced]
        form = Form(
            layer.type_name, options, dict(layer.options), outcome, LAYER_TYPES[layer.type_name], folded
        )
        self.host.open_dialog(form, kept)

    def _outcome(self, at: int, layer_type: str, new: bool, values: dict[str, Value]) -> tuple[str, bool]:
        """What the layer in the form would give, in one line; and whether it can be built."""
        spec = self.drafts.draft.spec
        layer = LayerSpec(layer_type, values)
        model: ModelSpec = spec.model.insert(at, layer) if new else spec.model.change(at, layer)
        summary = self.drafts.draft.heir(spec.with_model(model)).summary
        row = summary.rows[at]
        if row.mismatch:
            return f"! {row.mismatch}", False
        if row.shape is None:
            return "! A layer above does not fit.", False
        field = receptive_fields(summary)[at]
        sees = f", each sees {format_shape(field)} of the input" if field and max(field) > 1 else ""
        code = layer.code().removeprefix("layers.")
        return f"→ {format_shape(row.shape)}, {format_count(row.params)} parameters{sees}\n{code}", True

    # ------------------------------------------------------------------------------------------ whole drafts

    def edit_fit(self, field: str = "") -> None:
        """Change optimizer, epochs, batch size and the other settings of the training; the cursor begins in `field`."""
        from tuinn.ui.dialogs.fit_form import FitForm, with_answer

        draft = self.drafts.draft

        def kept(values: dict[str, Value] | None) -> None:
            if values is not None:
                self.drafts.edit_spec(with_answer(self.drafts.draft.spec, values))

        self.host.open_dialog(FitForm(draft, field), kept)

    def choose_fix(self) -> None:
        """Show all that is wrong with the draft, and what its last run has shown, and choose a fix."""
        from tuinn.ui.dialogs.fixes import FixesDialog

        def chosen(spec: RunSpec | None) -> None:
            if spec is not None:
                self.drafts.apply_fix(spec)

        found = self.drafts.run_problem
        more = (found,) if found is not None and found.fixes else ()
        if not self.drafts.draft.problems and not more:
            self.host.show_message("Nothing needs fixing.")
        else:
            self.host.open_dialog(
                FixesDialog(self.drafts.draft, (*self.drafts.draft.problems, *more)), chosen
            )

    def show_findings(self, run: RunFollower, examination: "Examination") -> None:
        """Show what keeps the network of this run from learning better, and choose a change of the draft."""
        from tuinn.ui.dialogs.fixes import FixesDialog
        from tuinn.view.reports.diagnosis import diagnose, examined_words

        view = run.view
        complete = view.ended is not None and view.ended.outcome == "finished"
        loss = view.built.loss if view.built else ""
        found = diagnose(view.finished, complete, dataset_info_of(run).facts, loss, examination)
        if not found:
            self.host.show_message(f"{run.folder.name} looks well: {examined_words(examination)}.")
            return

        def chosen(spec: RunSpec | None) -> None:
            if spec is not None:
                self.drafts.apply_fix(spec)

        problems = [finding.problem(self.drafts.draft.spec) for finding in found]
        self.host.open_dialog(FixesDialog(self.drafts.draft, problems, "What the doctor found"), chosen)

    def take_preset(self, name: str) -> None:
        """Replace the draft by this ready network. It asks whether it is to be trained on its own dataset or on the one
        in use, where these are two."""
        from tuinn.ui.dialogs.dialog import Choose
        from tuinn.ui.dialogs.preset_list import adapted_preset

        preset, draft = PRESETS[name](), self.drafts.draft
        if draft.is_lost:
            self.drafts.edit(Draft(preset))
            return
        if preset.dataset.label == draft.spec.dataset.label:
            self.drafts.edit_spec(adapted_preset(draft, name))
            return

        def chosen(which: str | None) -> None:
            if which == "own":
                self.drafts.edit(Draft(preset))
            elif which == "used":
                self.drafts.edit_spec(adapted_preset(self.drafts.draft, name))

        own, used = (printable(entry.title) for entry in (Draft(preset).entry, draft.entry))
        lines = [
            ("own", Text(f"on {own}, for which it was made")),
            ("used", Text(f"on {used}, which is in use: its input and output are fitted")),
        ]
        self.host.open_dialog(Choose(f"Train {name}", lines), chosen)

    def choose_preset(self) -> None:
        """Replace the draft by a ready network and its settings."""
        from tuinn.ui.dialogs.preset_list import PresetList

        def chosen(name: str | None) -> None:
            if name is not None:
                self.take_preset(name)

        self.host.open_dialog(PresetList(self.drafts.draft), chosen)
