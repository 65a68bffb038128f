"""What leaves tuinn and comes in: scripts, presets, saved networks."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.cli.conftest import Tuinn
from tests.conftest import Write
from tests.factories import whole_run
from tuinn.cli.main import tuinn
from tuinn.data import loader
from tuinn.data.catalog.catalog import find
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import PRESETS, iris_lab, make_preset
from tuinn.spec.run import RunSpec


def do(*words: str | Path) -> Result:
    return CliRunner().invoke(tuinn, [str(word) for word in words])


@pytest.mark.parametrize("form", ["script", "functional", "from-scratch"])
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_exported_as_python_that_does_not_need_tuinn(
    name: str, form: str, tmp_path: Path
) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(PRESETS[name]().toml())
    source = do("export", file, "--to", form).stdout
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", None) or node.names[0].name for node in imported} == {
        *("os", "keras", "numpy", "tensorflow"),
    }


def test_a_run_is_exported_by_its_name_or_as_the_newest(write_run: Write) -> None:
    folder = write_run(whole_run(), iris_lab())
    assert do("export", "last").stdout == do("export", folder.name).stdout != ""


def test_a_script_goes_to_a_new_file_and_never_over_another(tmp_path: Path, lab: Path) -> None:
    out = tmp_path / "script.py"
    assert do("export", lab, "-o", out).stdout == ""
    compile(out.read_text(), "script.py", "exec")
    again = do("export", lab, "-o", out, "--to", "functional")
    assert again.exit_code == 2
    assert f"{out}: is there already." in again.stderr
    assert "Sequential" in out.read_text()


def test_a_spec_that_cannot_be_trained_is_not_exported(lab: Path) -> None:
    done = do("export", lab, "--set", "layers[6].units=7")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "ends in 7 outputs" in done.stderr


def test_presets_are_listed_and_each_is_a_spec() -> None:
    rows = json.loads(do("presets", "--json").stdout)
    assert [row["name"] for row in rows] == list(PRESETS)
    assert rows[0]["parameters"] == 131_460
    listed = do("presets").stdout
    for name in PRESETS:
        assert name in listed
        assert RunSpec.from_toml(do("presets", name).stdout) == PRESETS[name]()
        assert json.loads(do("presets", name, "--json").stdout)["dataset"]["name"]


def test_an_unknown_preset_is_answered_with_the_nearest() -> None:
    done = do("presets", "iris")
    assert done.exit_code == 2
    assert "Did you mean iris-lab?" in done.stderr


STORY = """
[dataset]
name = "wine"
[[layers]]
kind = "Normalization"
[[layers]]
kind = "Dense"
units = 16
activation = "relu"
[[layers]]
kind = "Dropout"
rate = 0.2
[[layers]]
kind = "Dense"
units = 3
activation = "softmax"
[fit]
optimizer = "sgd"
momentum = 0.9
nesterov = true
learning_rate = 0.05
schedule = "{schedule}"
metrics = ["accuracy", "mean_squared_error"]
class_weights = "balanced"
label_smoothing = 0.1
clipnorm = 1.0
epochs = 12
early_stopping_patience = 4
patience = 1
batch_size = 16
device = "cpu"
"""


def check_losses(
    spec: Path, script: Path, tuinn: Tuinn, settings: Sequence[str] = (), near: float = 1e-5
) -> None:
    """The script, run by itself, prints what a run of the spec tells, to within `near`."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    alone = subprocess.Popen(
        [sys.executable, script], stdout=-1, stderr=-1, text=True, env=clean, cwd=script.parent
    )
    events = [
        json.loads(line) for line in tuinn("train", spec, *settings, "--json", worker="").out.splitlines()
    ]
    out, err = alone.communicate()
    written = [line.split() for line in out.splitlines() if line.startswith(("epoch ", "test "))]
    told = [event["metrics"] for event in events if event["kind"] in ("EpochEnded", "Evaluated")]
    assert len(written) == len(told) > 1, err
    for words, metrics in zip(written, told, strict=True):
        numbers = words[2:] if words[0] == "epoch" else words[1:]
        found = {
            name.rstrip(":"): float(value) for name, value in zip(numbers[::2], numbers[1::2], strict=True)
        }
        assert found == pytest.approx(metrics, abs=near, rel=1e-6)


FROZEN = """
[dataset]
name = "digits"
[[layers]]
kind = "Rescaling"
scale = 0.0625
[[layers]]
kind = "Bidirectional"
layer = "GRU"
units = 4
return_sequences = true
trainable = false
[[layers]]
kind = "MultiHeadAttention"
num_heads = 2
key_dim = 3
trainable = false
[[layers]]
kind = "Flatten"
[[layers]]
kind = "Dense"
units = 10
activation = "softmax"
[fit]
epochs = 1
batch_size = 64
device = "cpu"
"""


