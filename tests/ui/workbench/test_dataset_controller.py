"""From a path to the dataset that is trained on, without an app."""

import json
import zipfile
from pathlib import Path

import msgspec
import pytest

from tests.ui.workbench.fake_host import FakeHost
from tuinn.data import loader
from tuinn.errors import SpecError
from tuinn.runs.folder import DataInfo
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.datasets import recent_datasets
from tuinn.ui.datasets.options_form import DatasetOptionsForm
from tuinn.ui.datasets.path_dialog import FoundDataset, PathDialog, found_at
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.workbench.dataset_controller import DatasetController
from tuinn.ui.workbench.draft_controller import DraftController


@pytest.fixture
def selected() -> list[DatasetSpec]:
    """Where the cursor of the list was put."""
    return []


@pytest.fixture
def datasets(host: FakeHost, drafts: DraftController, selected: list[DatasetSpec]) -> DatasetController:
    return DatasetController(host, drafts, selected.append)


@pytest.fixture
def found(tmp_path: Path) -> FoundDataset:
    """A table of the user's own, as the path dialog finds it."""
    loader.forget_inspected()
    rows = [f"{at * 7 % 31},{at * 3 % 5},{at * 37 % 101}" for at in range(60)]
    (tmp_path / "flats.csv").write_text("rooms,floor,price\n" + "\n".join(rows) + "\n")
    dataset = DatasetSpec.at(str(tmp_path / "flats.csv"))
    return FoundDataset(dataset, loader.describe(dataset))


def test_a_path_is_recognised_shown_and_trained_on(
    host: FakeHost,
    drafts: DraftController,
    datasets: DatasetController,
    selected: list[DatasetSpec],
    found: FoundDataset,
) -> None:
    datasets.open_path()
    host.top(PathDialog)
    host.answer(found)
    host.top(DatasetOptionsForm)
    host.answer({})
    host.do_work()
    assert drafts.draft.spec.dataset.path == found.dataset.path
    assert drafts.draft.problems == ()
    assert selected == [found.dataset]
    assert found.dataset in recent_datasets.recent()


def test_a_dataset_that_is_in_use_says_so_and_another_is_taken_into_use(
    host: FakeHost, drafts: DraftController, datasets: DatasetController
) -> None:
    before = drafts.draft
    datasets.use(before.spec.dataset)
    host.do_work()
    assert drafts.draft is before
    assert [words for _, words in host.messages] == ["Fashion-MNIST mini is in use. r trains."]
    datasets.use(DatasetSpec("iris"))
    host.do_work()
    assert drafts.draft.spec.dataset == DatasetSpec("iris")
    assert len(host.messages) == 1


@pytest.mark.parametrize("opened", [True, False], ids=["options", "path"])
def test_escape_leaves_the_draft_as_it_was(
    host: FakeHost,
    drafts: DraftController,
    datasets: DatasetController,
    selected: list[DatasetSpec],
    found: FoundDataset,
    opened: bool,
) -> None:
    before = drafts.draft
    datasets.open_path(found.dataset.path)
    if opened:
        host.answer(found)
    host.answer(None)
    host.do_work()
    assert drafts.draft is before
    assert (selected, host.dialogs) == ([], [])


def test_a_saved_network_becomes_the_layers_of_the_draft_and_its_weights_are_not_taken(
    host: FakeHost, drafts: DraftController, datasets: DatasetController, tmp_path: Path
) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8], "name": "input"}},
        {"class_name": "Flatten", "module": "keras.layers", "config": {"name": "flatten"}},
        {"class_name": "Cropping9D", "module": "keras.layers", "config": {"name": "odd"}},
        {"class_name": "Dense", "module": "keras.layers", "config": {"name": "dense", "units": 7}},
    ]
    file = tmp_path / "net.keras"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "config.json", json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
        )
    before = drafts.draft.spec
    datasets.open_path(str(file))
    host.answer(found_at(file))
    assert "has only one layer with weights, so nothing would be left of it" in host.top(Choose).words
    host.answer("stack")
    host.do_work()
    assert [layer.type_name for layer in drafts.draft.spec.model.layers] == ["Flatten", "Dense"]
    assert drafts.draft.spec.dataset == before.dataset
    assert "The layers of net.keras, without its weights. Undo takes them back." in host.last
    assert "It takes samples of 8 × 8." in host.last
    assert "Cropping9D, is not a layer type that tuinn knows, and is left out." in host.last
    drafts.undo()
    host.do_work()
    assert drafts.draft.spec == before


