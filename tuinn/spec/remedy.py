"""A problem of a draft, and the changes that would put it right, as values."""

from dataclasses import dataclass
from typing import Literal

from tuinn.spec.run import RunSpec


@dataclass(frozen=True)
class Remedy:
    """A change that puts a problem right."""

    label: str
    """The change in words: `insert Flatten before layer 2`."""
    spec: RunSpec
    """The draft with the change made."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong, in one sentence."""

    message: str
    at: int | None = None
    """The layer it is about, counted from 0; None when it is about the data or the fit settings."""
    severity: Literal["error", "warning"] = "error"
    """An error cannot be trained; a warning can, to disappointment."""
    remedies: tuple[Remedy, ...] = ()

    def __str__(self) -> str:
        return self.message if self.at is None else f"layer {self.at + 1}: {self.message}"
