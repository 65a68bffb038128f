"""A table as a series: its samples are windows of rows, of which each is followed by its target."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.checks import shown
from tuinn.data.info import DatasetInfo
from tuinn.data.split import Indices
from tuinn.data.tables.checks import TableChecks
from tuinn.data.tables.columns import describe_column, looks_like_dates
from tuinn.data.tables.csv_dialect import CsvDialect, detect_dialect
from tuinn.data.tables.csv_reader import read_table
from tuinn.data.tables.target import Target, TargetChoice, check_target, choose_target, read_targets
from tuinn.data.tables.time_order import TimeOrder, time_order
from tuinn.data.tables.windows import Values, Windows, channel_names, cut_windows, encode_series, windows_of
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts, DatasetSpec, Finding, join_columns
from tuinn.text import join_names, plural

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Series:
    """The rows of a table from the oldest to the newest, and the windows over them."""

    dialect: CsvDialect
    target: Target
    choice: TargetChoice
    frame: "pl.DataFrame"
    """What the network is given of each row; also of those without a target."""
    columns: tuple[Column, ...]
    windows: Windows
    order: TimeOrder | None
    dates: tuple[str, ...]
    """Columns of dates, which are no input."""

    @classmethod
    def of(cls, dataset: DatasetSpec, path: Path) -> "Series":
        """Read all rows. Raises SpecError."""
        dialect = detect_dialect(dataset, path)
        check_target(dataset, dialect.names)
        rows, formats = read_table(path, dialect)
        if not rows.height:
            raise SpecError(f"{path.name} has a header and no rows. Add some.", "dataset.path")
        choice = choose_target(dataset, rows, dialect.header)
        order = time_order(rows.drop(choice.names))
        if order and order.is_backwards:
            rows = rows.reverse()
        target = read_targets([rows[name] for name in choice.names], dataset.task)
        in_time = dataset.split == "time"
        windows = cut_windows(target.present, dataset.window, dataset.horizon, dataset.test, in_time)
        if not len(windows.train):
            raise SpecError(
                f"No window to train on is followed by a value of {target.name}.", "dataset.target"
            )
        left = [name for name in rows.columns if name not in dataset.ignore]
        dates = tuple(
            name for name in left if not rows[name].dtype.is_numeric() and looks_like_dates(rows[name])
        )
        last = int(windows.train.max()) + windows.size
        seen = rows.head(last).select(name for name in left if name not in dates)
        columns = tuple(
            describe_column(column, formats.get(column.name)) for column in seen if column.count()
        )
        if not columns:
            raise SpecError(f"{path.name} has no column with values to predict from.", "dataset.ignore")
        frame = rows.select(column.name for column in columns)
        return cls(dialect, target, choice, frame, columns, windows, order, dates)

    def labels(self, starts: Indices) -> NDArray[np.generic]:
        """The targets of the windows that begin at these rows."""
        return self.target.values[self.label_places(starts)]

    def label_places(self, starts: Indices) -> Indices:
        """Where these targets stand among all that are known."""
        places = np.cumsum(self.target.present) - 1
        return places[self.windows.target_rows(starts)].astype(np.int64)

    @property
    def gaps(self) -> tuple[str, ...]:
        """Columns of numbers in which values are missing."""
        return tuple(
            column.name for column in self.frame if column.dtype.is_numeric() and column.null_count()
        )


def look(dataset: DatasetSpec, file: Path, source: Path, kind: str) -> DatasetInfo:
    """Return what is known of the series in this file, which is `source` or what is packed in it. Raises SpecError."""
    series, name = Series.of(dataset, file), source.name
    values, target, windows = encode_series(series.frame, series.columns), series.target, series.windows
    facts = DataFacts(
        task=target.task,
        shape=(windows.size, values.shape[1]),
        dtype="float32",
        low=float(values.min()),
        high=float(values.max()),
        classes=target.classes,
        train=len(windows.train),
        test=len(windows.test),
        features=channel_names(series.columns),
        target=target.name,
        target_names=target.names if len(target.names) > 1 else (),
        split="time" if dataset.split == "time" else "random",
        newest_first=series.order is not None and series.order.is_backwards,
        series=series.columns,
        window=windows.size,
        horizon=windows.horizon,
        findings=tuple(findings(dataset, series)),
    )
    decided = msgspec.structs.replace(
        dataset,
        kind=kind,
        task=target.task.name.lower(),
        target=join_columns(target.names),
        header="yes" if series.dialect.header else "no",
        separator=series.dialect.separator,
    )
    return DatasetInfo(
        name=name,
        title=name,
        facts=facts,
        licence="",
        source=str(source),
        description=f"Windows over the rows of {name}: {facts.target} is to be predicted.",
        notes=tuple(notes(series)),
        dataset=decided,
    )


def read(dataset: DatasetSpec, path: Path, writer: CacheWriter, report: ReportProgress) -> tuple[int, int]:
    """Write all windows, a few at a time; how many there are to train and to test on. Raises SpecError."""
    series = Series.of(dataset, path)
    values, windows, done = encode_series(series.frame, series.columns), series.windows, 0
    total = len(windows.train) + len(windows.test)
    for part, starts in (("train", windows.train), ("test", windows.test)):
        x = writer.create_array(f"x_{part}", (len(starts), windows.size, values.shape[1]), np.float32)
        for at, some in windows_of(values, starts, windows.size):
            x[at : at + len(some)] = some
            done += len(some)
            report(done, total, "windows")
        writer.write_array(f"y_{part}", series.labels(starts))
    return len(windows.train), len(windows.test)


@dataclass(frozen=True)
class WindowBrowser:
    """A SampleBrowser of windows, made when they are asked for."""

    facts: DataFacts
    series: Series
    values: Values

    @classmethod
    def of(cls, facts: DataFacts, dataset: DatasetSpec, path: Path) -> "WindowBrowser":
        """Raises SpecError."""
        series = Series.of(dataset, path)
        return cls(facts, series, encode_series(series.frame, series.columns))

    def labels(self, part: str) -> NDArray[np.generic]:
        """Targets of `train` or `test`, (n,), or (n, targets)."""
        return self.series.labels(self._starts(part))

    def sample(self, part: str, at: int) -> Values:
        """A window, (rows, channels)."""
        start = int(self._starts(part)[at])
        return self.values[start : start + self.series.windows.size]

    def _starts(self, part: str) -> Indices:
        return self.series.windows.train if part == "train" else self.series.windows.test


def findings(dataset: DatasetSpec, series: Series) -> Iterator[Finding]:
    """What is odd about the series."""
    order, windows = series.order, series.windows
    if dataset.split != "time" and windows.size + windows.horizon > 1:
        yield Finding(
            "The test is drawn from among windows that overlap, so its rows are learned, too, and the test flatters.",
            fix="test on the last rows",
            settings={"dataset.split": "time"},
        )
    if order and not order.is_sorted:
        yield Finding(
            f"The rows aren't in the order of {shown(order.column)}, and windows take them as they stand. Sort the file by it."
        )
    checks = TableChecks(dataset, series.dialect, series.frame, series.target, (), series.choice)
    yield from checks.of_series(series.label_places(windows.train), series.label_places(windows.test))


def notes(series: Series) -> Iterator[str]:
    """The detected settings, a short sentence each."""
    windows, channels = series.windows, channel_names(series.columns)
    yield f"a sample is {plural(windows.size, 'row')} of {plural(len(channels), 'number')} each"
    later = "the next row" if windows.horizon == 1 else f"{windows.horizon:,} rows later"
    yield (
        f"the target is {series.target.name} in {later}"
        if windows.horizon == 1
        else (f"the target is {series.target.name}, {later}")
    )
    if series.order and series.order.is_backwards:
        yield f"by {series.order.column} the newest row comes first: the rows are turned round"
    if series.dates:
        yield f"{join_names(series.dates)} tells the time and is no input"
    if series.gaps:
        yield f"gaps in {join_names(series.gaps)} take the value before them"
    words = [column.name for column in series.columns if column.kind == "category"]
    if words:
        yield f"each word of {join_names(words)} is a 0 or 1"
