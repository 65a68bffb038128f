"""What `model.summary()` would say, while the stack is still being edited and without TensorFlow."""

from typing import Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive

from tuinn.runs.events import ModelBuilt
from tuinn.spec.cost import estimate_memory, flops, receptive_fields
from tuinn.spec.layers.catalog import format_shape
from tuinn.text import format_bytes, format_count, format_short_count
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.draft import Draft
from tuinn.view.network_diagram import draw
from tuinn.view.run_follower import RunFollower

BUILT = "as Keras built it"

WIDE = 66
"""From this width on, a column says what each layer is connected to or sees."""


Form = Literal["table", "boxes", "code"]


class SummaryPane(Vertical):
    """Layer, output shape, parameters; totals, bytes and cost below. Keys draw the network instead, or write it as code."""

    BINDINGS = bindings_for("summary")
    draft: reactive[Draft | None] = reactive(None, init=False)
    form: reactive[Form] = reactive("table", init=False)
    """What the network is shown as: boxes and lines, or Keras code."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.run: RunFollower | None = None

    def compose(self) -> ComposeResult:
        yield VirtualList(id="summary-rows", cursor=False)
        yield CellLines(id="summary-totals")

    def on_mount(self) -> None:
        self.border_title = "3 Summary"

    def watch_draft(self) -> None:
        self._fill()

    def show_run(self, run: RunFollower | None) -> None:
        """Once a run has built this very network, Keras' own numbers take the place of ours."""
        before, self.run = self.run, run
        if before is not run or (self.built and self.border_subtitle != BUILT):
            self._fill()

    @property
    def built(self) -> ModelBuilt | None:
        """What Keras reported of this network; None where no run on the screen has built it."""
        run, draft = self.run, self.draft
        if run is None or draft is None or run.view.built is None:
            return None
        return run.view.built if run.spec.model == draft.spec.model else None

    def watch_form(self) -> None:
        self._fill()

    @on(VirtualList.Resized)
    def _resized(self) -> None:
        if self.form == "boxes":
            self._fill()

    def action_form(self, form: Form) -> None:
        """Show the network so, or as the table again."""
        self.form = "table" if self.form == form else form

    def _fill(self) -> None:
        draft = self.draft
        if draft is None:
            return
        built = self.built
        self.border_subtitle = BUILT if built else ""
        rows = self.query_one(VirtualList)
        if self.form == "code":
            from tuinn.spec.keras_export.script import draft_lines  # the first screen does without it

            lines = draft_lines(draft.spec, draft.facts)
            rows.show(
                len(lines),
                lambda at, _: Text(lines[at], no_wrap=True),
                head=lambda _: Text("the draft as Keras code; tuinn export writes a script", style="dim"),
            )
        elif self.form == "boxes":
            drawing = draw(draft.summary, max(rows.size.width - 1, 24))
            rows.show(
                len(drawing),
                lambda at, _: Text(drawing[at], no_wrap=True),
                head=lambda _: Text("the network, input first", style="dim"),
            )
        else:
            more = _more(draft)
            rows.show(
                len(draft.summary.rows) + 1,
                lambda at, width: _row(draft, built, more, at, width),
                head=lambda width: Text(_head(draft, width), style="dim"),
            )
        self.query_one("#summary-totals", CellLines).show_text(_totals(draft))


def _columns(name: str, shape: str, params: str, more: str, width: int) -> str:
    """Three columns that fill the width, or four; a name that is too long loses its end."""
    right = f" {shape:>14} {params:>11}"
    if width >= WIDE:
        right += f"  {_cut(more, 18):<18}"
    room = max(width - len(right), 6)
    return _cut(name, room).ljust(room) + right


def _cut(word: str, width: int) -> str:
    return word if len(word) <= width else word[: width - 1] + "…"


def _head(draft: Draft, width: int) -> str:
    more = _more_title(draft) if width >= WIDE else ""
    return _columns("layer", "output shape", "parameters", more, width)


def _row(draft: Draft, built: ModelBuilt | None, more: list[str], at: int, width: int) -> Text:
    """The input, then a row for each layer."""
    if at == 0:
        return Text(_columns("input", draft.summary.input_text, "", "", width), style="dim")
    row = draft.summary.rows[at - 1]
    shape = "does not fit" if row.mismatch else "–" if row.shape is None else format_shape(row.shape)
    params = row.params
    if found := next((layer for layer in built.layers if layer.name == row.name), None) if built else None:
        shape, params = format_shape(tuple(found.output_shape)), found.params
    return Text(_columns(row.name, shape, format_count(params), more[at - 1], width))


def _branches(draft: Draft) -> bool:
    return any(len(layer.sources) > 0 for layer in draft.spec.model.layers)


def _more_title(draft: Draft) -> str:
    return "connected to" if _branches(draft) else "sees" if any(_more(draft)) else ""


def _more(draft: Draft) -> list[str]:
    """The fourth column: sources where the stack branches, else how much of the image a value depends on."""
    if _branches(draft):
        return [", ".join(row.sources) for row in draft.summary.rows]
    fields = receptive_fields(draft.summary)
    convolves = any(max(field or (1,)) > 1 for field in fields)
    return [format_shape(field) if field and convolves else "" for field in fields]


def _totals(draft: Draft) -> Text:
    summary, cost = (
        draft.summary,
        estimate_memory(draft.summary, draft.spec.fit, draft.spec.training_samples(draft.facts)),
    )
    text = Text(no_wrap=True, overflow="ellipsis")
    if summary.mismatch:
        return text.append(
            f"layer {summary.mismatch[0] + 1} does not fit, so there is no total yet", style="dim"
        )
    text.append(f"{format_count(summary.total)} parameters", style="bold")
    text.append(f" · {format_bytes(summary.bytes)} · {format_bytes(cost.total)} to train\n")
    parts = [f"{format_count(summary.trainable)} trainable"]
    if summary.frozen:
        parts.append(f"{format_count(summary.frozen)} frozen")
    if (rest := summary.non_trainable - summary.frozen) or not summary.frozen:
        parts.append(f"{format_count(rest)} not")
    text.append(" · ".join(parts), style="dim")
    return text.append(f" · {format_short_count(flops(summary))} FLOPs", style="dim")
