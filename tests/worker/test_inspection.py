"""A look inside the network: what each step gives is what Keras' own `Model(inputs, layer.output)` gives."""

from math import erf
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.worker.catalog_runs import every_layer, layer_of, shape_for, side_by_side, variants
from tests.worker.conftest import Start, Train, WaitFor
from tuinn.data.inspection import Inspection, Numbers, Trace, numbers_of, read_arrays, read_inspection
from tuinn.runs.commands import Explain, ExplainData, Inspect, InspectUnits, Quit
from tuinn.runs.events import EpochEnded, Event, Inspected, RunEnded
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import CATALOG, LayerSpec
from tuinn.spec.layers.numpy_formulas import ACTIVATIONS, numpy_formula
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec, stack
from tuinn.spec.training import losses
from tuinn.view.arithmetic.rules import arithmetic_of
from tuinn.view.arithmetic.unit import unit_of
from tuinn.worker.keras_types import Array, Model

if TYPE_CHECKING:
    from tuinn.worker.inspection.activations import LayerSteps

pytestmark = pytest.mark.tf


ALL_LAYERS = [pytest.param(layer, id=f"{at}-{layer.type_name}") for at, layer in enumerate(every_layer())]


def trace(
    layers: list[LayerSpec], samples: Array, words: bool = False
) -> tuple[Model, "LayerSteps", list[Array]]:
    """A network of these layers, its steps, and their values for the samples."""
    from tuinn.worker.inspection.activations import LayerSteps
    from tuinn.worker.model import build
    from tuinn.worker.model.network import Network
    from tuinn.worker.model.target_scaler import TargetScaler

    built = build.build(stack(*layers), samples.shape[1:], words)
    build.adapt(built, samples.__getitem__, np.arange(len(samples)), 2)
    facts = DataFacts(
        task=Task.CLASSES,
        shape=samples.shape[1:],
        dtype="str" if words else "float32",
        low=0.0,
        high=1.0,
        classes=("a", "b", "c"),
        train=4,
        test=4,
    )
    loss = losses.Loss("sparse_categorical_crossentropy", from_logits=False, targets="label")
    network = Network(built, built, built, None, loss, TargetScaler())
    steps = LayerSteps(network, facts)
    return built, steps, steps.values(samples)


@pytest.mark.parametrize("layer", ALL_LAYERS)
def test_what_a_step_gives_is_what_keras_gives_for_that_layer_alone(layer: LayerSpec) -> None:
    import keras

    shape = shape_for(layer)
    samples = np.random.default_rng(1).integers(0, 4, (3, *shape)).astype(np.float32)
    built, steps, values = trace(list(side_by_side([layer])), samples)
    assert len(values) == len(steps.steps)
    for step, given in zip(steps.steps[1:], values[1:], strict=True):
        output = built.get_layer(step.layer).output
        expected = np.asarray(keras.Model(built.input, output)(samples, training=False), np.float32)
        assert given.shape == expected.shape
        is_before = any(later.is_applied and later.layer == step.layer for later in steps.steps)
        if is_before and not step.is_applied:
            function = next(later for later in steps.steps if later.is_applied and later.layer == step.layer)
            given = keras.activations.get(str(function.options["activation"]))(given)
        np.testing.assert_allclose(np.asarray(given, np.float32), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", [kind.name for kind in CATALOG if kind.reads_text])
def test_a_layer_that_reads_words_is_a_step_like_any_other(kind: str) -> None:
    words = np.array(["a hat", "a cat", "a hat"], dtype=object)
    samples = words if kind == "TextVectorization" else words.reshape(3, 1)
    layer = layer_of(next(row for row in CATALOG if row.name == kind))
    built, _, values = trace([layer], samples, words=True)
    import tensorflow as tf

    expected = np.asarray(built(tf.constant(samples)))
    np.testing.assert_array_equal(values[1], expected)


def look(folder: RunFolder, told: Event) -> Inspection:
    assert isinstance(told, Inspected)
    assert not told.problem
    _, weights = read_arrays(folder.inspection / told.weights)
    return read_inspection(folder.inspection, told.file, numbers_of(weights))


def values_of(found: Inspection, step: int) -> Numbers:
    values = found.values(step)
    assert values is not None
    return values


def test_the_last_step_is_what_the_network_predicts_and_the_kernel_is_there(train: Train) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=3))
    evaluator = training.evaluator
    found = look(training.folder, evaluator.answer(Inspect(request="r", test=2)))
    assert [step.title for step in found.steps] == ["input", "dense", "relu", "dense_1", "softmax"]
    assert found.trace.epoch == 3
    outputs = evaluator.network.outputs(evaluator.arrays.x_test[2:3], 1)[0]
    np.testing.assert_allclose(values_of(found, 4), outputs, atol=1e-6)
    kernel, bias = found.weights["dense/kernel"], found.weights["dense/bias"]
    np.testing.assert_allclose(values_of(found, 1), values_of(found, 0) @ kernel + bias, atol=1e-5)
    dense = found.steps[1]
    assert dense.low == pytest.approx(values_of(found, 1).min())
    assert dense.mean == pytest.approx(values_of(found, 1).mean())
    relu = found.steps[2]
    assert relu.zeros == pytest.approx((values_of(found, 2) == 0).mean())


