"""ModelSpec → keras.Model. Option names in a spec are Keras' own, so little is said twice."""

import sys
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuinn.data.split import Indices
from tuinn.errors import SpecError, WorkerError
from tuinn.runs.events import BuiltLayer, ModelBuilt
from tuinn.spec.layers.catalog import LayerSpec, by_text
from tuinn.spec.layers.layer_options import INPUT
from tuinn.spec.layers.model import ModelSpec, snake
from tuinn.spec.layers.shapes import Summary
from tuinn.spec.training.losses import Loss
from tuinn.spec.training.target_scaling import STACK
from tuinn.worker.errors import first_line


def build(model: ModelSpec, shape: tuple[int, ...], words: bool = False) -> Any:
    """The network for samples of `shape`, not yet compiled. Layers are named as `ModelSpec.names` names them.

    Its input is float32, so it takes raw values of any numeric type; scaling is a layer's business. With `words`
    it takes strings. A disabled layer is left out.
    Raises WorkerError that names the layer which Keras refuses.
    """
    allow_depth(len(model.layers))
    inputs = keras.Input(shape, dtype="string" if words else "float32", name=INPUT)
    given = {-1: inputs}
    outputs = inputs
    for at, (name, layer, wire) in enumerate(zip(model.names(), model.layers, model.wires, strict=True)):
        if layer.disabled:
            continue
        try:
            if wire.problem:
                raise SpecError(wire.problem)
            outputs = given[at] = connected(layer, name, [given[place] for place in wire.sources])
        except Exception as error:  # Keras refuses with whatever its arithmetic raises, IndexError included
            raise WorkerError(
                f"Keras refuses layer {at + 1}, {layer.kind} {layer.words()}: {first_line(error)}. "
                "Change this layer or the one above it."
            ) from error
    return keras.Model(inputs, outputs, name=STACK)


def connected(layer: LayerSpec, name: str, given: list[Any]) -> Any:
    """What this layer makes of the tensors it takes. Raises whatever Keras raises, or SpecError."""
    built = made(layer, name)
    if len(given) != 1 and not layer.row.merges:
        raise SpecError(f"{layer.kind} takes one layer, not {len(given)}.")
    if layer.row.merges:
        outputs = built(given)
    elif layer.kind == "MultiHeadAttention":
        outputs = built(given[0], given[0])  # self-attention: one layer asks, is asked, and answers
    else:
        outputs = built(given[0])
    # Said once its parts are there: those that Keras makes while it builds don't hear the constructor.
    built.trainable = layer.options.get("trainable", True)
    return outputs


def made(layer: LayerSpec, name: str) -> Any:
    """The Keras layer, with the one that it wraps."""
    config = layer.config()
    if layer.inner:
        config["layer"] = made(layer.inner, snake(layer.inner.kind))
    return getattr(keras.layers, layer.kind)(**config, name=name)


def allow_depth(layers: int) -> None:
    """Let Python recurse as deep as Keras does when it builds, saves or loads a network of so many layers."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 2000 + 10 * layers))


def adapt(
    model: Any, take: Callable[[Indices], Any], training: Indices, batch: int, most: int = sys.maxsize
) -> None:
    """Let each layer that measures or learns words do so on the training part: `take` gives what `model` takes.

    Before the first fit. A layer further down measures what the layers above it make of the samples, `batch` at a
    time. What takes more than `most` bytes is measured batch by batch, too, which rounds a little differently.
    """
    for layer in model.layers:
        if not _learns(layer):
            continue
        above = keras.Model(model.input, layer.input)

        def given(above: Any = above) -> Iterator[Any]:
            for start in range(0, len(training), batch):
                yield np.asarray(above(_as_input(take(training[start : start + batch]), model)))

        if 4 * len(training) * prod(layer.input.shape[1:]) <= most:
            layer.adapt(np.concatenate(list(given())))
        else:
            spec = tf.TensorSpec((None, *layer.input.shape[1:]), layer.input.dtype)
            layer.adapt(tf.data.Dataset.from_generator(given, output_signature=spec))


def _learns(layer: Any) -> bool:
    if isinstance(layer, keras.layers.Discretization):
        return layer.num_bins is not None
    return isinstance(
        layer, keras.layers.Normalization | keras.layers.StringLookup | keras.layers.TextVectorization
    )


def _as_input(part: Any, model: Any) -> Any:
    return keras.ops.convert_to_tensor(part, dtype=model.input.dtype)


def event(model: Any, loss: Loss, device: str) -> ModelBuilt:
    """The network as Keras built it, for the journal. `device` is in words."""
    return ModelBuilt(
        layers=built_layers(model),
        trainable=count(model.trainable_weights),
        non_trainable=count(model.non_trainable_weights),
        loss=loss.name,
        device=device,
    )


def built_layers(model: Any) -> tuple[BuiltLayer, ...]:
    """Every layer of the stack as Keras built it."""
    return tuple(
        BuiltLayer(layer.name, type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in model.layers[1:]
    )


def count(weights: list[Any]) -> int:
    """Numbers in these weights."""
    return sum(int(np.prod(weight.shape)) for weight in weights)


REPORT = "This is a mistake of tuinn; please report it with the run's spec.toml."


def shape_mismatch(summary: Summary, built: ModelBuilt) -> str:
    """The first layer whose shape or parameters Keras gives otherwise, in words; empty where all agree.

    Of a layer that learns words, Keras may count a table that isn't a weight.
    """
    keras = {layer.name: layer for layer in built.layers}
    for at, row in enumerate(summary.rows):
        found = keras.get(row.name)
        if found is None or row.layer.row.reads_words or row.layer.disabled:
            continue
        if row.shape != tuple(found.output_shape) or row.params != found.params:
            ours = f"{by_text(row.shape or ())} and {row.params:,} parameters"
            theirs = f"{by_text(tuple(found.output_shape))} and {found.params:,}"
            return (
                f"Layer {at + 1}, {row.layer.kind}, was shown with {ours}, and Keras built {theirs}. {REPORT}"
            )
    return ""
