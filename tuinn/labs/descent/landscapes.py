"""Losses over one weight and over two, with their gradients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tuinn.labs.descent.curves import Array

Weights = Array
"""(…, n): one weight, or two, along the last axis."""


@dataclass(frozen=True)
class Landscape:
    """A loss over n weights, drawn from `low` to `high`."""

    name: str
    formula: str
    loss: Callable[[Weights], Array]
    gradient: Callable[[Weights], Weights]
    start: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    least: float
    """The lowest loss there is."""
    words: str = ""

    @property
    def weights(self) -> int:
        return len(self.start)


def line_points() -> tuple[Array, Array]:
    """Return 20 points round y = 2x + 1, for the loss of a straight line."""
    rng = np.random.default_rng(4)
    x = np.linspace(-1, 1, 20)
    return x, 2 * x + 1 + rng.normal(0, 0.3, 20)


def _line_loss(w: Weights) -> Array:
    x, y = line_points()
    given = w[..., :1] * x + w[..., 1:]
    return np.asarray(((given - y) ** 2).mean(axis=-1))


def _line_gradient(w: Weights) -> Weights:
    x, y = line_points()
    error = w[..., :1] * x + w[..., 1:] - y
    return np.stack([2 * (error * x).mean(axis=-1), 2 * error.mean(axis=-1)], axis=-1)


def _least_line_loss() -> float:
    x, y = line_points()
    return float(_line_loss(np.array(np.polyfit(x, y, 1))))


def _two(first: Array, second: Array) -> Weights:
    return np.stack([first, second], axis=-1)


ONE_WEIGHT = (
    Landscape(
        "bowl",
        "(w − 1)²",
        lambda w: (w[..., 0] - 1) ** 2,
        lambda w: 2 * (w - 1),
        (-3.0,),
        (-4.0,),
        (6.0,),
        0.0,
        "With plain SGD a rate of 0.5 is there in one step, 1 jumps to and fro for ever, more climbs.",
    ),
    Landscape(
        "two valleys",
        "w⁴/4 − 2w² + w/2 + 5",
        lambda w: w[..., 0] ** 4 / 4 - 2 * w[..., 0] ** 2 + w[..., 0] / 2 + 5,
        lambda w: w**3 - 4 * w + 0.5,
        (3.2,),
        (-3.6,),
        (3.6,),
        -0.0153,
        "Which valley is found depends on start, rate and momentum: the left one is deeper.",
    ),
    Landscape(
        "plateau",
        "1 − e^(−w²)",
        lambda w: 1 - np.exp(-(w[..., 0] ** 2)),
        lambda w: 2 * w * np.exp(-(w**2)),
        (-2.5,),
        (-4.0,),
        (4.0,),
        0.0,
        "Far out the gradient is almost 0: SGD hardly moves, RMSprop and Adam do.",
    ),
)

TWO_WEIGHTS = (
    Landscape(
        "bowl",
        "(w₁² + w₂²)/2",
        lambda w: (w[..., 0] ** 2 + w[..., 1] ** 2) / 2,
        lambda w: w,
        (-3.5, 2.0),
        (-5.0, -3.0),
        (5.0, 3.0),
        0.0,
        "The gradient points away from the bottom: SGD goes straight down.",
    ),
    Landscape(
        "long valley",
        "(w₁² + 15·w₂²)/2",
        lambda w: (w[..., 0] ** 2 + 15 * w[..., 1] ** 2) / 2,
        lambda w: w * np.array([1, 15]),
        (-4.0, 2.0),
        (-5.0, -3.0),
        (5.0, 3.0),
        0.0,
        "Steep across, flat along: SGD jumps across before it comes along; Adam gives each weight a rate of its own.",
    ),
    Landscape(
        "banana",
        "(1 − w₁)² + 10·(w₂ − w₁²)²",
        lambda w: (1 - w[..., 0]) ** 2 + 10 * (w[..., 1] - w[..., 0] ** 2) ** 2,
        lambda w: _two(
            -2 * (1 - w[..., 0]) - 40 * w[..., 0] * (w[..., 1] - w[..., 0] ** 2),
            20 * (w[..., 1] - w[..., 0] ** 2),
        ),
        (-1.6, 2.2),
        (-2.5, -1.0),
        (2.5, 3.5),
        0.0,
        "Rosenbrock's valley: found soon, followed slowly. The bottom is at (1, 1).",
    ),
    Landscape(
        "saddle",
        "w₁²/2 − w₂²/2 + w₂⁴/16",
        lambda w: w[..., 0] ** 2 / 2 - w[..., 1] ** 2 / 2 + w[..., 1] ** 4 / 16,
        lambda w: _two(w[..., 0], -w[..., 1] + w[..., 1] ** 3 / 4),
        (-4.0, 0.02),
        (-5.0, -3.0),
        (5.0, 3.0),
        -1.0,
        "At (0, 0) the gradient is 0, and yet it isn't the bottom: SGD lingers there.",
    ),
    Landscape(
        "a line through points",
        "mean of (w₁·x + w₂ − y)²",
        _line_loss,
        _line_gradient,
        (-3.0, -1.5),
        (-4.0, -3.0),
        (6.0, 4.0),
        _least_line_loss(),
        "A true loss: slope and bias of a line through 20 points round 2x + 1.",
    ),
)
