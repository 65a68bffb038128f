"""The download of a dataset: progress, speed, time left. One at a time; it can be stopped at any moment."""

from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.message import Message

from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.text import format_bytes, format_duration, printable
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.view.bars import line

if TYPE_CHECKING:
    from tuinn.data.catalog.download import DownloadProgress

BAR = 12
"""Cells."""

UPDATE_SECONDS = 0.3
"""Seconds between two updates of the screen."""


class DownloadStatus(CellLines):
    """Two lines during a download, else hidden."""

    DEFAULT_CSS = "DownloadStatus { height: 2; display: none; } DownloadStatus.-busy { display: block; }"

    @dataclass
    class Progressed(Message):
        """More bytes have arrived."""

        progress: "DownloadProgress"

    @dataclass
    class Ended(Message):
        """The download is complete, was stopped, or failed."""

        name: str
        complete: bool
        problem: str = ""
        """One sentence and what to do; empty where nothing went wrong."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.downloading = ""
        """Name of the dataset; empty while there is no download."""
        self.stop = Event()

    def fetch(self, entry: DatasetInfo) -> None:
        """Start the download; a part of the file that is there already is kept."""
        self.downloading = entry.name
        self.stop = Event()
        self.set_class(True, "-busy")
        self.show_text(Text(f"{printable(entry.title)}\nconnecting… · g stops", style="dim"))
        # A daemon thread: a connection that hangs must not keep tuinn from exiting.
        Thread(target=self._fetch, args=(entry.name, self.stop), daemon=True).start()

    def cancel(self) -> None:
        """Stop; what has arrived is kept for the next try."""
        self.stop.set()

    def on_unmount(self) -> None:
        self.stop.set()

    def _fetch(self, name: str, stop: Event) -> None:
        from tuinn.data.catalog.fetch import fetch

        due = 0.0

        def report(progress: "DownloadProgress") -> None:
            nonlocal due
            if monotonic() >= due:
                due = monotonic() + UPDATE_SECONDS
                self.post_message(self.Progressed(progress))

        complete, problem = False, ""
        try:
            complete = fetch(name, report, stop.is_set)
        except SpecError as error:
            problem = printable(str(error))
        self.post_message(self.Ended(name, complete, problem))

    @on(Progressed)
    def _progressed(self, event: Progressed) -> None:
        event.stop()
        if self.downloading and not self.stop.is_set():
            self._show(event.progress)

    @on(Ended)
    def _ended(self) -> None:
        self.downloading = ""
        self.set_class(False, "-busy")

    def _show(self, progress: "DownloadProgress") -> None:
        share = progress.done / progress.total if progress.total else 0.0
        colour = self.app.theme_variables["secondary"]
        text = Text(f"fetching {printable(progress.name)} · g stops\n", no_wrap=True, overflow="ellipsis")
        text.append(line(share, BAR, is_ascii_only(self.app)), style=colour)
        text.append(
            f" {format_bytes(progress.done)} of {format_bytes(progress.total)} · {format_bytes(round(progress.speed))}/s"
        )
        if progress.seconds_left is not None:
            text.append(f" · {format_duration(progress.seconds_left)} left")
        self.show_text(text)
