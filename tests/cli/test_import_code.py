"""`tuinn import FILE.py`: what code makes, in the terminal, as JSON and as a spec."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tuinn.cli.main import tuinn
from tuinn.spec.run import RunSpec

CODE = """\
import keras
inputs = keras.Input((28, 28))
x = keras.layers.Flatten()(inputs)
h = keras.layers.Dense(16, activation="relu")(x)
y = keras.layers.Dense(16)(h)
aside = keras.layers.Dense(3)(y)
out = keras.layers.Dense(10, activation="softmax")(y + h)
model = keras.Model(inputs, out)
model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=7, validation_split=0.25)
"""


def do(*words: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(tuinn, ["import", *(str(word) for word in words)], input=text)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(CODE)
    return path


def test_code_is_shown_with_links_shapes_total_and_report(script: Path) -> None:
    done = do(script)
    assert done.exit_code == 0
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "7 add Add dense_1, dense 16 0" in rows
    assert "13,002 parameters for an input of 28 × 28" in done.stdout
    assert "left out: line 6: Dense; it leads nowhere" in done.stderr
    assert "taken over: line 10: epochs 7, batch_size 32 (Keras' own), validation 0.25" in done.stderr


def test_code_as_json(script: Path) -> None:
    found = json.loads(do(script, "--json").stdout)
    assert [layer["kind"] for layer in found["layers"]] == ["Flatten", "Dense", "Dense", "Add", "Dense"]
    assert found["layers"][3] == {
        "name": "add",
        "kind": "Add",
        "options": {},
        "connected_to": ["dense_1", "dense"],
        "output_shape": [16],
        "params": 0,
        "line": 7,
    }
    assert (found["total"], found["input_shape"], found["problem"]) == (13_002, [28, 28], None)
    assert {"line": 6, "kind": "left out", "text": "Dense; it leads nowhere"} in found["report"]
    assert (found["fit"]["optimizer"], found["fit"]["epochs"]) == ("sgd", 7)


def test_code_becomes_a_spec_with_the_settings_of_its_training(script: Path, tmp_path: Path) -> None:
    out = tmp_path / "spec.toml"
    assert do(script, "-o", out).exit_code == 0
    spec = RunSpec.from_toml(out.read_text())
    assert (spec.fit.optimizer, spec.fit.momentum, spec.fit.epochs) == ("sgd", 0.9, 7)
    assert (spec.dataset.name, spec.dataset.validation) == ("fashion_mnist_mini", 0.25)
    assert spec.model.layers[3].sources == ("dense_1", "dense")


def test_the_shape_may_be_given(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("model = keras.Sequential([layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)])\n")
    assert "Give --input-shape" in do(path).stdout
    assert "54,170 parameters for an input of 28 × 28 × 1" in do(path, "--input-shape", "28,28,1").stdout
    assert "Layer 1, Conv2D: Conv2D needs height" in do(path, "--input-shape", "28x28").stdout
    assert do(path, "--input-shape", "wide").exit_code == 2


def test_what_cannot_be_read_is_refused_with_file_and_line(script: Path) -> None:
    script.write_text("x = keras.Input((4,))\ny = mystery(x)\n")
    done = do(script)
    assert done.exit_code == 2
    assert f"{script}, line 2: mystery is no layer" in done.stderr


def test_a_notebook_and_stdin_are_code(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# A network"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "n = 3"]},
        {"cell_type": "code", "source": ["model = keras.Sequential([layers.Dense(n)])"]},
    ]
    notebook = tmp_path / "net.ipynb"
    notebook.write_text(json.dumps({"cells": cells}))
    assert "Dense  3" in do(notebook).stdout
    assert "Dense  3" in do("-", text="layers.Dense(3)").stdout
    notebook.write_text("{}")
    assert "is not a Jupyter notebook" in do(notebook).stderr
