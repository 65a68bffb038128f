"""`tuinn import FILE.py --run FUNCTION`: code that no reader can follow, run in a process of its own."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tuinn.cli.main import tuinn
from tuinn.errors import WorkerError
from tuinn.runs.jobs import RunCode
from tuinn.spec.run import RunSpec

CODE = """\
import random
import keras
from keras import layers
from beside import UNITS

def make_model():
    names = sorted({"a": UNITS}, key=len)
    model = keras.Sequential([keras.Input((28, 28)), layers.Flatten()])
    for name in names:
        model.add(layers.Dense(UNITS, activation="relu", name=f"{name}{len(names)}"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy")
    return model

def broken():
    return 1 / 0

"""


def do(*words: str | Path) -> Result:
    return CliRunner().invoke(tuinn, ["import", *(str(word) for word in words)])


@pytest.mark.tf
def test_the_network_that_a_function_gives_becomes_a_spec(tmp_path: Path) -> None:
    script, out = tmp_path / "net.py", tmp_path / "spec.toml"
    script.write_text(CODE)
    (tmp_path / "beside.py").write_text("UNITS = 12\n")
    done = do(script, "--run", "make_model", "-o", out)
    assert done.exit_code == 0, done.stderr
    spec = RunSpec.from_toml(out.read_text())
    assert [layer.units for layer in spec.model.layers] == [None, 12, 10]
    assert (spec.fit.optimizer, spec.fit.learning_rate, spec.fit.momentum) == ("sgd", 0.05, 0.9)
    broken = do(script, "--run", "broken")
    assert broken.exit_code == 2
    assert "failed with ZeroDivisionError: division by zero." in broken.stderr


@pytest.mark.tf
def test_what_gives_no_network_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuinn.worker.jobs.run_code import run_code

    monkeypatch.setattr("sys.path", list(sys.path))
    script = tmp_path / "net.py"
    script.write_text("def nothing():\n    pass\ndef leave():\n    raise SystemExit\n")
    for name, sentence in {
        "nothing": "nothing gives NoneType, not a network of Keras.",
        "none": "net.py has no function called none.",
        "leave": "net.py ended the process before it gave a network.",
    }.items():
        with pytest.raises(WorkerError, match=sentence):
            run_code(RunCode(file=str(script), function=name))


def test_only_a_file_of_python_is_run(tmp_path: Path) -> None:
    text = tmp_path / "net.txt"
    text.write_text("x")
    assert "is no file that can be run." in do(text, "--run", "make_model").stderr
