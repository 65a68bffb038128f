"""An exported script, run with Keras alone, prints the very numbers of the run."""

import contextlib
import io
import runpy
from pathlib import Path

import pytest

from tests.worker.catalog_runs import (
    BATCH,
    SHAPES,
    callback_settings,
    every_fit,
    networks,
    one_by_one,
    samples_of,
    side_by_side,
    small_network,
    text_layers,
    texts_in,
)
from tests.worker.conftest import Train, Training
from tuinn.data import loader
from tuinn.runs.events import EpochEnded, Evaluated, Metrics
from tuinn.spec.dataset import Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.script import FORMS, Form, export_script
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.layer_type import Shape
from tuinn.spec.run import RunSpec, stack

pytestmark = [pytest.mark.tf, pytest.mark.usefixtures("keras_steps")]

FIT = FitSpec(epochs=2, batch_size=BATCH)

Told = dict[str, dict[str, float]]
"""Metrics by what they are of: `epoch 1`, `test`."""

LAST_DIGIT = 2.0**-22
"""In a loop written out, the loss of what is not trained is averaged in another graph, which may round otherwise once."""


def told_by_run(training: Training) -> Told:
    """With the nine digits that a script prints, which tell any two float32 apart."""

    def digits(metrics: Metrics) -> dict[str, float]:
        return {name: float(f"{value:.9g}") for name, value in metrics.items() if value is not None}

    (tested,) = training.events_of(Evaluated)
    epochs = {f"epoch {event.epoch}": digits(event.metrics) for event in training.events_of(EpochEnded)}
    return {**epochs, "test": digits(tested.metrics)}


def told_by_script(spec: RunSpec, form: Form, folder: Path) -> Told:
    """Run the script in this process."""
    import keras

    facts = loader.describe(spec.dataset).facts
    file = folder / f"{form}.py"
    file.write_text(export_script(spec, facts, str(loader.cached_folder(spec.dataset).resolve()), form))
    keras.utils.clear_session()
    with contextlib.redirect_stdout(io.StringIO()) as out:
        runpy.run_path(str(file))
    told: Told = {}
    for line in out.getvalue().splitlines():
        words = line.split()
        at = 2 if words[0] == "epoch" else 1
        numbers = zip(words[at::2], words[at + 1 :: 2], strict=True)
        told[" ".join(words[:at])] = {name.rstrip(":"): float(value) for name, value in numbers}
    return told


def check(spec: RunSpec, forms: tuple[Form, ...], train: Train, folder: Path) -> None:
    """Each form against one run, to the last digit."""
    import keras

    keras.utils.clear_session()
    expected = told_by_run(train(spec))
    for form in forms:
        told = told_by_script(spec, form, folder)
        if form == "from-scratch":
            assert told.keys() == expected.keys()
            for part, metrics in expected.items():
                assert told[part] == pytest.approx(metrics, rel=LAST_DIGIT, abs=0.0), part
        else:
            assert told == expected, form


@pytest.mark.parametrize(
    "recurrent",
    [
        LayerSpec.of("LSTM", units=3, dropout=0.3),
        LayerSpec.of("GRU", units=3, dropout=0.3, recurrent_dropout=0.3),
        LayerSpec.of("SimpleRNN", units=3, recurrent_dropout=0.3),
        LayerSpec.of("Bidirectional", layer="LSTM", units=3, dropout=0.3, recurrent_dropout=0.3),
    ],
    ids=lambda layer: layer.type_name,
)
def test_the_scripts_of_recurrent_layers_with_dropout_give_the_numbers_of_the_run(
    recurrent: LayerSpec, train: Train, tmp_path: Path
) -> None:
    layers = (
        recurrent,
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=3, activation="softmax"),
    )
    spec = RunSpec(samples_of(tmp_path, SHAPES[1]), stack(*layers), FIT)
    check(spec, FORMS, train, tmp_path)


@pytest.mark.parametrize(
    ("shape", "layers"),
    [pytest.param(*case, id=f"{len(case[0])}-{case[1][0].type_name}") for case in networks()],
)
def test_the_script_of_every_layer_type_gives_the_numbers_of_the_run(
    shape: Shape, layers: list[LayerSpec], train: Train, tmp_path: Path
) -> None:
    spec = RunSpec(samples_of(tmp_path, shape), stack(*side_by_side(layers)), FIT)
    check(spec, ("script",), train, tmp_path)


HEAD_OF_TEXTS = (
    LayerSpec.of("Embedding", input_dim=50, output_dim=3),
    LayerSpec.of("Flatten"),
    LayerSpec.of("Dropout", rate=0.2),
    LayerSpec.of("Dense", units=2, activation="softmax"),
)


@pytest.mark.parametrize("layer", text_layers(), ids=lambda layer: layer.type_name)
def test_the_scripts_of_layers_that_read_texts_give_the_numbers_of_the_run(
    layer: LayerSpec, train: Train, tmp_path: Path
) -> None:
    check(RunSpec(texts_in(tmp_path), stack(layer, *HEAD_OF_TEXTS), FIT), FORMS, train, tmp_path)


