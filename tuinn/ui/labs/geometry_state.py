"""What the lab of geometry holds, and what its keys do to that. No screen."""

from dataclasses import dataclass

import numpy as np

from tuinn.errors import SpecError
from tuinn.labs.geometry import CLOUDS, KINDS, MOST_STEPS, Array, Step, as_one, misfit, random_chain, run

CHANGE, TURN = 0.1, 5.0
"""By how much a key changes a value, and an angle in degrees."""


def first_chain() -> tuple[Step, ...]:
    """A scaling, a rotation and a translation."""
    return (Step.of("scaling"), Step.of("rotation"), Step.of("translation"))


@dataclass
class GeometryState:
    """The chain, the points, and where the cursor is."""

    steps: tuple[Step, ...] = ()
    relu: bool = False
    cloud: str = "letter F"
    row: int = 0
    column: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        self.steps = self.steps or first_chain()

    @property
    def points(self) -> Array:
        return CLOUDS[self.cloud]()

    @property
    def mapped(self) -> Array:
        """Where the points come."""
        return run(self.steps, self.points, self.relu)

    @property
    def whole(self) -> Array:
        """The chain as one matrix, (3, 3); it is what happens only without ReLU."""
        return as_one(self.steps)

    @property
    def misfit(self) -> float:
        """How far the best single affine map misses."""
        return misfit(self.points, self.mapped)

    @property
    def step(self) -> Step:
        return self.steps[self.row]

    @property
    def at(self) -> int:
        """The value under the cursor."""
        return min(self.column, len(self.step.values) - 1)

    @property
    def name(self) -> str:
        return KINDS[self.step.kind].values[self.at]

    def move(self, by: int) -> None:
        self.row = min(max(self.row + by, 0), len(self.steps) - 1)

    def move_column(self, by: int) -> None:
        self.column = min(max(self.at + by, 0), len(self.step.values) - 1)

    def put(self, value: float) -> None:
        """Take this as the value under the cursor. Raises SpecError."""
        self._replace(self.step.put(self.at, value))

    def change(self, by: int) -> None:
        """Raises SpecError."""
        size = TURN if self.name == "angle" else CHANGE
        self.put(round(self.step.values[self.at] + by * size, 10))

    def type(self, text: str) -> None:
        """Raises SpecError."""
        try:
            value = float(text.strip().rstrip("°").replace("−", "-").replace(",", "."))
        except ValueError:
            raise SpecError(f"{text.strip()[:30]!r} is no number. Type one such as 0.5.") from None
        self.put(value)

    def turn_kind(self, by: int) -> None:
        names = list(KINDS)
        self._replace(Step.of(names[(names.index(self.step.kind) + by) % len(names)]))

    def _replace(self, step: Step) -> None:
        self.steps = (*self.steps[: self.row], step, *self.steps[self.row + 1 :])

    def add(self) -> None:
        """One more map, under the cursor. Raises SpecError."""
        if len(self.steps) == MOST_STEPS:
            raise SpecError(f"{MOST_STEPS} maps are the most that have room here.")
        self.steps = (*self.steps[: self.row + 1], Step.of("rotation"), *self.steps[self.row + 1 :])
        self.row += 1

    def remove(self) -> None:
        """Raises SpecError for the last one."""
        if len(self.steps) == 1:
            raise SpecError("A chain has at least one map. a makes another one of it.")
        self.steps = (*self.steps[: self.row], *self.steps[self.row + 1 :])
        self.row = min(self.row, len(self.steps) - 1)

    def turn_cloud(self, by: int) -> None:
        names = list(CLOUDS)
        self.cloud = names[(names.index(self.cloud) + by) % len(names)]

    def random(self) -> None:
        self.seed += 1
        self.steps, self.row = random_chain(self.seed), 0

    def reset(self) -> None:
        self.steps, self.relu, self.row, self.column = first_chain(), False, 0, 0


def pixels_of(points: Array, side: int, extent: float) -> tuple[Array, Array]:
    """Return row and column on a plane of side × side pixels, of those points that are on it."""
    near = points[(np.abs(points) < extent).all(axis=1)]
    at = np.floor((near + extent) / (2 * extent) * side).astype(int)
    return side - 1 - at[:, 1], at[:, 0]
