"""A saved Keras network comes in as a stack; what is damaged, foreign or hostile is told in a sentence."""

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from tuinn.cli.main import tuinn
from tuinn.errors import SpecError
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec
from tuinn.spec.saved_network.config import read_config


def do(*words: str | Path) -> Result:
    return CliRunner().invoke(tuinn, [str(word) for word in words])


def entry(kind: str, name: str, *sources: str, **config: object) -> dict[str, object]:
    history = [
        {"class_name": "__keras_tensor__", "config": {"keras_history": [one, 0, 0]}} for one in sources
    ]
    args = [history] if len(history) > 1 else history
    return {
        "class_name": kind,
        "name": name,
        "config": {"name": name, **config},
        "inbound_nodes": [{"args": args, "kwargs": {}}] if sources else [],
    }


RESIDUAL = [
    entry("InputLayer", "in", batch_shape=[None, 8, 8, 1]),
    entry("Conv2D", "first", "in", filters=4, kernel_size=[3, 3], padding="same", activation="relu"),
    entry("Lambda", "odd", "first", function="os.system('true')"),
    entry("Conv2D", "second", "odd", filters=4, kernel_size=[3, 3], padding="same"),
    entry("Add", "sum", "second", "odd"),
    entry("Flatten", "flatten", "sum"),
    entry("Dense", "dense", "flatten", units=3, activation="softmax"),
]


def functional(layers: Sequence[Mapping[str, object]], **more: object) -> dict[str, object]:
    return {"class_name": "Functional", "config": {"layers": layers}, **more}


def saved(path: Path, config: object) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
    return path


def test_a_residual_network_keeps_its_links_past_a_layer_that_is_left_out() -> None:
    found = read_config(functional(RESIDUAL))
    assert [layer.type_name for layer in found.model.layers] == [
        "Conv2D",
        "Conv2D",
        "Add",
        "Flatten",
        "Dense",
    ]
    assert found.model.layers[2].sources == ("second", "first")
    assert found.notes == ["Layer 3, Lambda, is not a layer type that tuinn knows, and is left out."]
    assert found.input_shape == (8, 8, 1)
    assert found.model.names() == ("first", "second", "sum", "flatten", "dense")
    assert found.model.layers[3].name is None


def test_a_file_of_tensorflow_2_13_keeps_its_links() -> None:
    def node(*names: str) -> list[list[list[object]]]:
        return [[[name, 0, 0, {}] for name in names]]

    layers = [
        {**entry("InputLayer", "in", batch_shape=[None, 8]), "inbound_nodes": []},
        {**entry("Dense", "a", units=4), "inbound_nodes": node("in")},
        {**entry("Dense", "b", units=4), "inbound_nodes": node("in")},
        {**entry("Add", "sum"), "inbound_nodes": node("a", "b")},
    ]
    found = read_config(functional(layers))
    assert [layer.sources for layer in found.model.layers] == [(), ("input",), ("a", "b")]


def test_a_network_within_a_network_is_layers_of_the_stack() -> None:
    augmentation = {
        "class_name": "Sequential",
        "name": "augment",
        "config": {
            "name": "augment",
            "layers": [
                entry("InputLayer", "inner", batch_shape=[None, 8, 8, 1]),
                entry("RandomFlip", "flip", mode="horizontal"),
                entry("GaussianNoise", "noise", stddev=0.1),
            ],
        },
        "inbound_nodes": entry("Dense", "x", "in")["inbound_nodes"],
    }
    layers = [
        entry("InputLayer", "in", batch_shape=[None, 8, 8, 1]),
        augmentation,
        entry("Conv2D", "conv", "augment", filters=1, kernel_size=[3, 3], padding="same"),
        entry("Add", "sum", "conv", "augment"),
    ]
    found = read_config(functional(layers))
    assert [layer.type_name for layer in found.model.layers] == [
        "RandomFlip",
        "GaussianNoise",
        "Conv2D",
        "Add",
    ]
    assert found.model.layers[3].sources == ("conv", "noise")
    assert (found.notes, found.input_shape) == ([], (8, 8, 1))


