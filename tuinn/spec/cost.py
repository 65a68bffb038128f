"""What a network costs: memory while it trains, arithmetic per sample, and how far its convolutions see."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, prod

from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec, Shape
from tuinn.spec.layers.shapes import BYTES_PER_PARAMETER, LayerRow, Summary
from tuinn.spec.training import optimizers

HALF = 2
"""Bytes of a number in mixed precision."""


@dataclass(frozen=True)
class MemoryEstimate:
    """An estimate of the bytes that training holds at once. What the kernels borrow on top is not in it."""

    weights: int
    """All parameters, float32."""
    gradients: int
    """One number for each trained parameter."""
    optimizer: int
    """What the optimizer keeps for each trained parameter."""
    activations: int
    """What every layer gives for one batch, kept for the way back."""
    way_back: int
    """Gradients of those: of the layer that gives most, what comes in and what goes out."""

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.activations + self.way_back


def estimate_memory(summary: Summary, fit: FitSpec, samples: int = 0) -> MemoryEstimate:
    """For one training step with this batch, optimizer and precision. No batch is larger than all `samples`, where they are known."""
    batch = min(fit.batch_size, samples or fit.batch_size)
    number = BYTES_PER_PARAMETER if fit.precision == "float32" else HALF
    live = [row for row in summary.rows if row.shape is not None and not row.layer.disabled]
    values = sum(_kept(row, summary) for row in live)
    largest = max((prod(row.shape or ()) for row in live), default=0)
    trained = summary.trainable * BYTES_PER_PARAMETER
    return MemoryEstimate(
        weights=summary.bytes,
        gradients=trained,
        optimizer=trained * optimizer_slots(fit),
        activations=(values + prod(summary.input_shape)) * batch * number,
        way_back=2 * largest * batch * number,
    )


_VIEWS = ("Flatten", "Reshape")
_TWICE: tuple[str, ...] = (
    "BatchNormalization",
    "LayerNormalization",
    "GroupNormalization",
    "Dropout",
    "GaussianDropout",
)
_TWICE += ("AlphaDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
_STATES = {"LSTM": 8, "GRU": 6, "SimpleRNN": 2}
"""Numbers kept at every step for each unit: gates, and the states before and after."""


def _kept(row: LayerRow, summary: Summary) -> int:
    """Numbers that a layer keeps of one sample for the way back: what it gives, and what stands in between."""
    layer, out = row.layer, prod(row.shape or ())
    place = row.source_indices[0] if row.source_indices else -1
    given = (summary.rows[place].shape if place >= 0 else summary.input_shape) or ()
    type_name = str(layer.options.get("layer")) if layer.type_name == "Bidirectional" else layer.type_name
    if type_name in _STATES:
        units = layer.options.get("units")
        assert isinstance(units, int)
        return given[0] * units * _STATES[type_name] * (2 if layer.type_name == "Bidirectional" else 1)
    if layer.type_name in _VIEWS:
        return 0
    if layer.type_name in _TWICE:
        return 2 * out
    if layer.type_name.startswith("SeparableConv"):
        # Between its two steps stand the input's channels, each with its own filters.
        deep = layer.options["depth_multiplier"]
        assert isinstance(deep, int)
        return out + prod((row.shape or ())[:-1]) * given[-1] * deep
    if layer.type_name == "MultiHeadAttention":
        heads, key = layer.options["num_heads"], layer.options["key_dim"]
        assert isinstance(heads, int)
        assert isinstance(key, int)
        steps = prod(given[:-1])
        return out + 3 * steps * heads * key + 2 * heads * steps * steps
    return out


def optimizer_slots(fit: FitSpec) -> int:
    """Numbers that the optimizer keeps for each trained parameter."""
    more = sum(bool(fit.value(name)) for name in ("momentum", "amsgrad", "centered"))
    return optimizers.BY_NAME[fit.optimizer].slots + more


def flops(summary: Summary) -> int:
    """Floating-point operations for one sample's way forward: a multiply-add is two. Training takes about three times as many."""
    return 2 * summary.macs


