"""ModelSpec → keras.Model: built, adapted to the samples, and compared with the shapes that the spec floor expects."""

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from math import prod
from typing import TypeGuard

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.split import Indices
from tuinn.errors import SpecError, WorkerError
from tuinn.runs.events import BuiltLayer, ModelBuilt
from tuinn.spec.layers.catalog import LayerSpec, format_shape
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.spec.layers.model import ModelSpec, to_snake_case
from tuinn.spec.layers.shapes import Summary
from tuinn.spec.training.losses import Loss
from tuinn.spec.training.target_scaling import STACK_LAYER
from tuinn.worker.errors import first_line
from tuinn.worker.keras_types import AdaptableLayer, Array, Layer, Model, NormalizationLayer, Tensor, Variable

REPORT = "This is a mistake of tuinn; please report it with the run's spec.toml."


def build(model: ModelSpec, shape: tuple[int, ...], words: bool = False) -> Model:
    """The network for samples of `shape`, not yet compiled. Layers are named as `ModelSpec.names` names them.

    Its input is float32, so it takes raw values of any numeric type; scaling is a layer's business. With `words`
    it takes strings. A disabled layer is left out.
    Raises WorkerError that names the layer which Keras refuses.
    """
    allow_depth(len(model.layers))
    inputs = keras.Input(shape, dtype="string" if words else "float32", name=INPUT_NAME)
    tensors: dict[int, Tensor] = {-1: inputs}
    outputs: Tensor = inputs
    for at, (name, layer, wire) in enumerate(zip(model.names(), model.layers, model.links, strict=True)):
        if layer.disabled:
            continue
        try:
            if wire.problem:
                raise SpecError(wire.problem)
            outputs = tensors[at] = call_layer(layer, name, [tensors[source] for source in wire.sources])
        except Exception as error:  # Keras refuses with whatever its arithmetic raises, IndexError included
            raise WorkerError(
                f"Keras refuses layer {at + 1}, {layer.type_name} {layer.options_text()}: {first_line(error)}. "
                "Change this layer or the one above it."
            ) from error
    built: Model = keras.Model(inputs, outputs, name=STACK_LAYER)
    return built


def call_layer(spec: LayerSpec, name: str, inputs: Sequence[Tensor]) -> Tensor:
    """The output of this layer for these inputs. Raises whatever Keras raises, or SpecError."""
    layer = make_layer(spec, name)
    if len(inputs) != 1 and not spec.layer_type.merges:
        raise SpecError(f"{spec.type_name} takes one layer, not {len(inputs)}.")
    if spec.layer_type.merges:
        outputs = layer(inputs)
    elif spec.type_name == "MultiHeadAttention":
        outputs = layer(inputs[0], inputs[0])  # self-attention: query, key and value are the same
    else:
        outputs = layer(inputs[0])
    # Set once its parts are there: those that Keras makes while it builds don't get the constructor's value.
    layer.trainable = bool(spec.options.get("trainable", True))
    return outputs


def make_layer(spec: LayerSpec, name: str) -> Layer:
    """The Keras layer, with the one that it wraps."""
    config = spec.config()
    if spec.inner:
        config["layer"] = make_layer(spec.inner, to_snake_case(spec.inner.type_name))
    layer: Layer = getattr(keras.layers, spec.type_name)(**config, name=name)
    return layer


