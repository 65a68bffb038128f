"""Keras builds exactly what the summary says, for any options: the same shapes and parameters, or both refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuinn.spec.fit import OPTIMIZERS, FitSpec
from tuinn.spec.layers import CATALOGUE, LayerSpec
from tuinn.spec.options import REQUIRED, Choice, Flag, Int, Ints, Real
from tuinn.spec.run import stack
from tuinn.spec.shapes import summarise

pytestmark = pytest.mark.tf

IMAGES = st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 4))
SHAPES = IMAGES | st.tuples(st.integers(1, 12)) | st.tuples(st.integers(1, 6), st.integers(1, 6))


def values(option):
    """Small values that the option allows; its default often."""
    match option:
        case Flag():
            drawn = st.booleans()
        case Choice():
            drawn = st.sampled_from(option.choices)
        case Ints() if option.wild:
            drawn = st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6, 12]), min_size=1, max_size=3)
            drawn = drawn.filter(lambda sizes: sizes.count(-1) <= 1)
        case Ints():
            drawn = st.tuples(st.integers(1, 5), st.integers(1, 5))
        case Int():
            drawn = st.integers(1, 9)
        case Real():
            drawn = st.sampled_from([0.25, 0.5, 0.9])
    return drawn if option.default is REQUIRED else st.just(option.default) | drawn


@st.composite
def layers(draw, kind):
    return LayerSpec.of(kind.name, **{option.name: draw(values(option)) for option in kind.options})


@pytest.mark.parametrize("kind", CATALOGUE, ids=lambda kind: kind.name)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_layer_has_the_shape_and_parameters_of_the_summary_or_both_refuse(kind, data):
    from tuinn.worker import build
    from tuinn.worker.problem import WorkerProblem

    model = stack(data.draw(layers(kind)))
    shape = data.draw(SHAPES)
    (row,) = summarise(model, shape).rows
    if row.misfit:
        with pytest.raises(WorkerProblem, match=f"Keras refuses layer 1, {kind.name}"):
            build.build(model, shape)
        return
    built = build.build(model, shape)
    (layer,) = build.built_layers(built)
    assert (layer.name, layer.kind, layer.output_shape) == (row.name, kind.name, row.shape)
    assert build.count(built.trainable_weights) == row.trainable
    assert build.count(built.non_trainable_weights) == row.non_trainable
    given_shape = np.asarray(built(np.zeros((2, *shape), np.uint8))).shape
    assert given_shape == (2, *row.shape)


def test_layers_keep_the_names_of_the_spec_however_many_networks_came_before():
    from tuinn.worker import build

    model = stack(*(LayerSpec.of("Dense", units=2) for _ in range(3)))
    for _ in range(2):
        built = build.build(model, (4,))
        assert [layer.name for layer in built.layers[1:]] == ["dense", "dense_1", "dense_2"]


def test_a_refused_layer_is_named_with_its_place():
    from tuinn.worker import build
    from tuinn.worker.problem import WorkerProblem

    model = stack(LayerSpec.of("Flatten"), LayerSpec.of("Conv2D", filters=3, kernel_size=3))
    with pytest.raises(WorkerProblem, match="Keras refuses layer 2, Conv2D 3 3: "):
        build.build(model, (28, 28, 1))


def test_the_deepest_stack_that_a_spec_allows_can_be_built_saved_and_loaded(tmp_path):
    import keras

    from tuinn.spec.model import MOST_LAYERS
    from tuinn.worker import build

    model = stack(*(LayerSpec.of("Dense", units=1) for _ in range(MOST_LAYERS)))
    build.build(model, (1,)).save(tmp_path / "deep.keras")
    assert len(keras.saving.load_model(tmp_path / "deep.keras").layers) == MOST_LAYERS + 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_of_the_spec_is_one_of_keras(optimizer):
    from tuinn.spec.dataset import Task
    from tuinn.spec.losses import Loss
    from tuinn.worker import build, compiling

    model = build.build(stack(LayerSpec.of("Dense", units=1)), (2,))
    fit = FitSpec(optimizer=optimizer, learning_rate=0.25)
    compiling.ready(model, fit, Loss("mean_squared_error", False, "number"), Task.REGRESSION, 1)
    assert type(model.optimizer).__name__.lower() == optimizer
    assert float(model.optimizer.learning_rate) == 0.25