def test_a_checkpointed_epoch_is_looked_into_and_the_network_stays_as_it_is(train: Train) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=4), keep_best=3)
    evaluator, folder = training.evaluator, training.folder
    now = look(folder, evaluator.answer(Inspect(request="now", test=0)))
    earlier = min(now.trace.checkpoints)
    assert len(now.trace.checkpoints) >= 3
    then = look(folder, evaluator.answer(Inspect(request="then", test=0, epoch=earlier)))
    assert then.trace.epoch == earlier
    assert not np.array_equal(now.weights["dense/kernel"], then.weights["dense/kernel"])
    again = look(folder, evaluator.answer(Inspect(request="again", test=0)))
    assert np.array_equal(now.weights["dense/kernel"], again.weights["dense/kernel"])
    assert np.array_equal(now.arrays["v4"], again.arrays["v4"])


def test_what_cannot_be_looked_into_is_said_in_one_sentence(train: Train, tmp_path: Path) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=1))
    answer = training.evaluator.answer
    for question, words in (
        (Inspect(request="r", test=30), "There is no test sample 31; the last one is 30."),
        (Inspect(request="r", file="/nowhere.png"), "has no images"),
        (Inspect(request="r", sample="a text"), "takes rows of a table, not texts"),
        (Inspect(request="r", test=0, epoch=77), "has the weights of epoch 77."),
        (Inspect(request="r"), "Name a sample"),
        (InspectUnits(request="r", step=9), "has no step 9."),
    ):
        told = answer(question)
        assert isinstance(told, Inspected)
        assert words in told.problem, told.problem


def small_cnn() -> RunSpec:
    layers = (
        LayerSpec.of("Reshape", target_shape=[8, 8, 1]),
        LayerSpec.of("Conv2D", filters=4, kernel_size=3, activation="relu"),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=10),
    )
    return RunSpec(DatasetSpec("digits"), stack(*layers), FitSpec(epochs=1))


def test_logits_become_probabilities_in_a_step_of_their_own(train: Train) -> None:
    training = train(small_cnn())
    found = look(training.folder, training.evaluator.answer(Inspect(request="one", test=0)))
    assert (found.steps[-1].layer, found.steps[-1].options) == ("output", {"activation": "softmax"})
    logits, shares = values_of(found, len(found.steps) - 2), values_of(found, len(found.steps) - 1)
    np.testing.assert_allclose(shares, np.exp(logits) / np.exp(logits).sum(), atol=1e-6)


