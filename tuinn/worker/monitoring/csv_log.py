"""`history.csv`: a line per epoch, for spreadsheets and scripts. Written as the run goes on, right after a step back too."""

import csv
import io
from collections.abc import Iterable, Iterator

from tuinn.atomic_io import LineFile
from tuinn.runs.events import EpochEnded, Event, RunResumed, RunStarted, WentBack
from tuinn.runs.folder import RunFolder

FIRST = ("epoch", "seconds", "learning_rate")
"""The columns that every run has; then come its metrics."""


class CsvLog:
    """Hears what happens and keeps the file. The journal is what counts: from it the file is made anew."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.columns: tuple[str, ...] = ()
        """Of the file's first line; empty before there is one."""

    def hear(self, event: Event) -> None:
        """Called once for each event, after it stands in the journal. Raises OSError."""
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
        """From the journal, whole or not at all; nothing is written before the first epoch."""
        told = {ended.epoch: ended for ended in epochs(self.folder)}
        if not told:
            self.columns = ()
            self.folder.history_file.unlink(missing_ok=True)
            return
        names = dict.fromkeys(name for ended in told.values() for name in columns_of(ended))
        self.columns = tuple(names)
        rows = (row(told[epoch], self.columns) for epoch in sorted(told))
        self.folder.write_whole(self.folder.history_file, _text([self.columns, *rows]))

    def _append(self, data: bytes) -> None:
        # Made anew only by `rewrite`: a run folder that is gone stays gone.
        file = LineFile(self.folder.history_file, create=False)
        try:
            file.append(data)
        finally:
            file.close()


def epochs(folder: RunFolder) -> Iterator[EpochEnded]:
    """The epochs that count, in the journal's order; one that was trained again comes again."""
    reader, before = folder.events(), -1
    told: dict[int, EpochEnded] = {}
    while before != reader.offset:
        before = reader.offset
        for event in reader.read_bulk():
            if isinstance(event, EpochEnded):
                told[event.epoch] = event
            elif isinstance(event, RunResumed | WentBack):
                told = {epoch: ended for epoch, ended in told.items() if epoch < event.epoch}
    yield from told.values()


def columns_of(event: EpochEnded) -> tuple[str, ...]:
    return (*FIRST, *event.metrics)


def row(event: EpochEnded, columns: Iterable[str]) -> list[str]:
    """The cells; a value that was not finite is `nan`, one that wasn't measured is empty."""
    told = {
        "epoch": event.epoch,
        "seconds": round(event.seconds, 4),
        "learning_rate": event.learning_rate,
        **{name: "nan" if value is None else value for name, value in event.metrics.items()},
    }
    return [str(told.get(name, "")) for name in columns]


def _text(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
