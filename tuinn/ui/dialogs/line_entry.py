"""Type layers as lines, `conv2d 32 3 relu same`, or paste Keras code. What it makes is shown as it is typed."""

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static, TextArea

from tuinn.errors import SpecError
from tuinn.spec.keras_import.line_syntax import read_lines
from tuinn.spec.keras_import.report import ParsedLayers
from tuinn.spec.layers.catalog import Shape
from tuinn.spec.layers.shapes import Summary
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.view.reports.import_report import (
    head_line,
    layer_line,
    mismatch_line,
    shape_line,
    sorted_report,
    summary_of,
)

_SIGNS = {"changed": "!", "left out": "−", "taken over": "+", "passed over": "·"}
"""Of a note, beside its colour."""


class LineEntry(Dialog[ParsedLayers]):
    """Answers what was read: at least one layer."""

    heading = "Type or paste layers"
    BINDINGS = [
        Binding("enter,f2", "keep", "Keep", priority=True),
        Binding("ctrl+j", "new_line", "New line", show=False, priority=True),
    ]

    def __init__(self, text: str = "", data: Summary | None = None, above: Shape | None = None) -> None:
        """`data`: whose samples a whole network would take; `above`: what a few layers would be put under."""
        super().__init__()
        self.text = text
        """What is in the entry to begin with."""
        self.data = data
        self.above = above

    def body(self) -> ComposeResult:
        yield TextArea(self.text, id="line-entry", soft_wrap=True, compact=True)
        yield Static(id="line-head", markup=False)
        with VerticalScroll(id="line-report"):
            yield Static(id="line-preview", markup=False)
        yield Static(
            "Enter inserts · Ctrl+J new line · Tab, ↑↓ scroll below · Esc drops",
            classes="dialog-keys",
            markup=False,
        )

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.cursor_blink = False
        area.move_cursor(area.document.end)
        area.focus()
        self._show()

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._show()

    def _read(self) -> ParsedLayers:
        """Raises SpecError."""
        return read_lines(self.query_one(TextArea).text)

    def _show(self) -> None:
        head, preview = self._preview()
        self.query_one("#line-head", Static).update(head)
        self.query_one("#line-preview", Static).update(preview)
        self.query_one("#line-report", VerticalScroll).display = bool(preview.plain)

    def _preview(self) -> tuple[Text, Text]:
        """What was read in a line, and the rows with their report."""
        colours = self.app.theme_variables
        if not self.query_one(TextArea).text.strip():
            return Text("Such as: dense 128 relu", style="dim"), Text()
        try:
            reading = self._read()
        except SpecError as problem:
            return Text(f"✗ {printable(str(problem))}", style=colours["error"]), Text()
        summary = self._summary(reading)
        lines: list[Text] = []
        data = self.data.input_shape if self.data is not None and reading.is_model else None
        for sentence in (mismatch_line(summary), shape_line(reading, data)):
            if sentence:
                lines.append(Text(f"! {sentence}", style=colours["warning"]))
        if summary is None:
            lines += [
                Text.assemble((layer.type_name, "bold"), f" {layer.options_text()}")
                for layer in reading.layers
            ]
        else:
            for at, row in enumerate(summary.rows):
                what, links, gives = layer_line(at, row, reading.lines[at] if reading.lines else None)
                lines.append(
                    Text.assemble(what, (f"  {links}" if links else "", "italic"), (f"  {gives}", "dim"))
                )
        styles = {"changed": colours["warning"], "left out": colours["warning"], "passed over": "dim"}
        for kind, text in sorted_report(reading):
            lines.append(Text(f"{_SIGNS[kind]} {kind}, {text}", style=styles.get(kind, "")))
        return Text(f"→ {head_line(reading, summary)}", style="bold"), Text("\n").join(lines)

    def _summary(self, reading: ParsedLayers) -> Summary | None:
        if not reading.is_model or self.data is None:
            return summary_of(reading, self.above)
        return summary_of(reading, self.data.input_shape, self.data.reads_text)

    def action_new_line(self) -> None:
        self.query_one(TextArea).insert("\n")

    def action_keep(self) -> None:
        try:
            reading = self._read()
        except SpecError:
            return  # it stands in the preview
        self.dismiss(reading if reading.layers else None)
