"""Whether the first row of a table names its columns, and what these are called."""

from itertools import pairwise

from tuinn.data.tables.number_format import is_number
from tuinn.text import shorten

MISSING_VALUES = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "?", "-")
"""What stands for a value that is missing."""
MANY_COUNTED = 8
"""So many columns that are numbered in the first row are so by their names."""


def guess_header(rows: list[list[str]]) -> bool:
    """Names are no numbers, stand above numbers or differ from each other and from the values of their own column.

    Years and counted columns may be names, too.
    """
    first, body = [cell.strip() for cell in rows[0]], rows[1:]
    if not any(first):
        return False
    columns = [[row[at].strip() for row in body if at < len(row)] for at in range(len(first))]
    numbers = [at for at, cell in enumerate(first) if is_number(cell)]
    if numbers:
        return are_counted([first[at] for at in numbers], [columns[at] for at in numbers]) and not any(
            cell in column for cell, column in zip(first, columns, strict=True) if not is_number(cell)
        )
    for cell, column in zip(first, columns, strict=True):
        told = [value for value in column if value not in MISSING_VALUES]
        if cell not in MISSING_VALUES and len(told) > 1 and all(map(is_number, told)):
            return True
    return not any(cell and cell in column for cell, column in zip(first, columns, strict=True))


def are_counted(cells: list[str], columns: list[list[str]]) -> bool:
    """True for the years, or numbers from 0 or 1, that name these columns: they go up by the same step."""
    if len(cells) < 2 or not all(cell.isdecimal() for cell in cells):
        return False
    counted = [int(cell) for cell in cells]
    steps = {after - before for before, after in pairwise(counted)}
    if len(steps) > 1 or min(steps) < 1:
        return False
    if steps == {1} and counted[0] in (0, 1) and len(counted) >= MANY_COUNTED:
        return True
    years = range(1800, 2200)
    values = [value for column in columns for value in column if value not in MISSING_VALUES]
    others = sum(not (value.isdecimal() and int(value) in years) for value in values)
    return counted[0] in years and counted[-1] in years and 2 * others > len(values)


def unique_names(cells: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Printable names, no two alike, and those that the file gives to several columns."""
    names: list[str] = []
    duplicate_names: list[str] = []
    for at, cell in enumerate(cells):
        words = "".join(letter if letter.isprintable() else " " for letter in cell).split()
        name = first = shorten(" ".join(words), 100) or f"column {at + 1}"
        if name in names and name not in duplicate_names:
            duplicate_names.append(name)
        number = 2
        while name in names:
            name, number = f"{first} ({number})", number + 1
        names.append(name)
    return tuple(names), tuple(duplicate_names)