def test_a_table_is_shown_before_and_after_its_columns_are_encoded(train: Train, tmp_path: Path) -> None:
    table = tmp_path / "pets.csv"
    table.write_text(
        "weight,kind,likes\n" + "".join(f"{n},{'cat' if n % 2 else 'dog'},{n % 3}\n" for n in range(60))
    )
    spec = RunSpec(
        DatasetSpec.at(str(table)),
        stack(LayerSpec.of("Dense", units=3, activation="softmax")),
        FitSpec(epochs=1, batch_size=8),
    )
    training = train(spec)
    row = {"weight": "7", "kind": "cat"}
    found = look(training.folder, training.evaluator.answer(Inspect(request="row", sample=row)))
    raw, encoded = found.steps[:2]
    assert raw.labels == ("weight", "kind")
    assert encoded.labels == ("weight", "kind = –", "kind = cat", "kind = dog")
    assert values_of(found, 1)[1:].tolist() == [0.0, 1.0, 0.0]


def test_units_over_the_test_set_are_those_of_each_sample(train: Train) -> None:
    training = train(small_cnn())
    answer, folder = training.evaluator.answer, training.folder
    look_at_one = look(folder, answer(Inspect(request="one", test=3)))
    at = next(place for place, step in enumerate(look_at_one.steps) if step.is_applied)
    told = answer(InspectUnits(request="all", step=at))
    assert isinstance(told, Inspected)
    _, arrays = read_arrays(folder.inspection / told.file)
    values = values_of(look_at_one, at)
    np.testing.assert_allclose(arrays["means"][3], values.mean(axis=(0, 1)), atol=1e-5)
    assert len(arrays["targets"]) == len(arrays["means"]) == len(training.evaluator.arrays.x_test[:1000])
    assert arrays["dead"].shape == (values.shape[-1],)


WITHOUT_ARITHMETIC = {
    *("SimpleRNN", "LSTM", "GRU", "Bidirectional", "MultiHeadAttention"),
    *("CategoryEncoding", "Discretization", "Resizing", "Dot"),
}
"""Layer types whose values aren't a short sum: only their formula is shown."""


OPTIONS = [
    LayerSpec.of("Conv2D", filters=3, kernel_size=3, padding="same", strides=2),
    LayerSpec.of("Conv2D", filters=6, kernel_size=2, groups=3, use_bias=False),
    LayerSpec.of("Conv2D", filters=2, kernel_size=3, padding="same", dilation_rate=2),
    LayerSpec.of("Conv1D", filters=2, kernel_size=3, padding="causal", dilation_rate=2),
    LayerSpec.of("Conv2DTranspose", filters=2, kernel_size=3, padding="same", strides=2),
    LayerSpec.of("Conv1DTranspose", filters=2, kernel_size=3, strides=2),
    LayerSpec.of("DepthwiseConv2D", kernel_size=3, depth_multiplier=2, padding="same"),
    LayerSpec.of("SeparableConv2D", filters=3, kernel_size=2, depth_multiplier=2, strides=2),
    LayerSpec.of("MaxPooling2D", pool_size=3, strides=2, padding="same"),
    LayerSpec.of("AveragePooling1D", pool_size=2, padding="same"),
    LayerSpec.of("ZeroPadding2D", padding=[1, 0, 2, 1]),
    LayerSpec.of("Cropping2D", cropping=[1, 0, 2, 1]),
    LayerSpec.of("Permute", dims=[3, 1, 2]),
    LayerSpec.of("ReLU", max_value=2.0, negative_slope=0.1, threshold=0.5),
    LayerSpec.of("BatchNormalization", scale=False),
    LayerSpec.of("TimeDistributed", layer="Dense", units=2, activation="tanh"),
    *(LayerSpec.of("Activation", activation=name) for name in ACTIVATIONS),
]
"""Layers with options that are not as usual."""