@pytest.mark.tf
def test_nested_networks_of_keras_come_back_with_all_their_parameters() -> None:
    import keras

    inner_input = keras.Input((8,))
    hidden = keras.layers.Dense(8)(inner_input)
    inner = keras.Model(inner_input, keras.layers.Add()([hidden, inner_input]))
    block = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(8)])
    inputs = keras.Input((8,))
    x = keras.layers.Add()([block(inner(inputs)), inputs])
    model = keras.Model(inputs, keras.layers.Dense(3)(x))
    found = read_config(json.loads(json.dumps(keras.saving.serialize_keras_object(model))))
    summary = summarize(found.model, (8,))
    assert (summary.mismatch, found.notes) == (None, [])
    assert (summary.total, [row.shape for row in summary.rows][-1]) == (model.count_params(), (3,))


def test_initializers_and_regularizers_are_taken_over() -> None:
    told = {
        "units": 3,
        "kernel_initializer": {"class_name": "HeNormal", "config": {"seed": None}},
        "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}},
    }
    (layer,) = read_config(functional([entry("Dense", "dense", **told)])).model.layers
    assert layer.options["kernel_initializer"] == "he_normal"
    assert layer.options["kernel_regularizer"] == "l2(0.5)"


def test_the_optimizer_of_a_compiled_network_is_taken_over() -> None:
    optimizer = {"class_name": "SGD", "config": {"learning_rate": 0.05, "momentum": 0.9, "nesterov": False}}
    fit = read_config(functional([], compile_config={"optimizer": optimizer})).fit
    assert (fit.optimizer, fit.learning_rate, fit.momentum) == ("sgd", 0.05, 0.9)


def test_the_verb_shows_the_stack_and_names_what_it_leaves_out(tmp_path: Path) -> None:
    done = do("import", saved(tmp_path / "m.keras", functional(RESIDUAL)))
    assert done.exit_code == 0
    assert "first" in done.stdout
    assert "note: Layer 3, Lambda, is not a layer type that tuinn knows" in done.stderr


def test_the_verb_writes_a_spec_that_can_be_read(tmp_path: Path) -> None:
    out = tmp_path / "spec.toml"
    model = saved(tmp_path / "m.keras", functional([entry("Dense", "d", units=3)]))
    assert do("import", model, "-o", out).exit_code == 0
    assert [layer.type_name for layer in RunSpec.from_toml(out.read_text()).model.layers] == ["Dense"]
    assert do("import", model, "-o", out).exit_code == 2


@pytest.mark.parametrize("name", PRESETS)
def test_a_network_that_tuinn_exported_comes_back_as_the_same_spec(name: str, tmp_path: Path) -> None:
    spec, file, out = PRESETS[name](), tmp_path / "m.keras", tmp_path / "spec.toml"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", json.dumps(functional(RESIDUAL)))
        archive.writestr("tuinn.toml", spec.toml())
    done = do("import", file, "-o", out)
    assert (done.exit_code, RunSpec.from_toml(out.read_text())) == (0, spec)
    assert "taken over: the whole spec, as tuinn exported it" in done.stderr


def test_what_the_network_was_compiled_with_is_written_into_the_spec_and_each_is_said(tmp_path: Path) -> None:
    optimizer = {"class_name": "RMSprop", "config": {"learning_rate": 0.01, "rho": 0.8}}
    compiled = {"optimizer": optimizer, "loss": "categorical_crossentropy", "metrics": ["accuracy", "auc"]}
    out = tmp_path / "spec.toml"
    done = do("import", saved(tmp_path / "m.keras", functional(RESIDUAL, compile_config=compiled)), "-o", out)
    fit = RunSpec.from_toml(out.read_text()).fit
    assert (fit.optimizer, fit.learning_rate, fit.rho, fit.loss) == (
        *("rmsprop", 0.01, 0.8, "categorical_crossentropy"),
    )
    said = [line for line in done.stderr.splitlines() if line.startswith("taken over")]
    assert said == [
        *("taken over: optimizer rmsprop", "taken over: learning_rate 0.01", "taken over: rho 0.8"),
        *("taken over: loss categorical_crossentropy", "taken over: metrics accuracy, auc"),
    ]


