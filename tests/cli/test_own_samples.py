"""`tuinn predict` with rows and texts."""

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tuinn
from tests.conftest import Write
from tests.factories import whole_run
from tuinn.cli.predict import row_of
from tuinn.data.catalog.catalog import find
from tuinn.errors import SpecError
from tuinn.runs.commands import PredictSamples
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import iris_lab

ROW = "sepal length (cm)=5.1,sepal width (cm)=3.5,petal length (cm)=1.4,petal width (cm)=0.2"


@pytest.fixture
def flowers(write_run: Write) -> RunFolder:
    folder = write_run(whole_run(), iris_lab())
    folder.model_file.touch()
    return folder


def asked(folder: RunFolder) -> tuple[dict[str, str] | str, ...]:
    (question,) = [one for one in folder.commands().read_all() if isinstance(one, PredictSamples)]
    return question.samples


def test_a_row_is_answered_with_its_class(tuinn: Tuinn, flowers: RunFolder) -> None:
    done = tuinn("predict", "last", "--row", ROW, worker="serve")
    assert done.out.splitlines()[0] == "row 1  versicolor  85.0%"
    assert (done.code, done.err) == (0, "")
    assert asked(flowers) == (dict(cell.split("=") for cell in ROW.split(",")),)


def test_json_has_the_row_and_every_class(tuinn: Tuinn, flowers: RunFolder) -> None:
    done = tuinn("predict", "last", "--row", ROW, "--json", worker="serve")
    (told,) = json.loads(done.out)
    assert (told["number"], told["label"], told["row"]["petal width (cm)"]) == (1, "versicolor", "0.2")
    assert list(told["probabilities"]) == list(find("iris").facts.classes)


@pytest.mark.parametrize("name", ["rows.csv", "rows.txt", "rows.csv.gz"])
def test_the_rows_of_a_csv_are_asked_about_at_once_without_the_columns_that_are_none_of_the_networks(
    name: str, tuinn: Tuinn, flowers: RunFolder, tmp_path: Path
) -> None:
    names = ";".join(find("iris").facts.features)
    rows = f"id;{names}\n1;5,1;3,5;1,4;0,2\n2;6;2;4;1\n".encode()
    (tmp_path / name).write_bytes(gzip.compress(rows) if name.endswith(".gz") else rows)
    done = tuinn("predict", "last", tmp_path / name, worker="serve")
    assert [line for line in done.out.splitlines() if line.startswith("row")] == [
        "row 1  versicolor  85.0%",
        "row 2  versicolor  85.0%",
    ]
    first, _ = asked(flowers)
    assert isinstance(first, dict)
    assert list(first.values()) == ["5,1", "3,5", "1,4", "0,2"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--row", "nonsense"], "has no '='"),
        (["--row", "{nonsense"], "is not JSON"),
        (["--row", '{"a":' * 20_000], "is not JSON"),
        (["--row", "a=1\rb=2"], "is no row"),
        ([], "give something to ask about, with --row, or a CSV"),
        (["picture.png"], "picture.png: is no table. Give a CSV file."),
        (["nowhere.csv"], "nowhere.csv can't be read"),
    ],
)
def test_what_is_no_row_is_a_wrong_command_line(
    words: list[str], sentence: str, tuinn: Tuinn, flowers: RunFolder
) -> None:
    done = tuinn("predict", "last", *words)
    assert done.code == 2
    assert sentence in done.err
    assert done.out == ""


def test_a_network_of_pictures_takes_no_rows(tuinn: Tuinn, trained: RunFolder) -> None:
    done = tuinn("predict", "last", "--row", "a=1")
    assert (done.code, done.err) == (
        2,
        "tuinn: --row: is for tables and texts, and this network takes pictures. Give files.\n",
    )


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("a=1,b=red", {"a": "1", "b": "red"}),
        (' a = 1 , "b, c=x, y"', {"a": "1", "b, c": "x, y"}),
        ("a==1,b=", {"a": "=1", "b": ""}),
        ('{"a": 1.5, "b": null}', {"a": "1.5", "b": ""}),
    ],
)
def test_a_row_is_pairs_or_json(words: str, row: dict[str, str]) -> None:
    assert row_of(words) == row


def test_pairs_without_names_are_refused() -> None:
    with pytest.raises(SpecError):
        row_of("1,2,3")
