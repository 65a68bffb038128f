"""The column that is predicted where none is named: never one that can't be, and said where it is a guess."""

from collections.abc import Callable

import polars as pl
import pytest

from tuinn.data.tables.target import TargetChoice, choose_target
from tuinn.spec.dataset import DatasetSpec

SPEC = DatasetSpec.at("data.csv")
CELLS: dict[str, Callable[[int], object]] = {
    "number": lambda at: at * 7919 % 101 + 0.25,
    "more": lambda at: at * 7907 % 103 + 0.5,
    "grey": lambda at: float(at * 7919 % 256),
    "few": lambda at: float(at % 3),
    "words": lambda at: "abc"[at % 3],
    "rows": lambda at: float(at + 7),
    "code": lambda at: float(at * 7919 % 10_007),
    "same": lambda at: 0.0,
    "nothing": lambda at: None,
    "date": lambda at: f"2024-{at // 28 + 1:02}-{at % 28 + 1:02}",
    "clock": lambda at: f"{at % 24:02}.00.00",
    "name": lambda at: f"car no {at}",
}


def frame(*columns: tuple[str, str], rows: int = 200) -> pl.DataFrame:
    return pl.DataFrame({name: [CELLS[cells](at) for at in range(rows)] for name, cells in columns})


@pytest.mark.parametrize("cells", ["rows", "same", "nothing", "date", "clock", "name"])
def test_the_last_column_is_not_predicted_where_nothing_could_be_learned_of_it(cells: str) -> None:
    rows = frame(("a", "more"), ("b", "number"), ("last", cells))
    choice = choose_target(SPEC, rows, True)
    assert (choice.names, choice.other) == (("b",), "")
    assert choice.doubt.startswith("the last column, last, ")
    assert choose_target(DatasetSpec.at("data.csv", target="last"), rows, True) == TargetChoice(("last",))


@pytest.mark.parametrize("cells", ["number", "few", "words", "grey", "code"])
def test_the_last_column_is_predicted_where_it_can_be(cells: str) -> None:
    rows = frame(("date", "date"), ("a", "number"), ("b", cells))
    assert choose_target(SPEC, rows, True) == TargetChoice(("b",))


def test_a_number_of_records_is_known_by_its_name() -> None:
    rows = frame(("a", "number"), ("b", "more"), ("Customer_ID", "code"))
    assert choose_target(SPEC, rows, True).names == ("b",)


def test_a_usual_name_goes_before_all_and_a_likely_one_is_a_guess() -> None:
    rows = frame(("Survived", "few"), ("class", "same"), ("b", "number"))
    assert choose_target(SPEC, rows, True) == TargetChoice(("class",))
    choice = choose_target(SPEC, rows.drop("class"), True)
    assert (choice.names, choice.other) == (("Survived",), "b")
    assert "its name" in choice.doubt


@pytest.mark.parametrize(("last", "other"), [("grey", "c4"), ("number", "c4"), ("same", "")])
def test_the_first_column_of_a_file_without_names_is_predicted_where_it_alone_holds_classes(
    last: str, other: str
) -> None:
    rows = frame(("c0", "few"), ("c1", "grey"), ("c2", "number"), ("c3", "same"), ("c4", last))
    choice = choose_target(SPEC, rows, False)
    assert (choice.names, choice.other) == (("c0",), other)
    assert "3 values" in choice.doubt
    assert choose_target(SPEC, rows, True).names == ("c4" if other else "c2",)


@pytest.mark.parametrize(
    ("first", "second", "last"),
    [
        ("words", "number", "number"),
        ("number", "grey", "number"),
        ("few", "number", "few"),
        ("few", "few", "grey"),
    ],
)
def test_the_first_column_is_left_where_it_is_not_unlike_the_others(
    first: str, second: str, last: str
) -> None:
    rows = frame(("c0", first), ("c1", second), ("c2", last))
    assert choose_target(SPEC, rows, False) == TargetChoice(("c2",))


def test_where_no_column_fits_the_last_is_taken() -> None:
    assert choose_target(SPEC, frame(("a", "rows"), ("b", "same")), True) == TargetChoice(("b",))
