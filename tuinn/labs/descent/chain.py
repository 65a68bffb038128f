"""The chain rule on one neuron with its numbers: u = w·x + b, a = σ(u), E = (a − y)²."""

from dataclasses import dataclass, replace
from math import exp

from tuinn.errors import SpecError
from tuinn.text import format_number

NAMES = ("x", "w", "b", "y")
MOST = 1000.0
"""What an input may be, either way."""


@dataclass(frozen=True)
class Chain:
    """The inputs of the graph; what follows from them is computed."""

    x: float = 2.0
    w: float = 0.5
    b: float = -1.0
    y: float = 1.0

    def put(self, name: str, value: float) -> "Chain":
        """Return the graph with another input. Raises SpecError."""
        if not -MOST <= value <= MOST:
            raise SpecError(f"{name} lies between −1,000 and 1,000, not {format_number(value)}.")
        return replace(self, **{name: value})

    @property
    def u(self) -> float:
        return self.w * self.x + self.b

    @property
    def a(self) -> float:
        small = exp(-abs(self.u))
        return (1 if self.u >= 0 else small) / (1 + small)

    @property
    def error(self) -> float:
        return (self.a - self.y) ** 2

    @property
    def error_by_a(self) -> float:
        """∂E/∂a = 2(a − y)"""
        return 2 * (self.a - self.y)

    @property
    def a_by_u(self) -> float:
        """∂a/∂u = a(1 − a)"""
        return self.a * (1 - self.a)

    @property
    def error_by_u(self) -> float:
        """What flows back to w, x and b alike."""
        return self.error_by_a * self.a_by_u

    def local(self, name: str) -> tuple[str, float]:
        """∂u by an input: its formula, and its value."""
        return {"w": ("x", self.x), "x": ("w", self.w), "b": ("1", 1.0)}[name]

    def gradient(self, name: str) -> float:
        """∂E by `w`, `b` or `x`: the product along the way."""
        return self.error_by_u * self.local(name)[1]
