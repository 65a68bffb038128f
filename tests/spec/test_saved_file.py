"""A `.keras` file is looked at, and never run: what is damaged and what would run are said in one sentence."""

import json
import zipfile
from pathlib import Path

import pytest

from tuinn.errors import SpecError
from tuinn.spec.saved_network.files import check_harmless, read_description
from tuinn.spec.saved_network.keras_file import DATA_NOTE, read_data_note


def dense(name: str = "dense", **more: object) -> dict[str, object]:
    return {"class_name": "Dense", "module": "keras.layers", "config": {"name": name, "units": 2, **more}}


def model(*layers: object) -> dict[str, object]:
    return {"class_name": "Sequential", "module": "keras", "config": {"name": "net", "layers": list(layers)}}


def saved(folder: Path, description: object, **members: bytes) -> Path:
    file = folder / "net.keras"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", json.dumps(description))
        for name, content in members.items():
            archive.writestr(name, content)
    return file


LAMBDA = {
    "class_name": "Lambda",
    "module": "keras.layers",
    "config": {"name": "evil", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}},
}
CUSTOM = {
    "class_name": "Attention2",
    "module": "my_layers",
    "registered_name": "Pkg>Attention2",
    "config": {},
}
REGISTERED = {
    "class_name": "Swish2",
    "module": None,
    "registered_name": "Pkg>Swish2",
    "config": {"name": "s"},
}
FUNCTION = {"module": "builtins", "class_name": "function", "config": "my_act", "registered_name": "my_act"}
LOOKUP = {
    "class_name": "StringLookup",
    "module": "keras.layers",
    "config": {"name": "look_up", "vocabulary": "/etc/passwd"},
}
SAVED_MODEL = {
    "class_name": "TFSMLayer",
    "module": "keras.layers",
    "config": {"name": "old", "filepath": "x"},
}
INNER = {"class_name": "Bidirectional", "module": "keras.layers", "config": {"name": "b", "layer": LAMBDA}}


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (LAMBDA, "the Lambda layer evil holds Python code"),
        (INNER, "the Lambda layer evil holds Python code"),
        (CUSTOM, "the class Attention2 is of my_layers"),
        (REGISTERED, "the class Pkg>Swish2 is no part of Keras"),
        (dense(activation=FUNCTION), "the function my_act is no part of Keras"),
        (LOOKUP, "look_up reads the file /etc/passwd"),
        (SAVED_MODEL, "the TFSMLayer old runs a SavedModel"),
    ],
)
def test_what_loading_a_file_would_run_or_read_is_named(tmp_path: Path, layer: object, named: str) -> None:
    file = saved(tmp_path, model(dense(), layer))
    with pytest.raises(SpecError) as found:
        check_harmless(file)
    assert named in str(found.value)
    assert str(file) in str(found.value)
    assert "tuinn runs no code of a file" in str(found.value)
    assert str(found.value).count(named) == 1


def test_a_plain_network_is_harmless_with_all_that_keras_writes_around_it(tmp_path: Path) -> None:
    optimizer = {"class_name": "Adam", "module": "keras.optimizers", "config": {"name": "adam"}}
    initializer = {"class_name": "GlorotUniform", "module": "keras.initializers", "config": {"seed": None}}
    plain = {**model(dense(kernel_initializer=initializer)), "compile_config": {"optimizer": optimizer}}
    check_harmless(saved(tmp_path, plain))


@pytest.mark.parametrize("name", ["../../evil", "/tmp/evil", "assets/../../evil", "..\\evil", "C:/evil"])
def test_a_member_outside_the_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpecError, match="a member that would be written outside"):
        check_harmless(saved(tmp_path, model(dense()), **{name: b""}))


def test_a_file_that_is_cut_off_is_told_from_one_that_is_none(tmp_path: Path) -> None:
    whole = saved(tmp_path, model(dense())).read_bytes()
    (tmp_path / "cut.keras").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SpecError, match=r"cut\.keras: is cut off or damaged"):
        check_harmless(tmp_path / "cut.keras")
    (tmp_path / "text.keras").write_text("hello")
    with pytest.raises(SpecError, match=r"is not a \.keras file"):
        read_description(tmp_path / "text.keras")
    with pytest.raises(SpecError, match=r"No such file"):
        check_harmless(tmp_path / "nowhere.keras")


def test_what_tuinn_wrote_about_the_data_is_found(tmp_path: Path) -> None:
    assert read_data_note(saved(tmp_path, model(dense()))) is None
    assert read_data_note(saved(tmp_path, model(dense()), **{DATA_NOTE: b"{}"})) == b"{}"
