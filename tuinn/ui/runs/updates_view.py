"""What one update is, how many an epoch has, and how far the run is with them, while it goes on."""

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tuinn.text import format_metric
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.view.bars import line
from tuinn.view.run_follower import RunFollower
from tuinn.view.updates import Updates

LOOKS_PER_SECOND = 4


class UpdatesView(Dialog[None]):
    """Drawn anew as the run goes on; the workbench below reads its journal."""

    heading = "Batches, updates, epochs"
    BINDINGS = [Binding("U,q,enter", "dismiss(None)", show=False)]

    def __init__(self, run: RunFollower) -> None:
        super().__init__()
        self.run = run

    def body(self) -> ComposeResult:
        yield CellLines(id="updates-text")
        yield Static("Esc goes back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        self.set_interval(1 / LOOKS_PER_SECOND, self.draw)
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """As it is now."""
        if self.is_attached:
            lines = self.query_one(CellLines)
            lines.show_text(self.text(lines.size.width), wrap=True)

    def text(self, width: int) -> Text:
        """The words, and a bar for the epoch."""
        view, accent = self.run.view, self.app.theme_variables["accent"]
        told = Updates.of(view, self.run.spec.fit.batch_size)
        if told is None:
            return Text("The run has not read its data yet.")
        text = Text()
        for name, words in told.explanations():
            text.append(f"{name}  ", f"bold {accent}").append(f"{words}\n")
        share, bar = view.epoch_share, max(width - 2, 1)
        done = line(share, bar, is_ascii_only(self.app)).rstrip()
        text.append("\n").append(done, self.app.theme_variables["primary"])
        text.append(("-" if is_ascii_only(self.app) else "─") * (bar - len(done)), "dim")
        text.append(f"\n{told.now()}\n", "bold")
        if (loss := view.latest.get("loss")) is not None:
            rate = f" · learning rate {view.learning_rate:.3g}" if view.learning_rate is not None else ""
            text.append(f"loss {format_metric(loss)}: the mean over the epoch so far{rate}", "dim")
        return text
