"""Which loss fits: from the task and what the last layer gives."""

from dataclasses import dataclass
from typing import Literal

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.training.output_layer import is_unit_interval, output_layer_for

Targets = Literal["label", "one_hot", "number"]

_PASSES_THROUGH = {"Dropout", "Flatten", "Reshape", "Permute", "RepeatVector", "ActivityRegularization"} | {
    f"{word}{rank}D"
    for word in ("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling", "SpatialDropout")
    for rank in (1, 2, 3)
}
_IS_ITSELF = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "leaky_relu",
    "ELU": "elu",
    "Softmax": "softmax",
}
"""Kinds that are an activation, by the word for it."""


@dataclass(frozen=True)
class LossType:
    """A row of the table: a loss that a spec may name."""

    name: str
    keras: str
    """The class in `keras.losses`."""
    help: str
    tasks: tuple[Task, ...]
    label_smoothing: bool = False
    """True when it takes `label_smoothing`."""


_PICK = (Task.BINARY, Task.CLASSES)
_YES_OR_NO = (Task.BINARY, Task.LABELS)
_ANY = tuple(Task)
_NUMBER = (Task.REGRESSION,)

LOSSES: tuple[LossType, ...] = (
    LossType(
        "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", "classes, by their number", _PICK
    ),
    LossType(
        "categorical_crossentropy", "CategoricalCrossentropy", "classes, as a 0/1 for each", _PICK, True
    ),
    LossType("binary_crossentropy", "BinaryCrossentropy", "yes or no, one for each output", _YES_OR_NO, True),
    LossType("mean_squared_error", "MeanSquaredError", "mean of (target − output)²", _ANY),
    LossType("mean_absolute_error", "MeanAbsoluteError", "mean of |target − output|", _ANY),
    LossType("huber", "Huber", "squared near the target, straight far from it", _ANY),
    LossType("log_cosh", "LogCosh", "likewise, and smooth", _ANY),
    LossType(
        "mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "errors by their ratio", _NUMBER
    ),
    LossType("mean_absolute_percentage_error", "MeanAbsolutePercentageError", "errors in percent", _NUMBER),
    LossType("poisson", "Poisson", "counts: output − target · log(output)", _NUMBER),
    LossType(
        "categorical_focal_crossentropy",
        "CategoricalFocalCrossentropy",
        "hard samples weigh more",
        _PICK,
        True,
    ),
    LossType(
        "binary_focal_crossentropy", "BinaryFocalCrossentropy", "likewise, for yes or no", _YES_OR_NO, True
    ),
    LossType("kl_divergence", "KLDivergence", "how far one distribution is from another", _PICK),
    LossType("categorical_hinge", "CategoricalHinge", "a margin between the classes", _PICK),
    LossType("hinge", "Hinge", "a margin, for outputs from −1 to 1", _YES_OR_NO),
    LossType("squared_hinge", "SquaredHinge", "likewise, squared", _YES_OR_NO),
)

BY_NAME = {row.name: row for row in LOSSES}

ALIASES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "bce": "binary_crossentropy",
    "logcosh": "log_cosh",
    "huber_loss": "huber",
}
"""Keras' short and old names → those of a spec."""

_WANT_CLASSES: tuple[str, ...] = (
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
)
_WANT_CLASSES += ("kl_divergence", "categorical_hinge")


def allowed_losses(facts: DataFacts, outputs: int) -> tuple[str, ...]:
    """The losses that this task and so many outputs can be trained with, by name."""
    found = [row.name for row in LOSSES if facts.task in row.tasks]
    if is_unit_interval(facts):
        found.append("binary_crossentropy")
    if facts.task is Task.BINARY and outputs == 1:
        return tuple(name for name in found if name not in _WANT_CLASSES)
    return tuple(found)


def why_not_allowed(name: str, facts: DataFacts, outputs: int) -> str:
    """Why this loss, which is not `allowed_losses`, is none for this task: a sentence."""
    if facts.task is Task.REGRESSION:
        return f"{name} is for classes, and this is a regression."
    if facts.task is Task.LABELS and name in _WANT_CLASSES:
        return f"{name} wants exactly one right class for each sample, and here a sample may have several labels."
    if outputs == 1 and name in _WANT_CLASSES:
        return f"{name} wants an output for each of {len(facts.classes)} classes, and the network has one."
    if facts.task is Task.CLASSES and Task.LABELS in BY_NAME[name].tasks:
        return f"{name} asks yes or no of each output, and here exactly one of {len(facts.classes)} classes is right."
    return f"{name} does not fit {facts.task} with {outputs} output{'s' * (outputs != 1)}."


@dataclass(frozen=True)
class Loss:
    """A Keras loss by name, and how it wants outputs and targets."""

    name: str
    from_logits: bool
    """True: the network ends without softmax or sigmoid, so the loss applies it."""
    targets: Targets
    """`label`: a class number; `one_hot`: a 0/1 per class; `number`: the value itself."""


def activation_of(layer: LayerSpec) -> str | None:
    """The activation a layer ends in, such layers as ReLU included; None where its type has none."""
    return _IS_ITSELF.get(layer.type_name, layer.activation)


def is_activation(layer: LayerSpec) -> bool:
    """True for a layer that is an activation and nothing else."""
    return layer.type_name == "Activation" or layer.type_name in _IS_ITSELF


def last_activation(model: ModelSpec) -> str:
    """The activation that shapes the output; `linear` when there is none."""
    at = next((at for at in reversed(range(len(model.layers))) if not model.layers[at].disabled), -1)
    while at >= 0:
        found = activation_of(model.layers[at])
        if found is not None:
            return found
        if model.layers[at].type_name not in _PASSES_THROUGH:
            return "linear"
        at = model.links[at].sources[0]
    return "linear"


def resolve_loss(wanted: str, model: ModelSpec, facts: DataFacts, outputs: int) -> Loss:
    """The loss of a run. `wanted` is the spec's word, `outputs` the width of the last layer; `auto` is the one in
    `head_table`."""
    name = output_layer_for(facts, outputs).loss if wanted == "auto" else wanted
    logits = name.endswith("crossentropy") and last_activation(model) not in ("softmax", "sigmoid")
    return Loss(name, logits, _targets(name, facts.task, outputs))


def _targets(loss: str, task: Task, outputs: int) -> Targets:
    if task is Task.REGRESSION or task is Task.LABELS or outputs == 1:
        return "number"
    return "label" if loss == "sparse_categorical_crossentropy" else "one_hot"
