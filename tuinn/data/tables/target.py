"""Which column of a table is to be predicted, and what kind of problem that is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices, split
from tuinn.data.tables.columns import looks_like_dates
from tuinn.data.tables.time_order import split_in_time
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, Task, split_columns
from tuinn.spec.options import did_you_mean
from tuinn.text import shorten

if TYPE_CHECKING:
    import polars as pl

USUAL_NAMES = ("target", "label", "class", "y")
"""Names of a target that need not be told, whatever their case."""
LIKELY_NAMES = (
    *("survived", "species", "price", "saleprice", "outcome", "diagnosis", "churn", "labels", "classes"),
    *("medv", "median_house_value", "charges"),
)
"""Names of a target that are taken, and said to be a guess, where it isn't the last column."""
ID_NAMES = ("id", "index", "no", "nr", "rowid")
FEW_ROWS = 20
"""Fewer values tell nothing of what kind a column is."""
MAX_WHOLE_NUMBERS = 20
"""So many whole numbers are classes; more are a regression."""
MAX_CLASSES = 1000
SEED = 0
"""The test part is the same for every run on a file: what one run trains on is no other's test."""


@dataclass(frozen=True)
class Target:
    """The targets of all rows that have one."""

    names: tuple[str, ...]
    """Of the columns."""
    task: Task
    classes: tuple[str, ...]
    """In the order of their labels; empty for a regression."""
    present: NDArray[np.bool_]
    """Of all rows of the file: which have a target. The others are left out."""
    values: NDArray[np.generic]
    """(samples,): labels as int64, or numbers as float32; of several columns (samples, columns)."""
    none_rows: int = 0
    """Rows that are left out as the word None stands in them."""

    @property
    def name(self) -> str:
        """As it is shown: of several columns all names."""
        return ", ".join(self.names)

    @property
    def by_name(self) -> dict[str, NDArray[np.generic]]:
        """Column → its values, (samples,)."""
        columns = self.values.T if self.values.ndim == 2 else [self.values]
        return dict(zip(self.names, columns, strict=True))

    @property
    def gaps(self) -> int:
        return int((~self.present).sum())

    def parts(self, share: float, how: str = "random") -> tuple[Indices, Indices]:
        """Which samples are trained on and which tested on. `how`: as `DataFacts.split`; at random every class gives its share."""
        if how != "random":
            return split_in_time(len(self.values), share, how == "backwards")
        return split(len(self.values), share, SEED, self.values if self.classes else None)


def check_target(dataset: DatasetSpec, names: tuple[str, ...]) -> None:
    """Raises SpecError where the spec names a target or columns to leave out that can't be."""
    left = [name for name in names if name not in dataset.ignore]
    for name in dataset.ignore:
        if name not in names:
            raise SpecError(
                f"names {shorten(name)}, which is no column. {did_you_mean(name, names)}", "dataset.ignore"
            )
    if dataset.target:
        check_names(target_names(dataset.target, names), dataset, names)
    elif len(left) < 2:
        why = "only one column" if len(names) < 2 else "only one column that isn't left out"
        raise SpecError(
            f"{dataset.label} has {why}; a table needs a target and something to predict it from. "
            "If another character separates its columns, set dataset.separator.",
            "dataset.path" if len(names) < 2 else "dataset.ignore",
        )


def check_names(wanted: tuple[str, ...], dataset: DatasetSpec, names: tuple[str, ...]) -> None:
    """Raises SpecError where one of these can't be a target."""
    for at, name in enumerate(wanted):
        if name not in names:
            raise SpecError(
                f"{shorten(name)} is no column of {dataset.label}. {did_you_mean(name, names)}",
                "dataset.target",
            )
        if name in wanted[:at]:
            raise SpecError(
                f"{shorten(name)} stands twice among the targets. Name it once.", "dataset.target"
            )
        if name in dataset.ignore:
            raise SpecError(f"{name} is the target, so it can't be left out too.", "dataset.ignore")


