"""Preprocess rows and texts to predict on, exactly as the training samples were."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.tables.csv_header import MISSING_VALUES
from tuinn.data.tables.number_format import parse_written
from tuinn.data.text_store import Texts
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts
from tuinn.spec.options import did_you_mean
from tuinn.text import shorten

MAX_SAMPLES = 10_000
"""Samples at a time."""


POSITION = re.compile(r"column (\d+)")
"""What a column without a name is called."""


def columns_without_target(names: Sequence[str], facts: DataFacts) -> tuple[str, ...]:
    """What the network calls the columns `names` of a file that may lack the target.

    Where nothing has names, columns are known by their place; in a file without the target, or several, those after it have moved up.
    """
    places = [int(match[1]) for name in facts.features if (match := POSITION.fullmatch(name))]
    is_nameless = len(places) == len(facts.features) > 0 and all(POSITION.fullmatch(name) for name in names)
    if not is_nameless:
        return tuple(names)
    named = [POSITION.fullmatch(name) for name in facts.target_names or (facts.target,)]
    gaps = {int(match[1]) for match in named if match}
    if not gaps:
        gaps = set(range(1, max(places) + 1)) - set(places)
        if len(gaps) != 1:
            return tuple(names)
    kept = [at for at in range(1, max(*places, *gaps) + 1) if at not in gaps]
    return tuple(f"column {at}" for at in kept) if len(names) == len(kept) else tuple(names)


def preprocess_rows(given: Sequence[Mapping[str, str] | str], facts: DataFacts) -> Any:
    """(n, *shape). Raises SpecError for samples that this network can't take."""
    if not given or len(given) > MAX_SAMPLES:
        raise SpecError(f"Ask about 1 to {MAX_SAMPLES:,} samples at a time, not {len(given):,}.")
    if facts.window:
        raise SpecError(
            f"This network reads {facts.window:,} rows at a time. Give a CSV with at least so many."
        )
    texts = [one for one in given if isinstance(one, str)]
    if facts.is_text:
        if len(texts) < len(given):
            raise SpecError("This network reads texts, not rows. Give one with --text.")
        return Texts.of(texts)
    if texts or not facts.is_table:
        what = "rows of a table" if facts.is_table else "pictures"
        raise SpecError(f"This network takes {what}, not {'texts' if texts else 'rows'}.")
    rows = [row for row in given if not isinstance(row, str)]
    return rows_to_matrix(rows, columns_of(facts), facts)


def columns_of(facts: DataFacts) -> tuple[Column, ...]:
    """The columns of a table; `x0`, `x1`, … where they have no names."""
    return facts.columns or tuple(Column(facts.feature(at), "number") for at in range(facts.shape[0]))


def rows_to_matrix(
    rows: Sequence[Mapping[str, str]], columns: tuple[Column, ...], facts: DataFacts
) -> NDArray[np.float32]:
    """Return (rows, columns). A column that a row lacks is a missing value, which only the user's own tables may have."""
    names = [column.name for column in columns]
    found = np.empty((len(rows), len(columns)), np.float32)
    codes = {
        column.name: {word: code for code, word in enumerate(column.vocabulary, 1)} for column in columns
    }
    for at, row in enumerate(rows):
        where = f"Row {at + 1}: " if len(rows) > 1 else ""
        for name in row:
            if name not in names and name != facts.target and name not in facts.target_names:
                raise SpecError(f"{where}{shorten(name)} is no column. {did_you_mean(name, names)}")
        for place, column in enumerate(columns):
            word = row.get(column.name, "").strip()
            if column.kind == "category":
                found[at, place] = codes[column.name].get(word, 0)
            elif word not in MISSING_VALUES:
                found[at, place] = parse_number(word, f"{where}{column.name}", column.thousands)
            elif facts.columns:
                found[at, place] = np.nan
            else:
                raise SpecError(f"{where}{column.name} has no value. Give all of: {', '.join(names)}.")
    return found


def parse_number(word: str, what: str, thousands: str = "") -> float:
    """Read it as its column is written, also with a decimal comma. Raises SpecError.

    `thousands`: the mark between thousands in that column, or nothing.
    """
    value = parse_written(word, thousands)
    if value is None or not abs(value) < float(np.finfo(np.float32).max):
        raise SpecError(f"{what} is a number, not {shorten(repr(word))}.")
    return value
