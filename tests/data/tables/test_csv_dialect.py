"""Files as programs write them: what stands around a table is passed over and said, and names are known as such."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tuinn.data import loader
from tuinn.data.tables.csv_dialect import CsvDialect, all_rows, detect_dialect
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec

BODY = [(at * 7 % 11, at * 5 % 13, at) for at in range(40)]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "home"))


def write(tmp_path: Path, text: str) -> DatasetSpec:
    file = tmp_path / "data.csv"
    file.write_text(text)
    return DatasetSpec.at(str(file))


def dialect_of(tmp_path: Path, text: str) -> CsvDialect:
    dataset = write(tmp_path, text)
    return detect_dialect(dataset, Path(dataset.path))


def table(header: str, line: Callable[[int, int, int], str]) -> str:
    return header + "".join(line(*row) + "\n" for row in BODY)


@pytest.mark.parametrize(
    ("text", "separator", "note"),
    [
        (table("a,b,y,\n", "{},{},{}".format), ",", "cells at the ends"),
        (table("a,b,y\n", "{},{},{},".format), ",", "cells at the ends"),
        (table("a,b,y,,\n", "{},{},{},,".format) + ",,,,\n", ",", "cells at the ends"),
        (table("a;b;y\n;;\n", "{};{};{}".format), ";", "empty rows"),
        (table("sep=;\na;b;y\n", "{};{};{}".format), ";", "line 1 stands before the table and is passed"),
        (table("# by x, of y\n#\na;b;y\n", "{};{};{}".format), ";", "lines 1 to 2 stand before the table"),
        (table("Weather of May\n\na,b,y\n", "{},{},{}".format), ",", "line 1 stands before the table"),
        (table("a  b y\n", " {}   {}\t{} ".format), " ", "blanks between the columns"),
    ],
)
def test_what_programs_write_around_a_table_is_passed_over_and_said(
    text: str, separator: str, note: str, tmp_path: Path
) -> None:
    dataset = write(tmp_path, text)
    info = loader.describe(dataset)
    assert info.dataset is not None
    assert (info.facts.features, info.facts.target) == (("a", "b"), "y")
    assert info.dataset.separator == separator
    assert any(note in one for one in info.notes)
    arrays = loader.load(dataset)
    assert sorted([*arrays.x_train.tolist(), *arrays.x_test.tolist()]) == sorted([a, b] for a, b, _ in BODY)
    assert loader.describe(info.dataset).facts == info.facts


def test_cells_of_columns_set_with_blanks_may_be_quoted(tmp_path: Path) -> None:
    text = table("", '{}.  {}   {}\t"car no 1"'.format)
    dialect = dialect_of(tmp_path, text)
    assert (dialect.separator, len(dialect.names), dialect.header) == (" ", 4, False)


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        (table("a,b\n", "{},x {} {}".format), ","),
        (table("a\tb\n", "red wine {}\t{}.{}".format), "\t"),
        (table("text\n", "the word {} is {} or {}".format), ","),
    ],
)
def test_blanks_within_cells_separate_nothing(text: str, separator: str, tmp_path: Path) -> None:
    assert dialect_of(tmp_path, text).separator == separator


def test_a_comment_with_the_names_of_the_columns_is_the_header(tmp_path: Path) -> None:
    dialect = dialect_of(tmp_path, table("# by x\n# a,b,y\n", "{},{},{}".format))
    assert (dialect.skipped, dialect.header, dialect.names) == (1, True, ("# a", "b", "y"))


def test_a_first_line_that_is_not_like_the_others_is_blamed_itself(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"Line 1 of data.csv is not like the others: it has 2 cells"):
        dialect_of(tmp_path, table("Sales, all\n", "{},{},{}".format))


def test_a_row_that_is_too_long_is_named_by_its_line_in_the_file(tmp_path: Path) -> None:
    dataset = write(tmp_path, table("sep=,\na,b,y\n", "{},{},{}".format) + "1,2,3,4\n")
    with pytest.raises(SpecError, match=r"Line 43 of data.csv has 4 cells, where there are 3 columns"):
        loader.describe(dataset)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (table("size,metal,price\n", "{},metal,{}.{}".format), True),
        (table("town,2019,2020,2021\n", "t{0},{1}.5,{2}.5,{1}".format), True),
        (table("2019,2020,2021\n", "{},{},{}".format), True),
        (table(",".join(map(str, range(9))) + "\n", lambda *row: ",".join([f"{row[0]}"] * 9)), True),
        (table("2019,2020,2021\n", "19{0:02},20{0:02},20{0:02}".format), False),
        (table("1,2,3\n", "{},{},{}".format), False),
        (table("?,red,1\n", "{},blue{},{}".format), False),
        (table("$5,red\n", "${},blue".format), False),
    ],
)
def test_names_stand_above_numbers_and_may_be_years(text: str, header: bool, tmp_path: Path) -> None:
    assert dialect_of(tmp_path, text).header is header


def test_a_row_that_can_not_be_read_ends_nothing_in_silence() -> None:
    text = io.StringIO("a,b\n1,2\n" + "x" * 200_000 + ",3\n4,5\n")
    rows = all_rows(text, ",")
    assert [next(rows), next(rows)] == [["a", "b"], ["1", "2"]]
    before = csv.field_size_limit(100_000)
    try:
        with pytest.raises(SpecError, match="can't be read from line 3 on"):
            list(rows)
    finally:
        csv.field_size_limit(before)


def test_a_cell_may_hold_a_long_text() -> None:
    rows = list(all_rows(io.StringIO("a,b\n" + "x" * 200_000 + ",3\n4,5\n"), ","))
    assert [len(rows), len(rows[1][0]), rows[2]] == [3, 200_000, ["4", "5"]]
