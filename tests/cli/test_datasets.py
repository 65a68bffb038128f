"""`tuinn datasets`, and training on what is not here."""

import hashlib
import io
import json
import os
import pty
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.cli.conftest import Start
from tests.data.server import Site, serving
from tuinn.cli.main import tuinn
from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.data.info import KerasFile
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import fashion_lab

HOUSES = Path(__file__).parents[3] / "shared" / "data" / "california_housing.npz"


def do(*words: str | Path) -> Result:
    return CliRunner().invoke(tuinn, [str(word) for word in words])


@pytest.fixture(autouse=True)
def keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras' folder, empty."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets"


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """MNIST of three images, on a server of our own."""
    packed, x, y = io.BytesIO(), np.full((3, 28, 28), 7, np.uint8), np.arange(3, dtype=np.uint8)
    np.savez(packed, x_train=x[:2], y_train=y[:2], x_test=x[2:], y_test=y[2:])
    content = packed.getvalue()
    with serving(Site(content)) as site:
        file = KerasFile("mnist.npz", site.url, len(content), hashlib.sha256(content).hexdigest())
        entry = catalog.find("mnist")
        facts = msgspec.structs.replace(entry.facts, train=2, test=1)
        small = replace(entry, files=(file,), facts=facts)
        monkeypatch.setattr(
            catalog, "DATASETS", tuple(small if one.name == "mnist" else one for one in catalog.DATASETS)
        )
        yield site


def test_the_list_says_what_each_is_and_whether_it_is_here(keras: Path) -> None:
    lines = do("datasets").stdout.splitlines()
    assert lines[0].split() == ["name", "what", "sample", "train", "test", "size"]
    assert len(lines[1:14]) == 13
    assert lines[1].split()[-1] == "bundled"
    assert lines[9].split() == [
        *[
            "cifar10",
            "10",
            "classes",
            "32",
            "×",
            "32",
            "×",
            "3",
            "50,000",
            "10,000",
            "170.5",
            "MB",
            "to",
            "fetch",
        ]
    ]
    assert str(keras) in lines[15]
    assert max(map(len, lines[:14])) <= 80


def test_the_list_as_json_has_licence_publisher_source_and_files(keras: Path) -> None:
    rows = {row["name"]: row for row in json.loads(do("datasets", "--json").stdout)}
    assert list(rows) == [entry.name for entry in catalog.all_datasets()]
    for row in rows.values():
        assert row["licence"]
        assert row["publisher"]
        assert row["source"].startswith("http")
        assert row["bytes"] > 0
    assert rows["mnist"]["state"] == "absent"
    assert rows["mnist"]["files"][0]["path"] == str(keras / "mnist.npz")
    assert rows["mnist"]["missing"] == ["mnist.npz"]


def test_fetching_brings_the_file_and_prepares_the_samples(keras: Path, small_mnist: Site) -> None:
    done = do("datasets", "fetch", "mnist")
    assert done.exit_code == 0
    assert "fetching mnist.npz" in done.stderr
    assert "MNIST is here: 2 training and 1 test samples" in done.stderr
    assert (keras / "mnist.npz").is_file()
    arrays = loader.load_if_ready(DatasetSpec("mnist"))
    assert arrays is not None
    assert arrays.x_train.min() == 7


def test_fetching_what_cannot_be_had_exits_2_with_one_sentence(keras: Path, small_mnist: Site) -> None:
    small_mnist.status = 503
    done = do("datasets", "fetch", "mnist")
    assert done.exit_code == 2
    assert done.stderr.startswith("fetching") is False
    assert "The server answered 503" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unknown_name_gets_the_nearest_one() -> None:
    for verb in ("fetch", "show"):
        done = do("datasets", verb, "mnits")
        assert done.exit_code == 2
        assert "Did you mean mnist?" in done.stderr


def test_a_file_of_ones_own_is_replaced_only_when_told_to(keras: Path, small_mnist: Site) -> None:
    keras.mkdir(parents=True)
    (keras / "mnist.npz").write_bytes(b"mine")
    done = do("datasets", "fetch", "mnist")
    assert done.exit_code == 2
    assert "left alone" in done.stderr
    assert do("datasets", "fetch", "mnist", "--replace").exit_code == 0
    assert (keras / "mnist.npz.old").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("digits", ["Handwritten digits", "8 × 8 uint8, 0 to 16", "CC BY 4.0", "comes with tuinn", "@"]),
        ("wine", ["cultivar 1", "proline", "row 4"]),
        ("diabetes", ["regression", "354 to train on, 88 to test on", "body mass index", "target"]),
        ("imdb", ["not here", "error: IMDB reviews is not here yet.", "tuinn datasets fetch imdb"]),
    ],
)
def test_showing_a_dataset_tells_what_it_is_with_samples_where_it_is_here(
    name: str, parts: list[str]
) -> None:
    done = do("datasets", "show", name)
    assert done.exit_code == 0
    assert all(part in done.stdout for part in parts)


