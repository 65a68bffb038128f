"""Lines to read and nothing to change: the last of a run's worker.log, what the app has said, a report."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from rich.cells import chop_cells
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tuinn.atomic_io import open_stored
from tuinn.runs.data_check import DataCheck
from tuinn.runs.folder import RunFolder
from tuinn.runs.report import Report
from tuinn.text import plural, printable
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.controls import UserMessage
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.reports import data_check_text
from tuinn.view.reports.report_text import lines

REPORT_WIDTH = 72
"""Columns of a report: what a dialog has in a terminal of 80."""

MOST_BYTES = 256_000
"""Of the end of the file that are shown; a log may grow without bounds."""


class LogView(Dialog[None]):
    """Shows printable lines, the last of them to begin with, or the first."""

    BINDINGS = [Binding("L,q,exclamation_mark,e,E", "dismiss(None)", show=False)]

    def __init__(self, heading: str, lines: list[str], at_end: bool = True) -> None:
        super().__init__()
        self.heading, self.lines, self.at_end = heading, lines, at_end
        self.rows: list[str] = []
        """The lines as they are broken at the right edge."""

    def body(self) -> ComposeResult:
        yield VirtualList(id="log-rows", cursor=False)
        yield Static("↑↓ scrolls · g first · G last · Esc goes back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(VirtualList).focus()

    @on(VirtualList.Resized)
    def _show_lines(self) -> None:
        rows = self.query_one(VirtualList)
        width = max(rows.size.width - 1, 1)
        self.rows = [part for line in self.lines for part in (chop_cells(line, width) or [""])]
        rows.show(len(self.rows), lambda at, _width: Text(self.rows[at], no_wrap=True))
        if self.at_end:
            rows.action_go(-1)


def worker_log(folder: RunFolder, title: str = "") -> LogView:
    """TensorFlow's own words, and tracebacks; read when the dialog opens. `title`: what the run is called on the screen."""
    return LogView(f"worker.log of {title or folder.name}", last_lines(folder.log_file))


def message_log(messages: Iterable[UserMessage]) -> LogView:
    """What the app has said since it began, the newest last."""
    lines = [f"{time.strftime('%H:%M:%S', time.localtime(one.at))} {one.plain}" for one in messages]
    return LogView("Messages", lines or ["Nothing was said yet."])


def report_view(report: Report) -> LogView:
    """How good the network is, by the numbers."""
    heading = f"Report · {report.part} · {plural(report.samples, 'sample')}"
    return LogView(heading, lines(report, REPORT_WIDTH), at_end=False)


def data_check_view(found: DataCheck) -> LogView:
    """Slices that do badly, and whether test and training samples differ."""
    heading = f"Slices · {plural(found.samples, 'test sample')}"
    return LogView(heading, data_check_text.lines(found, REPORT_WIDTH), at_end=False)


def last_lines(file: Path, most: int = MOST_BYTES) -> list[str]:
    """The lines in the last `most` bytes of a file, printable; or a sentence that says why there are none."""
    try:
        with open_stored(file) as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(size - most, 0))
            text = log.read(most).decode(errors="replace")
    except OSError as problem:
        return [f"{printable(str(file))} cannot be read ({problem.strerror})."]
    lines = [printable(line.expandtabs()) for line in text.splitlines()]
    if size > most:
        lines = [f"… {size - most:,} bytes before that are in {printable(str(file))}", *lines[1:]]
    return lines or ["The log is empty: the worker has said nothing."]
