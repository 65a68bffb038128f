"""Walk the stack: each layer's output shape and parameters, or why it doesn't fit. Equal to Keras, without Keras."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import LayerSpec, Measure, Shape, format_shape
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.spec.layers.model import ModelSpec

BYTES_PER_PARAMETER = 4
"""float32."""

MAX_VALUES = 2**31 - 1
"""Values one layer may give per sample, or hold as parameters; TensorFlow's kernels count with 32 bits."""


_NOTHING = Measure(())


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
    mismatch: str = ""
    """Why this layer cannot take its input; empty when it can."""
    sources: tuple[str, ...] = ()
    """The layers it is connected to, by name; `input` for the samples themselves."""
    source_indices: tuple[int, ...] = ()
    """The same by their place in the stack, counted from 0; -1 is the input."""

    @property
    def params(self) -> int:
        return self.trainable + self.non_trainable


@dataclass(frozen=True)
class Summary:
    """What `model.summary()` would say."""

    rows: tuple[LayerRow, ...]
    input_shape: Shape
    reads_text: bool = False
    """The samples are texts."""

    @property
    def input_text(self) -> str:
        """One sample, for people."""
        return "a text" if self.reads_text else format_shape(self.input_shape)

    @cached_property
    def trainable(self) -> int:
        return sum(row.trainable for row in self.rows)

    @cached_property
    def non_trainable(self) -> int:
        return sum(row.non_trainable for row in self.rows)

    @cached_property
    def frozen(self) -> int:
        """Those of `non_trainable` that would be trained if their layers were not frozen, with what goes along."""
        return sum(row.non_trainable for row in self.rows if not row.layer.options.get("trainable", True))

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
    def mismatch(self) -> tuple[int, str] | None:
        """The first layer that doesn't fit, counted from 0, and why."""
        return next(((at, row.mismatch) for at, row in enumerate(self.rows) if row.mismatch), None)


def summarize(model: ModelSpec, input_shape: Shape, is_text: bool = False) -> Summary:
    """Every layer's row for samples of this shape, or for strings with `words`.

    Never raises: a layer that doesn't fit says so in its row. A disabled one passes on what it gets.
    """
    rows: list[LayerRow] = []
    names = model.names()
    for at, (layer, link) in enumerate(zip(model.layers, model.links, strict=True)):
        sources = tuple([names[place] if place >= 0 else INPUT_NAME for place in link.sources])
        given = tuple([rows[place].shape if place >= 0 else input_shape for place in link.sources])
        found, mismatch = None, link.problem
        if not mismatch and None not in given:
            try:
                _refuse_mixed(layer, link.sources, is_text)
                found = measure_layer(layer, given)  # type: ignore[arg-type]
            except SpecError as problem:
                mismatch = problem.message
        found = found or _NOTHING
        rows.append(
            LayerRow(
                names[at],
                layer,
                found.shape if found is not _NOTHING else None,
                found.trainable,
                found.non_trainable,
                found.macs,
                mismatch,
                sources,
                link.sources,
            )
        )
    return Summary(_with_loose_ends(rows), input_shape, is_text)


def measure_layer(layer: LayerSpec, shapes: tuple[Shape, ...]) -> Measure:
    """What the layer makes of these shapes; a disabled one passes the first on. Raises SpecError."""
    if layer.disabled:
        return Measure(shapes[0])
    found = layer.measure(*shapes)
    _refuse_giants(found)
    return found


def _with_loose_ends(rows: list[LayerRow]) -> tuple[LayerRow, ...]:
    """Keras leaves out what leads nowhere, so such a layer is a mistake."""
    working = [at for at, row in enumerate(rows) if not row.layer.disabled]
    taken = {place for at in working for place in rows[at].source_indices}
    for at in working[:-1]:
        if at not in taken and not rows[at].mismatch:
            rows[at] = replace(
                rows[at],
                mismatch="No layer takes what this one gives. Name it in a later layer's from, or disable it.",
            )
    return tuple(rows)


def _refuse_mixed(layer: LayerSpec, places: tuple[int, ...], is_text: bool) -> None:
    gets_words = is_text and -1 in places
    if layer.disabled:
        return
    if layer.layer_type.reads_text and not gets_words:
        raise SpecError(f"{layer.type_name} reads words, but gets numbers. It belongs first, on words.")
    if gets_words and not layer.layer_type.reads_text:
        raise SpecError(f"{layer.type_name} needs numbers. Put TextVectorization or StringLookup first.")


def _refuse_giants(measure: Measure) -> None:
    values, parameters = prod(measure.shape), measure.trainable + measure.non_trainable
    if values > MAX_VALUES or parameters > MAX_VALUES:
        most = max(values, parameters)
        raise SpecError(
            f"This makes {most:,} numbers; a layer holds at most {MAX_VALUES:,}. Make it smaller."
        )