def test_a_saved_network_that_would_run_code_is_not_opened(tmp_path: Path) -> None:
    layer = {"class_name": "Lambda", "module": "keras.layers", "config": {"name": "evil"}}
    file = tmp_path / "net.keras"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "config.json", json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}})
        )
    with pytest.raises(SpecError, match="the Lambda layer evil holds Python code"):
        found_at(file)


def test_a_saved_network_becomes_the_frozen_start_of_the_draft(
    host: FakeHost, drafts: DraftController, datasets: DatasetController, tmp_path: Path
) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28], "name": "input"}},
        {"class_name": "Flatten", "module": "keras.layers", "config": {"name": "flatten"}},
        {"class_name": "Dense", "module": "keras.layers", "config": {"name": "wide", "units": 9}},
        {"class_name": "Dense", "module": "keras.layers", "config": {"name": "dense", "units": 7}},
    ]
    before = drafts.draft.spec
    (tmp_path / "run").mkdir()
    facts = msgspec.structs.replace(drafts.draft.facts, high=1.0)
    with zipfile.ZipFile(tmp_path / "run" / "model.keras", "w") as archive:
        archive.writestr(
            "config.json", json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
        )
        archive.writestr("tuinn.json", msgspec.json.encode(DataInfo(facts, "Old")))
    datasets.open_path(str(tmp_path / "run"))
    host.answer(found_at(tmp_path / "run"))
    lines = {name: line.plain for name, line in host.top(Choose).lines}
    assert lines["trunk"] == "As a frozen trunk: its first 2 layers with their weights, then Dense 10 softmax"
    host.answer("trunk")
    host.do_work()
    spec = drafts.draft.spec
    assert [(layer.type_name, layer.weights) for layer in spec.model.layers] == [
        *(("Flatten", None), ("Dense", "wide"), ("Dense", None)),
    ]
    assert drafts.draft.error is None
    assert (drafts.draft.summary.frozen, drafts.draft.summary.trainable) == (7065, 100)
    assert "The first 2 layers of model.keras, frozen." in host.last
    assert "It learned from values from 0 to 1, and these run from 0 to 255." in host.last
    drafts.undo()
    host.do_work()
    assert drafts.draft.spec == before


def test_the_settings_of_a_compiled_network_come_along_where_they_are_wanted(
    host: FakeHost, drafts: DraftController, datasets: DatasetController, tmp_path: Path
) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 28, 28], "name": "input"}},
        {"class_name": "Flatten", "config": {"name": "flatten"}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 10}},
    ]
    schedule = {"initial_learning_rate": 0.05, "decay_steps": 36, "decay_rate": 0.5}
    rate = {"class_name": "ExponentialDecay", "config": schedule}
    compiled = {"optimizer": {"class_name": "SGD", "config": {"learning_rate": rate}}, "loss": "mse"}
    file = tmp_path / "model.json"
    file.write_text(json.dumps({"class_name": "Sequential", "config": layers, "compile_config": compiled}))
    before = drafts.draft.spec.fit
    datasets.open_path(str(file))
    host.answer(found_at(file))
    lines = {name: line.plain for name, line in host.top(Choose).lines}
    assert lines["all"] == "Take its 2 layers, and 4 settings of its training"
    host.answer("all")
    host.do_work()
    fit = drafts.draft.spec.fit
    assert (fit.optimizer, fit.learning_rate, fit.loss, fit.schedule, fit.value("decay_rate")) == (
        *("sgd", 0.05, "mean_squared_error", "exponential", 0.5),
    )
    assert fit.epochs == before.epochs
    assert "Taken over: optimizer sgd, learning_rate 0.05, schedule ExponentialDecay" in host.last
