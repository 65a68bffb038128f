"""Several targets: how they are named, what counts as a row, and what is said about them."""

import json

import numpy as np
import pytest

from tests.data.tables.conftest import WriteTable
from tuinn.data import loader
from tuinn.data.explore.preview import preview
from tuinn.data.explore.statistics import statistics
from tuinn.data.tables import reader
from tuinn.data.tables.preprocess import columns_without_target
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task, join_columns, split_columns


def rows(count: int = 40) -> list[str]:
    return [
        "size,a,b,town",
        *(f"{at * 7 % 13}.5,{at}.25,{100 - 2 * at}.5,{'xy'[at % 2]}" for at in range(count)),
    ]


@pytest.mark.parametrize("target", ["a, b", "a,b", ["a", "b"], "b,a"])
def test_several_targets_are_a_regression_with_a_number_for_each(target: object, table: WriteTable) -> None:
    dataset = table(rows(), target=target, test=0.0)
    info, arrays = loader.describe(dataset), loader.load(dataset)
    names = ("b", "a") if target == "b,a" else ("a", "b")
    assert (info.facts.task, info.facts.target_names, info.facts.target) == (
        Task.REGRESSION,
        names,
        ", ".join(names),
    )
    assert info.facts.features == ("size", "town")
    by_name = {"a": [at + 0.25 for at in range(40)], "b": [100.5 - 2 * at for at in range(40)]}
    by_name["b"] = [float(f"{100 - 2 * at}.5") for at in range(40)]
    assert arrays.y_train.tolist() == np.stack([by_name[name] for name in names], axis=1).tolist()
    assert f"the targets are {', '.join(names)}" in info.notes
    assert info.dataset is not None
    assert DatasetSpec.of(info.dataset.raw()).target == ", ".join(names)


def test_a_column_whose_name_has_a_comma_is_one_target(table: WriteTable) -> None:
    lines = [line.replace("size,a,b", 'size,"a,b",b').replace(",town", ",a") for line in rows()]
    facts = loader.describe(table(lines, target="a,b")).facts
    assert (facts.target, facts.target_names) == ("a,b", ())
    loader.forget_inspected()
    facts = loader.describe(table(lines, target=["a,b", "b"])).facts
    assert facts.target_names == ("a,b", "b")


@pytest.mark.parametrize("names", [("a", "b"), ("a, b", "c"), ('say "x"', "y"), (" a", "b"), ("alone",)])
def test_a_list_of_names_comes_back_as_it_was(names: tuple[str, ...]) -> None:
    stripped = tuple(name.strip() for name in names)
    assert split_columns(join_columns(stripped)) == stripped


def test_rows_without_one_of_the_targets_are_left_out_and_said(table: WriteTable) -> None:
    lines = [*rows(), "1.5,,3.5,x", "2.5,4.5,,y", "3.5,,,y"]
    dataset = table(lines, target="a,b", test=0.0)
    facts = loader.describe(dataset).facts
    assert (facts.train, len(loader.load(dataset).y_train)) == (40, 40)
    assert any(
        found.message.startswith("3 rows have no value in the target, a, b") for found in facts.findings
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "a, town"}, "town holds words such as x, and several targets are numbers"),
        ({"target": "a, nowhere"}, "nowhere is no column of rows.csv"),
        ({"target": "a, a"}, "a stands twice among the targets"),
        ({"target": "a, b", "task": "classes"}, "a, b, are a regression"),
        ({"target": "a, b", "ignore": ["b"]}, "b is the target"),
        ({"target": "a, b", "ignore": ["size", "town"]}, "no column to predict a, b from"),
    ],
)
def test_targets_that_cannot_be_are_refused_in_a_sentence(
    options: dict[str, object], message: str, table: WriteTable
) -> None:
    with pytest.raises(SpecError, match=message):
        loader.describe(table(rows(), **options))


def test_targets_that_never_stand_in_one_row_are_refused(table: WriteTable) -> None:
    lines = ["size,a,b", *(f"{at},{at if at % 2 else ''},{'' if at % 2 else at}" for at in range(30))]
    with pytest.raises(SpecError, match="No row has a value in each of the targets, a, b"):
        loader.describe(table(lines, target="a,b"))


def test_a_constant_target_among_several_is_an_error_with_the_others_as_remedy(table: WriteTable) -> None:
    lines = [line.replace(line.split(",")[2], "b" if at == 0 else "7") for at, line in enumerate(rows())]
    facts = loader.describe(table(lines, target="a,b")).facts
    (found,) = [one for one in facts.findings if one.severity == "error"]
    assert "The target b is 7 in every row" in found.message
    assert found.settings == {"dataset.target": "a"}


def test_a_column_that_goes_with_one_of_the_targets_is_found(table: WriteTable) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 60))
    close = b + rng.normal(size=60) * 0.1
    lines = ["x,c,a,b", *(f"{rng.normal():.3f},{close[at]:.4f},{a[at]:.4f},{b[at]:.4f}" for at in range(60))]
    facts = loader.describe(table(lines, target="a,b")).facts
    (found,) = [one for one in facts.findings if "very closely" in one.message]
    assert "The column c goes with the target b very closely (r = 0.9" in found.message
    assert json.loads(found.settings["dataset.ignore"]) == ["c"]


def test_statistics_and_preview_have_each_target(table: WriteTable) -> None:
    browser = loader.browse(table(rows(), target="a,b"))
    found = statistics(browser)
    assert [name for name, _ in found.targets] == ["a", "b"]
    labels = browser.labels("train")
    assert [values.mean for _, values in found.targets] == pytest.approx(labels.mean(axis=0).tolist())
    assert [(one.name, one.low) for one in preview(browser).targets] == [
        ("a", labels[:, 0].min()),
        ("b", labels[:, 1].min()),
    ]


def test_a_large_file_gives_the_same_targets(table: WriteTable, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = table([*rows(), "1.5,,3.5,x"], target="a,b")
    small = loader.browse(dataset)
    loader.forget_inspected()
    monkeypatch.setattr(reader, "LARGE_BYTES", 10)
    monkeypatch.setattr(reader, "SAMPLE_ROWS", 5)
    large = loader.browse(dataset)
    assert np.array_equal(small.labels("train"), large.labels("train"))
    assert [large.sample("train", at).tolist() for at in range(30)] == [
        small.sample("train", at).tolist() for at in range(30)
    ]


def test_a_file_without_names_that_lacks_the_targets_is_mapped_by_place() -> None:
    facts = DataFacts(
        Task.REGRESSION,
        (2,),
        "float32",
        0,
        1,
        (),
        5,
        5,
        features=("column 2", "column 4"),
        target="column 1, column 3",
        target_names=("column 1", "column 3"),
    )
    assert columns_without_target(("column 1", "column 2"), facts) == ("column 2", "column 4")
    every = tuple(f"column {at}" for at in (1, 2, 3, 4))
    assert columns_without_target(every, facts) == every
