"""Numbers as people write them: the notation of a column is that of all its cells."""

import polars as pl
import pytest

from tuinn.data.tables.number_format import parse_written, read_numbers


@pytest.mark.parametrize(
    ("cells", "decimal_comma", "values", "thousands"),
    [
        (["1,250", "622", "12,345.5"], False, [1250, 622, 12345.5], ","),
        (["1.240,91", "407,15"], False, [1240.91, 407.15], "."),
        (["1.240,91", "407,15"], True, [1240.91, 407.15], "."),
        (["1.250", "622", "2.479"], True, [1250, 622, 2479], "."),
        (["1.250", "622", "2.479"], False, [1.25, 622, 2.479], None),
        (["1,250", "0,622", "2,479"], False, [1.25, 0.622, 2.479], ""),
        (["1 250", "12\u202f345,5", "7"], False, [1250, 12345.5, 7], " "),
        (["1'250", "1\u2019250.5"], False, [1250, 1250.5], "'"),
        (["$1,203.51", "-$287.10", "$ 5"], False, [1203.51, -287.1, 5], ","),
        (["12,50 €", "1.000,00 €"], True, [12.5, 1000], "."),
        (["60%", "7.5 %"], False, [60, 7.5], ""),
        (["\u22125", "3"], False, [-5, 3], ""),
        (["1e3", "2.5"], False, [1000, 2.5], None),
    ],
)
def test_a_column_is_read_in_the_notation_that_fits_most_of_its_cells(
    cells: list[str], decimal_comma: bool, values: list[float], thousands: str | None
) -> None:
    numbers, written = read_numbers(pl.Series("a", [*cells, None]), decimal_comma)
    assert numbers.to_list() == [*values, None]
    assert (written.thousands if written else None) == thousands
    assert [parse_written(cell, thousands or "") for cell in cells] == values


@pytest.mark.parametrize(
    "cells", [["red", "blue"], ["12.03.2004", "13.03.2004"], ["1,2,3", "4,5,6"], ["€", "%"]]
)
def test_words_and_dates_are_no_numbers(cells: list[str]) -> None:
    numbers, written = read_numbers(pl.Series("a", cells), False)
    assert numbers.is_null().all()
    assert written is None


@pytest.mark.parametrize(
    ("word", "value"),
    [("1,250", 1.25), ("1.240,91", 1240.91), ("1,240.91", 1240.91), ("1,2,3", None), ("red", None)],
)
def test_a_number_of_a_column_without_marks_has_a_decimal_comma_at_most(
    word: str, value: float | None
) -> None:
    assert parse_written(word) == value