@pytest.mark.tf
@pytest.mark.parametrize(
    ("preset", "form", "settings"),
    [
        ("fashion-lab", "script", ("fit.epochs=2",)),
        ("residual-cnn", "functional", ("fit.epochs=2",)),
        ("iris-lab", "from-scratch", ("fit.epochs=10",)),
        ("frozen", "functional", ()),
    ],
)
def test_the_script_of_a_preset_run_by_itself_gives_the_losses_of_the_run(
    preset: str, form: str, settings: tuple[str, ...], tuinn: Tuinn, tmp_path: Path
) -> None:
    spec = tmp_path / "spec.toml"
    if preset == "residual-cnn":  # on small pictures it is soon done
        spec.write_text(make_preset(preset, DatasetSpec("digits"), find("digits").facts).toml())
    else:
        spec.write_text(FROZEN if preset == "frozen" else PRESETS[preset]().toml())
    words = [word for setting in ("fit.device=cpu", *settings) for word in ("--set", setting)]
    script = tmp_path / "script.py"
    assert tuinn("export", spec, *words, "--to", form, "-o", script).code == 0
    # Two epochs with batch statistics enlarge what the order of float32 sums in a convolution leaves.
    check_losses(spec, script, tuinn, words, near=1e-4 if preset == "residual-cnn" else 1e-5)


@pytest.mark.tf
@pytest.mark.parametrize(
    ("form", "schedule"), [("script", "one_cycle"), ("from-scratch", "reduce_on_plateau")]
)
def test_an_exported_script_run_by_itself_gives_the_losses_of_the_run(
    form: str, schedule: str, tuinn: Tuinn, tmp_path: Path
) -> None:
    spec, script = tmp_path / "spec.toml", tmp_path / "script.py"
    text = STORY.format(schedule=schedule)
    spec.write_text(text if schedule == "reduce_on_plateau" else text.replace("patience = 1\n", ""))
    assert tuinn("export", spec, "--to", form, "-o", script).code == 0
    check_losses(spec, script, tuinn)


@pytest.mark.tf
def test_a_script_of_a_table_of_ones_own_gives_the_losses_of_the_run_in_the_targets_unit(
    tuinn: Tuinn, tmp_path: Path
) -> None:
    rows = [
        f"{size},{'Bonn' if size % 3 else 'Ulm'},{'' if size % 7 else 1900 + size},{3000 * size + 500 * (size % 11)}"
        for size in range(20, 120)
    ]
    (tmp_path / "flats.csv").write_text("\n".join(["size,town,built,price", *rows]))
    spec, script = tmp_path / "spec.toml", tmp_path / "script.py"
    layers = (
        '[[layers]]\nkind = "Dense"\nunits = 4\nactivation = "relu"\n[[layers]]\nkind = "Dense"\nunits = 1\n'
    )
    fit = '[fit]\nepochs = 2\nbatch_size = 16\nmetrics = ["mean_absolute_error"]\n'
    spec.write_text(f'[dataset]\npath = "{tmp_path}/flats.csv"\ntask = "regression"\n{layers}{fit}')
    assert tuinn("export", spec, "-o", script).code == 0
    check_losses(spec, script, tuinn)


@pytest.mark.tf
@pytest.mark.parametrize("kind", ["table", "arrays"])
def test_a_script_takes_what_is_constant_in_training_as_the_run_does(
    kind: str, tuinn: Tuinn, tmp_path: Path
) -> None:
    chance = np.random.default_rng(3)
    values = chance.uniform(0, 1, (100, 3)).astype(np.float32)
    spec, script = tmp_path / "spec.toml", tmp_path / "script.py"
    if kind == "table":
        (tmp_path / "data.csv").write_text(
            "\n".join(["a,y", *(f"{at},{at / 7}" for at in range(len(values)))]) + "\n"
        )
        data = DatasetSpec.at(str(tmp_path / "data.csv"), task="regression")
        tested = [int(at) for at in loader.load(data).x_test[:, 0]]
        rows = [
            f"{a:.3f},{255 * (at in tested)},{'Trier' if at in tested else 'Bonn'},{'' if at in tested else 1},{a + b:.3f}"
            for at, (a, b, _) in enumerate(values)
        ]
        (tmp_path / "data.csv").write_text("\n".join(["a,rare,town,gap,y", *rows]) + "\n")
        loader.forget_inspected()
    else:
        x_test, values[:, 2] = values.copy(), 0.1
        x_test[:, 2] = 255
        y = values[:, 0] + values[:, 1]
        np.savez(tmp_path / "data.npz", x_train=values, y_train=y, x_test=x_test, y_test=y)
        data = DatasetSpec.at(str(tmp_path / "data.npz"), task="regression")
    layers = '[[layers]]\nkind = "Normalization"\n[[layers]]\nkind = "Dense"\nunits = 1\n'
    fit = '[fit]\nepochs = 2\nbatch_size = 16\nmetrics = ["mean_absolute_error"]\n'
    spec.write_text(f'[dataset]\npath = "{data.path}"\ntask = "regression"\n{layers}{fit}')
    assert tuinn("export", spec, "-o", script).code == 0
    check_losses(spec, script, tuinn)
