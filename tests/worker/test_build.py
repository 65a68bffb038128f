"""Keras builds the network of a spec: names, branches, what is left out, and any depth."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tuinn.data.catalog.catalog import find
from tuinn.spec.calls import training_loss
from tuinn.spec.fit import OPTIMIZERS, FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.spec.run import stack

pytestmark = pytest.mark.tf


def test_layers_keep_the_names_of_the_spec_however_many_networks_came_before() -> None:
    from tuinn.worker.model import build

    model = stack(*(LayerSpec.of("Dense", units=2) for _ in range(3)))
    for _ in range(2):
        built = build.build(model, (4,))
        assert [layer.name for layer in built.layers[1:]] == ["dense", "dense_1", "dense_2"]


RESIDUAL = stack(
    LayerSpec.of("Dense", units=4, name="stem"),
    LayerSpec.of("Dense", units=4),
    LayerSpec.of("Dropout", disabled=True),
    LayerSpec.of("Dense", units=4, **{"from": "input"}),
    LayerSpec.of("Add", **{"from": ["stem", "dense", "dense_1"]}),
    LayerSpec.of("Dense", units=1, trainable=False),
)


def test_a_network_with_branches_is_built_as_the_summary_says() -> None:
    from tuinn.worker.model import build

    rows = [row for row in summarize(RESIDUAL, (3,)).rows if not row.layer.disabled]
    built = build.build(RESIDUAL, (3,))
    given = {layer.name: layer for layer in build.built_layers(built)}
    assert given.keys() == {row.name for row in rows}
    assert all(
        (given[row.name].output_shape, given[row.name].params) == (row.shape, row.params) for row in rows
    )
    assert build.count(built.non_trainable_weights) == 5


def test_a_sum_of_branches_is_the_sum_of_what_they_give() -> None:
    from tuinn.worker.model import build

    built = build.build(RESIDUAL, (3,))
    samples = np.ones((2, 3), np.float32)
    stem, one, two, add = (built.get_layer(name) for name in ("stem", "dense", "dense_1", "add"))
    given = np.asarray(add([stem(samples), one(stem(samples)), two(samples)]))
    expected = np.asarray(stem(samples)) + np.asarray(one(stem(samples))) + np.asarray(two(samples))
    np.testing.assert_allclose(given, expected, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(built(samples)), np.asarray(built.layers[-1](given)), rtol=1e-5)


def test_what_measures_the_data_measures_what_its_branch_gives_it() -> None:
    from tuinn.worker.model import build

    model = stack(
        LayerSpec.of("Rescaling", scale=2, name="doubled"),
        LayerSpec.of("Rescaling", scale=100, **{"from": "input"}),
        LayerSpec.of("Normalization", **{"from": "doubled"}),
        LayerSpec.of("Add", **{"from": ["rescaling", "normalization"]}),
    )
    built = build.build(model, (1,))
    samples = np.arange(10, dtype=np.float32).reshape(10, 1)
    build.adapt(built, samples.__getitem__, np.arange(10), 4)
    normalization: Any = built.get_layer("normalization")
    assert float(np.ravel(normalization.mean)[0]) == pytest.approx(9)


def test_a_refused_layer_is_named_with_its_place() -> None:
    from tuinn.errors import WorkerError
    from tuinn.worker.model import build

    model = stack(LayerSpec.of("Flatten"), LayerSpec.of("Conv2D", filters=3, kernel_size=3))
    with pytest.raises(WorkerError, match="Keras refuses layer 2, Conv2D 3 3: "):
        build.build(model, (28, 28, 1))


def test_the_deepest_stack_that_a_spec_allows_can_be_built_saved_and_loaded(tmp_path: Path) -> None:
    import keras

    from tuinn.spec.layers.model import MAX_LAYERS
    from tuinn.worker.model import build

    model = stack(*(LayerSpec.of("Dense", units=1) for _ in range(MAX_LAYERS)))
    build.build(model, (1,)).save(tmp_path / "deep.keras")
    assert len(keras.saving.load_model(tmp_path / "deep.keras").layers) == MAX_LAYERS + 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_of_the_spec_is_one_of_keras(optimizer: str) -> None:
    from tuinn.spec.dataset import Task
    from tuinn.spec.training.losses import Loss
    from tuinn.worker.model import build, compilation

    model = build.build(stack(LayerSpec.of("Dense", units=1)), (2,))
    fit = FitSpec(optimizer=optimizer, learning_rate=0.25)
    compilation.compile_model(model, fit, Loss("mean_squared_error", False, "number"), Task.REGRESSION, 1)
    assert type(model.optimizer).__name__.lower() == optimizer
    assert float(model.optimizer.learning_rate) == 0.25


def test_a_number_that_keras_gives_otherwise_is_reported_as_a_mistake_of_tuinn() -> None:
    from tuinn.worker.model import build
    from tuinn.worker.model.build import shape_mismatch

    spec, facts = fashion_lab(), find("fashion_mnist_mini").facts
    summary = summarize(spec.model, facts.shape)
    built = build.event(
        build.build(spec.model, facts.shape), training_loss(spec.fit, spec.model, facts, 10), "CPU"
    )
    assert shape_mismatch(summary, built) == ""
    wrong = msgspec.structs.replace(built.layers[2], params=7)
    other = msgspec.structs.replace(built, layers=(*built.layers[:2], wrong, *built.layers[3:]))
    said = shape_mismatch(summary, other)
    assert said.startswith(
        "Layer 3, Dense, was shown with 154 and 120,890 parameters, and Keras built 154 and 7."
    )
