"""The windows of a CSV that is to be predicted by a network that was trained on a series."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from tuinn.data.tables.csv_dialect import all_rows, detect_dialect
from tuinn.data.tables.preprocess import columns_without_target
from tuinn.data.tables.table_file import unpacked
from tuinn.data.tables.windows import Values, encode_window, read_row
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.text import join_names


def windows_in_file(file: Path, facts: DataFacts) -> Iterator[tuple[int, Values, str]]:
    """Yield each complete window: the number of its newest row, (window, channels), and why it can't be predicted or nothing.

    A row that can't be read is told once; windows go on after it. Raises SpecError and OSError.
    """
    table = unpacked(file)
    dialect = detect_dialect(DatasetSpec.at(str(table)), table)
    names = columns_without_target(dialect.names, facts)
    known = {column.name for column in facts.series}
    if missing := [name for name in sorted(known) if name not in names]:
        raise SpecError(f"lacks the column {join_names(missing)}.")
    count, window = 0, deque[Values](maxlen=facts.window)
    with dialect.text(table) as opened:
        rows = (row for row in all_rows(opened, dialect.separator) if any(cell.strip() for cell in row))
        for number, row in enumerate(islice(rows, int(dialect.header), None), start=1):
            count += 1
            cells = {name: cell for name, cell in zip(names, row, strict=False) if name in known}
            try:
                window.append(read_row(cells, facts))
            except SpecError as problem:
                window.clear()
                yield number, np.zeros(facts.shape, np.float32), problem.message
                continue
            if len(window) == facts.window:
                inside = list(reversed(window)) if facts.newest_first else list(window)
                newest = number - (facts.window - 1) * facts.newest_first
                yield newest, encode_window(inside, facts), ""
    if count < facts.window:
        raise SpecError(f"has {count:,} rows, and this network reads {facts.window:,} at a time. Give more.")
