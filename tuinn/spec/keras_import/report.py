"""What was read from a text: the layers, the settings of the training, and what became of each line."""

from dataclasses import dataclass, field
from typing import Literal

from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import LayerSpec, Shape
from tuinn.spec.options import Value
from tuinn.spec.run import RunSpec
from tuinn.spec.training.decay import Decay

NoteKind = Literal["taken over", "changed", "left out", "passed over"]


@dataclass(frozen=True)
class Note:
    """A line of the import report."""

    line: int
    """Counted from 1."""
    kind: NoteKind
    text: str
    """What it is about, as it goes on after the kind and a colon."""

    def __str__(self) -> str:
        return f"line {self.line}: {self.kind}: {self.text}"


@dataclass(frozen=True)
class ParsedLayers:
    """What was found in a text."""

    layers: tuple[LayerSpec, ...]
    skipped: tuple[int, ...] = ()
    """Lines, counted from 1, that begin something which is no part of the network: data, prints, plots."""
    is_model: bool = False
    """The text has a whole network, by `Sequential`, `Model` or its `Input`; else layers alone."""
    lines: tuple[int, ...] = ()
    """For each layer, the line that makes it; empty where the text was typed a layer a line."""
    input_shape: Shape | None = None
    """One sample, where the code says it with every size."""
    fit: dict[str, Value] = field(default_factory=dict)
    """Fit settings from `compile` and `fit`, by their names in [fit]."""
    validation: float | None = None
    """The share of the training samples that `fit` validates on; None where it doesn't say."""
    decay: Decay | None = None
    """A learning rate that falls by steps of the optimizer, for whoever knows how many an epoch has."""
    spec: RunSpec | None = None
    """The whole spec, of a script that tuinn wrote and nobody has changed."""
    notes: tuple[Note, ...] = ()
    """In the order of the lines."""


def refusal(line: int, why: str, path: str = "") -> SpecError:
    """The error to raise for a line, counted from 1, that can't be read."""
    return SpecError(why, path).under(f"line {max(line, 1)}")
