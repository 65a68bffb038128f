"""Layers that start with the weights of a saved network: to the bit, exactly resumed, and the same in a script."""

import contextlib
import io
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.worker.conftest import Train, Training
from tests.worker.test_exact_resume import Killed, assert_equal, numbers_of
from tuinn.data import loader
from tuinn.data.catalog.catalog import BUNDLED_FOLDER
from tuinn.errors import WorkerError
from tuinn.runs.events import BatchEnded, EpochEnded, Evaluated, Event, Noted
from tuinn.runs.folder import RunFolder
from tuinn.spec.advice.advise import advise
from tuinn.spec.advice.frozen_trunk import frozen_trunk
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.script import FORMS, Form, export_script
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack
from tuinn.spec.saved_network.saved_stack import read_saved_stack
from tuinn.worker.keras_types import Array

pytestmark = [pytest.mark.tf, pytest.mark.usefixtures("keras_steps")]

FIT = FitSpec(epochs=2, batch_size=16, device="cpu")


@pytest.fixture(autouse=True)
def reports_of_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    from tuinn.worker.data import batches

    monkeypatch.setattr(batches, "MOST_STEPS", 1)
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)
    monkeypatch.setenv("TUINN_CHECKPOINT_SECONDS", "0")


def pictures(folder: Path) -> tuple[Any, DatasetSpec]:
    """A network that Keras has saved, with all that keeps numbers; and other data of its shape."""
    import keras
    from keras import layers

    keras.utils.clear_session()
    keras.utils.set_random_seed(4)
    inputs = keras.Input((8, 8, 1))
    x = measured = layers.Normalization()
    measured.adapt(np.linspace(0, 9, 640, dtype="float32").reshape(10, 8, 8, 1))
    x = layers.Conv2D(4, 3, padding="same", name="stem")(measured(inputs))
    inner = keras.Sequential(
        [keras.Input((8, 8, 4)), layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization()],
        name="block",
    )
    x = layers.Add()([inner(x), x])
    x = layers.Flatten()(layers.Activation("relu")(x))
    x = layers.Dense(6, activation="relu", name="wide")(x)
    model = keras.Model(inputs, layers.Dense(3)(x))
    for weight in model.get_layer("block").get_layer("batch_normalization").weights:
        weight.assign(np.linspace(0.5, 1.5, 4, dtype="float32"))
    model.save(folder / "saved.keras")
    keras.utils.clear_session()
    return keras.saving.load_model(folder / "saved.keras"), DatasetSpec("digits")


