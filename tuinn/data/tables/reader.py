"""Tables of the user's own: text files of rows, with a column to be predicted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from tuinn.data import cache
from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.checks import shown
from tuinn.data.dataset_arrays import Arrays, ArraysBrowser
from tuinn.data.info import DatasetInfo
from tuinn.data.protocols import SampleBrowser
from tuinn.data.split import Indices
from tuinn.data.tables import series_reader
from tuinn.data.tables.checks import TableChecks
from tuinn.data.tables.columns import describe_column as network_column
from tuinn.data.tables.columns import encode_columns
from tuinn.data.tables.csv_dialect import BLANK, SEPARATORS, CsvDialect, detect_dialect
from tuinn.data.tables.csv_reader import read_frame, read_table
from tuinn.data.tables.number_format import COMMA_NUMBER, NumberFormat
from tuinn.data.tables.row_access import FirstRowsBrowser, LineBrowser
from tuinn.data.tables.table_file import is_table_file, unpacked
from tuinn.data.tables.target import (
    Target,
    TargetChoice,
    check_target,
    choose_target,
    read_targets,
    target_names,
)
from tuinn.data.tables.time_order import TimeOrder, time_order
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts, DatasetSpec, join_columns

if TYPE_CHECKING:
    import polars as pl

LARGE_BYTES = 32_000_000
"""Bytes beyond which a look reads the target whole, but of the other columns only the first SAMPLE rows."""
SAMPLE_ROWS = 50_000


Split = Literal["random", "time", "backwards"]
"""As `DataFacts.split`."""


class TableReader:
    """Reads CSV and its kin."""

    kind = "table"
    version = 2

    def recognises(self, path: Path) -> bool:
        """By its suffix."""
        return path.is_file() and is_table_file(path)

    def signature(self, dataset: DatasetSpec, path: Path) -> str:
        """Raises OSError."""
        return cache.file_hash(path)

    def look(self, dataset: DatasetSpec, path: Path) -> DatasetInfo:
        """Target, task, columns and what is odd; of a large file after its first rows. Raises SpecError."""
        if path.is_dir():
            raise SpecError(f"{path} is a folder, and a table is a file.", "dataset.path")
        if dataset.window:
            return series_reader.look(dataset, unpacked(path), path, self.kind)
        view = InspectedTable.of(dataset, unpacked(path))
        target, columns = view.target, view.columns
        train, test = view.parts
        found = TableChecks(dataset, view.dialect, view.features, target, view.empty, view.choice, view.order)
        low, high = view.reach()
        facts = DataFacts(
            task=target.task,
            shape=(len(columns),),
            dtype="float32",
            low=low,
            high=high,
            classes=target.classes,
            train=len(train),
            test=len(test),
            features=tuple(column.name for column in columns),
            columns=columns,
            target=target.name,
            split=view.split,
            target_names=target.names if len(target.names) > 1 else (),
            findings=tuple(found.all(train, test)),
        )
        decided = msgspec.structs.replace(
            dataset,
            kind=self.kind,
            task=target.task.name.lower(),
            target=join_columns(target.names),
            header="yes" if view.dialect.header else "no",
            separator=view.dialect.separator,
        )
        return table_info(path, facts, notes(view, facts), decided)

    def read(self, info: DatasetInfo, path: Path, writer: CacheWriter, report: ReportProgress) -> DataFacts:
        """Every row that has a target. Raises SpecError."""
        if info.facts.window:
            assert info.dataset is not None
            counts = series_reader.read(info.dataset, unpacked(path), writer, report)
            if counts != (info.facts.train, info.facts.test):
                raise SpecError(f"{path.name} changed while it was read. Run again.", "dataset.path")
            return info.facts
        facts, arrays = info.facts, self._arrays(info, unpacked(path))
        if (len(arrays.y_train), len(arrays.y_test)) != (facts.train, facts.test):
            raise SpecError(f"{path.name} changed while it was read. Run again.", "dataset.path")
        for part in ("x_train", "y_train", "x_test", "y_test"):
            writer.write_array(part, getattr(arrays, part))
        report(facts.train + facts.test, facts.train + facts.test, "rows")
        return facts

    def browse(self, info: DatasetInfo, path: Path) -> SampleBrowser:
        """Of the samples in memory; of a large file the first rows, and others where they lie. Raises SpecError."""
        path = unpacked(path)
        dataset, columns, found = info.dataset, info.facts.columns, path.stat()
        assert dataset is not None
        if info.facts.window:
            return series_reader.WindowBrowser.of(info.facts, dataset, path)
        if found.st_size <= LARGE_BYTES:
            return ArraysBrowser(self._arrays(info, path), info.facts)
        dialect = detect_dialect(dataset, path)
        names = target_names(dataset.target, dialect.names)
        told = [read_large_column(path, dialect, found.st_mtime_ns, name) for name in names]
        target = read_targets(told, dataset.task)
        rows, _ = read_first_rows(path, dialect, found.st_mtime_ns)
        first = encode_columns(rows.filter(target.present[: rows.height]), columns)
        parts = target.parts(dataset.test, info.facts.split)

        def rest() -> SampleBrowser:
            if dialect.has_quotes or not dialect.is_plain:  # a line need not be a row
                return ArraysBrowser(self._arrays(info, path), info.facts)
            return LineBrowser(info.facts, path, dialect, target, parts)

        return FirstRowsBrowser(info.facts, target, parts, first, rest)

    def _arrays(self, info: DatasetInfo, path: Path) -> Arrays:
        dataset, facts = info.dataset, info.facts
        assert dataset is not None
        rows, target = read_rows(dataset, path, facts.columns)
        x = encode_columns(rows, facts.columns)
        train, test = target.parts(dataset.test, facts.split)
        return Arrays(x[train], target.values[train], x[test], target.values[test])


@dataclass(frozen=True)
class InspectedTable:
    """A file as far as a look has read it."""

    dialect: CsvDialect
    target: Target
    choice: TargetChoice
    features: "pl.DataFrame"
    """Rows that have a target, without it: all of them, or the first ones."""
    columns: tuple[Column, ...]
    parts: tuple[Indices, Indices]
    """Which samples are trained on and which tested on."""
    empty: tuple[str, ...] = ()
    """Columns left out of all that, as no row to train on has a value in them."""
    formats: Mapping[str, NumberFormat] = field(default_factory=dict)
    """Column → how its numbers are written, where that is unusual."""
    order: TimeOrder | None = None
    """The column that tells the time, where there is one."""
    split: Split = "random"

    @classmethod
    def of(cls, dataset: DatasetSpec, path: Path) -> "InspectedTable":
        """Raises SpecError."""
        dialect = detect_dialect(dataset, path)
        check_target(dataset, dialect.names)
        size, changed = path.stat().st_size, path.stat().st_mtime_ns
        rows, formats = (read_small if size <= LARGE_BYTES else read_first_rows)(path, dialect, changed)
        if not rows.height:
            raise SpecError(f"{path.name} has a header and no rows. Add some.", "dataset.path")
        choice = choose_target(dataset, rows, dialect.header)
        told = [
            rows[name] if size <= LARGE_BYTES else read_large_column(path, dialect, changed, name)
            for name in choice.names
        ]
        target = read_targets(told, dataset.task)
        if target.classes and target.gaps and dataset.none == "auto":
            target = replace(target, none_rows=count_none(path, dialect, changed, target.name))
        left = [name for name in dialect.names if name not in choice.names and name not in dataset.ignore]
        if not left:
            raise SpecError(f"{path.name} has no column to predict {target.name} from.", "dataset.ignore")
        features = rows.filter(target.present[: rows.height]).select(left)
        order = time_order(rows.drop(choice.names))
        how: Split = "random"
        if dataset.split == "time":
            how = "backwards" if order and order.is_backwards else "time"
        train, test = target.parts(dataset.test, how)
        seen = features[train[train < features.height]].get_columns()
        empty = tuple(column.name for column in seen if column.null_count() == len(column))
        columns = tuple(
            network_column(column, formats.get(column.name)) for column in seen if column.name not in empty
        )
        if not columns:
            raise SpecError(
                f"{path.name} has no column with values to predict {target.name} from.", "dataset.target"
            )
        return cls(
            dialect,
            target,
            choice,
            features.drop(empty),
            columns,
            (train, test),
            empty,
            formats,
            order,
            how,
        )

    def reach(self) -> tuple[float, float]:
        """The smallest and the largest number; 0 and 1 where all columns are words."""
        numbers = [column for column in self.features if column.dtype.is_numeric() and column.count()]
        lows, highs = [column.min() for column in numbers], [column.max() for column in numbers]
        return float(min(lows, default=0.0)), float(max(highs, default=1.0))  # type: ignore[type-var,arg-type]


@lru_cache(maxsize=1)
def read_small(
    path: Path, dialect: CsvDialect, changed: int
) -> "tuple[pl.DataFrame, dict[str, NumberFormat]]":
    """A frame of at most LARGE bytes of text, kept: every setting that is tried out looks at it again."""
    return read_table(path, dialect)


@lru_cache(maxsize=1)
def read_first_rows(
    path: Path, dialect: CsvDialect, changed: int
) -> "tuple[pl.DataFrame, dict[str, NumberFormat]]":
    """The first SAMPLE rows of a large file, kept likewise."""
    return read_table(path, dialect, rows=SAMPLE_ROWS)


@lru_cache(maxsize=8)
def read_large_column(path: Path, dialect: CsvDialect, changed: int, name: str) -> "pl.Series":
    """One column of a large file, whole, kept likewise."""
    return read_frame(path, dialect, columns=(name,))[name]


def count_none(path: Path, dialect: CsvDialect, changed: int, name: str) -> int:
    """Count the rows in which the word None stands in this column of words."""
    words = read_large_column(path, replace(dialect, none="word"), changed, name)
    return 0 if words.dtype.is_numeric() else int((words == "None").sum())


def read_rows(dataset: DatasetSpec, path: Path, columns: tuple[Column, ...]) -> "tuple[pl.DataFrame, Target]":
    """All rows that have a target, and the target. Raises SpecError."""
    dialect, found = detect_dialect(dataset, path), path.stat()
    if found.st_size <= LARGE_BYTES:
        rows, _ = read_small(path, dialect, found.st_mtime_ns)
    else:
        rows = read_frame(path, dialect, numbers={column.name: column.kind == "number" for column in columns})
    targets = target_names(dataset.target, dialect.names)
    missing = {*targets, *(column.name for column in columns)} - set(rows.columns)
    if missing:
        raise SpecError(f"{path.name} changed while it was read. Run again.", "dataset.path")
    target = read_targets([rows[name] for name in targets], dataset.task)
    return rows.filter(target.present), target


def table_info(path: Path, facts: DataFacts, told: tuple[str, ...], decided: DatasetSpec) -> DatasetInfo:
    """What is said of a table."""
    predicted = f"one of {len(facts.classes)} classes" if facts.classes else "a number"
    are = "are to be predicted, numbers" if facts.target_names else f"is to be predicted, {predicted}"
    return DatasetInfo(
        name=path.name,
        title=path.name,
        facts=facts,
        licence="",
        source=str(path),
        description=f"Rows of {path.name}: {facts.target} {are}.",
        notes=told,
        dataset=decided,
    )


def notes(view: InspectedTable, facts: DataFacts) -> tuple[str, ...]:
    """The detected settings, a short sentence each."""
    dialect, numbers = view.dialect, sum(column.kind == "number" for column in facts.columns)
    words, separators = len(facts.columns) - numbers, {**SEPARATORS, BLANK: "blanks"}
    told = [
        f"{facts.train + facts.test:,} rows, {separators.get(dialect.separator, dialect.separator)} between the columns",
        "names in the first row" if dialect.header else "no names in the first row",
        " and ".join(
            f"{count} {'column' if count == 1 else 'columns'} of {kind}"
            for count, kind in ((numbers, "numbers"), (words, "words"))
            if count
        ),
        f"the targets are {facts.target}" if facts.target_names else f"the target is {facts.target}",
    ]
    if facts.split != "random":
        first = "first rows, the newest," if facts.split == "backwards" else "last rows"
        told.append(f"the {first} are the test, and the validation is what comes just before them in time")
    if facts.target_names:
        told.append("losses and metrics count in standard deviations of each target")
    if dialect.skipped:
        lines = "line 1 stands" if dialect.skipped == 1 else f"lines 1 to {dialect.skipped} stand"
        told.append(f"{lines} before the table and {'is' if dialect.skipped == 1 else 'are'} passed over")
    if dialect.is_padded:
        told.append("empty rows and empty cells at the ends of rows are passed over")
    if dialect.decimal_comma:
        told.append("numbers with a decimal comma")
    read_as = {name: (one.example, f"{one.value:.10g}") for name, one in view.formats.items()}
    told.extend(
        f"{shown(name)} holds numbers written like {shown(example)}, which is read as {value}"
        for name, (example, value) in read_as.items()
        if not (dialect.decimal_comma and COMMA_NUMBER.fullmatch(example))
    )
    if dialect.encoding not in ("utf-8", "utf-8-sig"):
        told.append(f"text in {dialect.encoding}")
    return tuple(told)
