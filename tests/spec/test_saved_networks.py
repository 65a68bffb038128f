"""What people save elsewhere: files of Keras 2 and Teachable Machine, SavedModels, weights, and files of other names.

saved_networks/ has what tf_keras 2.21, which is Keras 2, wrote about four networks: a perceptron, a convolutional network
with branches, a network as Teachable Machine nests it, and a recurrent one.
"""

import json
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.cli.test_import import entry, functional
from tuinn.errors import SpecError
from tuinn.spec.advice.frozen_trunk import frozen_trunk
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.keras_import.training.settings import fit_with
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.run import RunSpec
from tuinn.spec.saved_network.config import ImportedModel, read_config
from tuinn.spec.saved_network.files import is_network, read_description
from tuinn.spec.saved_network.saved_stack import read_saved_stack

HERE = Path(__file__).parent / "saved_networks"
PARAMETERS = {"lab": 15_910, "cnn": 508, "teachable": 3_392, "lstm": 1_447}
"""As Keras 2 counted them."""
COLOURS = DataFacts(Task.CLASSES, (32, 32, 3), "uint8", 0, 255, ("a", "b", "c"), train=100, test=20)


def told(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text())
    return found


def as_hdf5(name: str, file: Path) -> Path:
    with h5py.File(file, "w") as opened:
        for key, value in told(name).items():
            if value is not None:
                opened.attrs[key] = json.dumps(value)
        opened.create_group("model_weights")
    return file


def as_archive(name: str, file: Path) -> Path:
    found = told(name)
    config = {**found["model_config"], "compile_config": found["training_config"]}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.13.1"}))
    return file


def as_json(name: str, file: Path) -> Path:
    file.write_text(json.dumps(told(name)["model_config"]))
    return file


def for_the_web(name: str, file: Path) -> Path:
    file.write_text(
        json.dumps({"modelTopology": {"model_config": told(name)["model_config"]}, "format": "layers-model"})
    )
    return file


WAYS: dict[str, Callable[[str, Path], Path]] = {
    "net.h5": as_hdf5,
    "net.keras": as_archive,
    "net.json": as_json,
    "model.json": for_the_web,
    "renamed.keras": as_hdf5,
    "renamed.h5": as_archive,
    "renamed": as_hdf5,
}


def read(path: Path) -> ImportedModel:
    return read_config(read_description(path))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_network_of_keras_2_is_read_in_every_form_whatever_its_name(
    name: str, way: str, tmp_path: Path
) -> None:
    file = WAYS[way](name, tmp_path / way)
    assert is_network(file)
    found = read(file)
    assert found.notes == []
    assert found.input_shape is not None
    summary = summarize(found.model, found.input_shape)
    assert (summary.mismatch, summary.total) == (None, PARAMETERS[name])


