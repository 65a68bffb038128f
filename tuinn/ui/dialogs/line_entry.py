"""Type layers as lines, `conv2d 32 3 relu same`, or paste Keras code. What it makes is shown as it is typed."""

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static, TextArea

from tuinn.errors import SpecError
from tuinn.spec.keras_import.line_syntax import read_lines
from tuinn.spec.keras_import.source_code import ParsedLayers
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import Dialog

SHOWN = 6
"""Rows of the preview."""


class LineEntry(Dialog[ParsedLayers]):
    """Answers what was read: at least one layer."""

    heading = "Type or paste layers"
    BINDINGS = [
        Binding("enter,f2", "keep", "Keep", priority=True),
        Binding("ctrl+j", "new_line", "New line", show=False, priority=True),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.text = text
        """What is in the entry to begin with."""

    def body(self) -> ComposeResult:
        yield TextArea(self.text, id="line-entry", soft_wrap=True, compact=True)
        yield Static(id="line-preview", markup=False)
        yield Static(
            "Enter inserts · Ctrl+J new line · Esc drops · such as: dense 128 relu",
            classes="dialog-keys",
            markup=False,
        )

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.cursor_blink = False
        area.move_cursor(area.document.end)
        area.focus()
        self.query_one("#line-preview", Static).update(self._preview())

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.query_one("#line-preview", Static).update(self._preview())

    def _read(self) -> ParsedLayers:
        """Raises SpecError."""
        return read_lines(self.query_one(TextArea).text)

    def _preview(self) -> Text:
        colours = self.app.theme_variables
        if not self.query_one(TextArea).text.strip():
            return Text()
        try:
            reading = self._read()
        except SpecError as problem:
            return Text(f"✗ {printable(str(problem))}", style=colours["error"])
        lines = [
            Text.assemble("→ ", (layer.type_name, "bold"), f" {printable(layer.options_text())}")
            for layer in reading.layers
        ]
        more = [Text(f"and {len(lines) - SHOWN} more")] if len(lines) > SHOWN else []
        if reading.skipped:
            where = ", ".join(str(line) for line in reading.skipped)
            more.append(Text(f"without a layer, passed over: line {where}", style="dim"))
        return Text("\n").join([*lines[:SHOWN], *more])

    def action_new_line(self) -> None:
        self.query_one(TextArea).insert("\n")

    def action_keep(self) -> None:
        try:
            reading = self._read()
        except SpecError:
            return  # it stands in the preview
        self.dismiss(reading if reading.layers else None)
