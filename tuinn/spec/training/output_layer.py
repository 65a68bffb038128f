"""Problem → last layer → loss: the table of every course, as data. Advice, the automatic loss and the help read it."""

import math
from dataclasses import dataclass

from tuinn.spec.dataset import DataFacts, Task


@dataclass(frozen=True)
class OutputLayer:
    """A row of the table."""

    problem: str
    outputs: str
    """How wide the last layer is, in words."""
    activations: tuple[str, ...]
    """Those that fit, best first. linear where the loss can take logits."""
    loss: str
    """What `auto` means."""


BINARY = OutputLayer("yes or no", "1", ("sigmoid", "linear"), "binary_crossentropy")
BINARY_TWO = OutputLayer(
    "yes or no, as two classes", "2", ("softmax", "linear"), "sparse_categorical_crossentropy"
)
CLASSES = OutputLayer(
    "one of several classes", "one per class", ("softmax", "linear"), "sparse_categorical_crossentropy"
)
LABELS = OutputLayer("several labels at once", "one per label", ("sigmoid", "linear"), "binary_crossentropy")
NUMBER = OutputLayer(
    "a number",
    "1",
    ("linear", "relu", "softplus", "exponential", "leaky_relu", "elu", "selu", "gelu", "silu"),
    "mean_squared_error",
)
NUMBERS = OutputLayer("several numbers", "one per target", NUMBER.activations, "mean_squared_error")
UNIT_INTERVAL = OutputLayer("a number from 0 to 1", "1", ("sigmoid", "hard_sigmoid"), "mean_squared_error")

OUTPUT_LAYERS = (BINARY, BINARY_TWO, CLASSES, LABELS, NUMBER, NUMBERS, UNIT_INTERVAL)

ACTIVATION_RANGES = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, math.inf),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, math.inf),
    "exponential": (0.0, math.inf),
    "elu": (-1.0, math.inf),
    "selu": (-1.76, math.inf),
    "gelu": (-0.17, math.inf),
    "silu": (-0.28, math.inf),
}
"""The smallest and largest value that an activation gives; the others give any."""


def output_layer_for(facts: DataFacts, outputs: int | None = None) -> OutputLayer:
    """The row for this task and so many outputs; without them, for as many as suit it best."""
    match facts.task:
        case Task.REGRESSION:
            if facts.target_names:
                return NUMBERS
            return UNIT_INTERVAL if is_unit_interval(facts) else NUMBER
        case Task.LABELS:
            return LABELS
        case Task.BINARY:
            return BINARY_TWO if outputs == 2 else BINARY
        case _:
            return CLASSES


def is_unit_interval(facts: DataFacts) -> bool:
    """True for a regression whose targets are known to lie between 0 and 1."""
    return facts.task is Task.REGRESSION and facts.targets is not None and _within(facts.targets, (0.0, 1.0))


def covers_targets(activation: str, facts: DataFacts) -> bool:
    """False where the targets of a regression are known, and this activation never gives some of them."""
    reach = ACTIVATION_RANGES.get(activation)
    return reach is None or facts.targets is None or _within(facts.targets, reach)


def _within(inner: tuple[float, float], outer: tuple[float, float]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
