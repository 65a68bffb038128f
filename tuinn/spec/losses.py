"""Which loss fits: from the task and what the last layer gives."""

from dataclasses import dataclass
from typing import Literal

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.model import ModelSpec

Targets = Literal["label", "one_hot", "number"]

_PASSES_THROUGH = {"Dropout", "Flatten", "Reshape", "GlobalAveragePooling2D", "MaxPooling2D"}


@dataclass(frozen=True)
class Loss:
    """A Keras loss by name, and how it wants outputs and targets."""

    name: str
    from_logits: bool
    """True: the network ends without softmax or sigmoid, so the loss applies it."""
    targets: Targets
    """`label`: a class number; `one_hot`: a 0/1 per class; `number`: the value itself."""


def last_activation(model: ModelSpec) -> str:
    """The activation that shapes the output; `linear` when there is none."""
    for layer in reversed(model.layers):
        if layer.activation is not None:
            return layer.activation
        if layer.kind not in _PASSES_THROUGH:
            return "linear"
    return "linear"


def resolve(wanted: str, model: ModelSpec, facts: DataFacts, outputs: int) -> Loss:
    """The loss of a run. `wanted` is the spec's word, `outputs` the width of the last layer.

    | task         | last layer             | "auto"                          |
    |--------------|------------------------|---------------------------------|
    | binary       | 1 × sigmoid or linear  | binary_crossentropy             |
    | binary       | 2 × softmax or linear  | sparse_categorical_crossentropy |
    | single-label | n × softmax or linear  | sparse_categorical_crossentropy |
    | multi-label  | n × sigmoid or linear  | binary_crossentropy             |
    | regression   | any                    | mean_squared_error              |
    """
    name = _auto(facts.task, outputs) if wanted == "auto" else wanted
    logits = name.endswith("crossentropy") and last_activation(model) not in ("softmax", "sigmoid")
    return Loss(name, logits, _targets(name, facts.task, outputs))


def _auto(task: Task, outputs: int) -> str:
    match task:
        case Task.REGRESSION:
            return "mean_squared_error"
        case Task.LABELS:
            return "binary_crossentropy"
        case Task.BINARY if outputs == 1:
            return "binary_crossentropy"
        case _:
            return "sparse_categorical_crossentropy"


def _targets(loss: str, task: Task, outputs: int) -> Targets:
    if task is Task.REGRESSION or task is Task.LABELS or outputs == 1:
        return "number"
    return "label" if loss == "sparse_categorical_crossentropy" else "one_hot"
