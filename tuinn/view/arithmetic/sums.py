"""Sums of products, and pools: Dense, the convolutions, the largest or the mean of a window."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from tuinn.data.inspection import Step
from tuinn.view.arithmetic.unit import Arithmetic, Place, Term, Unit


def _weighted(terms: Sequence[Term], bias: float | None) -> Arithmetic:
    result = float(np.sum([term.product for term in terms], dtype=np.float64)) + (bias or 0.0)
    closing = () if bias is None else (("bias", bias),)
    return Arithmetic("Σ x·w + b" if bias is not None else "Σ x·w", tuple(terms), closing, result)


def _bias(unit: Unit, at: int) -> float | None:
    return float(unit.needs("bias")[at]) if unit.option("use_bias", True) else None


def dense(unit: Unit) -> Arithmetic:
    *place, at = unit.place
    values, kernel = unit.x[tuple(place)], unit.needs("kernel")[:, at]
    terms = [
        Term(unit.label((*place, row)), float(value), float(weight))
        for row, (value, weight) in enumerate(zip(values, kernel, strict=True))
    ]
    return _weighted(terms, _bias(unit, at))


def _offsets(unit: Unit, kernel: Place) -> list[tuple[Place, Place]]:
    """(place in the kernel, place in the input) of each value in a window that lies inside the input."""
    rank = len(kernel)
    strides, rates = unit.sizes("strides", rank), unit.sizes("dilation_rate", rank)
    found: list[tuple[Place, Place]] = []
    starts = [
        at * stride - _padding(unit, axis, size, stride, rate)
        for axis, (at, size, stride, rate) in enumerate(
            zip(unit.place[:-1], kernel, strides, rates, strict=True)
        )
    ]
    for inside in np.ndindex(*kernel):
        place = tuple(start + step * rate for start, step, rate in zip(starts, inside, rates, strict=True))
        if all(0 <= at < size for at, size in zip(place, unit.x.shape[:-1], strict=True)):
            found.append((inside, place))
    return found


def _padding(unit: Unit, axis: int, size: int, stride: int, rate: int) -> int:
    """Zeros before the input along an axis, as TensorFlow counts them."""
    reach, length = (size - 1) * rate + 1, int(unit.x.shape[axis])
    match unit.option("padding", "valid"):
        case "same":
            outputs = ceil(length / stride)
            return max((outputs - 1) * stride + reach - length, 0) // 2
        case "causal":
            return reach - 1
        case _:
            return 0


def convolution(unit: Unit) -> Arithmetic:
    kernel, at = unit.needs("kernel"), unit.place[-1]
    *sizes, inputs, filters = kernel.shape
    first = at // (filters * inputs // unit.x.shape[-1]) * inputs  # the channels of its group
    terms = [
        Term(
            unit.label((*place, channel)), float(unit.x[(*place, channel)]), float(kernel[(*inside, row, at)])
        )
        for inside, place in _offsets(unit, tuple(sizes))
        for row, channel in enumerate(range(first, first + inputs))
    ]
    return _weighted(terms, _bias(unit, at))


def depthwise(unit: Unit) -> Arithmetic:
    kernel, at = unit.needs("kernel"), unit.place[-1]
    *sizes, _, multiplier = kernel.shape
    channel, which = divmod(at, multiplier)
    terms = [
        Term(
            unit.label((*place, channel)),
            float(unit.x[(*place, channel)]),
            float(kernel[(*inside, channel, which)]),
        )
        for inside, place in _offsets(unit, tuple(sizes))
    ]
    return _weighted(terms, _bias(unit, at))


def separable(unit: Unit) -> Arithmetic:
    depthwise, pointwise = unit.needs("depthwise_kernel"), unit.needs("pointwise_kernel")
    *sizes, channels, multiplier = depthwise.shape
    offsets, between = _offsets(unit, tuple(sizes)), []
    for channel, which in np.ndindex(channels, multiplier):
        products = [
            unit.x[(*place, channel)] * depthwise[(*inside, channel, which)] for inside, place in offsets
        ]
        between.append(float(np.sum(products)))
    weights = pointwise.reshape(len(between), -1)[:, unit.place[-1]]
    pairs = enumerate(zip(between, weights, strict=True))
    terms = [Term(f"filtered channel {at}", value, float(weight)) for at, (value, weight) in pairs]
    return _weighted(terms, _bias(unit, unit.place[-1]))


def transposed(unit: Unit) -> Arithmetic:
    kernel, at = unit.needs("kernel"), unit.place[-1]
    *sizes, _, inputs = kernel.shape
    rank = len(sizes)
    strides, rates = unit.sizes("strides", rank), unit.sizes("dilation_rate", rank)
    reach = [(size - 1) * rate + 1 for size, rate in zip(sizes, rates, strict=True)]
    same = unit.option("padding") == "same"
    before = [max(r - s, 0) // 2 if same else 0 for r, s in zip(reach, strides, strict=True)]
    terms = []
    for place in np.ndindex(*unit.x.shape[:-1]):
        away = [
            at + pad - source * stride
            for at, pad, source, stride in zip(unit.place[:-1], before, place, strides, strict=True)
        ]
        if all(0 <= gap < r and gap % rate == 0 for gap, r, rate in zip(away, reach, rates, strict=True)):
            inside = tuple(gap // rate for gap, rate in zip(away, rates, strict=True))
            terms += [
                Term(
                    unit.label((*place, row)), float(unit.x[(*place, row)]), float(kernel[(*inside, at, row)])
                )
                for row in range(inputs)
            ]
    return _weighted(terms, _bias(unit, at))


def pool(unit: Unit) -> Arithmetic:
    rank = unit.x.ndim - 1
    if not unit.option("strides"):
        options = {**unit.step.options, "strides": unit.option("pool_size", 2)}
        step = Step(unit.step.layer, unit.step.kind, unit.step.shape, unit.step.sources, options)
        unit = Unit(step, unit.place, unit.inputs, unit.sources)
    places = [(*place, unit.place[-1]) for _, place in _offsets(unit, unit.sizes("pool_size", rank, 2))]
    return _pooled(unit, places)


def global_pool(unit: Unit) -> Arithmetic:
    channel = unit.place[-1]
    return _pooled(unit, [(*place, channel) for place in np.ndindex(*unit.x.shape[:-1])])


def _pooled(unit: Unit, places: Sequence[Place]) -> Arithmetic:
    terms = tuple(Term(unit.label(place), float(unit.x[place])) for place in places)
    values = [term.value for term in terms]
    if "Max" in unit.step.kind:
        return Arithmetic(f"largest of {len(values)}", terms, (), max(values))
    return Arithmetic(f"mean of {len(values)}", terms, (), float(np.mean(values, dtype=np.float64)))
