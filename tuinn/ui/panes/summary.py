"""What `model.summary()` would say, while the stack is still being edited and without TensorFlow."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.reactive import reactive
from textual.widgets import Static

from tuinn.spec.layers import by_text
from tuinn.spec.shapes import Summary
from tuinn.ui.draft import Draft
from tuinn.view.words import count, size


class SummaryPane(Vertical):
    """Layer, output shape, parameters; totals and bytes below."""

    draft: reactive[Draft | None] = reactive(None, init=False)

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

    def _fill(self) -> None:
        if self.draft is None:
            return
        width = max(self.query_one("#summary-scroll").scrollable_content_region.width, 24)
        self.query_one("#summary-head", Static).update(
            Text(_columns("layer", "output shape", "parameters", width), style="dim", no_wrap=True)
        )
        self.query_one("#summary-rows", Static).update(_rows(self.draft, width))
        self.query_one("#summary-totals", Static).update(_totals(self.draft.summary))


def _columns(name: str, shape: str, params: str, width: int) -> str:
    """Three columns that fill the width; a name that is too long loses its end."""
    right = f" {shape:>14} {params:>11}"
    room = max(width - len(right), 6)
    return (name if len(name) <= room else name[: room - 1] + "…").ljust(room) + right


def _rows(draft: Draft, width: int) -> Text:
    lines = [Text(_columns("input", by_text(draft.facts.shape), "", width), style="dim")]
    for row in draft.summary.rows:
        shape = "does not fit" if row.misfit else "–" if row.shape is None else by_text(row.shape)
        lines.append(Text(_columns(row.name, shape, count(row.params), width)))
    return Text("\n", no_wrap=True).join(lines)


def _totals(summary: Summary) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{count(summary.total)} parameters", style="bold")
    text.append(f" · {size(summary.bytes)}\n")
    text.append(f"{count(summary.trainable)} trainable · {count(summary.non_trainable)} not", style="dim")
    return text