def allow_depth(layers: int) -> None:
    """Let Python recurse as deep as Keras does when it builds, saves or loads a network of so many layers."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 2000 + 10 * layers))


def adapt(
    model: Model,
    samples: Callable[[Indices], object],
    training: Indices,
    batch: int,
    most: int = sys.maxsize,
    knowing: Collection[str] = (),
) -> None:
    """Let each layer that measures samples or learns words do so on the training part, before the first fit.

    `samples` gives what `model` takes at these indices. A layer further down measures what the layers above it give,
    `batch` samples at a time. What takes more than `most` bytes is measured batch by batch, too, which rounds a
    little differently. A feature that is the same in all of them keeps its scale, where Keras would divide by 1e-7.
    The layers of these names, `knowing`, are left as they are.
    """
    for layer in model.layers:
        if layer.name in knowing or not _must_adapt(layer):
            continue
        above = keras.Model(model.input, layer.input)
        ranges = FeatureRanges() if _normalizes(layer) else None

        def outputs_above(above: Model = above, ranges: FeatureRanges | None = ranges) -> Iterator[Array]:
            for start in range(0, len(training), batch):
                part = samples(training[start : start + batch])
                given = np.asarray(above(keras.ops.convert_to_tensor(part, dtype=model.input.dtype)))
                if ranges:
                    ranges.add(given)
                yield given

        if 4 * len(training) * prod(layer.input.shape[1:]) <= most:
            layer.adapt(np.concatenate(list(outputs_above())))
        else:
            signature = tf.TensorSpec((None, *layer.input.shape[1:]), layer.input.dtype)
            layer.adapt(tf.data.Dataset.from_generator(outputs_above, output_signature=signature))
        if ranges and _normalizes(layer) and ranges.constant.any():
            keep_scale(layer, ranges.constant)


class FeatureRanges:
    """The smallest and the largest value of each feature, the last axis, over parts of the samples."""

    def __init__(self) -> None:
        self.low: Array | None = None
        self.high: Array | None = None

    def add(self, part: Array) -> None:
        """`part`: (n, …, features)."""
        values = part.reshape(-1, part.shape[-1])
        lows, highs = values.min(axis=0), values.max(axis=0)
        self.low = lows if self.low is None else np.minimum(self.low, lows)
        self.high = highs if self.high is None else np.maximum(self.high, highs)

    @property
    def constant(self) -> NDArray[np.bool_]:
        """(features,): whether a feature has one value only. Not read off the variance, which rounding may leave above 0."""
        return np.asarray(self.low == self.high)


def keep_scale(layer: NormalizationLayer, constant: NDArray[np.bool_]) -> None:
    """Give these features of an adapted Normalization the variance 1."""
    layer.adapt_variance.assign(np.where(constant, 1.0, layer.adapt_variance.value.numpy()))
    layer.finalize_state()


def _normalizes(layer: AdaptableLayer) -> TypeGuard[NormalizationLayer]:
    return isinstance(layer, keras.layers.Normalization)


def _must_adapt(layer: Layer) -> TypeGuard[AdaptableLayer]:
    if isinstance(layer, keras.layers.Discretization):
        return getattr(layer, "num_bins", None) is not None
    return isinstance(
        layer, keras.layers.Normalization | keras.layers.StringLookup | keras.layers.TextVectorization
    )


def event(model: Model, loss: Loss, device: str, devices: int = 1) -> ModelBuilt:
    """The network as Keras built it, for the journal. `device` is in words; `devices`: how many train together."""
    return ModelBuilt(
        layers=built_layers(model),
        trainable=count(model.trainable_weights),
        non_trainable=count(model.non_trainable_weights),
        loss=loss.name,
        device=device,
        devices=devices,
    )


def built_layers(model: Model) -> tuple[BuiltLayer, ...]:
    """Every layer of the user's as Keras built it."""
    return tuple(
        BuiltLayer(layer.name, type(layer).__name__, tuple(layer.output.shape[1:]), layer.count_params())
        for layer in model.layers[1:]
    )


def count(weights: Sequence[Variable]) -> int:
    """Numbers in these weights."""
    return sum(int(np.prod(weight.shape)) for weight in weights)


def shape_mismatch(summary: Summary, built: ModelBuilt) -> str:
    """The first layer whose shape or parameters Keras gives otherwise, in words; empty where all agree.

    Of a layer that learns words, Keras may count a table that isn't a weight.
    """
    built_by_name = {layer.name: layer for layer in built.layers}
    for at, row in enumerate(summary.rows):
        layer = built_by_name.get(row.name)
        if layer is None or row.layer.layer_type.reads_text or row.layer.disabled:
            continue
        if row.shape != tuple(layer.output_shape) or row.params != layer.params:
            expected = f"{format_shape(row.shape or ())} and {row.params:,} parameters"
            actual = f"{format_shape(tuple(layer.output_shape))} and {layer.params:,}"
            return f"Layer {at + 1}, {row.layer.type_name}, was shown with {expected}, and Keras built {actual}. {REPORT}"
    return ""
