"""Functions of one number, their derivatives, and what a difference quotient makes of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEAST_H, MOST_H = 1e-12, 4.0
"""What the h of a difference quotient may be."""


@dataclass(frozen=True)
class Curve:
    """A function and its derivative, over low..high."""

    name: str
    derivative_name: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    low: float = -4.0
    high: float = 4.0
    words: str = ""
    """What to look for."""

    def xs(self) -> Array:
        """400 points of its axis."""
        return np.linspace(self.low, self.high, 401)

    def at(self, x: float) -> tuple[float, float]:
        """Return value and slope at x."""
        here = np.array([x])
        return float(self.function(here)[0]), float(self.derivative(here)[0])

    def tangent(self, x: float) -> Callable[[Array], Array]:
        """Return the straight line that touches the curve at x."""
        value, slope = self.at(x)
        return lambda xs: value + slope * (xs - x)

    def quotient(self, x: float, h: float) -> float:
        """(f(x + h) − f(x)) / h: the slope of the straight line through two points of the curve."""
        here = self.function(np.array([x, x + h]))
        return float((here[1] - here[0]) / h)


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^(−z))"""
    return np.asarray(1 / (1 + np.exp(-z)))


CURVES = (
    Curve(
        "x²", "2x", lambda x: x**2, lambda x: 2 * x, words="The slope is 0 at the bottom, and grows evenly."
    ),
    Curve(
        "x³ − 3x",
        "3x² − 3",
        lambda x: x**3 - 3 * x,
        lambda x: 3 * x**2 - 3,
        -2.5,
        2.5,
        "The slope is 0 twice: on top of the hill at −1 and in the valley at 1. It alone doesn't tell which.",
    ),
    Curve("sin x", "cos x", np.sin, np.cos, -6.0, 6.0, "The slope of a wave is a wave, a quarter ahead."),
    Curve("e^x", "e^x", np.exp, np.exp, -3.0, 3.0, "The slope is as large as the value, everywhere."),
    Curve(
        "sigmoid",
        "σ(x)·(1 − σ(x))",
        sigmoid,
        lambda x: sigmoid(x) * (1 - sigmoid(x)),
        -8.0,
        8.0,
        "At most 1/4, and almost 0 far out: there a weight learns nothing.",
    ),
    Curve(
        "relu",
        "0 or 1",
        lambda x: np.maximum(x, 0),
        lambda x: (x > 0).astype(float),
        words="0 on the left, 1 on the right; at 0 itself Keras takes 0.",
    ),
    Curve(
        "e^(−x²)",
        "−2x·e^(−x²)",
        lambda x: np.exp(-(x**2)),
        lambda x: -2 * x * np.exp(-(x**2)),
        words="The target of the lab with the neurons: steepest at ±0.71.",
    ),
)
