"""Which column of a table is to be predicted, and what kind of problem that is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices, split
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.options import did_you_mean
from tuinn.text import shorten

if TYPE_CHECKING:
    import polars as pl

USUAL_NAMES = ("target", "label", "class", "y")
"""Names of a target that need not be told, whatever their case."""
MAX_WHOLE_NUMBERS = 20
"""So many whole numbers are classes; more are a regression."""
MAX_CLASSES = 1000
SEED = 0
"""The test part is the same for every run on a file: what one run trains on is no other's test."""


@dataclass(frozen=True)
class Target:
    """The targets of all rows that have one."""

    name: str
    task: Task
    classes: tuple[str, ...]
    """In the order of their labels; empty for a regression."""
    present: NDArray[np.bool_]
    """Of all rows of the file: which have a target. The others are left out."""
    values: NDArray[np.generic]
    """(samples,): labels as int64, or numbers as float32."""

    @property
    def gaps(self) -> int:
        return int((~self.present).sum())

    def parts(self, share: float) -> tuple[Indices, Indices]:
        """Which samples are trained on and which tested on; every class gives its share."""
        return split(len(self.values), share, SEED, self.values if self.classes else None)


def choose_target(dataset: DatasetSpec, names: tuple[str, ...]) -> str:
    """The target's name: what the spec says, else a usual name, else the last one. Raises SpecError."""
    left = [name for name in names if name not in dataset.ignore]
    for name in dataset.ignore:
        if name not in names:
            raise SpecError(
                f"names {shorten(name)}, which is no column. {did_you_mean(name, names)}", "dataset.ignore"
            )
    if dataset.target:
        if dataset.target not in names:
            raise SpecError(
                f"{shorten(dataset.target)} is no column of {dataset.label}. {did_you_mean(dataset.target, names)}",
                "dataset.target",
            )
        if dataset.target in dataset.ignore:
            raise SpecError(f"{dataset.target} is the target, so it can't be left out too.", "dataset.ignore")
        return dataset.target
    if len(left) < 2:
        why = "only one column" if len(names) < 2 else "only one column that isn't left out"
        raise SpecError(
            f"{dataset.label} has {why}; a table needs a target and something to predict it from. "
            "If another character separates its columns, set dataset.separator.",
            "dataset.path" if len(names) < 2 else "dataset.ignore",
        )
    return next((name for name in left if name.casefold() in USUAL_NAMES), left[-1])


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
        return Target(name, task, (), present, told.to_numpy().astype(np.float32))
    distinct = np.unique(told.to_numpy() if numbers else told.to_numpy().astype(str))
    labels = np.searchsorted(distinct, told.to_numpy() if numbers else told.to_numpy().astype(str))
    classes = tuple(f"{value:.15g}" if numbers else str(value) for value in distinct)
    return Target(name, task, classes, present, labels.astype(np.int64))


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
