"""ModelSpec → keras.Model; FitSpec → optimizer, loss, metrics. Option names in a spec are Keras' own, so little is said twice."""

import sys
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices
from tuinn.runs.events import BuiltLayer, ModelBuilt
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.losses import Loss, resolve
from tuinn.spec.model import ModelSpec
from tuinn.spec.run import RunSpec
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


def loss_of(spec: RunSpec, facts: DataFacts, outputs: int) -> Loss:
    """The loss of the run, such that every metric asked for can be computed from the same targets.

    Errors such as mean_absolute_error need a 0/1 per class. Crossentropy is the same number for either form.
    """
    loss = resolve(spec.fit.loss, spec.model, facts, outputs)
    if loss.targets == "label" and set(spec.fit.metrics) - {"accuracy"}:
        return replace(loss, name="categorical_crossentropy", targets="one_hot")
    return loss


def targets(raw: NDArray[Any], loss: Loss, outputs: int) -> NDArray[Any]:
    """Targets as the loss wants them: (n,) int64 for labels, else (n, outputs) float32."""
    match loss.targets:
        case "label":
            return raw.astype(np.int64)
        case "one_hot":
            return np.eye(outputs, dtype=np.float32)[raw.astype(np.int64)]
        case "number":
            return raw.astype(np.float32).reshape(len(raw), -1)


def ready(model: Any, fit: FitSpec, loss: Loss, task: Task, steps_per_execution: int) -> None:
    """Compile: optimizer, loss and metrics as the spec asks. XLA stays off; on a CPU it slows training down."""
    options = {"from_logits": loss.from_logits} if loss.name.endswith("crossentropy") else {}
    model.compile(
        optimizer=keras.optimizers.get(
            {"class_name": fit.optimizer, "config": {"learning_rate": float(fit.learning_rate)}}
        ),
        loss=getattr(keras.losses, camel(loss.name))(**options),
        metrics=[metric(name, loss, task) for name in fit.metrics],
        steps_per_execution=steps_per_execution,
        jit_compile=False,
    )


def metric(name: str, loss: Loss, task: Task) -> Any:
    """A Keras metric that reports under the name in the spec."""
    if name != "accuracy":
        return getattr(keras.metrics, camel(name))(name=name)
    if loss.targets == "label":
        return keras.metrics.SparseCategoricalAccuracy(name=name)
    if loss.targets == "one_hot":
        return keras.metrics.CategoricalAccuracy(name=name)
    return keras.metrics.BinaryAccuracy(name=name, threshold=0.0 if loss.from_logits else 0.5)


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


def camel(name: str) -> str:
    """`mean_squared_error` → `MeanSquaredError`, as Keras names its classes."""
    return "".join(word.capitalize() for word in name.split("_"))