@pytest.mark.parametrize(
    ("task", "fit"), [pytest.param(*case, id=f"{case[1].optimizer}-{case[1].loss}") for case in every_fit()]
)
def test_the_script_of_every_optimizer_schedule_callback_and_loss_gives_the_numbers_of_the_run(
    task: Task, fit: FitSpec, train: Train, tmp_path: Path
) -> None:
    spec = RunSpec(samples_of(tmp_path, SHAPES[0], task), stack(*small_network(task)), fit)
    check(spec, ("script",), train, tmp_path)


@pytest.mark.parametrize(
    "layers",
    [pytest.param(case, id=f"{len(case[0])}-axes") for case in dict(reversed(list(networks()))).items()],
)
def test_the_scripts_of_layers_one_by_one_give_the_numbers_of_the_run(
    layers: tuple[Shape, list[LayerSpec]], train: Train, tmp_path: Path
) -> None:
    spec = RunSpec(samples_of(tmp_path, layers[0]), stack(*one_by_one(*layers)), FIT)
    check(spec, FORMS, train, tmp_path)


@pytest.mark.parametrize(
    "settings",
    [*callback_settings(), {"min_lr": 10.0}],
    ids=lambda settings: "-".join(map(str, settings.values())) or "plateau",
)
def test_a_loop_written_out_steers_as_the_callbacks_of_keras_do(
    settings: dict[str, object], train: Train, tmp_path: Path
) -> None:
    """With a learning rate at which no epoch is like the one before."""
    restless = {"optimizer": "sgd", "learning_rate": 3.0, "schedule": "reduce_on_plateau", "patience": 1}
    fit = FitSpec.of({**restless, "epochs": 5, "batch_size": BATCH, **settings})
    layers = small_network(Task.CLASSES)
    check(RunSpec(samples_of(tmp_path, SHAPES[0]), stack(*layers), fit), ("from-scratch",), train, tmp_path)


WRITTEN_OUT: tuple[dict[str, object], ...] = (
    {"optimizer": "adam"},
    {"optimizer": "sgd"},
    {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    {"optimizer": "rmsprop"},
    {"optimizer": "rmsprop", "momentum": 0.5},
)


@pytest.mark.parametrize("settings", WRITTEN_OUT, ids=lambda settings: "-".join(map(str, settings.values())))
def test_the_script_of_a_written_out_step_gives_the_numbers_of_the_run(
    settings: dict[str, object], train: Train, tmp_path: Path
) -> None:
    table = {"train_step": "written_out", "schedule": "cosine", "learning_rate": 0.01, **settings}
    fit = FitSpec.of({**table, "epochs": 4, "batch_size": BATCH})
    spec = RunSpec(samples_of(tmp_path, SHAPES[0]), stack(*small_network(Task.CLASSES)), fit)
    expected, told = told_by_run(train(spec)), told_by_script(spec, "from-scratch", tmp_path)
    source = (tmp_path / "from-scratch.py").read_text()
    assert "update_weights(gradients)" in source
    assert "optimizer.apply" not in source
    assert told.keys() == expected.keys()
    for part, metrics in expected.items():
        assert told[part] == pytest.approx(metrics, abs=1e-5), part


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_script_of_a_written_out_step_on_words_gives_the_numbers_of_the_run(
    optimizer: str, train: Train, tmp_path: Path
) -> None:
    layers = (LayerSpec.of("TextVectorization", output_sequence_length=4), *HEAD_OF_TEXTS)
    fit = FitSpec(optimizer, 0.01, epochs=4, batch_size=BATCH, train_step="written_out")
    spec = RunSpec(texts_in(tmp_path), stack(*layers), fit)
    expected, told = told_by_run(train(spec)), told_by_script(spec, "from-scratch", tmp_path)
    for part, metrics in expected.items():
        assert told[part] == pytest.approx(metrics, abs=1e-5), part


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
@pytest.mark.parametrize("loss", ["auto", "categorical_crossentropy", "mean_squared_error"])
def test_a_network_written_out_without_layers_of_keras_gives_the_numbers_of_its_layers(
    optimizer: str, loss: str, train: Train, tmp_path: Path
) -> None:
    layers = (
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=5, activation="tanh", use_bias=False),
        LayerSpec.of("Dense", units=4, activation="relu"),
        LayerSpec.of("Dense", units=3, activation="softmax"),
    )
    settings = {"optimizer": optimizer, "loss": loss, "learning_rate": 0.01, "epochs": 4, "batch_size": BATCH}
    settings |= {"train_step": "written_out"} if optimizer == "adam" else {}
    spec = RunSpec(samples_of(tmp_path, SHAPES[0]), stack(*layers), FitSpec.of(settings))
    expected, told = told_by_run(train(spec)), told_by_script(spec, "from-scratch", tmp_path)
    assert "class NaiveDense" in (tmp_path / "from-scratch.py").read_text()
    assert told.keys() == expected.keys()
    for part, metrics in expected.items():
        assert told[part] == pytest.approx(metrics, abs=1e-5), part