def test_the_first_layers_become_a_frozen_trunk_for_other_data(tmp_path: Path) -> None:
    model = saved(tmp_path / "m.keras", functional([*RESIDUAL[:2], *RESIDUAL[3:]]))
    out = tmp_path / "spec.toml"
    done = do("import", model, "--trunk-for", "digits", "-o", out)
    assert done.exit_code == 0
    assert done.stderr.startswith("note: A Reshape makes 8 × 8 × 1 of each sample.\n")
    spec = RunSpec.from_toml(out.read_text())
    assert (spec.dataset.name, spec.weights.path) == ("digits", str(model))
    assert [layer.weights for layer in spec.model.layers] == [None, "first", "second", None, None, None]
    shown = do("summary", out)
    assert "2,570 trainable, 188 not trainable, 188 of them frozen" in shown.stdout
    model.unlink()
    refused = do("train", out)
    assert refused.exit_code == 2
    assert "m.keras cannot be read (No such file or directory). 2 layers should start with its weights." in (
        refused.stderr
    )
    assert "fix: start 2 layers with fresh weights, and train them" in refused.stderr


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty. Copy it again."),
        (b"not a network", "is not a .keras file."),
        (b"PK\x03\x04junk", "is cut off or damaged: it begins like a .keras file"),
        ("[1, 2", "has a config.json that is damaged."),
        ("[" * 100_000, "has a config.json that is damaged."),
        (" " * 30_000_000, "describes its network in more than 20,000,000 bytes."),
        ("[]", "holds something else, not a Sequential or functional network."),
        ({"class_name": "\x1b[2J", "config": {}}, "not a Sequential or functional network."),
        (functional([{"class_name": "Dense"}]), "describes its network in a way that Keras does not."),
    ],
    ids=["empty", "text", "junk", "half", "deep", "bomb", "list", "escape", "odd"],
)
def test_a_file_that_holds_no_network_is_refused_in_one_sentence(
    content: object, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "m.keras"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("config.json", content if isinstance(content, str) else json.dumps(content))
    done = do("import", path)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert str(path) in done.stderr
    assert done.stderr.removesuffix("\n").isprintable()


@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.keras")
    done = do("import", tmp_path / "m.keras")
    assert done.exit_code == 2
    assert done.stderr == f"tuinn: {tmp_path / 'm.keras'}: is a pipe or a device. Give a .keras file.\n"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)." in do("import", tmp_path / "none.keras").stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["class_name", "config", "name", "layers", "args", "units"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "class_name": st.sampled_from(["Dense", "Add", "InputLayer", "Conv2D"]) | JSON,
                "config": JSON,
                "inbound_nodes": JSON,
            }
        )
    )
)
def test_any_description_is_a_stack_or_a_problem_in_one_line(layers: list[dict[str, object]]) -> None:
    said, found = "", None
    try:
        found = read_config(functional(layers))
    except SpecError as problem:
        said = str(problem)
    assert said.isprintable()
    if found is not None:
        assert all(note.isprintable() for note in found.notes)
        assert RunSpec.from_toml(RunSpec(model=found.model).toml()).model == found.model


@pytest.mark.tf
def test_a_network_that_tuinn_built_and_saved_comes_back_as_the_same_stack(tmp_path: Path) -> None:
    from tuinn.data.catalog import catalog
    from tuinn.spec.saved_network.files import read_description
    from tuinn.worker.model import build

    for name, make in PRESETS.items():
        spec = make()
        shape = catalog.find(spec.dataset.name).facts.shape
        build.build(spec.model, shape).save(tmp_path / "m.keras")
        found = read_config(read_description(tmp_path / "m.keras"))
        assert (name, found.notes) == (name, [])
        assert found.model == spec.model
        assert found.input_shape == shape
