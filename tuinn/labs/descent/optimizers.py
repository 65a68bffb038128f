"""The steps of Keras' optimizers with their usual settings, and the path they take over a landscape."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tuinn.errors import SpecError
from tuinn.labs.descent.curves import Array
from tuinn.labs.descent.landscapes import Landscape, Weights
from tuinn.text import format_number

LEAST_RATE, MOST_RATE = 1e-6, 100.0

MOMENTUM, RHO, BETA_1, BETA_2, EPSILON = 0.9, 0.9, 0.9, 0.999, 1e-7

FAR = 1e6
"""A weight beyond this has left all bounds."""

NEAR = 0.01
"""The share of the start's loss, above the lowest, at which a path has arrived."""

PATIENCE = 100
"""Steps in which a good rate arrives."""

TURNS = 40
"""The last steps, among which one looks for those that go back."""

FLAT = 0.02
"""A gradient that hardly moves a weight."""


def check_rate(rate: float) -> None:
    """Raises SpecError for a rate with which nothing can be seen."""
    if rate == 0:
        raise SpecError("With a rate of 0 no step changes anything. Take one such as 0.1.")
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise SpecError(
            f"A rate is a number between {LEAST_RATE:g} and {MOST_RATE:g}, not {format_number(rate)}."
        )


@dataclass
class Memory:
    """What an optimizer keeps from step to step."""

    first: Array
    """Momentum's velocity, or Adam's mean of the gradients."""
    second: Array
    """The mean of the squared gradients, of RMSprop and Adam."""
    steps: int = 0


def _sgd(kept: Memory, gradient: Array, rate: float) -> Array:
    return -rate * gradient


def _momentum(kept: Memory, gradient: Array, rate: float) -> Array:
    kept.first = MOMENTUM * kept.first - rate * gradient
    return kept.first


def _rmsprop(kept: Memory, gradient: Array, rate: float) -> Array:
    kept.second = RHO * kept.second + (1 - RHO) * gradient**2
    return np.asarray(-rate * gradient / np.sqrt(kept.second + EPSILON))


def _adam(kept: Memory, gradient: Array, rate: float) -> Array:
    kept.first = kept.first + (gradient - kept.first) * (1 - BETA_1)
    kept.second = kept.second + (gradient**2 - kept.second) * (1 - BETA_2)
    size = rate * np.sqrt(1 - BETA_2**kept.steps) / (1 - BETA_1**kept.steps)
    return np.asarray(-size * kept.first / (np.sqrt(kept.second) + EPSILON))


@dataclass(frozen=True)
class Optimizer:
    """A rule for the step."""

    name: str
    sign: str
    """On a map without colours."""
    keras: str
    """The call that makes it, without its rate."""
    change: Callable[[Memory, Array, float], Array]
    formula: str


OPTIMIZERS = (
    Optimizer("SGD", "S", "SGD(%g)", _sgd, "w ← w − rate·g"),
    Optimizer("momentum", "M", "SGD(%g, momentum=0.9)", _momentum, "v ← 0.9·v − rate·g;  w ← w + v"),
    Optimizer("RMSprop", "R", "RMSprop(%g)", _rmsprop, "s ← 0.9·s + 0.1·g²;  w ← w − rate·g/√s"),
    Optimizer(
        "Adam", "A", "Adam(%g)", _adam, "m, s: means of g and g²;  w ← w − rate·m/√s, corrected for the start"
    ),
)


@dataclass
class Path:
    """Where an optimizer has come, step by step."""

    optimizer: Optimizer
    landscape: Landscape
    points: list[Weights] = field(default_factory=list)
    left: int | None = None
    """The step in which it left all bounds; then it stands still."""

    def __post_init__(self) -> None:
        self.begin(np.array(self.landscape.start))

    def begin(self, start: Weights) -> None:
        """Stand there, without memory."""
        self.points, self.left = [start], None
        self.memory = Memory(np.zeros_like(start), np.zeros_like(start))

    @property
    def steps(self) -> int:
        return len(self.points) - 1

    @property
    def weights(self) -> Weights:
        return self.points[-1]

    @property
    def loss(self) -> float:
        with np.errstate(all="ignore"):
            return float(self.landscape.loss(self.weights))

    def step(self, rate: float) -> None:
        """One step down; none once it has left all bounds."""
        if self.left is not None:
            return
        with np.errstate(all="ignore"):
            self.memory.steps += 1
            gradient = self.landscape.gradient(self.weights)
            after = self.weights + self.optimizer.change(self.memory, gradient, rate)
            if not (np.abs(after) < FAR).all():
                self.left = self.memory.steps
                return
        self.points.append(after)

    def losses(self) -> Array:
        """At each point of the path."""
        with np.errstate(all="ignore"):
            return self.landscape.loss(np.stack(self.points))


def verdict(optimizer: Optimizer, landscape: Landscape, start: Weights, rate: float) -> str:
    """What the rate is from there, by PATIENCE steps: `too small`, `good`, or `too large`, with the reason."""
    path = Path(optimizer, landscape)
    path.begin(start)
    for _ in range(PATIENCE):
        path.step(rate)
    if path.left is not None:
        return f"too large: it climbs, and leaves all bounds in step {path.left}"
    losses = path.losses() - landscape.least
    arrived = losses <= max(NEAR * losses[0], 1e-9)
    if arrived[-10:].all():
        first = int(len(arrived) - np.argmin(arrived[::-1])) if not arrived.all() else 0
        return f"good: it stays at the bottom from step {first} on"
    moves = np.diff(np.stack(path.points), axis=0)[-TURNS:]
    turns = float(((moves[1:] * moves[:-1]).sum(axis=1) < 0).mean())
    if turns > 0.4:
        return "too large: it jumps to and fro"
    if losses[-1] > losses[0]:
        return "too large: it climbs"
    if np.abs(landscape.gradient(path.weights)).max() < FLAT:
        return "stuck: the gradient is almost 0, and yet there is a lower place"
    return f"too small: {PATIENCE} steps don't reach the bottom"
