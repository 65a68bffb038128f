"""Walk the stack: each layer's output shape and parameters, or why it doesn't fit. Equal to Keras, without Keras."""

from dataclasses import dataclass
from functools import cached_property

from tuinn.spec.layers import LayerSpec, Shape
from tuinn.spec.model import ModelSpec
from tuinn.spec.problem import SpecProblem

BYTES_PER_PARAMETER = 4
"""float32."""

MOST_VALUES = 2**31 - 1
"""Values one layer may give per sample, or hold as parameters; TensorFlow's kernels count with 32 bits."""


@dataclass(frozen=True)
class LayerRow:
    """A line of the summary."""

    name: str
    """As Keras would name it: `dense_1`."""
    layer: LayerSpec
    shape: Shape | None
    """Output shape without the batch axis; None from the first layer that doesn't fit on."""
    trainable: int = 0
    non_trainable: int = 0
    macs: int = 0
    misfit: str = ""
    """Why this layer cannot take its input; empty when it can."""

    @property
    def params(self) -> int:
        return self.trainable + self.non_trainable


@dataclass(frozen=True)
class Summary:
    """What `model.summary()` would say."""

    rows: tuple[LayerRow, ...]
    input_shape: Shape

    @cached_property
    def trainable(self) -> int:
        return sum(row.trainable for row in self.rows)

    @cached_property
    def non_trainable(self) -> int:
        return sum(row.non_trainable for row in self.rows)

    @property
    def total(self) -> int:
        return self.trainable + self.non_trainable

    @property
    def bytes(self) -> int:
        """Memory of the parameters, at float32."""
        return self.total * BYTES_PER_PARAMETER

    @cached_property
    def macs(self) -> int:
        """Multiply-adds of one sample's way through."""
        return sum(row.macs for row in self.rows)

    @property
    def output(self) -> Shape | None:
        """What the last layer gives, or None when a layer doesn't fit."""
        return self.rows[-1].shape if self.rows else self.input_shape

    @cached_property
    def misfit(self) -> tuple[int, str] | None:
        """The first layer that doesn't fit, counted from 0, and why."""
        return next(((at, row.misfit) for at, row in enumerate(self.rows) if row.misfit), None)


def summarise(model: ModelSpec, input_shape: Shape) -> Summary:
    """Every layer's row for samples of this shape. Never raises: a layer that doesn't fit says so in its row."""
    rows: list[LayerRow] = []
    shape: Shape | None = input_shape
    for name, layer in zip(model.names(), model.layers, strict=True):
        if shape is None:
            rows.append(LayerRow(name, layer, None))
            continue
        try:
            measure = layer.measure(shape)
            _refuse_giants(measure.shape, measure.trainable)
        except SpecProblem as problem:
            rows.append(LayerRow(name, layer, None, misfit=problem.message))
            shape = None
        else:
            shape = measure.shape
            rows.append(LayerRow(name, layer, shape, measure.trainable, measure.non_trainable, measure.macs))
    return Summary(tuple(rows), input_shape)


def _refuse_giants(shape: Shape, parameters: int) -> None:
    values = 1
    for size in shape:
        values *= size
    if values > MOST_VALUES or parameters > MOST_VALUES:
        most = max(values, parameters)
        raise SpecProblem(
            f"This makes {most:,} numbers; a layer holds at most {MOST_VALUES:,}. Make it smaller."
        )
