"""A saved network as the frozen start of a draft; and what is said before training where its file doesn't fit."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_import import RESIDUAL, entry, functional
from tuinn.data.catalog import catalog
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import advise
from tuinn.spec.advice.first_weights import starting_layers
from tuinn.spec.advice.fix import Problem
from tuinn.spec.advice.frozen_trunk import FrozenTrunk, frozen_trunk
from tuinn.spec.changes import changes_of_training, list_changes
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.run import RunSpec
from tuinn.spec.saved_network.saved_stack import read_saved_stack

DIGITS = DatasetSpec("digits")
FACTS = catalog.find("digits").facts

CNN = [
    entry("InputLayer", "in", batch_shape=[None, 8, 8, 1]),
    entry("Rescaling", "rescaling", "in", scale=0.0625),
    entry("Conv2D", "first", "rescaling", filters=4, kernel_size=[3, 3], activation="relu"),
    entry("BatchNormalization", "batch_normalization", "first"),
    entry("Flatten", "flatten", "batch_normalization"),
    entry("Dense", "wide", "flatten", units=6, activation="relu"),
    entry("Dropout", "dropout", "wide", rate=0.5),
    entry("Dense", "logits", "dropout", units=3),
    entry("Activation", "softmax", "logits", activation="softmax"),
]


def saved(file: Path, layers: Any = CNN, weights: bytes = b"one") -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"date_saved": str(len(list(file.parent.iterdir())))}))
        archive.writestr("config.json", json.dumps(functional(layers)))
        archive.writestr("model.weights.h5", weights)
    return file


def trunk(file: Path, dataset: DatasetSpec = DIGITS) -> FrozenTrunk:
    facts = catalog.find(dataset.name).facts
    return frozen_trunk(read_saved_stack(str(file)), RunSpec(dataset), facts)


def errors(spec: RunSpec) -> list[Problem]:
    return [problem for problem in advise(spec, FACTS) if problem.severity == "error"]


def test_the_trunk_ends_before_the_last_layer_with_weights_is_frozen_and_has_a_head_for_the_data(
    tmp_path: Path,
) -> None:
    made = trunk(saved(tmp_path / "net.keras"))
    layers = made.spec.model.layers
    assert [layer.type_name for layer in layers] == [
        *("Reshape", "Rescaling", "Conv2D", "BatchNormalization", "Flatten", "Dense", "Dropout", "Dense"),
    ]
    assert [layer.weights for layer in layers] == [
        *(None, None, "first", "batch_normalization", None, "wide", None, None),
    ]
    frozen = [layer for layer in layers if not layer.options.get("trainable", True)]
    assert [layer.weights for layer in frozen] == ["first", "batch_normalization", "wide"]
    assert layers[-1].code() == 'layers.Dense(10, activation="softmax")'
    assert made.notes == ("A Reshape makes 8 × 8 × 1 of each sample.",)
    assert errors(made.spec) == []
    summary = summarize(made.spec.model, FACTS.shape)
    # Conv 3·3·1·4 + 4, four numbers a channel, Dense 6·6·4·6 + 6; and the head 6·10 + 10.
    assert (summary.frozen, summary.trainable) == (40 + 16 + 870, 70)


def test_a_draft_with_a_trunk_comes_back_from_its_toml(tmp_path: Path) -> None:
    spec = trunk(saved(tmp_path / "net.keras")).spec
    assert RunSpec.from_toml(spec.toml()) == spec
    assert spec.weights.path == str(tmp_path / "net.keras")
    assert 'weights = "first"' in spec.toml()
    assert spec.with_setting("weights.path", "/other.keras").weights.fingerprint == ""


def test_branches_that_only_led_to_the_old_head_are_left_out(tmp_path: Path) -> None:
    layers = [
        entry("InputLayer", "in", batch_shape=[None, 8, 8, 1]),
        entry("Conv2D", "stem", "in", filters=4, kernel_size=[3, 3], padding="same"),
        entry("Conv2D", "side", "stem", filters=4, kernel_size=[3, 3], padding="same"),
        entry("Flatten", "flat", "stem"),
        entry("Flatten", "flat_side", "side"),
        entry("Dense", "logits", "flat", units=256),
        entry("Add", "sum", "logits", "flat_side"),
    ]
    made = trunk(saved(tmp_path / "net.keras", layers))
    names = [layer.weights for layer in made.spec.model.layers if layer.weights]
    assert (names, made.kept) == (["stem"], 2)
    assert errors(made.spec) == []


def test_links_within_the_trunk_stay_and_maps_become_a_row(tmp_path: Path) -> None:
    layers = [*RESIDUAL[:2], *RESIDUAL[3:5], entry("Conv2D", "last", "sum", filters=2, kernel_size=[1, 1])]
    layers[2] = entry("Conv2D", "second", "first", filters=4, kernel_size=[3, 3], padding="same")
    layers[3] = entry("Add", "sum", "second", "first")
    made = trunk(saved(tmp_path / "net.keras", layers))
    assert [layer.type_name for layer in made.spec.model.layers] == [
        *("Reshape", "Conv2D", "Conv2D", "Add", "GlobalAveragePooling2D", "Dense"),
    ]
    assert made.spec.model.layers[3].sources == ("second", "first")
    assert errors(made.spec) == []


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        ([CNN[0], entry("Flatten", "f", "in"), entry("Dense", "d", "f", units=3)], "only one layer with weights"),
        ([CNN[0], *CNN[2:3], entry("Dense", "my layer", "first", units=3), CNN[4], CNN[7]], "'my layer'"),
    ],
)  # fmt: skip
def test_what_can_be_no_trunk_is_said_with_the_file(tmp_path: Path, layers: Any, why: str) -> None:
    with pytest.raises(SpecError, match=why) as caught:
        trunk(saved(tmp_path / "net.keras", layers))
    assert caught.value.path == str(tmp_path / "net.keras")


def test_a_file_that_is_gone_is_said_before_training_and_fresh_weights_mend_it(tmp_path: Path) -> None:
    file = saved(tmp_path / "net.keras")
    spec = trunk(file).spec
    file.unlink()
    (problem,) = errors(spec)
    assert problem.message == (
        f"{file} cannot be read (No such file or directory). 3 layers should start with its weights."
    )
    mended = problem.fixes[0].spec
    assert errors(mended) == []
    assert (starting_layers(mended.model), mended.weights.path) == ([], "")
    assert summarize(mended.model, FACTS.shape).frozen == 0
    assert [problem for problem in advise(spec, FACTS, begins=False) if problem.severity == "error"] == []


def test_a_file_that_has_changed_is_said_and_may_be_taken_as_it_is(tmp_path: Path) -> None:
    file = saved(tmp_path / "net.keras")
    spec = trunk(file).spec
    assert trunk(saved(file)).spec == spec, "only the time at which it was written is another"
    saved(file, weights=b"two")
    (problem,) = errors(spec)
    assert problem.message == "net.keras has changed since its layers were taken."
    assert errors(problem.fixes[0].spec) == []
    assert problem.fixes[0].spec.model == spec.model
    assert list_changes(spec, problem.fixes[0].spec)[0].text == f"first weights: {file} as it is now"


@pytest.mark.parametrize(
    ("at", "options", "why"),
    [
        (2, {"filters": 5}, "first in net.keras has 40 parameters, and this layer 50"),
        (2, {"weights": "wide"}, "Conv2D can't start with the weights of wide in net.keras, which is Dense."),
        (2, {"weights": "none/first"}, "net.keras has no layer none/first with whose weights Conv2D could start."),
        (5, {"units": 7}, "wide in net.keras has 870 parameters, and this layer 1,015"),
    ],
)  # fmt: skip
def test_a_layer_that_misfits_is_named_and_may_start_afresh(
    tmp_path: Path, at: int, options: dict[str, Any], why: str
) -> None:
    spec = trunk(saved(tmp_path / "net.keras")).spec
    spec = spec.with_model(spec.model.change(at, spec.model.layers[at].with_options(**options)))
    problem = errors(spec)[0]
    assert problem.at == at
    assert why in problem.message
    mended = problem.fixes[0].spec
    assert mended.model.layers[at].weights is None
    assert mended.model.layers[at].options["trainable"] is True
    assert all(other.at != at for other in errors(mended))


def test_a_kernel_of_as_many_numbers_in_another_form_misfits(tmp_path: Path) -> None:
    layers = [*CNN]
    layers[2] = entry("Conv2D", "first", "rescaling", filters=4, kernel_size=[1, 6])
    spec = trunk(saved(tmp_path / "net.keras", layers)).spec
    turned = spec.model.change(2, spec.model.layers[2].with_options(kernel_size=(2, 3)))
    assert "first in net.keras is Conv2D 4 1×6" in errors(spec.with_model(turned))[0].message


def test_a_layer_that_asks_for_weights_of_no_file_is_said(tmp_path: Path) -> None:
    spec = trunk(saved(tmp_path / "net.keras")).spec
    (problem,) = errors(replace(spec, weights=RunSpec().weights))
    assert problem.message == (
        "3 layers should start with the weights of a saved network, and none is named. Name it as weights.path."
    )


def test_the_folder_of_a_run_stands_for_its_network(tmp_path: Path) -> None:
    saved(tmp_path / "model.keras")
    assert read_saved_stack(str(tmp_path)).file == tmp_path / "model.keras"


def test_where_the_weights_came_from_is_no_matter_to_a_run_that_goes_on(tmp_path: Path) -> None:
    spec = trunk(saved(tmp_path / "net.keras")).spec
    assert changes_of_training(spec, spec.with_setting("weights.path", "/elsewhere.keras")) == ()
