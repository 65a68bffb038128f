"""Maps of the plane: translation, rotation, scaling, linear and affine maps, chains of them, and ReLU between.

Points are rows of shape (count, 2). A map is y = A·x + b, kept as a 3 × 3 matrix that takes (x, y, 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from tuinn.errors import SpecError
from tuinn.text import format_number

Array = NDArray[np.float64]

MOST_STEPS = 5
MOST = 1000.0
"""What a value of a map may be, either way."""

SAME = 1e-9
"""The share of the largest coordinate up to which two results are the same."""


@dataclass(frozen=True)
class Kind:
    """A kind of map, by its name."""

    name: str
    values: tuple[str, ...]
    """What can be changed."""
    usual: tuple[float, ...]
    words: str


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("translation", ("dx", "dy"), (1.5, 1.0), "adds b to every point: y = x + b."),
        Kind("rotation", ("angle",), (30.0,), "turns about the origin, in degrees: A = [cos −sin; sin cos]."),
        Kind(
            "scaling",
            ("sx", "sy"),
            (1.5, 0.5),
            "stretches along the axes: A = [sx 0; 0 sy]. A negative value mirrors.",
        ),
        Kind(
            "linear",
            ("a", "b", "c", "d"),
            (1.0, 0.5, 0.0, 1.0),
            "y = A·x with any A = [a b; c d]. The origin stays.",
        ),
        Kind(
            "affine",
            ("a", "b", "c", "d", "dx", "dy"),
            (0.8, -0.4, 0.4, 0.8, 1.0, 0.0),
            "y = A·x + b: linear, then moved. It is what Dense(2) without activation does.",
        ),
    )
}


@dataclass(frozen=True)
class Step:
    """One map of a chain."""

    kind: str
    values: tuple[float, ...]

    @classmethod
    def of(cls, kind: str) -> "Step":
        return cls(kind, KINDS[kind].usual)

    def put(self, at: int, value: float) -> "Step":
        """Return it with another value. Raises SpecError."""
        if not -MOST <= value <= MOST:
            raise SpecError(
                f"{KINDS[self.kind].values[at]} lies between −1,000 and 1,000, not {format_number(value)}."
            )
        return replace(self, values=(*self.values[:at], value, *self.values[at + 1 :]))

    @property
    def matrix(self) -> Array:
        """(3, 3)."""
        v = self.values
        if self.kind == "rotation":
            turn = radians(v[0])
            rows = [[cos(turn), -sin(turn), 0], [sin(turn), cos(turn), 0]]
        elif self.kind == "translation":
            rows = [[1, 0, v[0]], [0, 1, v[1]]]
        elif self.kind == "scaling":
            rows = [[v[0], 0, 0], [0, v[1], 0]]
        else:
            dx, dy = v[4:] if self.kind == "affine" else (0.0, 0.0)
            rows = [[v[0], v[1], dx], [v[2], v[3], dy]]
        return np.array([*rows, [0, 0, 1]], float)


def apply(matrix: Array, points: Array) -> Array:
    """Return A·x + b for each point."""
    return np.asarray(points @ matrix[:2, :2].T + matrix[:2, 2])


def as_one(steps: Sequence[Step]) -> Array:
    """Return the matrix of the whole chain, the first step done first."""
    whole = np.eye(3)
    for step in steps:
        whole = step.matrix @ whole
    return whole


def run(steps: Sequence[Step], points: Array, relu: bool = False) -> Array:
    """Return where the points come, step by step. `relu`: negative coordinates become 0 between two steps, not after the last."""
    for at, step in enumerate(steps):
        points = apply(step.matrix, points)
        if relu and at < len(steps) - 1:
            points = np.maximum(points, 0)
    return points


def best_affine(before: Array, after: Array) -> Array:
    """Return the affine map that comes nearest, by least squares: (3, 3)."""
    known = np.column_stack([before, np.ones(len(before))])
    found = np.linalg.lstsq(known, after, rcond=None)[0].T
    return np.vstack([found, [0, 0, 1]])


def misfit(before: Array, after: Array) -> float:
    """Return how far the nearest affine map misses, at the point where it misses most; 0 where it is exact."""
    error = float(np.abs(apply(best_affine(before, after), before) - after).max())
    return 0.0 if error <= SAME * max(float(np.abs(after).max()), 1.0) else error


def random_chain(seed: int) -> tuple[Step, ...]:
    """Return three affine maps that keep the points about where they are."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(3):
        turn, size = rng.uniform(-1.2, 1.2), rng.uniform(0.7, 1.2)
        values = (
            size * cos(turn),
            -size * sin(turn),
            size * sin(turn),
            size * cos(turn),
            *rng.uniform(-1.5, 1.5, 2),
        )
        made.append(Step("affine", tuple(round(float(value), 2) for value in values)))
    return tuple(made)


# --------------------------------------------------------------------------------------------------- the points


def _line(start: tuple[float, float], end: tuple[float, float], count: int) -> Array:
    return np.linspace(start, end, count)


def letter() -> Array:
    """An F: it looks like neither its mirror image nor itself turned."""
    return np.concatenate(
        [_line((-1, -2), (-1, 2), 17), _line((-0.75, 2), (1.25, 2), 9), _line((-0.75, 0.25), (0.5, 0.25), 6)]
    )


def square() -> Array:
    """The edge of a square, with one corner marked by a short diagonal."""
    corners = [(-2.0, -2.0), (2.0, -2.0), (2.0, 2.0), (-2.0, 2.0), (-2.0, -2.0)]
    edges = [_line(one, other, 13)[:-1] for one, other in pairwise(corners)]
    return np.concatenate([*edges, _line((0.5, 0.5), (1.5, 1.5), 5)])


def ring() -> Array:
    """A circle with its radius to the right."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return np.concatenate([2 * np.stack([np.cos(angle), np.sin(angle)], axis=1), _line((0, 0), (1.75, 0), 8)])


def grid() -> Array:
    """Points side by side."""
    x, y = np.meshgrid(np.linspace(-3, 3, 9), np.linspace(-3, 3, 9))
    return np.stack([x.ravel(), y.ravel()], axis=1)


CLOUDS = {"letter F": letter, "square": square, "ring": ring, "grid": grid}