def target_names(told: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that the spec calls the target: one, or several with commas between them."""
    return (told,) if told in names else split_columns(told) or (told,)


@dataclass(frozen=True)
class TargetChoice:
    """The columns that are predicted."""

    names: tuple[str, ...]
    doubt: str = ""
    """Why it was taken, as the end of a sentence, where that is a guess to look at."""
    other: str = ""
    """The next best, where there is one."""


def choose_target(dataset: DatasetSpec, rows: "pl.DataFrame", has_names: bool) -> TargetChoice:
    """What the spec says, else a usual name, else what names and values speak for, else the last column that can be it.

    `rows`: the first ones. `has_names`: the names of the columns are from the file.
    """
    if dataset.target:
        return TargetChoice(target_names(dataset.target, tuple(rows.columns)))
    left = [rows[name] for name in rows.columns if name not in dataset.ignore]
    last = left[-1].name
    for column in left:
        if column.name.casefold() in USUAL_NAMES:
            return TargetChoice((column.name,))
    fit = [column.name for column in left if not why_no_target(column)]
    if not fit:
        return TargetChoice((last,))
    other = last if last == fit[-1] else ""
    named = next((name for name in fit if name.casefold() in LIKELY_NAMES), "")
    if named and named != last:
        return TargetChoice((named,), "its name is that of a target", other)
    if not named and not has_names and is_label_first(left):
        what = f"it has {left[0].n_unique()} values, unlike the other columns"
        return TargetChoice((left[0].name,), what, other)
    if last == fit[-1]:
        return TargetChoice((last,))
    return TargetChoice((fit[-1],), f"the last column, {shorten(last)}, {why_no_target(left[-1])}")


def why_no_target(column: "pl.Series") -> str:
    """Why a column is nothing to predict: the end of a sentence; empty where it may be."""
    told = column.drop_nulls()
    distinct = told.n_unique()
    if not distinct:
        return "has no value"
    if distinct == 1:
        return "is the same in every row"
    if len(told) < FEW_ROWS:
        return ""
    if not told.dtype.is_numeric():
        if looks_like_dates(told):
            return "holds dates or times"
        return "has another word in nearly every row" if distinct > max(50, 0.9 * len(told)) else ""
    if distinct < len(told) or not (told == told.round()).all():
        return ""
    numbered = not column.null_count() and bool((column.diff().drop_nulls() == 1).all())
    name = column.name.casefold()
    is_id = name in ID_NAMES or name.endswith(("_id", " id"))
    return "numbers the rows" if numbered or is_id else ""


def is_label_first(columns: "list[pl.Series]") -> bool:
    """True where the first column holds few whole numbers from -1, 0 or 1, and the last and nearly all others do not."""
    first, last = columns[0], columns[-1]
    varied = [column for column in columns[1:] if column.n_unique() > 1]
    others = sum(are_few_whole(column) for column in varied)
    return (
        are_few_whole(first)
        and first.min() in (-1, 0, 1)
        and len(first) >= 4 * first.n_unique()
        and (last.n_unique() == 1 or not are_few_whole(last))
        and last.dtype.is_numeric()
        and 4 * others <= len(varied)
    )


def are_few_whole(column: "pl.Series") -> bool:
    """True for whole numbers of which there are so few that they are classes."""
    if not column.dtype.is_numeric() or column.null_count():
        return False
    return 1 < column.n_unique() <= MAX_WHOLE_NUMBERS and bool((column == column.round()).all())


def read_targets(columns: "list[pl.Series]", wanted: str) -> Target:
    """The target in these columns; of several, those rows count that have a number in each. Raises SpecError."""
    if len(columns) == 1:
        return read_target(columns[0], columns[0].name, wanted)
    for column in columns:
        if not column.dtype.is_numeric():
            word = shorten(str(column.drop_nulls()[0])) if column.count() else "nothing"
            raise SpecError(
                f"{shorten(column.name)} holds words such as {word}, and several targets are numbers. "
                "Take it out of dataset.target.",
                "dataset.target",
            )
    names = tuple(column.name for column in columns)
    if wanted not in ("auto", "regression"):
        raise SpecError(
            f"Several targets, {', '.join(names)}, are a regression. Set dataset.task to auto, or choose one of them.",
            "dataset.task",
        )
    values = np.stack([column.to_numpy() for column in columns], axis=1)
    present = np.isfinite(values).all(axis=1)
    if not present.any():
        raise SpecError(
            f"No row has a value in each of the targets, {', '.join(names)}. Choose other columns.",
            "dataset.target",
        )
    return Target(names, Task.REGRESSION, (), present, values[present].astype(np.float32))


def read_target(column: "pl.Series", name: str, wanted: str) -> Target:
    """The target in this column. `wanted`: a task by its name in the spec, or `auto`. Raises SpecError."""
    present = column.is_not_null().to_numpy()
    told = column.drop_nulls()
    if not len(told):
        raise SpecError(f"No row has a value in the target, {name}. Choose another column.", "dataset.target")
    numbers = told.dtype.is_numeric()
    task = guess_task(told, numbers) if wanted == "auto" else Task[wanted.upper()]
    check_task(told, name, task, numbers)
    if task is Task.REGRESSION:
        return Target((name,), task, (), present, told.to_numpy().astype(np.float32))
    distinct = np.unique(told.to_numpy() if numbers else told.to_numpy().astype(str))
    labels = np.searchsorted(distinct, told.to_numpy() if numbers else told.to_numpy().astype(str))
    classes = tuple(f"{value:.15g}" if numbers else str(value) for value in distinct)
    return Target((name,), task, classes, present, labels.astype(np.int64))


def guess_task(told: "pl.Series", numbers: bool) -> Task:
    """Two values: yes or no. Words or few whole numbers: classes. Else a number to be predicted."""
    distinct = told.n_unique()
    if distinct == 2:
        return Task.BINARY
    if not numbers:
        return Task.CLASSES
    whole = bool((told == told.round()).all())
    return (
        Task.CLASSES
        if whole and 2 < distinct <= MAX_WHOLE_NUMBERS and 2 * distinct <= len(told)
        else Task.REGRESSION
    )


def check_task(told: "pl.Series", name: str, task: Task, numbers: bool) -> None:
    """Raises SpecError where these values can't be that task's."""
    distinct = told.n_unique()
    problem = ""
    if task is Task.LABELS:
        problem = "A table has one label a row; several can't be read from it."
    elif task is Task.REGRESSION and not numbers:
        problem = f"The target {name} holds words such as {shorten(str(told[0]))}, and a regression predicts a number."
    elif task is Task.BINARY and distinct != 2:
        problem = f"The target {name} has {distinct:,} values, and a binary classification two."
    if problem:
        raise SpecError(f"{problem} Set dataset.task to auto, or choose another target.", "dataset.task")
    if task is not Task.REGRESSION and distinct > MAX_CLASSES:
        raise SpecError(
            f"The target {name} has {distinct:,} different values, too many for classes. Choose another column.",
            "dataset.target",
        )
