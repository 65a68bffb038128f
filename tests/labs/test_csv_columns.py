"""Columns of numbers of a CSV, for the labs that draw them."""

from pathlib import Path

import numpy as np
import pytest

from tuinn.errors import SpecError
from tuinn.labs.csv_columns import MOST_ROWS, number_columns, onto


def written(folder: Path, text: str) -> str:
    (folder / "own.csv").write_text(text)
    return str(folder / "own.csv")


def test_the_first_columns_of_numbers_are_taken_or_those_that_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, "name,x,y,z\na,1,2,3\nb,4,5,6\n")
    assert {name: values.tolist() for name, values in number_columns(path).items()} == {
        "x": [1, 4],
        "y": [2, 5],
    }
    assert list(number_columns(path, ["z", "x"])) == ["z", "x"]


def test_rows_with_a_gap_are_left_out_and_of_many_evenly_spaced_ones_stay(tmp_path: Path) -> None:
    path = written(tmp_path, "x,y\n" + "".join(f"{at},{at * 2}\n" for at in range(3_000)) + "5,\n")
    x, y = number_columns(path).values()
    assert len(x) == MOST_ROWS
    assert (x[0], x[-1], y[-1]) == (0, 2_999, 5_998)


@pytest.mark.parametrize(
    ("text", "names", "words"),
    [
        ("x\n1\n2\n", [], "own.csv has 1 column; 2 columns of numbers are needed."),
        ("x,name\n1,a\n2,b\n", [], "own.csv has 2 columns, 1 of numbers; 2 columns of numbers are needed."),
        ("x,y\n1,2\n3,4\n", ["x", "q"], "own.csv has no column 'q'."),
        ("x,name\n1,a\n2,b\n", ["x", "name"], "name in own.csv holds words; a lab needs numbers."),
        ("x,y\n1,2\n3,\n", [], "own.csv has 1 rows without a gap in x and y; 2 are needed."),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(
    tmp_path: Path, text: str, names: list[str], words: str
) -> None:
    with pytest.raises(SpecError) as caught:
        number_columns(written(tmp_path, text), names)
    assert words in str(caught.value)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        number_columns(str(tmp_path / "none.csv"))


def test_values_are_stretched_onto_an_interval_and_equal_ones_lie_in_the_middle() -> None:
    assert onto(np.array([1.0, 3.0, 2.0]), -5, 5).tolist() == [-5, 5, 0]
    assert onto(np.array([7.0, 7.0]), 0, 1).tolist() == [0.5, 0.5]