def training_flops(summary: Summary) -> int:
    """Floating-point operations of one sample in a training step: its way forward, the gradient of the weights that are
    trained, and the gradient of a layer's input where something before it is trained. Each costs as much as the way forward.
    """
    learns = {-1: False}
    total = 0
    for at, row in enumerate(summary.rows):
        before = any(learns[place] for place in row.source_indices or (at - 1,))
        total += 2 * row.macs * (1 + bool(row.trainable) + before)
        learns[at] = before or bool(row.trainable)
    return total


@dataclass(frozen=True)
class _Sight:
    """Along one axis: how much of the input one value sees, and how far apart two neighbours are in it."""

    size: Fraction = Fraction(1)
    jump: Fraction = Fraction(1)

    def through(self, window: int, step: Fraction) -> "_Sight":
        return _Sight(self.size + (window - 1) * self.jump, self.jump * step)


_SEES_ALL = ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "MultiHeadAttention")


def receptive_fields(summary: Summary) -> tuple[Shape | None, ...]:
    """For each layer, the sizes of the patch of the input that one of its values sees, an axis each.

    size′ = size + (k − 1) · jump and jump′ = jump · s for a window k (dilation included) with strides s. None from
    where a value sees everything (Flatten, global pools, recurrent layers), or where there are no axes in space.
    """
    sights: dict[int, tuple[_Sight, ...] | None] = {-1: (_Sight(),) * (len(summary.input_shape) - 1) or None}
    shapes = {-1: summary.input_shape}
    for at, row in enumerate(summary.rows):
        before = row.source_indices or (at - 1,)
        sights[at] = _merged([_sight(row, sights[place], shapes[place]) for place in before])
        shapes[at] = row.shape or ()
    return tuple(_sizes(sights[at]) for at in range(len(summary.rows)))


def _merged(found: list[tuple[_Sight, ...] | None]) -> tuple[_Sight, ...] | None:
    """The widest of several sources."""
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len({len(one) for one in known}) != 1:
        return None
    return tuple(max(axis, key=lambda sight: sight.size) for axis in zip(*known, strict=True))


def _sight(row: LayerRow, given: tuple[_Sight, ...] | None, shape: Shape) -> tuple[_Sight, ...] | None:
    layer, now = row.layer, row.shape
    if layer.disabled:
        return given
    of = layer.options["layer"] if layer.type_name == "TimeDistributed" else layer.type_name
    if now is None or of in _SEES_ALL:
        return None
    if layer.type_name == "Reshape":
        # An axis for the channels changes nothing that is seen.
        fresh = now[:-1] == shape and (given is None or all(sight == _Sight() for sight in given))
        return (_Sight(),) * len(shape) if fresh else None
    if given is None or len(now) != len(shape):
        return None
    windows = _windows(layer, len(given))
    if windows is not None:
        return tuple(sight.through(*window) for sight, window in zip(given, windows, strict=True))
    keeps = now[:-1] == shape[:-1] or layer.type_name.startswith(("ZeroPadding", "Cropping"))
    return given if keeps else None


def _windows(layer: LayerSpec, rank: int) -> list[tuple[int, Fraction]] | None:
    """Window and step along each axis; None for a layer without a window."""
    if layer.type_name == "TimeDistributed":
        inside = _windows(layer.inner, rank - 1) if layer.inner else None
        return None if inside is None else [(1, Fraction(1)), *inside]
    options = layer.options
    if layer.type_name.startswith("UpSampling"):
        return [(1, Fraction(1, by)) for by in _each(options["size"], rank)]
    window = options.get("kernel_size") or options.get("pool_size")
    if window is None:
        return None
    kernel = _each(window, rank)
    steps = _each(options.get("strides") or window, rank)
    gaps = _each(options.get("dilation_rate") or 1, rank)
    if "Transpose" in layer.type_name:
        # A value sees as many neighbours as windows that reach it.
        return [(ceil(k / s), Fraction(1, s)) for k, s in zip(kernel, steps, strict=True)]
    return [((k - 1) * gap + 1, Fraction(s)) for k, s, gap in zip(kernel, steps, gaps, strict=True)]


def _each(value: object, rank: int) -> tuple[int, ...]:
    numbers = tuple(value) if isinstance(value, tuple) else (value,)
    whole = tuple(int(str(number)) for number in numbers)
    return whole * rank if len(whole) == 1 else whole


def _sizes(sights: tuple[_Sight, ...] | None) -> Shape | None:
    return None if sights is None else tuple(ceil(sight.size) for sight in sights)
