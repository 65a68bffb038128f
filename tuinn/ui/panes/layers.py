"""The stack being built. Edits leave as messages; the new draft comes back down."""

from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tuinn.spec.layers import LayerSpec, by_text
from tuinn.spec.model import ModelSpec
from tuinn.spec.rails import rails
from tuinn.spec.shapes import LayerRow
from tuinn.ui.draft import Draft
from tuinn.ui.keys import bindings_for
from tuinn.view.words import count, plural


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

    class TypeAsked(Message):
        """The user wants to type layers as lines."""

    def compose(self) -> ComposeResult:
        yield OptionList(id="layers-list")

    def on_mount(self) -> None:
        self.border_title = "2 Layers"
        self.cursor_next: int | None = None
        """Where the cursor goes when the next draft comes down."""
        self.marked: set[int] = set()
        """Layers, counted from 0, that the next delete, copy or cut is about."""
        self.clipboard: tuple[LayerSpec, ...] = ()

    def watch_draft(self, draft: Draft | None) -> None:
        if draft is not None:
            self.marked.clear()
            fit = draft.spec.fit
            self.border_subtitle = (
                f"{fit.optimizer} {fit.learning_rate:g} · batch {fit.batch_size:,} · {fit.epochs:,} epochs"
            )
            self._fill(draft)

    def on_resize(self) -> None:
        if self.draft is not None:
            self._fill(self.draft)

    def _fill(self, draft: Draft) -> None:
        options = self.query_one(OptionList)
        cursor = self.cursor_next if self.cursor_next is not None else options.highlighted or 0
        self.cursor_next = None
        width = max(options.scrollable_content_region.width - 2, 20)
        wrong = {
            problem.at: problem.severity for problem in reversed(draft.problems) if problem.at is not None
        }
        lines = rails(draft.summary)
        options.clear_options()
        options.add_options(
            Option(self._line(at, row, width, wrong.get(at), lines[at]))
            for at, row in enumerate(draft.summary.rows)
        )
        if draft.summary.rows:
            options.highlighted = min(cursor, len(draft.summary.rows) - 1)

    def _line(self, at: int, row: LayerRow, width: int, severity: str | None, rail: str) -> Text:
        colours = self.app.theme_variables
        sign, hue = {
            "error": ("✗", colours["error"]),
            "warning": ("!", colours["warning"]),
        }.get(severity or "", (" ", ""))
        shape = by_text(row.shape) if row.shape is not None else "–"
        tail = f"{shape:>12} {count(row.params) if row.params else '':>9}"
        mark = "•" if at in self.marked else " "
        text = Text.assemble((f"{sign}{at + 1:>2}{mark}", hue), no_wrap=True, overflow="ellipsis")
        if rail:
            text.append(f"{rail} ", style=colours["secondary"])
        off = "strike dim" if row.layer.disabled else ""
        text.append(row.layer.kind, style=f"bold {off}")
        text.append(f" {row.layer.words()}", style=off)
        text.truncate(max(width - len(tail) - 1, 8), overflow="ellipsis", pad=True)
        return text.append(f" {tail}", style="dim")

    # --------------------------------------------------------------------------------------------- wishes

    @property
    def cursor(self) -> int:
        """The layer under the cursor, counted from 0."""
        return self.query_one(OptionList).highlighted or 0

    @property
    def model(self) -> ModelSpec:
        return self.draft.spec.model if self.draft else ModelSpec()

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_edit()

    def action_add(self) -> None:
        self.post_message(self.AddAsked(self.cursor + 1 if self.model.layers else 0))

    def action_edit(self) -> None:
        if self.model.layers:
            self.post_message(self.EditAsked(self.cursor))

    def chosen(self) -> list[int]:
        """The marked layers, or the one under the cursor."""
        return sorted(self.marked) or ([self.cursor] if self.model.layers else [])

    def action_remove(self) -> None:
        model = self.model
        for at in reversed(self.chosen()):
            model = model.remove(at)
        self.post_message(self.Edited(model))

    def action_mark(self) -> None:
        if self.draft is not None and self.model.layers:
            self.marked ^= {self.cursor}
            self.cursor_next = min(self.cursor + 1, len(self.model.layers) - 1)
            self._fill(self.draft)

    def action_copy(self) -> None:
        self.clipboard = tuple(self.model.layers[at] for at in self.chosen())
        if self.clipboard:
            self.app.copy_to_clipboard("\n".join(f"{layer.code()}," for layer in self.clipboard))
            self.notify(f"{plural(len(self.clipboard), 'layer')} copied. p pastes.", markup=False)

    def action_cut(self) -> None:
        self.action_copy()
        self.action_remove()

    def action_paste(self) -> None:
        self.insert(self.clipboard)

    def action_duplicate(self) -> None:
        self.insert(tuple(self.model.layers[at] for at in self.chosen()))

    def action_disable(self) -> None:
        model = self.model
        for at in self.chosen():
            layer = model.layers[at]
            model = model.change(at, layer.with_options(disabled=not layer.disabled))
        self.post_message(self.Edited(model))

    def action_type(self) -> None:
        self.post_message(self.TypeAsked())

    def insert(self, layers: tuple[LayerSpec, ...]) -> None:
        """Put these after the cursor."""
        if not layers:
            self.notify("Nothing was copied yet: y copies the layer under the cursor.", markup=False)
            return
        at = self.cursor + 1 if self.model.layers else 0
        model = self.model
        for layer in reversed(layers):
            model = model.insert(at, layer)
        self.cursor_next = at + len(layers) - 1
        self.post_message(self.Edited(model))

    def action_move(self, by: int) -> None:
        to = self.cursor + by
        if 0 <= to < len(self.model.layers):
            self.cursor_next = to
            self.post_message(self.Edited(self.model.move(self.cursor, to)))

    def put(self, at: int, layer: LayerSpec, new: bool) -> None:
        """The form's answer: a new layer at this place, or other options for the one that is there."""
        model = self.model.insert(at, layer) if new else self.model.change(at, layer)
        self.cursor_next = at
        self.post_message(self.Edited(model))
