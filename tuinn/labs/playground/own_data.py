"""Two columns of a table of the user's own as the plane, and a third as what is to be learned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tuinn.data.paths import dataset_path, parse_path
from tuinn.data.tables.csv_dialect import detect_dialect
from tuinn.data.tables.csv_reader import read_frame
from tuinn.data.tables.target import LIKELY_NAMES, USUAL_NAMES
from tuinn.errors import SpecError
from tuinn.labs.playground.clouds import Array
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.options import did_you_mean
from tuinn.text import join_names, plural, shorten

if TYPE_CHECKING:
    import polars as pl

MOST_ROWS = 500
"""Points that are drawn and trained on: of more rows, as many evenly spaced ones."""

MOST_CLASSES = 6
"""Colours that can be told apart."""

FEW_NUMBERS = 6
"""So many different whole numbers are classes, more are a quantity."""

REACH = 5.0
"""Columns are stretched onto −REACH..REACH."""


@dataclass(frozen=True)
class OwnData:
    """Points from a file, stretched onto the plane."""

    path: str
    file_name: str
    columns: tuple[str, ...]
    """Every column of numbers, for x and y."""
    targets: tuple[str, ...]
    """Every column that can be learned."""
    x: str
    y: str
    target: str
    classes: tuple[str, ...]
    """Empty where the target is a number."""
    points: Array
    """(rows, 2)."""
    values: Array
    """(rows,): numbers of the classes, or the numbers stretched onto −1..1."""


def read_own_data(typed: str) -> OwnData:
    """Read `PATH`, or `PATH X Y TARGET`. Raises SpecError, one sentence, for what can't be drawn."""
    names: list[str] = []
    words = typed.strip().rsplit(maxsplit=3)
    if len(words) == 4 and words[0].endswith((".csv", ".tsv", ".txt", ".gz")):
        typed, names = words[0], words[1:]
    return own_data(str(parse_path(typed)), *names)


def own_data(path: str, x: str = "", y: str = "", target: str = "") -> OwnData:
    """Read these columns, or those that suggest themselves. Raises SpecError."""
    dataset = DatasetSpec.at(path)
    file = dataset_path(dataset)
    try:
        frame = read_frame(file, detect_dialect(dataset, file))
    except OSError as error:
        raise SpecError(f"{file} cannot be read ({error.strerror}).") from None
    numbers = [name for name in frame.columns if frame[name].dtype.is_numeric()]
    if len(frame.columns) < 3 or len(numbers) < 2:
        raise SpecError(
            f"{file.name} has {plural(len(frame.columns), 'column')}, {len(numbers)} of numbers; the playground needs "
            "two columns of numbers and a third to predict."
        )
    for name in (x, y, target):
        if name and name not in frame.columns:
            raise SpecError(
                f"{file.name} has no column {shorten(repr(name))}. {did_you_mean(name, frame.columns)}"
            )
    for name in (x, y):
        if name and name not in numbers:
            raise SpecError(f"{name} in {file.name} holds words; x and y need numbers.")
    target = target or _likely_target(frame, {x, y})
    others = [name for name in numbers if name not in (x, y, target)]
    x = x or others.pop(0)
    y = y or next(iter(others), "")
    if not y or x == y or target in (x, y):
        raise SpecError(
            f"x, y and the target must be three columns of {file.name}, not {x}, {y or 'none'}, {target}."
        )
    rows = frame.select(x, y, target).drop_nulls()
    if len(rows) < 4:
        raise SpecError(
            f"{file.name} has {plural(len(rows), 'row')} without a gap in {x}, {y} and {target}; 4 are needed."
        )
    if len(rows) > MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_ROWS).astype(int).tolist()]
    classes, values = _target_values(rows[target], file.name)
    points = np.stack([_onto(rows[name].to_numpy(), REACH) for name in (x, y)], axis=1)
    return OwnData(
        path, file.name, tuple(numbers), tuple(frame.columns), x, y, target, classes, points, values
    )


def _likely_target(frame: "pl.DataFrame", taken: set[str]) -> str:
    names = [name for name in frame.columns if name not in taken]
    for wanted in (USUAL_NAMES, LIKELY_NAMES):
        for name in names:
            if name.lower() in wanted:
                return name
    words = [
        name
        for name in names
        if not frame[name].dtype.is_numeric() and frame[name].n_unique() <= MOST_CLASSES
    ]
    return words[-1] if words else names[-1]


def _target_values(column: "pl.Series", file: str) -> tuple[tuple[str, ...], Array]:
    different = column.unique().sort().to_list()
    is_number = column.dtype.is_numeric()
    if len(different) < 2:
        raise SpecError(f"{column.name} in {file} is the same in every row: there is nothing to learn.")
    if is_number and (len(different) > FEW_NUMBERS or any(value != int(value) for value in different)):
        return (), _onto(column.to_numpy(), 1.0)
    if len(different) > MOST_CLASSES:
        raise SpecError(
            f"{column.name} in {file} has {len(different):,} different words ({join_names([*map(str, different)], 2)}); "
            f"the playground shows at most {MOST_CLASSES} classes."
        )
    code = {value: at for at, value in enumerate(different)}
    names = tuple(f"{value:g}" if is_number else shorten(str(value), 20) for value in different)
    return names, np.array([code[value] for value in column.to_list()], float)


def _onto(values: Array, reach: float) -> Array:
    """Stretch onto −reach..reach; all 0 where they are equal."""
    values = values.astype(float)
    low, span = values.min(), np.ptp(values)
    if not span or not np.isfinite(span):
        return np.zeros_like(values)
    return np.asarray((values - low) / span * 2 * reach - reach)


def other_columns(data: OwnData, which: str, by: int) -> OwnData:
    """Read the file again with the next column as `x`, `y` or `target`, among those that are not in use. Raises SpecError."""
    now: dict[str, str] = {"x": data.x, "y": data.y, "target": data.target}
    names: Sequence[str] = data.targets if which == "target" else data.columns
    free = [name for name in names if name == now[which] or name not in now.values()]
    now[which] = free[(free.index(now[which]) + by) % len(free)]
    return own_data(data.path, **now)
