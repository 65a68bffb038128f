"""A screen on which a network is built: layers, settings, presets, remedies, and the way back through all edits."""

from functools import partial
from typing import Any

from textual import on

from tuinn.spec.cost import receptive_fields
from tuinn.spec.layers.catalog import KINDS, LayerSpec, by_text
from tuinn.spec.layers.edit import Cutting
from tuinn.spec.options import Value
from tuinn.spec.run import RunSpec
from tuinn.text import count
from tuinn.ui.dialogs.fit_form import FitForm, with_answer
from tuinn.ui.dialogs.fixes import FixesDialog
from tuinn.ui.dialogs.form import Form
from tuinn.ui.dialogs.layer_picker import LayerPicker
from tuinn.ui.dialogs.preset_list import PresetList
from tuinn.ui.workbench.data_screen import DataScreen
from tuinn.ui.workbench.panes.layers import LayersPane


class DraftScreen(DataScreen):
    """Edits come as messages from the panes."""

    @on(LayersPane.Edited)
    def _edited(self, event: LayersPane.Edited) -> None:
        self.edit(self.history.draft.heir(self.history.draft.spec.with_model(event.model)))

    @on(LayersPane.EditAsked)
    def _edit_asked(self, event: LayersPane.EditAsked) -> None:
        self._layer_form(event.at, self.history.draft.spec.model.layers[event.at], new=False)

    @on(LayersPane.AddAsked)
    def _add_asked(self, event: LayersPane.AddAsked) -> None:
        def chosen(kind: str | None) -> None:
            if kind is not None:
                self._layer_form(event.at, LayerSpec(kind, {}), new=True)

        self.app.push_screen(LayerPicker(), chosen)

    @on(LayersPane.TypeAsked)
    def _type_asked(self, event: LayersPane.TypeAsked) -> None:
        from tuinn.ui.dialogs.line_entry import LineEntry  # its text area is slow to import

        def typed(layers: tuple[LayerSpec, ...] | None) -> None:
            if layers:
                pane = self.query_one(LayersPane)
                pane.insert(Cutting.of(layers), pane.cursor + 1)

        self.app.push_screen(LineEntry(event.text), typed)

    def _layer_form(self, at: int, layer: LayerSpec, new: bool) -> None:
        pane = self.query_one(LayersPane)
        options = sorted(KINDS[layer.kind].options, key=lambda option: option.rare)

        def kept(values: dict[str, Value] | None) -> None:
            if values is not None:
                pane.put(at, LayerSpec(layer.kind, values), new)

        if new and all(option.rare for option in options):
            kept(dict(LayerSpec.of(layer.kind).options))
            return
        outcome = partial(self._outcome, at, layer.kind, new)
        self.app.push_screen(Form(layer.kind, options, dict(layer.options), outcome, KINDS[layer.kind]), kept)

    def _outcome(self, at: int, kind: str, new: bool, values: dict[str, Value]) -> tuple[str, bool]:
        """What the layer in the form would give, in one line."""
        model = self.history.draft.spec.model
        layer = LayerSpec(kind, values)
        changed = model.insert(at, layer) if new else model.change(at, layer)
        summary = self.history.draft.heir(self.history.draft.spec.with_model(changed)).summary
        row = summary.rows[at]
        if row.misfit:
            return f"! {row.misfit}", False
        if row.shape is None:
            return "! A layer above does not fit.", False
        field = receptive_fields(summary)[at]
        sees = f", each sees {by_text(field)} of the input" if field and max(field) > 1 else ""
        return f"→ {by_text(row.shape)}, {count(row.params)} parameters{sees}", True

    def action_fit(self) -> None:
        draft = self.history.draft

        def kept(values: dict[str, Any] | None) -> None:
            if values is not None:
                self.edit(draft.heir(with_answer(draft.spec, values)))

        self.app.push_screen(FitForm(draft), kept)

    def action_fix(self) -> None:
        remedy = self.history.draft.remedy
        if remedy is None:
            self.notify("Nothing needs fixing.", markup=False)
            return
        self._take(remedy.spec)

    def _take(self, spec: RunSpec) -> None:
        """A remedy; one that names other data brings a network that fits them."""
        if spec.dataset.label != self.history.draft.spec.dataset.label:
            self.use(spec.dataset)
        else:
            self.edit(self.history.draft.heir(spec))

    def action_remedies(self) -> None:
        def chosen(spec: RunSpec | None) -> None:
            if spec is not None:
                self._take(spec)

        if not self.history.draft.problems:
            self.notify("Nothing needs fixing.", markup=False)
            return
        self.app.push_screen(FixesDialog(self.history.draft), chosen)

    def action_undo(self) -> None:
        if self.history.undo():
            self.draft = self.history.draft
        else:
            self.notify("There is nothing to take back.", markup=False)

    def action_redo(self) -> None:
        if self.history.redo():
            self.draft = self.history.draft
        else:
            self.notify("There is nothing to do again.", markup=False)

    def action_presets(self) -> None:
        def chosen(spec: RunSpec | None) -> None:
            if spec is not None:
                self.edit(self.history.draft.heir(spec))

        self.app.push_screen(PresetList(self.history.draft), chosen)
