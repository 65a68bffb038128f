"""Clouds of points with something to learn, as in TensorFlow Playground (tensorflow/playground, dataset.ts).

Each function stands alone, on NumPy only: the Keras code to take away holds its source.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Points = tuple[Array, Array]
"""Points of shape (count, 2), within about −6..6; and a target for each of shape (count,): 0 or 1, or a number in −1..1."""

EXTENT = 6.0
"""The plane is drawn from −EXTENT to EXTENT."""


def circle(count: int, noise: float, rng: np.random.Generator) -> Points:
    """Return a disk (1) inside a ring (0). `noise`: 0 to 0.5 of the radius."""
    inner = np.arange(count) % 2 == 0
    radius = np.where(inner, rng.uniform(0, 2.5, count), rng.uniform(3.5, 5, count))
    angle = rng.uniform(0, 2 * np.pi, count)
    points = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    shaken = points + rng.uniform(-5, 5, (count, 2)) * noise
    return points, (np.hypot(*shaken.T) < 2.5).astype(float)


def xor(count: int, noise: float, rng: np.random.Generator) -> Points:
    """Return four squares; those where x and y have the same sign are 1."""
    points = rng.uniform(-5, 5, (count, 2))
    points += np.where(points > 0, 0.3, -0.3)
    shaken = points + rng.uniform(-5, 5, (count, 2)) * noise
    return points, (shaken[:, 0] * shaken[:, 1] >= 0).astype(float)


def gaussians(count: int, noise: float, rng: np.random.Generator) -> Points:
    """Return two round clouds, round (2, 2) the 1 and round (−2, −2) the 0."""
    target = (np.arange(count) % 2 == 0).astype(float)
    centre = np.where(target == 1, 2.0, -2.0)[:, None]
    deviation = (0.5 + 7 * noise) ** 0.5
    return centre + rng.normal(0, deviation, (count, 2)), target


def spirals(count: int, noise: float, rng: np.random.Generator) -> Points:
    """Return two arms, one round the other."""
    target = (np.arange(count) % 2 == 0).astype(float)
    share = (np.arange(count) // 2) / max(count / 2, 1)
    angle = 1.75 * share * 2 * np.pi + np.where(target == 1, 0, np.pi)
    points = 5 * share[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return points + rng.uniform(-1, 1, (count, 2)) * 2 * noise, target


def plane(count: int, noise: float, rng: np.random.Generator) -> Points:
    """Return points whose number grows evenly with x + y."""
    points = rng.uniform(-6, 6, (count, 2))
    shaken = points + rng.uniform(-6, 6, (count, 2)) * noise
    return points, np.clip(shaken.sum(axis=1) / 10, -1, 1)


def hills(count: int, noise: float, rng: np.random.Generator) -> Points:
    """Return points on three hills and three hollows, each 2 wide."""
    points = rng.uniform(-6, 6, (count, 2))
    shaken = points + rng.uniform(-6, 6, (count, 2)) * noise
    centres = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    signs = np.array([1, -1, 1, -1, 1, -1])
    distance = np.linalg.norm(shaken[:, None] - centres, axis=2)
    heights = signs * np.clip(1 - distance / 2, 0, 1)
    return points, heights[np.arange(count), np.abs(heights).argmax(axis=1)]


@dataclass(frozen=True)
class Cloud:
    """A cloud by its name."""

    name: str
    make: Callable[[int, float, np.random.Generator], Points]
    is_regression: bool
    words: str
    """What it takes to learn it."""


CLOUDS: dict[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud("circle", circle, False, "x² and y² alone tell ring from disk; x and y need a hidden layer."),
        Cloud("xor", xor, False, "The product xy alone tells them apart; x and y need a hidden layer."),
        Cloud("Gaussians", gaussians, False, "A line tells them apart: no hidden layer is needed."),
        Cloud(
            "spirals",
            spirals,
            False,
            "The hardest: try 8 8 units, sin x and sin y, and a few hundred epochs.",
        ),
        Cloud("plane", plane, True, "A regression: one linear unit is enough."),
        Cloud("hills", hills, True, "A regression with bumps: it takes hidden units, and time."),
    )
}
"""In the order of the key that turns them."""

MOST_NOISE = 0.5
