"""What the lab of gradient descent holds, and what its keys do to that. No screen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tuinn.errors import SpecError
from tuinn.labs.descent.chain import NAMES, Chain
from tuinn.labs.descent.curves import CURVES, LEAST_H, MOST_H, Curve
from tuinn.labs.descent.landscapes import ONE_WEIGHT, TWO_WEIGHTS, Landscape
from tuinn.labs.descent.optimizers import LEAST_RATE, MOST_RATE, OPTIMIZERS, Path, check_rate, verdict
from tuinn.labs.descent.tape import TapeExample, tape_examples

View = Literal["tangent", "chain", "one", "two", "tape"]
VIEWS: tuple[View, ...] = ("tangent", "chain", "one", "two", "tape")

STEP = 0.1
"""By how much a key moves x, an input, or a starting weight."""

MOST_STEPS = 10_000
"""A path that is as long as this stops."""


@dataclass
class DescentState:
    """The five views, each with what it is about; and where the cursor is."""

    view: View = "tangent"
    at_curve: int = 0
    x: float = 1.0
    h: float = 1.0
    chain: Chain = field(default_factory=Chain)
    row: int = 1
    """In the chain: which input."""
    rate: float = 0.1
    at_one: int = 0
    at_two: int = 1
    at_optimizer: int = 0
    """Over two weights: len(OPTIMIZERS) is all of them."""
    at_example: int = 0
    seed: int = 0
    is_playing: bool = False

    def __post_init__(self) -> None:
        self.verdicts: dict[tuple[object, ...], str] = {}
        self.show_all = True
        self.begin()

    # ------------------------------------------------------------------------------------------------ what is shown

    @property
    def curve(self) -> Curve:
        return CURVES[self.at_curve]

    @property
    def landscape(self) -> Landscape:
        """Over one weight, or over two where that is shown."""
        return TWO_WEIGHTS[self.at_two] if self.view == "two" else ONE_WEIGHT[self.at_one]

    @property
    def example(self) -> TapeExample:
        return tape_examples(self.seed)[self.at_example]

    @property
    def path(self) -> Path:
        """Of the optimizer that was chosen."""
        return self.paths[self.at_optimizer]

    @property
    def shown(self) -> list[Path]:
        """Those on the map."""
        return self.paths if self.view == "two" and self.show_all else [self.path]

    def verdict(self, path: Path) -> str:
        """What the rate is for this optimizer, from its start."""
        start = path.points[0]
        key = (path.optimizer.name, path.landscape.name, path.landscape.weights, self.rate, *start.tolist())
        if key not in self.verdicts:
            self.verdicts[key] = verdict(path.optimizer, path.landscape, start, self.rate)
        return self.verdicts[key]

    # ------------------------------------------------------------------------------------------------------ changing

    def show(self, view: View) -> None:
        if view != self.view:
            self.view, self.is_playing = view, False
            self.begin()

    def begin(self) -> None:
        """All optimizers stand at the start of the landscape."""
        self.is_playing = False
        self.paths = [Path(optimizer, self.landscape) for optimizer in OPTIMIZERS]

    def back(self) -> None:
        """All optimizers stand where they began."""
        self.is_playing = False
        for path in self.paths:
            path.begin(path.points[0])

    def turn_subject(self, by: int) -> None:
        """The next curve, landscape or example."""
        if self.view == "tangent":
            self.at_curve = (self.at_curve + by) % len(CURVES)
            self.x = min(max(self.x, self.curve.low), self.curve.high)
        elif self.view == "tape":
            self.at_example = (self.at_example + by) % len(tape_examples())
        elif self.view == "one":
            self.at_one = (self.at_one + by) % len(ONE_WEIGHT)
        elif self.view == "two":
            self.at_two = (self.at_two + by) % len(TWO_WEIGHTS)
        self.begin()

    def turn_optimizer(self, by: int) -> None:
        """The next optimizer; over two weights, all of them come between the last and the first."""
        if self.view != "two":
            self.at_optimizer = (self.at_optimizer + by) % len(OPTIMIZERS)
            return
        now = len(OPTIMIZERS) if self.show_all else self.at_optimizer
        at = (now + by) % (len(OPTIMIZERS) + 1)
        self.show_all = at == len(OPTIMIZERS)
        self.at_optimizer = at % len(OPTIMIZERS)

    def move(self, across: int, down: int) -> None:
        """←→ and ↑↓: x, an input, or the start. Raises SpecError."""
        if self.view == "tangent":
            self.x = round(min(max(self.x + STEP * across, self.curve.low), self.curve.high), 10)
        elif self.view == "chain":
            self.row = min(max(self.row + down, 0), len(NAMES) - 1)
            if across:
                self.change(across)
        elif self.view == "tape":
            self.turn_subject(across or down)
        else:
            self._move_start(across, -down)

    def _move_start(self, across: int, up: int) -> None:
        landscape = self.landscape
        by = np.array([across, up][: landscape.weights]) * STEP * 2
        start = np.clip(self.paths[0].points[0] + by, landscape.low, landscape.high)
        self.is_playing = False
        for path in self.paths:
            path.begin(np.round(start, 10))

    def change(self, by: int) -> None:
        """+ and −: h, an input, or the rate. Raises SpecError."""
        if self.view == "tangent":
            self.h = min(max(self.h * 2 if by > 0 else self.h / 2, LEAST_H), MOST_H)
        elif self.view == "chain":
            name = NAMES[self.row]
            self.chain = self.chain.put(name, round(getattr(self.chain, name) + STEP * by, 10))
        elif self.view in ("one", "two"):
            self.put(min(max(self.rate * 2 if by > 0 else self.rate / 2, LEAST_RATE), MOST_RATE))

    @property
    def typed_name(self) -> str:
        """Of the value that can be typed; empty where there is none."""
        names = {"tangent": "x", "chain": NAMES[self.row], "one": "rate", "two": "rate", "tape": ""}
        return names[self.view]

    @property
    def typed_value(self) -> float:
        if self.view == "chain":
            return float(getattr(self.chain, NAMES[self.row]))
        return self.x if self.view == "tangent" else self.rate

    def put(self, value: float) -> None:
        """Take the value that can be typed. Raises SpecError."""
        if self.view == "tangent":
            if not self.curve.low <= value <= self.curve.high:
                raise SpecError(
                    f"x lies between {self.curve.low:g} and {self.curve.high:g} here, not {value:.4g}."
                )
            self.x = value
        elif self.view == "chain":
            self.chain = self.chain.put(NAMES[self.row], value)
        else:
            check_rate(value)
            self.rate = value
            self.back()

    def steps(self, count: int) -> None:
        """So many steps of what is shown."""
        if self.view == "chain":
            for _ in range(count):
                self._chain_step()
        elif self.view in ("one", "two"):
            for path in self.shown:
                for _ in range(min(count, MOST_STEPS - path.steps)):
                    path.step(self.rate)
            if all(path.left is not None or path.steps >= MOST_STEPS for path in self.shown):
                self.is_playing = False

    def _chain_step(self) -> None:
        chain, slopes = self.chain, {name: self.chain.gradient(name) for name in ("w", "b")}
        for name, slope in slopes.items():
            chain = chain.put(name, getattr(chain, name) - self.rate * slope)
        self.chain = chain

    def reset(self) -> None:
        """What it was at first."""
        if self.view == "chain":
            self.chain = Chain()
        elif self.view == "tangent":
            self.x, self.h = 1.0, 1.0
        else:
            self.begin()


def number(text: str, put: Callable[[float], None]) -> None:
    """Take a typed number. Raises SpecError."""
    try:
        value = float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        raise SpecError(f"{text.strip()[:30]!r} is no number. Type one such as 0.5.") from None
    put(value)