@pytest.mark.parametrize("layer", [*ALL_LAYERS, *(pytest.param(one, id=one.code()) for one in OPTIONS)])
def test_the_sum_that_is_written_out_gives_what_keras_gives(layer: LayerSpec) -> None:
    shape = shape_for(layer)
    rng = np.random.default_rng(1)
    samples = rng.integers(0, 4, (3, *shape)).astype(np.float32)
    built, steps, values = trace(list(side_by_side([layer])), samples)
    for variable in built.weights:  # biases and moving means are zeros in a new network
        if variable.path.endswith(
            ("kernel", "bias", "gamma", "beta", "alpha", "moving_mean", "moving_variance")
        ):
            variable.assign(rng.uniform(0.1, 1.0, variable.shape).astype(np.float32))
    values = steps.values(samples)
    arrays = {f"v{at}": np.asarray(given[0], np.float32) for at, given in enumerate(values)}
    weights = {
        f"{place.layer.name}/{weight.path.removeprefix(place.layer.name + '/')}": np.asarray(
            weight.value, np.float32
        )
        for place in steps.places
        for weight in place.layer.weights
    }
    inspection = Inspection(Trace(0, tuple(steps.steps)), arrays, {}, weights)
    at = next(at for at, step in enumerate(steps.steps) if step.layer == "a0")
    for _ in range(6):
        place = tuple(int(rng.integers(size)) for size in arrays[f"v{at}"].shape)
        unit = unit_of(inspection, at, place)
        assert unit is not None
        found = arithmetic_of(unit)
        if (layer.inner or layer).type_name in WITHOUT_ARITHMETIC or layer.type_name in WITHOUT_ARITHMETIC:
            assert found is None
            continue
        assert found is not None
        assert found.result == pytest.approx(float(arrays[f"v{at}"][place]), rel=1e-4, abs=1e-5), place


def test_every_layer_type_has_its_formula() -> None:
    for kind in CATALOG:
        layer = next(variants(kind)) if not kind.reads_text else layer_of(kind)
        inner = layer.inner.type_name if layer.inner else ""
        options = dict((layer.inner or layer).options)
        told = numpy_formula(kind.name, {**options, "merge_mode": "concat"}, ("v0", "v1"), "w.", inner)
        assert told not in ("", kind.name), kind.name
        assert "{" not in told


def test_a_training_that_is_looked_into_ends_in_the_same_weights(train: Train) -> None:
    spec = PRESETS["iris-lab"]().with_fit(epochs=4)
    plain = train(spec)

    def ask(event: Event, folder: RunFolder) -> None:
        if isinstance(event, EpochEnded):
            number = event.epoch
            folder.ask(
                Inspect(request=f"now {number}", test=0),
                Inspect(request=f"then {number}", test=0, epoch=1),
                InspectUnits(request=f"units {number}", step=1),
                Explain(request=f"why {number}", test=0, method="gradient"),
                ExplainData(request=f"data {number}"),
            )

    looked = train(spec, then=ask, keep_best=9)
    answers = looked.events_of(Inspected)
    assert len(answers) >= 15
    for one, other in zip(
        plain.evaluator.model.get_weights(), looked.evaluator.model.get_weights(), strict=True
    ):
        assert np.array_equal(one, other)
    assert not next(answer for answer in answers if answer.request == "now 3").problem


def test_a_worker_that_serves_a_run_answers_by_the_journal(start: Start, wait_for: WaitFor) -> None:
    folder = RunFolder.create(PRESETS["iris-lab"]().with_fit(epochs=1))
    start(folder, idle=60)
    wait_for(folder, lambda event: isinstance(event, RunEnded))
    folder.ask(Inspect(request="served", test=1))
    events = wait_for(folder, lambda event: isinstance(event, Inspected))
    assert look(folder, events[-1]).trace.epoch == 1
    folder.ask(Quit())


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_formula_of_an_activation_gives_what_keras_gives(name: str) -> None:
    import keras

    x = np.linspace(-4, 7, 45)
    given = eval(ACTIVATIONS[name].format(x="x"), {"np": np, "erf": np.vectorize(erf), "x": x})
    expected = np.asarray(keras.activations.get(name)(x.astype(np.float32)[None]))[0]
    np.testing.assert_allclose(given, expected, atol=1e-4, rtol=1e-4)
