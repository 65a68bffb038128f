"""A run's history as a table: a row an epoch, a column a metric, by the names that Keras has for them."""

from collections.abc import Sequence

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tuinn.errors import FolderError
from tuinn.runs.folder import RunFolder
from tuinn.text import format_metric, plural, printable
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.run_view import RunView

NARROWEST, GAP = 10, 2
"""Cells of a metric's column at least, and between two columns."""


class HistoryView(Dialog[None]):
    """Up and down scroll the epochs, left and right the metrics. It is as it was when the dialog opened."""

    BINDINGS = [
        Binding("H,q", "dismiss(None)", show=False),
        Binding("y", "copy", show=False, tooltip="copy it as a Python dict, as Keras' history.history"),
        Binding("left", "scroll_metrics(-1)", show=False, tooltip="the metrics to the left"),
        Binding("right", "scroll_metrics(1)", show=False, tooltip="the metrics to the right"),
    ]

    def __init__(self, view: RunView, title: str) -> None:
        super().__init__()
        self.view = view
        self.heading = f"History of {title} · {plural(len(view.finished), 'epoch')}"
        self.names = metric_names(view)
        self.left = 0
        """The first metric that is shown, counted from 0."""
        self.best = view.best.epoch if view.best else 0

    def body(self) -> ComposeResult:
        yield VirtualList(id="history-rows", cursor=False)
        yield Static(id="history-keys", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(VirtualList).focus()

    @on(VirtualList.Resized)
    def _show(self) -> None:
        rows = self.query_one(VirtualList)
        rows.show(len(self.view.finished), self._row, head=self._head)
        hidden = len(self.names) - len(visible(self.names, rows.width - self._edge, self.left))
        more = f"←→ {plural(hidden, 'more metric')} · " if hidden else ""
        words = f"↑↓ scrolls · {more}* best · y copies it as a Python dict · Esc goes back"
        self.query_one("#history-keys", Static).update(words)

    def _head(self, width: int) -> Text:
        shown = visible(self.names, width - self._edge, self.left)
        text = Text("epoch".rjust(self._edge - GAP), style="dim", no_wrap=True)
        for at in shown:
            text.append(
                f"{'':{GAP}}{printable(self.names[at]):>{column_width(self.names[at])}}", style="bold not dim"
            )
        return text

    def _row(self, at: int, width: int) -> Text:
        ended = self.view.finished[at]
        is_best = ended.epoch == self.best
        text = Text(
            f"{ended.epoch:>{self._edge - GAP - 1},}{'*' if is_best else ' '}", style="dim", no_wrap=True
        )
        for place in visible(self.names, width - self._edge, self.left):
            name = self.names[place]
            value = format_metric(ended.metrics[name]) if name in ended.metrics else ""
            text.append(
                f"{'':{GAP}}{value:>{column_width(name)}}", style="bold not dim" if is_best else "not dim"
            )
        return text

    @property
    def _edge(self) -> int:
        """Cells of the epoch, its star and the gap after it."""
        last = self.view.finished[-1].epoch if self.view.finished else 0
        return max(len(f"{last:,}") + 1, len("epoch")) + GAP

    def action_scroll_metrics(self, by: int) -> None:
        rows = self.query_one(VirtualList)
        most = len(self.names) - len(visible(self.names, rows.width - self._edge, len(self.names)))
        self.left = max(0, min(self.left + by, most))
        self._show()

    def action_copy(self) -> None:
        """Copy the history to the terminal's clipboard."""
        self.app.copy_to_clipboard(self.view.history_code)
        done = plural(len(self.view.finished), "epoch")
        words = f"Copied the metrics of {done} as a Python dict."
        self.query_one("#history-keys", Static).update(words)


def read_history(folder: RunFolder) -> RunView:
    """Fold a run's journal without its reports of batches. Raises FolderError."""
    view, reader = RunView(run=folder.name), folder.events()
    try:
        while events := reader.read_without_reports():
            for event in events:
                view.apply(event)
    except OSError as error:
        raise FolderError(f"{folder.events_file} cannot be read ({error.strerror}).") from None
    return view


def metric_names(view: RunView) -> list[str]:
    """Every metric that an epoch has, in Keras' order."""
    return list(dict.fromkeys(name for ended in view.finished for name in ended.metrics))


def column_width(name: str) -> int:
    """Cells of a metric's column: its name is whole."""
    return max(len(name), NARROWEST)


def visible(names: Sequence[str], width: int, left: int) -> range:
    """Which metrics have room beside one another, from `left` on, or so many that the last one is in sight."""
    sizes = [column_width(name) + GAP for name in names]
    first = next((at for at in range(len(names)) if sum(sizes[at:]) <= width), max(len(names) - 1, 0))
    first = min(left, first)
    last = first
    while last < len(names) and (last == first or sum(sizes[first : last + 1]) <= width):
        last += 1
    return range(first, last)