def test_a_dataset_as_json_has_its_counts() -> None:
    told = json.loads(do("datasets", "show", "iris", "--json").stdout)
    assert told["counts"] == {"train": [40, 40, 40], "test": [10, 10, 10]}
    assert told["classes"] == ["setosa", "versicolor", "virginica"]
    assert told["state"] == "bundled"
    assert json.loads(do("datasets", "show", "mnist", "--json").stdout)["counts"] == {}


def test_data_of_ones_own_are_shown_by_their_path(tmp_path: Path) -> None:
    table = tmp_path / "flats 🏠 [b]*?.csv"
    rows = [f"{size},{'Bonn' if size % 2 else 'Ulm'},{1000 * size}" for size in range(20, 80)]
    table.write_text("\n".join(["size,town,price", *rows]))
    done = do("datasets", "show", table)
    assert done.exit_code == 0
    assert "48 to train on, 12 to test on" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()[-4:]] == ["column", "size", "town", "price"]
    assert {*done.stdout.splitlines()[-2].split()[1:]} <= {"Bonn", "Ulm"}
    assert all(line.isprintable() for line in done.stdout.splitlines())
    told = json.loads(do("datasets", "show", table, "--json").stdout)
    assert (told["task"], told["state"], told["target"]) == ("regression", "here", "price")


def test_a_path_where_nothing_is_exits_2(tmp_path: Path) -> None:
    done = do("datasets", "show", tmp_path / "nothing")
    assert done.exit_code == 2
    assert "isn't there" in done.stderr


def test_emptying_frees_what_was_prepared_and_leaves_what_was_fetched(keras: Path, small_mnist: Site) -> None:
    do("datasets", "fetch", "mnist")
    assert "kB freed" in do("datasets", "empty").stdout
    assert do("datasets", "empty").stdout.startswith("0 B freed")
    assert (keras / "mnist.npz").is_file()


@pytest.fixture
def on_mnist(tmp_path: Path) -> Path:
    file = tmp_path / "mnist.toml"
    file.write_text(fashion_lab().with_dataset(DatasetSpec("mnist", validation=0.0)).toml())
    return file


def test_training_on_what_is_not_here_exits_2_with_the_way_to_get_it(on_mnist: Path) -> None:
    done = do("train", on_mnist)
    assert done.exit_code == 2
    assert "MNIST is not here yet. Fetch it (11.5 MB): tuinn datasets fetch mnist." in done.stderr
    assert "fix: train on Handwritten digits, which comes with tuinn" in done.stderr


def test_on_a_terminal_training_asks_whether_to_fetch_and_no_is_an_answer(
    on_mnist: Path, start: Start
) -> None:
    master, slave = pty.openpty()
    streams = {"stdin": slave, "stdout": slave, "stderr": slave, "start_new_session": True}
    process = start("train", on_mnist, **streams)
    os.close(slave)
    told = b""
    while b"[Y/n]" not in told:
        told += os.read(master, 1024)
    assert b"MNIST is not here. Fetch it (1 file, 11.5 MB)?" in told
    os.write(master, b"n\n")
    while b"fix: train on Handwritten digits" not in told:
        told += os.read(master, 1024)
    assert process.wait(60) == 2
    os.close(master)


def test_training_with_fetch_fetches_first(
    on_mnist: Path, keras: Path, small_mnist: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinn.cli.train.train_here", lambda spec, style: 0)
    done = do("train", on_mnist, "--fetch", "--set", "fit.batch_size=1")
    assert done.exit_code == 0, done.stderr
    assert "MNIST is here" in done.stderr


def test_a_script_is_exported_for_a_dataset_that_is_not_here(on_mnist: Path) -> None:
    done = do("export", on_mnist)
    assert done.exit_code == 0
    assert "keras.datasets.mnist.load_data()" in done.stdout


LAB = """
[dataset]
name = "california_housing"
[[layers]]
kind = "Normalization"
[[layers]]
kind = "Dense"
units = 16
activation = "relu"
[[layers]]
kind = "Dropout"
rate = 0.1
[[layers]]
kind = "Dense"
units = 16
activation = "relu"
[[layers]]
kind = "Dropout"
rate = 0.1
[[layers]]
kind = "Dense"
units = 1
[fit]
epochs = 12
loss = "mean_squared_error"
metrics = ["mean_absolute_error"]
"""


@pytest.mark.tf
def test_california_housing_trains_offline_and_beats_linear_regression(
    keras: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if not HOUSES.exists():
        pytest.skip("needs shared/data")
    run = request.getfixturevalue("tuinn")
    keras.mkdir(parents=True)
    (keras / "california_housing.npz").symlink_to(HOUSES)
    (tmp_path / "lab.toml").write_text(LAB)
    events = [
        json.loads(line) for line in run("train", tmp_path / "lab.toml", "--json", worker="").out.splitlines()
    ]
    (found,) = [event["metrics"]["loss"] for event in events if event["kind"] == "Evaluated"]
    arrays = loader.load(DatasetSpec("california_housing"))
    x, x_test = (np.column_stack([part, np.ones(len(part))]) for part in (arrays.x_train, arrays.x_test))
    weights = np.linalg.lstsq(x, arrays.y_train.astype(np.float64), rcond=None)[0]
    linear = np.mean((x_test @ weights - arrays.y_test) ** 2)
    assert 3e9 < found < 0.95 * linear < 5e9
