"""What leaves tuinn and comes in: scripts, presets, saved networks."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from msgspec import structs

from tests.cli.conftest import Tuinn
from tests.conftest import Write
from tests.factories import whole_run
from tuinn.cli.main import tuinn
from tuinn.data import loader
from tuinn.data.catalog.catalog import find
from tuinn.runs.jobs import AnyAnswer, BatchCheck, Export, Exported, JobFailed, JobProgress
from tuinn.spec.dataset import Column, DataFacts, DatasetSpec, Task
from tuinn.spec.keras_export.formats import FILE_FORMATS, file_format, limits, refusal
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.catalog import PRESETS, iris_lab, make_preset
from tuinn.spec.run import RunSpec, stack


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


def test_a_preset_for_a_table_takes_the_target_that_is_named(tmp_path: Path) -> None:
    rows = [f"{at},{at % 5}.5,{at * 2}.25,{'ab'[at % 2]}" for at in range(30)]
    (tmp_path / "rows.csv").write_text("\n".join(["x,first,second,last", *rows]))

    def made(*words: str) -> RunSpec:
        done = do("presets", "diabetes-regression", "--for", tmp_path / "rows.csv", *words)
        assert done.exit_code == 0, done.stderr
        return RunSpec.from_toml(done.stdout)

    assert made("--target", "first").dataset.target == "first"
    assert made("--target", "first").model.layers[-1].units == 1
    assert made("--target", "first,second").model.layers[-1].units == 2
    assert made().dataset.target == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--target", "a"], "goes with --for PATH"),
        (["iris-lab", "--target", "a"], "goes with --for PATH"),
        (["iris-lab", "--for", "iris", "--target", "a"], "iris has its target"),
        (["iris-lab", "--for", "{tmp}/rows.csv", "--target", "nowhere"], "nowhere is no column of rows.csv"),
    ],
)
def test_a_target_that_cannot_be_is_refused(words: list[str], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,y\n1,2\n2,3\n")
    done = do("presets", *(word.format(tmp=tmp_path) for word in words))
    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_without_a_name_the_preset_that_suits_the_data_is_printed(tmp_path: Path) -> None:
    rows = "".join(f"{at},{at * 2 + at % 3}\n" for at in range(200))
    (tmp_path / "t.csv").write_text(f"size,price\n{rows}")
    spec = RunSpec.from_toml(do("presets", "--for", tmp_path / "t.csv").stdout)
    assert [layer.units for layer in spec.model.layers] == [None, 32, 1]
    assert RunSpec.from_toml(do("presets", "--for", "iris").stdout) == PRESETS["iris-lab"]()


def test_a_preset_for_pictures_takes_where_their_classes_are_from(tmp_path: Path) -> None:
    from PIL import Image

    for at in range(10):
        Image.new("RGB", (8, 8), (at * 20, 0, 0)).save(tmp_path / f"{('cat', 'dog')[at % 2]}{at}.png")
    done = do("presets", "fashion-cnn", "--for", tmp_path, "--labels", "name:(cat|dog)")
    assert RunSpec.from_toml(done.stdout).dataset.label_source == "name:(cat|dog)"
    assert do("presets", "fashion-cnn", "--for", tmp_path, "--labels", "name:(cat").exit_code == 2


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
@pytest.mark.usefixtures("keras_steps")
@pytest.mark.parametrize(
    ("preset", "form", "settings"),
    [
        ("fashion-lab", "script", ("fit.epochs=2",)),
        ("residual-cnn", "functional", ("fit.epochs=2",)),
        ("iris-lab", "from-scratch", ("fit.epochs=10",)),
        ("iris-lab", "from-scratch", ("fit.epochs=10", "fit.optimizer=sgd", "fit.learning_rate=0.05")),
        ("fashion-first-look", "from-scratch", ("fit.epochs=2", "fit.optimizer=sgd")),
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
    # Two epochs with batch statistics enlarge what the order of float32 sums in a convolution leaves; how much depends on
    # the processor: 6e-4 on one.
    check_losses(spec, script, tuinn, words, near=2e-3 if preset == "residual-cnn" else 1e-5)


@pytest.mark.tf
@pytest.mark.usefixtures("keras_steps")
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
@pytest.mark.usefixtures("keras_steps")
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
@pytest.mark.usefixtures("keras_steps")
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


# ------------------------------------------------------------------------------------------------ trained networks


CHECKED = Exported(
    to="litert-int8",
    out="/tmp/net.tflite",
    bytes=41_768,
    inputs=("float32 (batch, 28, 28)",),
    outputs=("float32 (batch, 10)",),
    runtime="ai-edge-litert 2.3.0",
    samples=64,
    checks=(BatchCheck(1, 3.4e-3, 0.077, 2.129), BatchCheck(7, 3.4e-3, 0.0731, 12.5)),
    score="accuracy",
    before=0.779,
    after=0.78,
    scored=1000,
)


def answering(monkeypatch: pytest.MonkeyPatch, *answers: AnyAnswer) -> list[Export]:
    """The process that works with the network says this; the jobs that it was given."""
    given: list[Export] = []

    def run(job: Export) -> Iterator[AnyAnswer]:
        given.append(job)
        yield from answers

    monkeypatch.setattr("tuinn.cli.export.run_job", run)
    return given


def test_a_trained_network_is_written_and_its_comparison_is_a_small_table(
    write_run: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_run(whole_run(), iris_lab())
    given = answering(monkeypatch, JobProgress(what="loading the network"), CHECKED)
    done = do("export", "last", "--to", "litert-int8", "-o", tmp_path / "net.tflite")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "wrote  /tmp/net.tflite  LiteRT int8, 41.8 kB",
        "takes  float32 (batch, 28, 28)",
        "gives  float32 (batch, 10)",
        "opened with ai-edge-litert 2.3.0, compared with Keras over 64 samples",
        "batch  largest difference  ms per sample  in Keras",
        "    1             3.4e-03          0.077     2.129",
        "    7             3.4e-03          0.073      12.5",
        "accuracy  0.779 → 0.78, over 1,000 test samples",
    ]
    (job,) = given
    assert (job.to, job.out) == ("litert-int8", str(tmp_path / "net.tflite"))
    assert job.network.run == str(folder.path)


def test_the_comparison_is_json_when_asked_for(
    write_run: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(whole_run(), iris_lab())
    answering(monkeypatch, JobProgress(what="loading the network"), CHECKED)
    told = json.loads(
        do("export", "last", "--to", "litert-int8", "-o", tmp_path / "n.tflite", "--json").stdout
    )
    assert told["agrees"] is True
    assert told["checks"][1] == {
        "batch": 7,
        "difference": 3.4e-3,
        "milliseconds": 0.0731,
        "keras_milliseconds": 12.5,
    }


def test_a_network_that_says_something_else_exits_1_with_the_reason(
    write_run: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(whole_run(), iris_lab())
    answering(monkeypatch, structs.replace(CHECKED, tolerance=1e-5))
    done = do("export", "last", "--to", "litert", "-o", tmp_path / "n.tflite")
    assert done.exit_code == 1
    assert "differs from the network in Keras by more than 1e-05" in done.stderr


def test_what_the_process_cannot_do_is_one_sentence(
    write_run: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(whole_run(), iris_lab())
    answering(monkeypatch, JobFailed(message="The disk is full."))
    done = do("export", "last", "--to", "keras", "-o", tmp_path / "net.keras")
    assert (done.exit_code, done.stderr) == (1, "tuinn: The disk is full.\n")


@pytest.mark.parametrize(
    ("out", "more", "sentence"),
    [
        ("net.txt", (), "must end with .tflite"),
        ("there.tflite", (), "is there already"),
        ("no/folder.tflite", (), "is no folder"),
        ("net.tflite", ("--set", "fit.epochs=2"), "a trained network is as it is"),
    ],
)
def test_a_place_that_cannot_be_written_is_said_before_anything_is_started(
    write_run: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    out: str,
    more: tuple[str, ...],
    sentence: str,
) -> None:
    write_run(whole_run(), iris_lab())
    (tmp_path / "there.tflite").touch()
    given = answering(monkeypatch)
    done = do("export", "last", "--to", "litert", "-o", tmp_path / out, *more)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert given == []


def test_a_format_whose_programs_are_missing_names_the_extra(
    write_run: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(whole_run(), iris_lab())
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = do("export", "last", "--to", "onnx", "-o", tmp_path / "net.onnx")
    assert done.exit_code == 2
    assert "pip install 'tuinn[onnx]'" in done.stderr


LSTM, BIDIRECTIONAL = LayerSpec.of("LSTM", units=4), LayerSpec.of("Bidirectional", layer="GRU", units=4)


@pytest.mark.parametrize(("layer", "name"), [(LSTM, "LSTM"), (BIDIRECTIONAL, "GRU")])
def test_what_a_format_cannot_do_is_said_before_it_is_written(layer: LayerSpec, name: str) -> None:
    model = stack(layer, LayerSpec.of("Dense", units=2))
    said = {row.name: " ".join(limits(row, model, None)) for row in FILE_FORMATS}
    assert f"{name} would need TensorFlow's own operations (Flex)" in said["litert"]
    assert f"{name} is traced on the processor" in said["onnx"]
    assert said["keras"] == said["saved-model"] == ""
    assert name in refusal(file_format("litert-full-int8"), model, None)
    assert refusal(file_format("litert-int8"), model, None) == ""


def test_networks_of_words_say_that_they_will_take_numbers() -> None:
    facts = DataFacts(Task.BINARY, (), "str", 0, 1, ("no", "yes"), 10, 5)
    assert "takes the numbers of words" in " ".join(limits(file_format("onnx"), stack(), facts))
    table = structs.replace(
        facts, shape=(1,), dtype="float32", columns=(Column("town", "category", ("Bonn",)),)
    )
    assert "a word is its number" in " ".join(limits(file_format("litert"), stack(), table))
    assert "8 bits" in refusal(file_format("litert-full-int8"), stack(), facts)
    assert "no sign for a gap" in refusal(file_format("litert-full-int8"), stack(), table)