def test_a_saved_model_of_keras_2_is_read_by_what_lies_beside_its_graph(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    shutil.copy(HERE / "lab-keras_metadata.pb", tmp_path / "keras_metadata.pb")
    assert is_network(tmp_path)
    for path in (tmp_path, tmp_path / "saved_model.pb"):
        found = read(path)
        assert [layer.type_name for layer in found.model.layers] == ["Flatten", "Dense", "Dropout", "Dense"]
        assert (found.input_shape, found.fit.learning_rate, found.fit.loss) == (
            *((28, 28), 0.001, "sparse_categorical_crossentropy"),
        )
    (tmp_path / "keras_metadata.pb").write_bytes((HERE / "lab-keras_metadata.pb").read_bytes()[:900])
    with pytest.raises(SpecError, match="is damaged: it doesn't describe the network beside it"):
        read(tmp_path)
    (tmp_path / "keras_metadata.pb").unlink()
    with pytest.raises(SpecError, match="is a SavedModel without a description of its layers"):
        read(tmp_path)


def test_old_names_numbers_and_links_are_todays(tmp_path: Path) -> None:
    layers = {layer.type_name: layer for layer in read(as_hdf5("cnn", tmp_path / "net.h5")).model.layers}
    assert layers["LeakyReLU"].options["negative_slope"] == 0.1
    assert layers["Conv2D"].options["kernel_regularizer"] == "l2(0.0001)"
    assert layers["Add"].sources == ("re_lu", "leaky_re_lu")
    assert layers["ZeroPadding2D"].options["padding"] == (0, 1, 0, 1)


def test_optimizer_schedule_loss_and_metrics_come_along_and_each_is_said(tmp_path: Path) -> None:
    found = read(as_hdf5("cnn", tmp_path / "net.h5"))
    assert found.settings == {
        "optimizer": "sgd",
        "learning_rate": 0.05,
        "momentum": 0.9,
        "clipnorm": 1.0,
        "loss": "categorical_crossentropy",
        "label_smoothing": 0.1,
        "metrics": ("accuracy", "auc"),
    }
    assert len(found.taken) == len(found.settings) + 1
    fit = fit_with(found.fit, found.settings, found.decay, 3200)
    assert (fit.schedule, round(fit.value("decay_rate"), 6)) == ("exponential", round(0.9 ** (25 / 100), 6))


def test_opening_an_hdf5_file_loads_no_tensorflow(tmp_path: Path) -> None:
    file = as_hdf5("lab", tmp_path / "net.h5")
    code = (
        "import sys; from pathlib import Path; from tuinn.spec.saved_network.files import read_description; "
        "before = set(sys.modules); read_description(Path(sys.argv[1])); "
        "print('h5py' in before, 'numpy' in before, 'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"] * 4


def weights_alone(file: Path) -> None:
    with h5py.File(file, "w") as opened:
        opened.attrs["layer_names"] = ["dense"]
        opened.create_group("dense")


def weights_of_keras_3(file: Path) -> None:
    with h5py.File(file, "w") as opened:
        opened.create_group("layers/dense/vars")


def other_hdf5(file: Path) -> None:
    with h5py.File(file, "w") as opened:
        opened["temperature"] = np.arange(9)


def half(file: Path) -> None:
    with h5py.File(file, "w") as opened:
        opened.attrs["model_config"] = json.dumps(told("lab")["model_config"])
        opened["more"] = np.arange(90_000)
    file.write_bytes(file.read_bytes()[:4_000])


def archive_of(*names: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, b"x")

    return write


def holding(content: bytes) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "write", "sentence"),
    [
        (
            "old.h5",
            weights_alone,
            "holds weights without the network. Where they were made, save the whole network",
        ),
        ("net.weights.h5", weights_of_keras_3, "holds weights without the network."),
        ("data.h5", other_hdf5, "is an HDF5 file, and holds no network of Keras."),
        (
            "half.h5",
            half,
            "is cut off or damaged: it begins like an HDF5 file and isn't whole. Copy it again.",
        ),
        ("half.keras", half, "is cut off or damaged: it begins like an HDF5 file"),
        (
            "converted_keras.keras",
            archive_of("keras_model.h5", "labels.txt"),
            "is an archive with keras_model.h5 in it.",
        ),
        ("net.keras", archive_of("net/saved_model.pb"), "is an archive with a SavedModel in it. Unpack it"),
        (
            "net.keras",
            archive_of("archive/data.pkl", "archive/data/0"),
            "is a network of PyTorch, which runs code",
        ),
        ("net.keras", archive_of("x.npy"), "is a file of arrays, and no saved network. Open it as data."),
        ("net.keras", archive_of("notes.txt"), "is an archive without config.json"),
        ("net.tflite", holding(b"\x1c\x00\x00\x00TFL3" + bytes(40)), "is a network of LiteRT"),
        ("net.keras", holding(b"\x1c\x00\x00\x00TFL3" + bytes(40)), "is a network of LiteRT"),
        ("net.onnx", holding(b"\x08\x07\x12\x07pytorch"), "is a network of ONNX"),
        (
            "net.pkl",
            holding(pickle.dumps([1, 2])),
            "is a pickle of Python, which runs code when it is opened.",
        ),
        ("net.pth", holding(pickle.dumps([1, 2])), "is a network of PyTorch"),
        (
            "graph.pb",
            holding(b"\x0a\x10graph"),
            "is a graph of TensorFlow without a description of its layers.",
        ),
        ("ckpt.index", holding(b"\x00\x01"), "is a checkpoint of TensorFlow: weights without the network."),
        ("net.json", holding(b'{"a": 1}'), "is JSON, and describes no network of Keras."),
        ("net.json", holding(b'{"class_name": '), "is not JSON that is whole."),
        ("empty.keras", holding(b""), "is empty. Copy it again."),
        ("words.keras", holding(b"hello"), "is not a .keras file."),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value[-8:] and " " not in value else "",
)
def test_what_can_not_be_read_is_named_with_what_to_do(
    name: str, write: Callable[[Path], object], sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    write(file)
    with pytest.raises(SpecError) as caught:
        read(file)
    assert caught.value.message.startswith(sentence)
    assert caught.value.path == str(file)
    assert is_network(file)


def test_a_folder_of_data_is_no_network(tmp_path: Path) -> None:
    assert not is_network(tmp_path)
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    assert not is_network(tmp_path / "table.csv")
    assert not is_network(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("write", "name", "why"),
    [
        (
            as_archive,
            "net.keras",
            "Keras 2 wrote it, whose weights Keras 3 can't load. Where it was made, save it as .h5.",
        ),
        (as_json, "net.json", "it describes the layers, and their weights lie elsewhere."),
    ],
)
def test_weights_that_can_not_be_taken_are_said_with_what_to_do(
    write: Callable[[str, Path], Path], name: str, why: str, tmp_path: Path
) -> None:
    saved = read_saved_stack(str(write("teachable", tmp_path / name)))
    with pytest.raises(SpecError, match=f"can't be a trunk: {why}"):
        frozen_trunk(saved, RunSpec(), COLOURS)


def test_the_trunk_of_teachable_machine_is_its_network_of_pictures_and_the_row_after_it(
    tmp_path: Path,
) -> None:
    saved = read_saved_stack(str(as_hdf5("teachable", tmp_path / "keras_model.h5")))
    made = frozen_trunk(saved, RunSpec(), COLOURS)
    taken = [layer.weights for layer in made.spec.model.layers if layer.weights]
    assert taken[0] == "sequential_1/model1/conv1"
    assert made.notes[0].startswith(
        "Nothing in it scales its input, which runs from 0 to 255: put a Rescaling first"
    )
    assert taken[-1] == "sequential_3/dense_3"
    assert made.spec.model.layers[-1].code() == 'layers.Dense(3, activation="softmax")'
    assert summarize(made.spec.model, COLOURS.shape).frozen == 3_392 - 16 * 2


# ------------------------------------------------------------------------------------ what a spec can't hold


def layer(kind: str, **config: Any) -> ImportedModel:
    return read_config(
        functional([entry("InputLayer", "in", batch_shape=[None, 6]), entry(kind, "it", "in", **config)])
    )


def keras_object(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": name, "config": config}


NORMAL = keras_object("RandomNormal", mean=0.0, stddev=0.01, seed=None)


@pytest.mark.parametrize(
    ("kind", "config", "note"),
    [
        (
            "Dense",
            {"units": 3, "kernel_initializer": NORMAL},
            "starts its kernel by RandomNormal(mean=0.0, stddev=0.01); here random_normal has Keras' own numbers",
        ),
        (
            "Dense",
            {"units": 3, "bias_initializer": keras_object("Constant", value=0.1)},
            "has bias_initializer Constant(value=0.1), which tuinn doesn't know",
        ),
        (
            "Dense",
            {"units": 3, "kernel_regularizer": keras_object("OrthogonalRegularizer", factor=0.1)},
            "has kernel_regularizer OrthogonalRegularizer(factor=0.1), which tuinn doesn't know",
        ),
        (
            "Dense",
            {"units": 3, "kernel_constraint": keras_object("MaxNorm", max_value=2.0, axis=1)},
            "holds its kernel along axis 1; here along axis 0",
        ),
        ("LSTM", {"units": 3, "stateful": True}, "has stateful, which tuinn doesn't know"),
        ("LSTM", {"units": 3, "unit_forget_bias": False}, "begins with a forget bias of 0; here it is 1"),
        ("Normalization", {"mean": [1.0], "variance": [2.0]}, "has mean [1.0], which tuinn doesn't know"),
        (
            "Dropout",
            {"rate": 0.1, "noise_shape": [None, 1]},
            "has noise_shape [None, 1], which tuinn doesn't know",
        ),
    ],
)
def test_what_a_spec_can_not_hold_of_a_layer_is_noted(kind: str, config: dict[str, Any], note: str) -> None:
    found = layer(kind, **config)
    assert f"Layer 2, {kind}, {note}." in found.notes
    assert [one.type_name for one in found.model.layers] == [kind]


@pytest.mark.parametrize(
    ("numbers", "word"),
    [
        ((1.0, "fan_avg", "uniform"), "glorot_uniform"),
        ((2.0, "fan_in", "truncated_normal"), "he_normal"),
        ((1.0, "fan_in", "uniform"), "lecun_uniform"),
    ],
)
def test_variance_scaling_with_the_numbers_of_a_name_is_that_name(
    numbers: tuple[float, str, str], word: str
) -> None:
    scale, mode, distribution = numbers
    told = keras_object("VarianceScaling", scale=scale, mode=mode, distribution=distribution, seed=None)
    found = layer("Dense", units=3, kernel_initializer=told)
    assert found.model.layers[0].options["kernel_initializer"] == word
    assert found.notes == []


def attention(kwargs: dict[str, Any], *sources: str) -> ImportedModel:
    told = entry("MultiHeadAttention", "attend", *sources, num_heads=2, key_dim=3)
    nodes: Any = told["inbound_nodes"]
    args = nodes[0]["args"]
    nodes[0] = {"args": args[0] if isinstance(args[0], list) else args, "kwargs": kwargs}
    return read_config(
        functional(
            [
                entry("InputLayer", "in", batch_shape=[None, 5, 4]),
                entry("Dense", "q", "in", units=4),
                entry("Dense", "v", "in", units=4),
                told,
            ]
        )
    )


def test_a_causal_mask_and_two_sources_of_attention_are_noted() -> None:
    whole = attention({"use_causal_mask": True}, "q", "q")
    assert "earlier steps only; here it attends to all" in " ".join(whole.notes)
    assert not whole.is_exact
    two = attention({}, "q", "v")
    assert "Layer 4, MultiHeadAttention, attends from one place to another" in " ".join(two.notes)
    assert attention({}, "v", "v").notes == []


def test_an_optimizer_in_mixed_precision_its_clipping_and_what_is_left_out_of_it() -> None:
    inner = keras_object(
        *("AdamW",), learning_rate=0.0020000000949949026, clipnorm=0.5, global_clipnorm=2.0, use_ema=True, weight_decay=0.01
    )  # fmt: skip
    policy = {"class_name": "DTypePolicy", "config": {"name": "mixed_bfloat16"}}
    found = read_config(
        functional(
            [
                entry("InputLayer", "in", batch_shape=[None, 6]),
                entry("Dense", "d", "in", units=3, dtype=policy),
            ],
            compile_config={
                "optimizer": keras_object("LossScaleOptimizer", inner_optimizer=inner, initial_scale=32768.0),
                "loss": "mse",
                "metrics": ["mae", keras_object("CohenKappa")],
                "loss_weights": [2.0],
            },
        )
    )
    assert found.settings == {
        "precision": "mixed_bfloat16",
        "optimizer": "adamw",
        "learning_rate": 0.002,
        "clipnorm": 0.5,
        "weight_decay": 0.01,
        "loss": "mean_squared_error",
        "metrics": ("mean_absolute_error",),
    }
    assert found.notes == [
        "global_clipnorm 2.0 of the optimizer is left out.",
        "use_ema True of the optimizer is left out.",
        "The metric CohenKappa is left out.",
        "loss_weights of the compiled network is left out.",
    ]


def test_a_schedule_that_tuinn_has_not_leaves_the_rate_and_is_noted() -> None:
    schedule = keras_object("PolynomialDecay", initial_learning_rate=0.1, decay_steps=100)
    found = read_config(
        functional([], compile_config={"optimizer": keras_object("SGD", learning_rate=schedule)})
    )
    assert (found.fit.learning_rate, found.decay) == (0.1, None)
    assert found.notes == ["The schedule PolynomialDecay is left out; the rate stays as it begins."]


def test_a_loss_that_takes_logits_where_the_network_gives_probabilities_is_noted() -> None:
    loss = keras_object("BinaryCrossentropy", from_logits=True)
    found = read_config(
        functional(
            [
                entry("InputLayer", "in", batch_shape=[None, 6]),
                entry("Dense", "d", "in", units=1, activation="sigmoid"),
            ],
            compile_config={"loss": loss},
        )
    )
    assert found.notes == ["The loss takes probabilities here, for that is what the last layer gives."]


def test_a_layer_that_is_called_twice_is_two_layers() -> None:
    shared = entry("Dense", "shared", "in", units=6)
    nodes: Any = shared["inbound_nodes"]
    nodes.append(entry("Dense", "x", "relu")["inbound_nodes"][0])  # type: ignore[index]
    relu: Any = entry("Activation", "relu", "shared", activation="relu")
    relu["inbound_nodes"].append(entry("Dense", "x", "in")["inbound_nodes"][0])  # type: ignore[index]
    relu["inbound_nodes"][1]["args"][0]["config"]["keras_history"] = ["shared", 1, 0]
    network = {**functional([entry("InputLayer", "in", batch_shape=[None, 6]), shared, relu])}
    network["config"] = {**network["config"], "output_layers": [["relu", 1, 0]]}  # type: ignore[dict-item]
    found = read_config(network)
    assert [layer.type_name for layer in found.model.layers] == ["Dense", "Activation", "Dense", "Activation"]
    assert found.notes == [
        "Layer 2, Dense, is called more than once; here each place has weights of its own."
    ]
    assert found.paths == ("shared", "relu", "shared", "relu")


def test_arithmetic_between_layers_is_a_layer_where_one_does_it() -> None:
    def operation(name: str, kind: str, *args: Any) -> dict[str, Any]:
        return {
            "class_name": kind,
            "module": "keras.src.ops.numpy",
            "name": name,
            "config": {"name": name},
            "inbound_nodes": [{"args": list(args), "kwargs": {}}],
        }

    def of(name: str) -> dict[str, Any]:
        return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}}

    found = read_config(
        functional(
            [
                entry("InputLayer", "in", batch_shape=[None, 6]),
                operation("true_divide", "TrueDivide", of("in"), 127.5),
                operation("subtract", "Subtract", of("true_divide"), 1.0),
                operation("add", "Add", of("subtract"), of("in")),
                operation("round", "Round", of("add")),
            ]
        )
    )
    assert [layer.with_options(name=None).code() for layer in found.model.layers] == [
        f"layers.Rescaling({1 / 127.5!r})",
        "layers.Rescaling(1.0, offset=-1.0)",
        "layers.Add()",
    ]
    assert found.model.layers[2].sources == ("subtract", "input")
    assert found.notes == ["Layer 5, Round, is Round, which no layer does; it is left out."]


def test_a_sum_of_one_layer_with_itself_stays_a_sum() -> None:
    found = read_config(
        functional(
            [
                entry("InputLayer", "in", batch_shape=[None, 6]),
                entry("Dense", "dense", "in", units=6),
                entry("Add", "add", "dense", "dense"),
            ]
        )
    )
    assert found.model.layers[1].sources == ("dense", "dense")
    assert found.notes == []
