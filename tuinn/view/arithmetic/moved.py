"""Values that are taken from elsewhere: rearranged, padded, joined, looked up; and several of them merged into one."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from tuinn.spec.layers.numpy_formulas import UNCHANGED
from tuinn.view.arithmetic.unit import Arithmetic, Term, Unit

Indices = NDArray[np.intp]


def moved(unit: Unit) -> Arithmetic | None:
    """Where the value stood before: the same is done to an array of places."""
    places = np.arange(unit.x.size).reshape(unit.x.shape)
    at = int(rearranged(unit, places)[unit.place])
    if at < 0:
        return Arithmetic("outside the input: a zero", (), (), 0.0, is_sum=False)
    place = tuple(int(part) for part in np.unravel_index(at, unit.x.shape))
    value = float(unit.x[place])
    return Arithmetic("the same value", (Term(unit.label(place), value),), (), value, is_sum=False)


def rearranged(unit: Unit, places: Indices) -> Indices:
    """What the layer does to the places of its input; -1 where it puts a zero. Raises ValueError for another layer."""
    shape, kind = unit.step.shape, unit.step.kind
    rank = places.ndim - 1
    if kind in ("Flatten", "Reshape"):
        return places.reshape(shape)
    if kind == "Permute":
        return places.transpose([at - 1 for at in unit.sizes("dims", rank)])
    if kind == "RepeatVector":
        return np.repeat(places[None], shape[0], axis=0)
    if kind.startswith("UpSampling") and unit.option("interpolation", "nearest") == "nearest":
        for axis, times in enumerate(unit.sizes("size", rank, 2)):
            places = np.repeat(places, times, axis=axis)
        return places
    if kind.startswith(("ZeroPadding", "Cropping")):
        sides = _sides(unit, rank)
        if kind.startswith("Zero"):
            return np.pad(places, (*sides, (0, 0)), constant_values=-1)
        cuts = tuple(slice(low, size - high) for (low, high), size in zip(sides, places.shape, strict=False))
        return places[cuts]
    if kind == "CenterCrop" and all(new <= old for new, old in zip(shape, places.shape, strict=True)):
        top, left = ((old - new) // 2 for new, old in zip(shape[:2], places.shape[:2], strict=True))
        return places[top : top + shape[0], left : left + shape[1]]
    if kind in UNCHANGED:
        return places
    raise ValueError(kind)


def _sides(unit: Unit, rank: int) -> list[tuple[int, int]]:
    """How much is added or cut at both ends of each axis."""
    told = unit.option("padding" if "Padding" in unit.step.kind else "cropping", 1)
    if not isinstance(told, list):
        told = [told] * rank if isinstance(told, int) else []
    if rank == 1 and len(told) == 2:
        told = [[part for part in told if isinstance(part, int)]]
    pairs = [(part[0], part[-1]) if isinstance(part, list) else (int(part), int(part)) for part in told]
    return [(int(low), int(high)) for low, high in pairs]


def masked(unit: Unit) -> Arithmetic:
    """The value, or 0 in a step whose values are all the mask's."""
    row, told = unit.x[unit.place[:-1]], unit.option("mask_value", 0.0)
    is_shown = bool((row != (float(told) if isinstance(told, int | float) else 0.0)).any())
    value = float(unit.x[unit.place])
    terms = (Term(unit.label(unit.place), value),)
    head = "the same value" if is_shown else "a masked step: 0"
    return Arithmetic(head, terms, (), value if is_shown else 0.0, is_sum=False)


def concatenated(unit: Unit) -> Arithmetic:
    told = unit.option("axis", -1)
    axis = told if isinstance(told, int) else -1
    axis = axis - 1 if axis > 0 else axis + unit.x.ndim  # Keras counts the batch as axis 0
    at, source = unit.place[axis], 0
    while at >= unit.inputs[source].shape[axis]:
        at -= unit.inputs[source].shape[axis]
        source += 1
    place = (*unit.place[:axis], at, *unit.place[axis + 1 :])
    value = float(unit.inputs[source][place])
    return Arithmetic("the same value", (Term(unit.label(place, source), value),), (), value, is_sum=False)


def embedded(unit: Unit) -> Arithmetic:
    *place, column = unit.place
    number = int(unit.x[tuple(place)])
    value = float(unit.needs("embeddings")[number, column])
    return Arithmetic(
        f"row {number} of the table",
        (Term(f"embeddings[{number}, {column}]", value),),
        (),
        value,
        is_sum=False,
    )


def merged(unit: Unit) -> Arithmetic:
    terms = []
    for values, source in zip(unit.inputs, unit.sources, strict=True):
        wide = np.broadcast_to(values, np.broadcast_shapes(*(other.shape for other in unit.inputs)))
        name = f"{source.title}[{','.join(map(str, unit.place))}]"
        terms.append(Term(name, float(wide[unit.place])))
    numbers = [term.value for term in terms]
    head, result = {
        "Add": ("sum", sum(numbers)),
        "Multiply": ("product", prod(numbers)),
        "Average": ("mean", sum(numbers) / len(numbers)),
        "Maximum": ("largest", max(numbers)),
        "Minimum": ("smallest", min(numbers)),
        "Subtract": ("first − second", numbers[0] - numbers[-1]),
    }[unit.step.kind]
    return Arithmetic(
        f"{head} of {len(numbers)}" if head[0] != "f" else head, tuple(terms), (), result, is_sum=False
    )
