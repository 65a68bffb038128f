"""What `model.summary()` would say, while the stack is still being edited and without TensorFlow."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.reactive import reactive
from textual.widgets import Static

from tuinn.spec.cost import flops, memory, receptive_fields
from tuinn.spec.layers import by_text
from tuinn.ui.draft import Draft
from tuinn.ui.keys import bindings_for
from tuinn.view.drawing import draw
from tuinn.view.words import count, short_count, size

WIDE = 66
"""From this width on, a column says what each layer is connected to or sees."""


class SummaryPane(Vertical):
    """Layer, output shape, parameters; totals, bytes and cost below. A key draws the network instead."""

    BINDINGS = bindings_for("summary")
    draft: reactive[Draft | None] = reactive(None, init=False)
    drawn: reactive[bool] = reactive(False, init=False)
    """Boxes and lines instead of the table."""

    def compose(self) -> ComposeResult:
        yield Static(id="summary-head", markup=False)
        with VerticalScroll(id="summary-scroll"):
            yield Static(id="summary-rows", markup=False)
        yield Static(id="summary-totals", markup=False)

    def on_mount(self) -> None:
        self.border_title = "3 Summary"

    def on_resize(self) -> None:
        self._fill()

    def watch_draft(self) -> None:
        self._fill()

    def watch_drawn(self) -> None:
        self._fill()

    def action_draw(self) -> None:
        self.drawn = not self.drawn

    def _fill(self) -> None:
        if self.draft is None:
            return
        width = max(self.query_one("#summary-scroll").scrollable_content_region.width, 24)
        head, rows = self.query_one("#summary-head", Static), self.query_one("#summary-rows", Static)
        if self.drawn:
            head.update(Text("the network, input first", style="dim"))
            rows.update(Text("\n".join(draw(self.draft.summary, width)), no_wrap=True))
        else:
            more = _more_title(self.draft) if width >= WIDE else ""
            title = _columns("layer", "output shape", "parameters", more, width)
            head.update(Text(title, style="dim", no_wrap=True))
            rows.update(_rows(self.draft, width))
        self.query_one("#summary-totals", Static).update(_totals(self.draft))


def _columns(name: str, shape: str, params: str, more: str, width: int) -> str:
    """Three columns that fill the width, or four; a name that is too long loses its end."""
    right = f" {shape:>14} {params:>11}"
    if width >= WIDE:
        right += f"  {_cut(more, 18):<18}"
    room = max(width - len(right), 6)
    return _cut(name, room).ljust(room) + right


def _cut(word: str, width: int) -> str:
    return word if len(word) <= width else word[: width - 1] + "…"


def _rows(draft: Draft, width: int) -> Text:
    more = _more(draft)
    lines = [Text(_columns("input", by_text(draft.facts.input_shape), "", "", width), style="dim")]
    for row, word in zip(draft.summary.rows, more, strict=True):
        shape = "does not fit" if row.misfit else "–" if row.shape is None else by_text(row.shape)
        lines.append(Text(_columns(row.name, shape, count(row.params), word, width)))
    return Text("\n", no_wrap=True).join(lines)


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
    return [by_text(field) if field and convolves else "" for field in fields]


def _totals(draft: Draft) -> Text:
    summary, cost = draft.summary, memory(draft.summary, draft.spec.fit)
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{count(summary.total)} parameters", style="bold")
    text.append(f" · {size(summary.bytes)} · {size(cost.total)} in training\n")
    text.append(f"{count(summary.trainable)} trainable · {count(summary.non_trainable)} not", style="dim")
    return text.append(f" · {short_count(flops(summary))} FLOPs", style="dim")
