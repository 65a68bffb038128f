"""Every kind against Keras: for any options and input, the same shape and parameters, or both refuse."""

from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.strategies import maybe
from tuinn.spec.layers.catalog import CATALOG, LAYER_TYPES, LayerSpec
from tuinn.spec.layers.layer_options import AxisPadding, CallOption, Floats
from tuinn.spec.layers.layer_type import LayerType, Shape
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.spec.options import REQUIRED, Bool, Choice, Float, Int, Ints, Option
from tuinn.spec.run import stack

pytestmark = pytest.mark.tf

STRICTER = {"CategoryEncoding", "Discretization", "Resizing", "CenterCrop", "RandomCrop"} | {
    kind.name for kind in CATALOG if kind.group == "augmentation"
}
"""Keras takes a batch of 28 × 28 for one picture of batch × 28 × 28, and counts a table's rows together; we refuse it."""

AXES = st.integers(-4, 4)

FEW = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def values(option: Option) -> st.SearchStrategy[Any]:
    """Small values that the option allows; its default often."""
    drawn: st.SearchStrategy[Any]
    match option:
        case Bool():
            drawn = st.booleans()
        case Choice():
            drawn = st.sampled_from(option.choices)
        case Ints() if option.allow_rest:
            drawn = st.lists(st.sampled_from([-1, 1, 2, 3, 4, 6, 12]), min_size=1, max_size=3)
            drawn = drawn.filter(lambda sizes: sizes.count(-1) <= 1)
        case Ints(name="dims"):
            drawn = st.permutations([1, 2, 3]) | st.permutations([1, 2]) | st.just([1])
        case Ints(name="axes"):
            drawn = st.tuples(AXES, AXES)
        case Ints(length=length, optional=optional):
            drawn = maybe(st.lists(st.integers(1, 4), min_size=length or 1, max_size=length or 2), optional)
        case AxisPadding(axes=axes):
            drawn = st.lists(st.integers(0, 3), min_size=2 * axes, max_size=2 * axes)
        case Int(name="axis"):
            drawn = AXES
        case Int(name="groups", low=-1):
            drawn = st.sampled_from([-1, 1, 2, 4])
        case Int(low=low, optional=optional):
            drawn = maybe(st.integers(max(low, 1), 7), optional)
        case Float(optional=optional):
            drawn = maybe(st.sampled_from([0.25, 0.5, 0.9]), optional)
        case Floats(count=2):
            drawn = st.just([0.0, 1.0])
        case Floats(optional=optional):
            drawn = maybe(st.just([0.0, 0.5, 2.0]), optional)
        case CallOption(calls=calls):
            drawn = st.none() | st.sampled_from(list(calls))
        case _:
            drawn = st.just(option.default)
    return drawn if option.default is REQUIRED else st.just(option.default) | drawn


@st.composite
def layers(draw: st.DrawFn, /, kind: LayerType, **more: object) -> LayerSpec:
    told = {option.name: draw(values(option)) for option in kind.options if not option.tuinn_only}
    return LayerSpec.of(kind.name, **told, **more)


@st.composite
def shapes(draw: st.DrawFn, kind: LayerType) -> tuple[int, ...]:
    """Mostly of as many axes as the kind wants."""
    axes = kind.axes if kind.axes and draw(st.integers(0, 5)) else draw(st.integers(1, 4))
    size = st.integers(1, 12 if axes < 4 else 6)
    return (*(draw(size) for _ in range(axes - 1)), draw(st.sampled_from([1, 2, 3, 4, 8])))


def along_the_batch(summary: Summary) -> bool:
    """True when the axis is the batch: Keras works along it, and then an answer depends on its neighbours."""
    row = summary.rows[-1]
    given = summary.rows[row.source_indices[0]].shape if row.source_indices[0] >= 0 else summary.input_shape
    assert given is not None
    return row.layer.options.get("axis") in (0, -len(given) - 1)


def has_no_room(layer: LayerSpec) -> bool:
    """True for fewer tokens than stand for unknown words: Keras then counts from the vocabulary's end and keeps more."""
    most, unknown = layer.options.get("max_tokens"), layer.options.get("num_oov_indices")
    return isinstance(most, int) and isinstance(unknown, int) and most < unknown


def refused(model: ModelSpec, shape: Shape, samples: npt.NDArray[np.generic], words: bool) -> bool:
    """True when Keras doesn't build the network, cannot run it, or gives another shape than it said."""
    from tuinn.worker.model import build

    try:
        built = build.build(model, shape, words)
        build.adapt(built, samples.__getitem__, np.arange(len(samples)), 2)
        given = built(samples if words else samples.astype(np.float32)).shape
    except Exception:
        return True
    return tuple(given) != (len(samples), *built.output.shape[1:])


