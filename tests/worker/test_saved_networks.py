"""What Keras saves is read as Keras reads it: the same shapes, the same numbers of parameters, for every layer type."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.worker.catalog_runs import networks, side_by_side, text_layers
from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.layer_type import Shape
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.run import stack
from tuinn.spec.saved_network.config import ImportedModel, read_config
from tuinn.spec.saved_network.files import read_description
from tuinn.worker.model import build

pytestmark = pytest.mark.tf


def graph(model: ModelSpec) -> dict[str, tuple[dict[str, object], tuple[str, ...]]]:
    """Each layer by its name: its options, and the names of what it takes. Keras lists branches in an order of its own."""
    names = ("input", *model.names())
    return {
        name: (
            {key: value for key, value in layer.options.items() if key not in ("from", "name")},
            tuple(names[place + 1] for place in link.sources),
        )
        for name, layer, link in zip(model.names(), model.layers, model.links, strict=True)
    }


def described(model: ModelSpec, shape: Shape, words: bool = False) -> ImportedModel:
    import keras

    built = build.build(model, shape, words)
    return read_config(json.loads(json.dumps(keras.saving.serialize_keras_object(built))))


@pytest.mark.parametrize(
    ("shape", "layers"),
    [pytest.param(*case, id=f"{len(case[0])}-{case[1][0].type_name}") for case in networks()],
)
def test_every_layer_type_comes_back_from_what_keras_writes(shape: Shape, layers: list[LayerSpec]) -> None:
    model = stack(*side_by_side(layers))
    found = described(model, shape)
    assert found.notes == []
    assert graph(found.model) == graph(model)
    assert found.input_shape == shape


@pytest.mark.parametrize("layer", text_layers(), ids=lambda layer: layer.type_name)
def test_every_layer_type_that_reads_texts_comes_back_and_so_does_its_input(layer: LayerSpec) -> None:
    head = (LayerSpec.of("Embedding", input_dim=50, output_dim=3), LayerSpec.of("Flatten"))
    model = stack(layer, *(head if layer.type_name == "TextVectorization" else ()))
    shape = () if layer.type_name == "TextVectorization" else (1,)
    found = described(model, shape, words=True)
    assert (found.notes, found.reads_text, found.input_shape) == ([], True, shape)
    assert graph(found.model) == graph(model)


def networks_of_keras() -> dict[str, Any]:
    import keras
    from keras import layers

    block = keras.Sequential([layers.Dense(6), layers.BatchNormalization()], name="block")
    inputs = keras.Input((6,))
    x = layers.Add()([block(inputs), inputs]) / 2.0
    nested = keras.Model(inputs, layers.Dense(2)(layers.LeakyReLU(0.2)(x)))
    deferred = keras.Sequential([layers.Conv1D(4, 3), layers.Bidirectional(layers.GRU(3)), layers.Dense(1)])
    deferred.build((None, 9, 2))
    shared = layers.Dense(6)
    again = keras.Model(inputs, layers.Concatenate()([layers.ReLU()(inputs), shared(inputs)]))
    steps = keras.Input((5, 4))
    attending = keras.Model(steps, layers.MultiHeadAttention(2, 3, value_dim=4)(steps, steps))
    return {"nested": nested, "deferred": deferred, "again": again, "attending": attending}


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("name", ["nested", "deferred", "again", "attending"])
def test_a_saved_network_has_the_shapes_and_parameters_that_keras_gives_it(
    name: str, ending: str, tmp_path: Path
) -> None:
    import keras

    file = tmp_path / f"net{ending}"
    networks_of_keras()[name].save(file)
    # Keras 3 writes arithmetic of tensors into an HDF5 file, and can't read it back from there.
    model = (
        networks_of_keras()[name] if (name, ending) == ("nested", ".h5") else keras.models.load_model(file)
    )
    found = read_config(read_description(file))
    assert found.notes == []
    assert found.input_shape is not None
    assert found.input_shape == model.input_shape[1:]
    summary = summarize(found.model, found.input_shape)
    assert summary.mismatch is None
    assert (summary.output, summary.total) == (model.output_shape[1:], model.count_params())


def test_what_keras_saves_without_the_network_is_named(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.save_weights(tmp_path / "net.weights.h5")
    with pytest.raises(SpecError, match="holds weights without the network"):
        read_description(tmp_path / "net.weights.h5")
    model.export(tmp_path / "served", verbose=False)
    with pytest.raises(
        SpecError, match="is a SavedModel without a description of its layers, made to be served"
    ):
        read_description(tmp_path / "served")
