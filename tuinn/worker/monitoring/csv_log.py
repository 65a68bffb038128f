"""`history.csv`: a line per epoch, for spreadsheets and scripts. Kept up to date during the run, after a step back too."""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tuinn.atomic_io import LineFile, read_stored
from tuinn.runs.events import EpochEnded, Event, RunResumed, RunStarted, WentBack
from tuinn.runs.folder import RunFolder
from tuinn.worker.keras_types import Model

Cells = dict[str, str]
"""The cells of a line by the names of their columns."""

COMMON_COLUMNS = ("epoch", "seconds", "learning_rate")
"""The columns that every run has; then come its metrics."""


EPOCH = re.compile(r"[0-9]{1,18}")


class CsvLog:
    """Listens to the events and keeps the file, which has every epoch, those too that the journal had no room for."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.columns: tuple[str, ...] = ()
        """Of the file's first line; empty before there is one."""

    def on_model_built(self, model: Model) -> None:
        """The network is no concern of this file."""

    def on_event(self, event: Event) -> None:
        """Raises OSError."""
        match event:
            case RunStarted():
                self.rewrite(before=1)
            case RunResumed() | WentBack():
                self.rewrite(before=event.epoch)
            case EpochEnded() if columns_of(event) == self.columns:
                self._append(_text([_in_order(cells_of(event), self.columns)]))
            case EpochEnded():
                self.rewrite(event.epoch, event)
            case _:
                pass

    def rewrite(self, before: int, newest: EpochEnded | None = None) -> None:
        """Write the epochs before this one and the newest, whole or not at all; without any there is no file.

        They come from the journal, and where it hasn't got them, from the file as it is.
        """
        rows = read_rows(self.folder.history_file) | {
            ended.epoch: cells_of(ended) for ended in epochs(self.folder)
        }
        rows = {epoch: rows[epoch] for epoch in sorted(rows) if epoch < before}
        if newest is not None:
            rows[newest.epoch] = cells_of(newest)
        self.columns = tuple(dict.fromkeys(name for cells in rows.values() for name in cells))
        if rows:
            lines = (_in_order(cells, self.columns) for cells in rows.values())
            self.folder.write_whole(self.folder.history_file, _text([self.columns, *lines]))
        else:
            self.folder.history_file.unlink(missing_ok=True)

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
        for event in reader.read_without_reports():
            if isinstance(event, EpochEnded):
                counted[event.epoch] = event
            elif isinstance(event, RunResumed | WentBack):
                counted = {epoch: ended for epoch, ended in counted.items() if epoch < event.epoch}
    yield from counted.values()


def columns_of(event: EpochEnded) -> tuple[str, ...]:
    return (*COMMON_COLUMNS, *event.metrics)


def cells_of(event: EpochEnded) -> Cells:
    """Return the cells of an epoch; a value that was not finite is `nan`."""
    metrics = {name: "nan" if value is None else str(value) for name, value in event.metrics.items()}
    common = (event.epoch, round(event.seconds, 4), event.learning_rate)
    return dict(zip(COMMON_COLUMNS, map(str, common), strict=True)) | metrics


def read_rows(file: Path) -> dict[int, Cells]:
    """Return the file's lines by their epochs, without a last one that a worker left unfinished. Raises OSError."""
    try:
        text = read_stored(file).decode(errors="replace")
    except FileNotFoundError:
        return {}
    # A field of any size, so that a damaged line is left out like any other.
    csv.field_size_limit(sys.maxsize)
    lines = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1], newline=None))
    return {
        int(cells["epoch"]): cells
        for cells in lines
        if None not in cells and None not in cells.values() and EPOCH.fullmatch(str(cells.get("epoch")))
    }


def _in_order(cells: Cells, columns: Iterable[str]) -> list[str]:
    """A value that wasn't measured is an empty cell."""
    return [cells.get(name, "") for name in columns]


def _text(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
