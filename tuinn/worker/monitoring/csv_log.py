"""`history.csv`: a line per epoch, for spreadsheets and scripts. Kept up to date during the run, after a step back too."""

import csv
import io
from collections.abc import Iterable, Iterator

from tuinn.atomic_io import LineFile
from tuinn.runs.events import EpochEnded, Event, RunResumed, RunStarted, WentBack
from tuinn.runs.folder import RunFolder
from tuinn.worker.keras_types import Model

COMMON_COLUMNS = ("epoch", "seconds", "learning_rate")
"""The columns that every run has; then come its metrics."""


class CsvLog:
    """Listens to the events and keeps the file, which can always be made anew from the journal."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.columns: tuple[str, ...] = ()
        """Of the file's first line; empty before there is one."""

    def on_model_built(self, model: Model) -> None:
        """The network is no concern of this file."""

    def on_event(self, event: Event) -> None:
        """Raises OSError."""
        match event:
            case RunStarted() | RunResumed() | WentBack():
                self.rewrite()
            case EpochEnded() if columns_of(event) == self.columns:
                self._append(_text([row(event, self.columns)]))
            case EpochEnded():
                self.rewrite()
            case _:
                pass

    def rewrite(self) -> None:
        """Make the file from the journal, whole or not at all; there is none before the first epoch."""
        by_epoch = {ended.epoch: ended for ended in epochs(self.folder)}
        if not by_epoch:
            self.columns = ()
            self.folder.history_file.unlink(missing_ok=True)
            return
        names = dict.fromkeys(name for ended in by_epoch.values() for name in columns_of(ended))
        self.columns = tuple(names)
        rows = (row(by_epoch[epoch], self.columns) for epoch in sorted(by_epoch))
        self.folder.write_whole(self.folder.history_file, _text([self.columns, *rows]))

    def _append(self, data: bytes) -> None:
        # Only `rewrite` creates the file: a run folder that is gone stays gone.
        file = LineFile(self.folder.history_file, create=False)
        try:
            file.append(data)
        finally:
            file.close()


def epochs(folder: RunFolder) -> Iterator[EpochEnded]:
    """The epochs that count, in the journal's order; one that was trained again comes again."""
    reader, before = folder.events(), -1
    counted: dict[int, EpochEnded] = {}
    while before != reader.offset:
        before = reader.offset
        for event in reader.read_bulk():
            if isinstance(event, EpochEnded):
                counted[event.epoch] = event
            elif isinstance(event, RunResumed | WentBack):
                counted = {epoch: ended for epoch, ended in counted.items() if epoch < event.epoch}
    yield from counted.values()


def columns_of(event: EpochEnded) -> tuple[str, ...]:
    return (*COMMON_COLUMNS, *event.metrics)


def row(event: EpochEnded, columns: Iterable[str]) -> list[str]:
    """The cells; a value that was not finite is `nan`, one that wasn't measured is empty."""
    cells = {
        "epoch": event.epoch,
        "seconds": round(event.seconds, 4),
        "learning_rate": event.learning_rate,
        **{name: "nan" if value is None else value for name, value in event.metrics.items()},
    }
    return [str(cells.get(name, "")) for name in columns]


def _text(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
