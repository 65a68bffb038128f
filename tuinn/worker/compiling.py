"""FitSpec → optimizer, loss and metrics of a network. Option names in a spec are Keras' own, so little is said twice."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.losses import Loss, resolve
from tuinn.spec.run import RunSpec


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


def camel(name: str) -> str:
    """`mean_squared_error` → `MeanSquaredError`, as Keras names its classes."""
    return "".join(word.capitalize() for word in name.split("_"))
