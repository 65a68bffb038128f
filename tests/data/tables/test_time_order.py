"""Rows in the order of time: found, and split so that the last ones are the test."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.data.tables.conftest import WriteTable
from tuinn.data import loader
from tuinn.data.split import split_last
from tuinn.data.tables import reader
from tuinn.data.tables.time_order import TimeOrder, split_in_time, time_order
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec


def days(count: int = 60, backwards: bool = False) -> list[str]:
    """A row a day, numbered from the oldest."""
    rows = [f"2024-{at // 28 + 1:02d}-{at % 28 + 1:02d},{at * 13 % 17}.5,{at}.25" for at in range(count)]
    return ["date,x,y", *(reversed(rows) if backwards else rows)]


def in_order(facts: DataFacts) -> list[str]:
    return [found.message for found in facts.findings if "order of" in found.message]


def test_rows_in_the_order_of_a_date_are_found_with_a_split_in_time_as_remedy(table: WriteTable) -> None:
    facts = loader.describe(table(days())).facts
    (found,) = [found for found in facts.findings if "in the order of date" in found.message]
    assert (found.fix, found.settings) == ("test on the last rows", {"dataset.split": "time"})
    assert in_order(loader.describe(table(days(), ignore=["date"])).facts) == [found.message]
    assert in_order(loader.describe(table(days(), split="time")).facts) == []


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("options", [{}, {"ignore": ["date"]}])
def test_with_a_split_in_time_the_newest_rows_are_the_test(
    backwards: bool, options: dict[str, object], table: WriteTable
) -> None:
    dataset = table(days(backwards=backwards), split="time", **options)
    info, arrays = loader.describe(dataset), loader.load(dataset)
    assert arrays.y_train.tolist() == [at + 0.25 for at in range(48)]
    assert arrays.y_test.tolist() == [at + 0.25 for at in range(48, 60)]
    assert info.facts.split == ("backwards" if backwards else "time")
    assert any("the newest," in note for note in info.notes) == backwards
    assert loader.describe(dataset).facts.split == info.facts.split  # as kept with the samples


def test_a_large_file_is_split_alike(table: WriteTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LARGE_BYTES", 10)
    monkeypatch.setattr(reader, "SAMPLE_ROWS", 25)
    dataset = table(days(backwards=True), split="time")
    browser = loader.browse(dataset)
    assert browser.labels("test").tolist() == [at + 0.25 for at in range(48, 60)]
    assert loader.load(dataset).y_test.tolist() == browser.labels("test").tolist()
    assert loader.load(dataset).y_train.tolist() == [at + 0.25 for at in range(48)]


def test_rows_without_a_target_are_left_out_before_the_split(table: WriteTable) -> None:
    lines = [line if at % 6 else line.rsplit(",", 1)[0] + "," for at, line in enumerate(days(), 1)]
    lines[0] = "date,x,y"
    arrays = loader.load(table(lines, split="time"))
    every = [*arrays.y_train.tolist(), *arrays.y_test.tolist()]
    assert every == sorted(every)
    assert (len(arrays.y_train), len(arrays.y_test)) == (40, 10)


def test_a_split_in_time_of_rows_that_are_not_in_order_is_said(table: WriteTable) -> None:
    lines = days()
    lines[3], lines[40] = lines[40], lines[3]
    facts = loader.describe(table(lines, split="time")).facts
    assert in_order(facts) == [
        "The last rows are the test, but the rows aren't in the order of date. Sort the file by it."
    ]
    assert in_order(loader.describe(table(lines)).facts) == []


def test_classes_are_split_in_time_too(table: WriteTable) -> None:
    lines = ["year,x,label", *(f"{1900 + at},{at * 7 % 5},{'ab'[at % 3 == 0]}" for at in range(50))]
    arrays = loader.load(table(lines, split="time"))
    assert arrays.x_test[:, 0].tolist() == [1940.0 + at for at in range(10)]


def test_only_tables_are_split_in_time(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.zeros((20, 3), np.float32), y=np.arange(20) % 2)
    for dataset in (
        DatasetSpec.at(str(tmp_path / "x.npz"), split="time"),
        DatasetSpec.of({"name": "iris", "split": "time"}),
    ):
        with pytest.raises(SpecError, match="time is for the rows of a table") as caught:
            loader.describe(dataset)
        assert caught.value.path == "dataset.split"


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("when", [f"{at:02d}.03.2024" for at in range(1, 29)], TimeOrder("when", True)),
        ("when", [f"03/{at:02d}/2024" for at in range(28, 0, -1)], TimeOrder("when", True, True)),
        ("when", [f"2024-03-{at * 5 % 28 + 1:02d}" for at in range(28)], TimeOrder("when", False)),
        ("year", list(map(float, range(1990, 2018))), TimeOrder("year", True)),
        ("ts", [1.7e9 + 60.0 * at for at in range(28)], TimeOrder("ts", True)),
        ("ts", [1.7e12 - 60.0 * at for at in range(28)], TimeOrder("ts", True, True)),
        ("phone", [1.7e9 + 1000.0 * (at * 5 % 28) for at in range(28)], None),
        ("id", list(map(float, range(28))), None),
        ("price", [at**2.0 for at in range(28)], None),
        ("name", [f"row {at}" for at in range(28)], None),
        ("year", [2024.0] * 28, None),
    ],
)
def test_a_column_tells_the_time_by_its_cells_or_its_name(
    name: str, values: list[object], expected: TimeOrder | None
) -> None:
    assert time_order(pl.DataFrame({"x": [at * 3.5 for at in range(28)], name: values})) == expected


def test_a_sorted_column_goes_before_one_that_is_not() -> None:
    rows = pl.DataFrame(
        {"month": [float(at % 12) for at in range(30)], "year": [2000.0 + at // 12 for at in range(30)]}
    )
    assert time_order(rows) == TimeOrder("year", True)


@pytest.mark.parametrize("count", [1, 2, 10, 101])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.9])
def test_parts_in_time_are_disjoint_complete_and_in_order(count: int, share: float) -> None:
    for train, test in (split_in_time(count, share, False), split_last(count, share)):
        assert [*train, *test] == list(range(count))
        assert len(train) >= 1
    assert [*np.concatenate(split_in_time(count, share, True))] == list(range(count - 1, -1, -1))


def test_a_gap_before_the_validation_is_in_neither_part() -> None:
    train, validation = split_last(20, 0.25, gap=3)
    assert (train.tolist(), validation.tolist()) == (list(range(12)), list(range(15, 20)))
    assert split_last(20, 0.0, gap=3)[0].tolist() == list(range(20))
    assert split_last(4, 0.5, gap=9)[0].tolist() == [0]
