"""Columns of numbers out of a table of the user's own, for the labs that draw them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.data.paths import dataset_path
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.options import did_you_mean
from tuinn.text import shorten

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_ROWS = 500
"""Rows that a lab draws: of more, as many evenly spaced ones."""


def number_columns(path: str, names: Sequence[str] = (), count: int = 2) -> "dict[str, NDArray[np.float64]]":
    """Return columns of numbers of a CSV, name → values: those of these names, or the first `count`.

    Rows with a gap in one of them are left out; at most MOST_ROWS stay. Raises SpecError: one sentence.
    """
    import numpy as np

    from tuinn.data.tables.csv_dialect import detect_dialect
    from tuinn.data.tables.csv_reader import read_frame

    dataset = DatasetSpec.at(path)
    file = dataset_path(dataset)
    try:
        frame = read_frame(file, detect_dialect(dataset, file))
    except OSError as error:
        raise SpecError(f"{file} cannot be read ({error.strerror}).") from None
    numbers = [name for name in frame.columns if frame[name].dtype.is_numeric()]
    wanted = [*names] or numbers[:count]
    for name in wanted:
        if name not in frame.columns:
            raise SpecError(
                f"{file.name} has no column {shorten(repr(name))}. {did_you_mean(name, frame.columns)}"
            )
        if name not in numbers:
            raise SpecError(f"{name} in {file.name} holds words; a lab needs numbers.")
    if len(wanted) < count:
        raise SpecError(_too_few(file, len(frame.columns), len(numbers), count))
    rows = np.stack([frame[name].to_numpy().astype(np.float64) for name in wanted], axis=1)
    rows = rows[np.isfinite(rows).all(axis=1)]
    if len(rows) < 2:
        raise SpecError(
            f"{file.name} has {len(rows)} rows without a gap in {' and '.join(wanted)}; 2 are needed."
        )
    if len(rows) > MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_ROWS).astype(int)]
    return {name: rows[:, at] for at, name in enumerate(wanted)}


def _too_few(file: Path, columns: int, numbers: int, count: int) -> str:
    has = f"{columns} column{'s' * (columns != 1)}"
    if numbers != columns:
        has += f", {numbers} of numbers"
    return f"{file.name} has {has}; {count} columns of numbers are needed."


def onto(values: "NDArray[np.float64]", low: float, high: float) -> "NDArray[np.float64]":
    """Return the values stretched so that they lie from low to high; in the middle where all are equal."""
    import numpy as np

    least, span = values.min(), np.ptp(values)
    if not span:
        return np.full_like(values, (low + high) / 2)
    return np.asarray(low + (values - least) / span * (high - low))
