"""Every key, made from the table of keys, and what the signs mean."""

from textwrap import wrap

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from tuinn.spec.training.output_layer import OUTPUT_LAYERS as TABLE_OF_HEADS
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.keys import TABLE

SIGNS = (
    ("●", "a run that trains; a dataset in use"),
    ("✓ ✗", "right and wrong"),
    ("▸ ✓", "the predicted class and the true one"),
    ("★", "the best epoch; the best trial of a sweep"),
    ("– · ◌", "a trial that was pruned, was skipped, or waits to be resumed"),
    ("R E T P B >", "on a curve: rate, epochs, patience, pause, back to the best, resumed"),
    ("!", "it can be trained, but expect poor results"),
)

GROUPS = {
    "workbench": "Everywhere",
    "dataset": "Dataset",
    "look": "Dataset viewer",
    "layers": "Layers",
    "summary": "Summary",
    "charts": "Charts",
    "predict": "Predict",
    "sweep": "A sweep",
    "queue": "The queue",
    "runs": "Table of runs",
    "comparison": "Runs side by side",
}


ROOM = 52
"""Columns for what a key does, beside its name, at 80 columns."""


class Help(Dialog[None]):
    """Scrolls with the arrow keys."""

    heading = "Help"
    BINDINGS = [Binding("question_mark,f1,q", "dismiss(None)", show=False)]

    def __init__(self, first: str = "workbench") -> None:
        super().__init__()
        self.first = first
        """The group of keys that comes first."""

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="help-scroll"):
            yield Static(self._words(), markup=False)
        yield Static("↑↓ scrolls · Esc goes back", classes="dialog-keys", markup=False)

    def _words(self) -> Text:
        text = Text()
        for where, keys in sorted(TABLE.items(), key=lambda item: item[0] != self.first):
            text.append(f"{GROUPS[where]}\n", style="bold")
            for key in keys:
                names = (
                    key.keys.replace("question_mark", "?")
                    .replace("colon", ":")
                    .replace("plus,equals_sign", "+ =")
                    .replace("minus", "-")
                    .replace("slash", "/")
                    .replace(",", " ")
                    .replace("full_stop", ".")
                    .replace("comma", ",")
                )
                text.append(f"  {names:<16}", style=self.app.theme_variables["accent"])
                text.append(("\n" + " " * 18).join(wrap(key.help, ROOM)) + "\n")
            text.append("\n")
        text.append("Signs\n", style="bold")
        for sign, meaning in SIGNS:
            text.append(f"  {sign:<16}{meaning}\n")
        text.append("\nThe last layer\n", style="bold")
        for row in TABLE_OF_HEADS:
            text.append(f"  {row.problem:<28}{row.activations[0]}, {row.outputs}\n")
            text.append(f"  {'':<28}{row.loss}\n", style="dim")
        text.append(
            "\nA run lives in a process and a folder of its own. Close the terminal: it keeps running, and the next tuinn "
            "offers to attach. Single letters work while no text field has the cursor; the F-keys and ctrl keys "
            "always do.\n"
        )
        return text
