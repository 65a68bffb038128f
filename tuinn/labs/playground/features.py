"""What the network sees of a point: its coordinates, and functions of them."""

from collections.abc import Callable, Sequence

import numpy as np

from tuinn.labs.playground.clouds import Array

FEATURES: dict[str, tuple[Callable[[Array, Array], Array], str]] = {
    "x": (lambda x, y: x, "x"),
    "y": (lambda x, y: y, "y"),
    "x²": (lambda x, y: x**2, "x**2"),
    "y²": (lambda x, y: y**2, "y**2"),
    "xy": (lambda x, y: x * y, "x * y"),
    "sin x": (lambda x, y: np.sin(x), "np.sin(x)"),
    "sin y": (lambda x, y: np.sin(y), "np.sin(y)"),
}
"""Name → the function, and how Python writes it."""


def features_of(points: Array, names: Sequence[str]) -> Array:
    """Return these features of points of shape (count, 2), as (count, len(names))."""
    x, y = points[:, 0], points[:, 1]
    return np.stack([FEATURES[name][0](x, y) for name in names], axis=1)
