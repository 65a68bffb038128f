"""What the catalog says of a layer type: its options, the shape and size it gives, and its help."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tuinn.errors import SpecError
from tuinn.spec.options import Option

Shape = tuple[int, ...]
Options = Mapping[str, Any]

AXIS_NAMES = {2: "steps × channels", 3: "height × width × channels", 4: "depth × height × width × channels"}


@dataclass(frozen=True)
class Measure:
    """What a layer makes of an input shape, both without the batch axis."""

    shape: Shape
    trainable: int = 0
    """Numbers that training changes."""
    non_trainable: int = 0
    """Numbers that are kept but not trained, such as moving means."""
    macs: int = 0
    """Multiply-adds for one sample, forward; they size the steps of one execution."""


@dataclass(frozen=True)
class LayerType:
    """A row of the catalog."""

    name: str
    group: str
    help: str
    measure: Callable[..., Measure]
    """(options, input shape, …) → Measure. Raises SpecError where the input doesn't fit."""
    options: tuple[Option, ...] = ()
    formula: str = ""
    """What it computes, or what becomes of the sizes, and how many parameters that takes."""
    use: str = ""
    """When to use it, in a sentence or two."""
    axes: int = 0
    """How many axes a sample must have, the channels included; 0: any number."""
    merges: bool = False
    """It takes several layers, named in `from`."""
    reads_text: bool = False
    """It takes strings; all other layer types take numbers."""
    adapts: bool = False
    """It measures the training data before the first epoch (Keras' `adapt`)."""
    wraps: tuple[str, ...] = ()
    """Layer types it may wrap; the option `layer` names one, and its options stand beside it."""

    def measured(self, options: Options, shapes: tuple[Shape, ...]) -> Measure:
        """Raises SpecError where the inputs don't fit."""
        if self.merges:
            if len(shapes) < 2:
                raise SpecError(f"{self.name} joins several layers; name two or more in its from.")
            return self.measure(options, *shapes)
        if len(shapes) != 1:
            raise SpecError(f"{self.name} takes one layer, and its from names {len(shapes)}.")
        if self.axes and len(shapes[0]) != self.axes:
            raise SpecError(
                f"{self.name} needs {AXIS_NAMES[self.axes] if self.axes > 1 else 'one row of values'}, "
                f"but the layer above gives {format_shape(shapes[0])}."
            )
        return self.measure(options, shapes[0])


def format_shape(shape: Shape) -> str:
    """A shape as people write it: `28 × 28`; one number alone stands as it is."""
    return " × ".join(str(size) for size in shape) if shape else "a single number"


def same_shape(_options: Options, shape: Shape) -> Measure:
    """The rule of every layer that changes values and keeps their places."""
    return Measure(shape)


def resolve_axis(axis: int, shape: Shape, type_name: str) -> int:
    """Where in `shape` Keras' axis points; Keras counts the batch as axis 0. Raises SpecError."""
    at = axis - 1 if axis > 0 else axis + len(shape)
    if axis == 0 or not 0 <= at < len(shape):
        raise SpecError(
            f"{type_name}'s axis {axis} isn't there: a sample is {format_shape(shape)}, its axes are "
            f"{', '.join(str(n) for n in (*range(1, len(shape) + 1), -1))}."
        )
    return at