def texts(folder: Path) -> tuple[Any, DatasetSpec]:
    """A network that knows words which the new texts don't have."""
    import keras
    import tensorflow as tf
    from keras import layers

    keras.utils.clear_session()
    keras.utils.set_random_seed(4)
    words = layers.TextVectorization(max_tokens=12, output_sequence_length=4)
    words.adapt(tf.constant(["hat cat fog", "cat sun", "sun sun moon"]))
    model = keras.Sequential(
        [
            keras.Input((), dtype="string"),
            words,
            layers.Embedding(12, 3),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    model.save(folder / "saved.keras")
    rows = [
        f"{('hat', 'cat', 'dog')[at % 3]} {('sun', 'rain')[at % 2]},{'yes' if at % 2 else 'no'}"
        for at in range(60)
    ]
    (folder / "texts.csv").write_text("\n".join(["text,answer", *rows]) + "\n")
    keras.utils.clear_session()
    saved = keras.saving.load_model(folder / "saved.keras")
    return saved, DatasetSpec.at(str(folder / "texts.csv"), kind="text", target="answer")


def hdf5(folder: Path) -> tuple[Any, DatasetSpec]:
    """The network of pictures as an HDF5 file with the name of another."""
    import keras

    saved, dataset = pictures(folder)
    saved.save(folder / "saved.h5")
    (folder / "saved.h5").replace(folder / "saved.keras")
    keras.utils.clear_session()
    return saved, dataset


KINDS = {"pictures": pictures, "texts": texts, "hdf5": hdf5}
Kind = Callable[[Path], tuple[Any, DatasetSpec]]


def trunk_of(folder: Path, dataset: DatasetSpec) -> RunSpec:
    saved = read_saved_stack(str(folder / "saved.keras"))
    spec = frozen_trunk(saved, RunSpec(dataset, fit=FIT), loader.describe(dataset).facts).spec
    assert [p for p in advise(spec, loader.describe(dataset).facts) if p.severity == "error"] == []
    return spec


def known_weights(saved: Any, spec: RunSpec) -> dict[str, list[Array]]:
    """By the layer's name in the stack, the numbers in the file."""
    found = {}
    for name, layer in zip(spec.model.names(), spec.model.layers, strict=True):
        if layer.weights:
            source = saved
            for part in layer.weights.split("/"):
                source = source.get_layer(part)
            found[name] = source.get_weights()
    return found


def assert_from_file(stack_: Any, known: dict[str, list[Array]]) -> None:
    for name, weights in known.items():
        mine = stack_.get_layer(name).get_weights()
        if name == "normalization":  # the last one counts samples, and nothing is computed with it
            mine, weights = mine[:2], weights[:2]
        assert len(mine) == len(weights)
        assert all(np.array_equal(one, other) for one, other in zip(mine, weights, strict=True)), name


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_frozen_trunk_has_the_files_weights_before_and_after_training_and_the_head_learns(
    kind: Kind, train: Train, tmp_path: Path
) -> None:
    from tuinn.worker.data.run_data import load
    from tuinn.worker.training.trainer import build_network

    saved, dataset = kind(tmp_path)
    spec = trunk_of(tmp_path, dataset)
    known = known_weights(saved, spec)
    assert len(known) == {"pictures": 5, "texts": 2, "hdf5": 5}[kind.__name__]
    network = build_network(spec, load(spec))
    assert_from_file(network.stack, known)
    head = spec.model.names()[-1]
    training = train(spec)
    assert_from_file(training.evaluator.network.stack, known)
    first: Any = network.stack.get_layer(head)
    last = training.evaluator.network.stack.get_layer(head)
    assert not np.array_equal(first.get_weights()[0], last.get_weights()[0])
    said = [event.message for event in training.events_of(Noted)]
    assert any("with the weights of saved.keras" in words for words in said)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_trunk_gives_what_the_saved_network_gives(kind: Kind, tmp_path: Path) -> None:
    import keras

    from tuinn.worker.data.run_data import load
    from tuinn.worker.training.trainer import build_network

    saved, dataset = kind(tmp_path)
    spec = trunk_of(tmp_path, dataset)
    data = load(spec)
    mine = build_network(spec, data).stack
    samples: Any = data.arrays.x_test[:8]
    if kind is texts:
        samples = keras.ops.convert_to_tensor(np.asarray(samples, dtype=object), dtype="string")
        theirs = np.asarray(saved.layers[-2](saved.layers[-3](saved.layers[-4](samples))))
    else:
        samples = samples.astype("float32")
        theirs = np.asarray(keras.Model(saved.inputs, saved.layers[-2].output)(samples[..., None]))
    before_head = keras.Model(mine.inputs, mine.layers[-1].input)
    assert np.array_equal(np.asarray(before_head(samples)), theirs)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_run_goes_on_exactly_when_the_file_is_gone(kind: Kind, train: Train, tmp_path: Path) -> None:
    import keras

    def die(event: Event, _folder: RunFolder) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (2, 2):
            raise Killed

    _, dataset = kind(tmp_path)
    spec = trunk_of(tmp_path, dataset)
    keras.utils.clear_session()
    straight = train(spec)
    keras.utils.clear_session()
    first = Training(RunFolder.create(spec))
    with pytest.raises(Killed):
        train(spec, then=die, into=first)
    (tmp_path / "saved.keras").unlink()
    keras.utils.clear_session()
    second = train(spec, resume=first.folder)
    assert second.ending == straight.ending
    assert_equal(numbers_of(first, second), numbers_of(straight))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_exported_script_starts_with_the_same_weights_and_gives_the_numbers_of_the_run(
    kind: Kind, form: Form, train: Train, tmp_path: Path
) -> None:
    import keras

    saved, dataset = kind(tmp_path)
    spec = trunk_of(tmp_path, dataset)
    keras.utils.clear_session()
    training = train(spec)
    keras.utils.clear_session()
    facts = loader.describe(dataset).facts
    data = BUNDLED_FOLDER / "digits.npz" if dataset.name else loader.cached_folder(dataset)
    source = export_script(spec, facts, str(data.resolve()), form)
    (tmp_path / "script.py").write_text(source)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        ran = runpy.run_path(str(tmp_path / "script.py"))
    names = [name for name in known_weights(saved, spec) if name != "text_vectorization"]
    assert_from_file(ran["model"], {name: known_weights(saved, spec)[name] for name in names})
    (tested,) = training.events_of(Evaluated)
    losses = {event.epoch: event.metrics["loss"] for event in training.events_of(EpochEnded)}
    told = [float(line.split("loss: ")[1].split()[0]) for line in out.getvalue().splitlines()]
    assert told == pytest.approx([losses[1], losses[2], tested.metrics["loss"]], rel=2.0**-22, abs=0.0)


def test_a_file_that_is_gone_changed_or_misfits_ends_the_start_in_one_sentence(
    train: Train, tmp_path: Path
) -> None:
    _, dataset = pictures(tmp_path)
    spec = trunk_of(tmp_path, dataset)
    file = tmp_path / "saved.keras"
    content = file.read_bytes()
    file.unlink()
    with pytest.raises(WorkerError, match=r"saved\.keras: cannot be read .* 5 layers should start"):
        train(spec)
    pictures(tmp_path)
    import keras

    other = keras.saving.load_model(file)
    other.get_layer("wide").kernel.assign(other.get_layer("wide").kernel + 1)
    other.save(file)
    with pytest.raises(WorkerError, match=r"saved\.keras has changed since its layers were taken"):
        train(spec)
    file.write_bytes(content)
    at = spec.model.names().index("wide")
    wider = spec.model.change(at, spec.model.layers[at].with_options(units=7))
    with pytest.raises(
        WorkerError, match=r"wide in .* has weights of 256 × 6, 6, and layer wide takes 256 × 7, 7"
    ):
        train(spec.with_model(wider))


def test_the_same_draft_without_the_file_starts_with_fresh_weights(train: Train) -> None:
    spec = RunSpec(
        DatasetSpec("digits"),
        stack(LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=10, activation="softmax")),
        FIT,
    )
    assert not train(spec).folder.adapted_file.exists()
