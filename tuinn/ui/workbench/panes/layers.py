"""The stack being built. Edits leave as messages; the new draft comes back down."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Paste
from textual.message import Message
from textual.reactive import reactive

from tuinn.data.paths import dropped_path
from tuinn.errors import SpecError
from tuinn.spec.changes import first_changed
from tuinn.spec.layers.catalog import LAYER_TYPES, LayerSpec, format_shape
from tuinn.spec.layers.edit import CopiedLayers, copy_layers, duplicate_layers, move_layers, paste_layers
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import LayerRow, Summary
from tuinn.text import format_count, plural, printable
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.draft import Draft
from tuinn.view.network_diagram import skip_connections


class LayersPane(Vertical):
    """A row per layer: what it is, what comes out of it, how much it learns."""

    BINDINGS = bindings_for("layers")
    draft: reactive[Draft | None] = reactive(None, init=False)

    @dataclass
    class Edited(Message):
        """The user wants this stack instead."""

        model: ModelSpec

    @dataclass
    class EditAsked(Message):
        """The user wants to change the options of this layer."""

        at: int
        """Counted from 0."""

    @dataclass
    class AddAsked(Message):
        """The user wants a new layer here."""

        at: int

    @dataclass
    class TypeAsked(Message):
        """The user wants to type layers as lines."""

        text: str = ""
        """What is in the entry to begin with."""

    def compose(self) -> ComposeResult:
        yield VirtualList(id="layers-list")

    def on_mount(self) -> None:
        self.border_title = "2 Layers"
        self.cursor_next: int | None = None
        """Where the cursor goes when the next draft comes down."""
        self.marked: set[int] = set()
        """Layers, counted from 0, that the next delete, copy, cut or move is about."""
        self.marked_next: set[int] = set()
        """The same in the next draft."""
        self.clipboard = CopiedLayers()

    def watch_draft(self, old: Draft | None, draft: Draft | None) -> None:
        if draft is None:
            return
        before = old.spec.model.layers if old else ()
        if before is not draft.spec.model.layers:
            self.marked, self.marked_next = self.marked_next, set()
        if self.cursor_next is None and before:
            self.cursor_next = _where_it_changed(before, draft.spec.model.layers)
        fit = draft.spec.fit
        self.border_subtitle = (
            f"{fit.optimizer} {fit.learning_rate:g} · batch {fit.batch_size:,} · {fit.epochs:,} epochs"
        )
        self._fill(draft)

    def _fill(self, draft: Draft) -> None:
        lines, tail = skip_connections(draft.summary), _widths(draft.summary)
        wrong = {
            problem.at: problem.severity for problem in reversed(draft.problems) if problem.at is not None
        }

        def line(at: int, width: int) -> Text:
            return self._line(draft, at, width, wrong.get(at), lines[at], tail)

        rows = self.query_one(VirtualList)
        rows.hint = lambda at: _hint(draft, at)
        rows.show(len(draft.summary.rows), line, self.cursor_next)
        self.cursor_next = None

    def _line(
        self, draft: Draft, at: int, width: int, severity: str | None, rail: str, widths: tuple[int, int]
    ) -> Text:
        row, colours = draft.summary.rows[at], self.app.theme_variables
        sign, hue = {
            "error": ("✗", f"bold {colours['error']}"),
            "warning": ("!", f"bold {colours['warning']}"),
        }.get(severity or "", (" ", ""))
        tail = f"{_shape(row):>{widths[0]}} {_params(row):>{widths[1]}}"
        mark = "•" if at in self.marked else " "
        digits = len(str(len(draft.summary.rows)))
        text = Text.assemble(
            (f"{sign}{at + 1:>{max(digits, 2)}}{mark}", hue), no_wrap=True, overflow="ellipsis"
        )
        if rail:
            text.append(f"{rail} ", style=colours["secondary"])
        off = "strike dim" if row.layer.disabled else ""
        text.append(row.layer.type_name, style=f"bold {off}")
        text.append(f" {row.layer.options_text()}", style=off)
        text.truncate(max(width - len(tail) - 1, 8), overflow="ellipsis", pad=True)
        return text.append(f" {tail}", style=colours["error"] if row.mismatch else "dim")

    # --------------------------------------------------------------------------------------------- actions

    @property
    def cursor(self) -> int:
        """The layer under the cursor, counted from 0."""
        return self.query_one(VirtualList).at

    @property
    def model(self) -> ModelSpec:
        return self.draft.spec.model if self.draft else ModelSpec()

    @on(VirtualList.Chosen)
    def _select(self, event: VirtualList.Chosen) -> None:
        event.stop()
        self.action_edit()

    def on_paste(self, event: Paste) -> None:
        """Keras code dropped on the stack is read as if it had been pasted into the line entry. A path is not code."""
        if dropped_path(event.text) is not None:
            return
        event.stop()
        self.post_message(self.TypeAsked(event.text))

    def action_add(self, after: int = 1) -> None:
        self.post_message(self.AddAsked(self.cursor + after if self.model.layers else 0))

    def action_edit(self) -> None:
        if self.model.layers:
            self.post_message(self.EditAsked(self.cursor))
        else:
            self.action_add()

    def chosen(self) -> list[int]:
        """The marked layers, or the one under the cursor."""
        return sorted(self.marked) or ([self.cursor] if self.model.layers else [])

    def action_remove(self) -> None:
        model, chosen = self.model, self.chosen()
        for at in reversed(chosen):
            model = model.remove(at)
        self.cursor_next = min(chosen, default=0)
        self.post_message(self.Edited(model))

    def action_mark(self) -> None:
        if self.draft is not None and self.model.layers:
            self.marked ^= {self.cursor}
            self.cursor_next = min(self.cursor + 1, len(self.model.layers) - 1)
            self._fill(self.draft)

    def action_mark_all(self, wanted: bool) -> None:
        if self.draft is not None:
            self.marked = set(range(len(self.model.layers))) if wanted else set()
            self._fill(self.draft)

    def action_copy(self) -> None:
        chosen = self.chosen()
        if chosen:
            self.clipboard = copy_layers(self.model, chosen)
            self.app.copy_to_clipboard("\n".join(f"{layer.code()}," for layer in self.clipboard.layers))
            self.notify(f"{plural(len(chosen), 'layer')} copied. p pastes.", markup=False)

    def action_cut(self) -> None:
        self.action_copy()
        self.action_remove()

    def action_paste(self) -> None:
        if self.clipboard.layers:
            self.insert(self.clipboard, self.cursor + 1)
        else:
            self.notify("Nothing was copied yet: y copies the layer under the cursor.", markup=False)

    def action_duplicate(self) -> None:
        chosen = self.chosen()
        if chosen:
            self._try(lambda: duplicate_layers(self.model, chosen))

    def action_disable(self) -> None:
        model, chosen = self.model, self.chosen()
        off = not all(model.layers[at].disabled for at in chosen)
        for at in chosen:
            model = model.change(at, model.layers[at].with_options(disabled=off))
        self.marked_next, self.cursor_next = set(self.marked), self.cursor
        self.post_message(self.Edited(model))

    def action_type(self) -> None:
        self.post_message(self.TypeAsked())

    def insert(self, cutting: CopiedLayers, at: int) -> None:
        """Put these before the layer at this place."""
        at = min(at, len(self.model.layers))
        self._try(lambda: (paste_layers(self.model, at, cutting), at + len(cutting.layers) - 1))

    def insert_at_cursor(self, layers: tuple[LayerSpec, ...], network: bool = False) -> None:
        """Insert these after the layer under the cursor. Of a whole network, what takes the input takes that layer."""
        self.insert(CopiedLayers.of(layers, INPUT_NAME if network else None), self.cursor + 1)

    def replace_all(self, layers: tuple[LayerSpec, ...]) -> None:
        """Make these the whole stack."""
        self.cursor_next = len(layers) - 1
        self.post_message(self.Edited(ModelSpec(layers)))

    def _try(self, edit: Callable[[], tuple[ModelSpec, int]]) -> None:
        """An edit that may be refused, and where the cursor goes."""
        try:
            model, self.cursor_next = edit()
        except SpecError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        self.post_message(self.Edited(model))

    def action_move(self, by: int) -> None:
        model, places = move_layers(self.model, self.chosen(), by)
        if model is not self.model:
            self.marked_next = set(places) if self.marked else set()
            self.cursor_next = max(0, min(self.cursor + by, len(self.model.layers) - 1))
            self.post_message(self.Edited(model))

    def put(self, at: int, layer: LayerSpec, new: bool) -> None:
        """The form's answer: a new layer at this place, or other options for the one that is there."""
        if new:
            self.insert(CopiedLayers.of([layer]), at)
            return
        self.cursor_next = at
        self.post_message(self.Edited(self.model.change(at, layer)))


def _shape(row: LayerRow) -> str:
    return "does not fit" if row.mismatch else "–" if row.shape is None else format_shape(row.shape)


def _params(row: LayerRow) -> str:
    return format_count(row.params) if row.params else ""


def _widths(summary: Summary) -> tuple[int, int]:
    """Columns that the widest shape and the longest number of parameters take; a few at least, so that they don't hop."""
    shapes = max((len(_shape(row)) for row in summary.rows), default=0)
    return max(shapes, 9), max((len(_params(row)) for row in summary.rows), default=0)


def _where_it_changed(before: tuple[LayerSpec, ...], after: tuple[LayerSpec, ...]) -> int | None:
    """Where the cursor goes after an undo or a fix, which may change what is out of sight."""
    at = first_changed(before, after)
    return at if at is None or len(after) >= len(before) else max(at - 1, 0)


def _hint(draft: Draft, at: int) -> str:
    """What is wrong with a layer, or else what it does."""
    told = [str(problem) for problem in draft.problems if problem.at == at]
    layer_type = LAYER_TYPES.get(draft.spec.model.layers[at].type_name)
    return "\n".join(told) or (layer_type.help if layer_type else "")
