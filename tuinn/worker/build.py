"""ModelSpec → keras.Model. Option names in a spec are Keras' own, so little is said twice."""

import sys
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices
from tuinn.runs.events import BuiltLayer, ModelBuilt
from tuinn.spec.losses import Loss
from tuinn.spec.model import ModelSpec
from tuinn.worker.failures import first_line
from tuinn.worker.problem import WorkerProblem


def build(model: ModelSpec, shape: tuple[int, ...]) -> Any:
    """The network for samples of `shape`, not yet compiled. Layers are named as `ModelSpec.names` names them.

    Its input is float32, so it takes raw values of any numeric type; scaling is a layer's business.
    Raises WorkerProblem that names the layer which Keras refuses.
    """
    allow_depth(len(model.layers))
    inputs = keras.Input(shape, dtype="float32", name="samples")
    outputs = inputs
    for at, (name, layer) in enumerate(zip(model.names(), model.layers, strict=True), start=1):
        try:
            outputs = getattr(keras.layers, layer.kind)(**layer.options, name=name)(outputs)
        except (ValueError, TypeError, OverflowError) as error:
            raise WorkerProblem(
                f"Keras refuses layer {at}, {layer.kind} {layer.words()}: {first_line(error)}. "
                "Change this layer or the one above it."
            ) from error
    return keras.Model(inputs, outputs, name="tuinn")


def allow_depth(layers: int) -> None:
    """Let Python recurse as deep as Keras does when it builds, saves or loads a network of so many layers."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 2000 + 10 * layers))


def adapt(model: Any, samples: NDArray[Any], training: Indices, batch: int) -> None:
    """Let each Normalization measure the training part of `samples`, (n, *shape). Before the first fit.

    A Normalization further down measures what the layers above it make of them, `batch` samples at a time.
    """
    for at, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Normalization):
            above = model.layers[1:at]
            parts = (samples[training[start : start + batch]] for start in range(0, len(training), batch))
            layer.adapt(np.concatenate([_through(above, part) for part in parts]))


def _through(layers: list[Any], part: NDArray[Any]) -> NDArray[np.float32]:
    values = part.astype(np.float32)
    for layer in layers:
        values = layer(values)
    return np.asarray(values)


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