def compare(model: ModelSpec, shape: Shape, samples: npt.NDArray[np.generic], words: bool = False) -> None:
    """The last layer of this stack, ours against Keras' own."""
    from tuinn.worker.model import build

    summary = summarize(model, shape, words)
    row = summary.rows[-1]
    if summary.mismatch:
        assert summary.mismatch[0] == len(model.layers) - 1, summary.mismatch
        if row.layer.type_name in STRICTER or along_the_batch(summary) or has_no_room(row.layer):
            return
        assert refused(model, shape, samples, words), f"Keras takes it, and we say: {row.mismatch}"
        return
    built = build.build(model, shape, words)
    build.adapt(built, samples.__getitem__, np.arange(len(samples)), 2)
    assert tuple(built.output.shape[1:]) == row.shape
    assert build.count(built.trainable_weights) == summary.trainable
    if not row.layer.layer_type.reads_text:
        assert build.count(built.non_trainable_weights) == summary.non_trainable
    inputs = samples if words else samples.astype(np.float32)
    assert np.asarray(built(inputs)).shape == (len(samples), *row.shape)


@pytest.mark.parametrize(
    "kind",
    [kind.name for kind in CATALOG if not kind.merges and not kind.reads_text],
)
@FEW
@given(data=st.data())
def test_a_layer_has_the_shape_and_parameters_of_keras_or_both_refuse(kind: str, data: st.DataObject) -> None:
    shape = data.draw(shapes(LAYER_TYPES[kind]))
    compare(stack(data.draw(layers(LAYER_TYPES[kind]))), shape, np.zeros((2, *shape), np.uint8))


@pytest.mark.parametrize("kind", [kind.name for kind in CATALOG if kind.merges])
@FEW
@given(data=st.data())
def test_a_merge_has_the_shape_of_keras_or_both_refuse(kind: str, data: st.DataObject) -> None:
    first = data.draw(shapes(LAYER_TYPES[kind]))
    alike = st.sampled_from([first, (*first[:-1], 1), (*first[:-1], 5), first[1:] or first, first[::-1]])
    found = [first, *data.draw(st.lists(st.just(first) | alike, min_size=1, max_size=2))]
    branches = []
    for at, shape in enumerate(found):
        dense = LayerSpec.of("Dense", units=prod(shape), **{"from": "input"})
        branches += [dense, LayerSpec.of("Reshape", target_shape=shape, name=f"branch{at}")]
    names = [f"branch{at}" for at in range(len(found))]
    merge = data.draw(layers(LAYER_TYPES[kind], **{"from": names}))
    compare(stack(*branches, merge), (3,), np.zeros((2, 3), np.float32))


@pytest.mark.parametrize("kind", [kind.name for kind in CATALOG if kind.reads_text])
@FEW
@given(data=st.data())
def test_a_layer_that_reads_words_has_the_shape_of_keras_or_both_refuse(
    kind: str, data: st.DataObject
) -> None:
    words = np.array(["a hat", "a cat", "a hat", "no dog at all"])
    shape = data.draw(st.sampled_from([(), (1,)]) if kind == "TextVectorization" else st.just((1,)))
    compare(stack(data.draw(layers(LAYER_TYPES[kind]))), shape, words.reshape(4, *shape), words=True)


NEEDED: dict[str, object] = {
    "units": 3,
    "filters": 4,
    "kernel_size": 2,
    "activation": "relu",
    "input_dim": 9,
    "output_dim": 2,
    "n": 3,
    "target_shape": (-1, 2),
}
IN_TIME: dict[str, Shape] = {
    "Embedding": (4, 5),
    "RepeatVector": (4, 5),
    "LSTM": (4, 5, 2),
    "GRU": (4, 5, 2),
    "SimpleRNN": (4, 5, 2),
}


@pytest.mark.parametrize("inner", LAYER_TYPES["TimeDistributed"].wraps)
def test_a_layer_at_every_step_has_the_shape_and_parameters_of_keras(inner: str) -> None:
    given = {
        name: value for name, value in NEEDED.items() if name in {o.name for o in LAYER_TYPES[inner].options}
    }
    layer = LayerSpec.of("TimeDistributed", layer=inner, **given)
    shape = IN_TIME.get(inner, (4, 8, 2) if "1D" in inner else (4, 8, 8, 2))
    assert summarize(stack(layer), shape).mismatch is None
    compare(stack(layer), shape, np.zeros((2, *shape), np.uint8))


def test_keras_crops_at_random_in_training_only_and_a_centre_crop_after_it_does_the_rest() -> None:
    import keras

    pictures = np.arange(2 * 6 * 6, dtype=np.float32).reshape(2, 6, 6, 1)
    for size in (4, 8):
        crop = keras.layers.RandomCrop(size, size)
        centre = keras.layers.CenterCrop(size, size)
        # The day Keras crops in prediction, too, `crop_problems` has nothing to warn of any more.
        assert np.array_equal(crop(pictures, training=False), pictures)
        net = keras.Sequential(
            [keras.Input((6, 6, 1)), crop, centre, keras.layers.Flatten(), keras.layers.Dense(1)]
        )
        net.compile("sgd", "mse")
        net.fit(pictures, np.ones(2), validation_data=(pictures, np.ones(2)), verbose=0)
        assert np.array_equal(centre(crop(pictures, training=False)), centre(pictures))
