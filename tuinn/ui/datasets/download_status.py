"""A dataset on its way here: how far, how fast, how long still. One at a time; it can be stopped at any moment."""

from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.message import Message

from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.text import duration, printable, size
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.view.bars import line

if TYPE_CHECKING:
    from tuinn.data.catalog.download import DownloadProgress

BAR = 12
"""Cells."""

PAUSE = 0.3
"""Seconds between two drawings."""


class DownloadStatus(CellLines):
    """Two lines while something is fetched, else none."""

    DEFAULT_CSS = "DownloadStatus { height: 2; display: none; } DownloadStatus.-busy { display: block; }"

    @dataclass
    class Grew(Message):
        """Some more of it is here."""

        progress: "DownloadProgress"

    @dataclass
    class Ended(Message):
        """It came, it was stopped, or it could not be had."""

        name: str
        came: bool
        problem: str = ""
        """One sentence and what to do; empty where nothing went wrong."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.name_fetched = ""
        """Empty while nothing is fetched."""
        self.stop = Event()

    def fetch(self, entry: DatasetInfo) -> None:
        """Begin. What came earlier of the same file is gone on with."""
        self.name_fetched = entry.name
        self.stop = Event()
        self.set_class(True, "-busy")
        self.show_text(Text(f"{printable(entry.title)}\nconnecting… · g stops", style="dim"))
        # A thread that nobody waits for: a line that is dead must not keep anybody from leaving.
        Thread(target=self._fetch, args=(entry.name, self.stop), daemon=True).start()

    def cancel(self) -> None:
        """What came so far is kept for the next time."""
        self.stop.set()

    def on_unmount(self) -> None:
        self.stop.set()

    def _fetch(self, name: str, stop: Event) -> None:
        from tuinn.data.catalog.fetch import fetch

        due = 0.0

        def tell(progress: "DownloadProgress") -> None:
            nonlocal due
            if monotonic() >= due:
                due = monotonic() + PAUSE
                self.post_message(self.Grew(progress))

        came, problem = False, ""
        try:
            came = fetch(name, tell, stop.is_set)
        except SpecError as error:
            problem = printable(str(error))
        self.post_message(self.Ended(name, came, problem))

    @on(Grew)
    def _grew(self, event: Grew) -> None:
        event.stop()
        if self.name_fetched and not self.stop.is_set():
            self._show(event.progress)

    @on(Ended)
    def _ended(self) -> None:
        self.name_fetched = ""
        self.set_class(False, "-busy")

    def _show(self, progress: "DownloadProgress") -> None:
        share = progress.done / progress.total if progress.total else 0.0
        hue = self.app.theme_variables["secondary"]
        text = Text(f"fetching {printable(progress.name)} · g stops\n", no_wrap=True, overflow="ellipsis")
        text.append(line(share, BAR, getattr(self.app, "ascii_only", False)), style=hue)
        text.append(f" {size(progress.done)} of {size(progress.total)} · {size(round(progress.speed))}/s")
        if progress.seconds_left is not None:
            text.append(f" · {duration(progress.seconds_left)} left")
        self.show_text(text)
