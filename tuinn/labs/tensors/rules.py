"""What an operation does to shapes, in a line or in shapes aligned below one another."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tuinn.labs.tensors.functions import Kind
from tuinn.labs.tensors.limits import shape_of, shape_words
from tuinn.text import plural, shorten

WIDE = 24
"""Characters of a name in front of a shape."""

Index = tuple[Any, ...]


def operator_rule(sign: str, names: Sequence[str], values: Sequence[Any], result: Any) -> str:
    """Of `A + b`: that of a product, or value by value."""
    if sign == "@":
        return product_rule(values, result)
    return each_rule(f"{names[0]} {sign} {names[1]}", names, values, result)


def call_rule(
    kind: Kind, name: str, args: Sequence[Any], options: Mapping[str, Any], names: Sequence[str], result: Any
) -> str:
    """Of a call; empty where there is nothing to say."""
    match kind:
        case "each":
            return each_rule(f"{name}({', '.join(names)})", names, args, result)
        case "product":
            return product_rule(args, result)
        case "reduce":
            return reduce_rule(name.rpartition(".")[2], args, options, result)
        case "rearrange":
            return rearrange_rule(args[0], result)
        case "dtype":
            before, after = np.asarray(args[0]).dtype, np.asarray(result).dtype
            return (
                f"every value from {before} to {after}: {plural(before.itemsize, 'byte')} → {after.itemsize}"
            )
        case "one_hot":
            return f"a row for each label, 1 at its place among {plural(result.shape[-1], 'class', 'classes')}, 0 elsewhere"
        case "join":
            parts = args[0] if isinstance(args[0], list | tuple) else [*args[0]]
            told = " and ".join(shape_words(shape_of(part)) for part in parts[:3])
            return f"{told}{' …' if len(parts) > 3 else ''} → {shape_words(result.shape)}"
        case "make":
            return f"a new tensor of {plural(np.size(result), 'value')}"
        case _:
            return ""


def each_rule(title: str, names: Sequence[str], values: Sequence[Any], result: Any) -> str:
    """Value by value: where shapes differ they stand below one another, aligned from the right."""
    shapes = [shape_of(value) for value in values]
    tensors = [shape for shape in shapes if shape]
    out = shape_of(result)
    if len(set(tensors)) < 2:
        number = " with the number" if len(tensors) < len(shapes) > 1 else ""
        return (
            f"value by value{number}: the shape stays {shape_words(out)}"
            if out
            else "two numbers make a number"
        )
    rows = [(shorten(name, WIDE), shape) for name, shape in zip(names, shapes, strict=False) if shape]
    return "\n".join(
        [
            *aligned([*rows, (shorten(title, WIDE), out)]),
            "Broadcasting: aligned from the right, a size of 1 or a missing axis is repeated.",
        ]
    )


def aligned(rows: Sequence[tuple[str, Sequence[int]]]) -> list[str]:
    """Names, and their shapes with the last axes below one another."""
    most = max(len(shape) for _, shape in rows)
    cells = [[""] * (most - len(shape)) + [str(size) for size in shape] for _, shape in rows]
    widths = [max(len(row[at]) for row in cells) for at in range(most)]
    left = max(len(name) for name, _ in rows)
    lines = []
    for (name, shape), row in zip(rows, cells, strict=True):
        gap = most - len(shape)
        blank = " " * sum(width + 2 for width in widths[:gap])
        inner = ", ".join(size.rjust(width) for size, width in zip(row[gap:], widths[gap:], strict=True))
        lines.append(f"{name.ljust(left)}  {blank}({inner}{',' * (len(shape) == 1)})")
    return lines


def product_rule(values: Sequence[Any], result: Any) -> str:
    """Rows times columns."""
    left, right, out = shape_of(values[0]), shape_of(values[1]), shape_of(result)
    told = f"{shape_words(left)} @ {shape_words(right)} → {shape_words(out)}"
    if not left or not right:
        return f"{told}: every value times the number"
    if len(out) == len(left) + len(right):
        return f"{shape_words(left)} outer {shape_words(right)} → {shape_words(out)}: every value times every other"
    return f"{told}\nThe inner {left[-1]} and {left[-1]} are equal and go away: each result is a sum of {plural(left[-1], 'product')}."


def reduce_rule(name: str, args: Sequence[Any], options: Mapping[str, Any], result: Any) -> str:
    """Which axes go away."""
    shape = shape_of(args[0])
    axis = options.get("axis", args[1] if len(args) > 1 else None)
    if axis is None or not shape:
        return f"{name} of {plural(int(np.prod(shape)), 'value')} of {shape_words(shape)}: no axis is left"
    axes = [at % len(shape) for at in (axis if isinstance(axis, tuple) else (axis,))]
    told = " and ".join(f"axis {at} (of {shape[at]})" for at in axes)
    goes = "becomes 1" if options.get("keepdims") else "goes away"
    return f"{name} along {told}, which {goes}: {shape_words(shape)} → {shape_words(shape_of(result))}"


def rearrange_rule(tensor: Any, result: Any) -> str:
    """The same values in another shape."""
    before, after = shape_of(tensor), shape_of(result)
    if sorted(before) == sorted(after) and after == before[::-1] and before != after:
        return f"the axes in reverse order: {shape_words(before)} → {shape_words(after)}"
    times = " × ".join(f"{size:,}" for size in before) or "1"
    other = " × ".join(f"{size:,}" for size in after) or "1"
    return f"{times} = {plural(int(np.prod(before)), 'value')} = {other}"


def index_rule(tensor: Any, index: Index) -> str:
    """What is kept along each axis that is named."""
    lines, axis = [], 0
    named = sum(axes_of(part) for part in index)
    for part in index:
        if part is Ellipsis:
            axis += np.ndim(tensor) - named
        elif part is None:
            lines.append("None: a new axis of 1")
        else:
            size = shape_of(tensor)[axis]
            if isinstance(part, slice):
                kept = len(range(*part.indices(size)))
                words = (
                    f"all {size:,}"
                    if part == slice(None)
                    else f"{_slice_words(part)} keeps {kept:,} of {size:,}"
                )
            elif np.ndim(part):
                words = (
                    "where it is True"
                    if np.asarray(part).dtype.kind == "b"
                    else f"{plural(np.size(part), 'place')} of {size:,}"
                )
            else:
                words = f"one of {size:,}, so the axis goes away"
            lines.append(f"axis {axis}: {words}")
            axis += axes_of(part)
    rest = shape_of(tensor)[axis:]
    if rest and Ellipsis not in [part for part in index if not np.ndim(part)]:
        lines.append(
            f"{'axis' if len(rest) == 1 else 'axes'} {axis}{f' to {axis + len(rest) - 1}' if len(rest) > 1 else ''}: all"
        )
    return "\n".join(lines)


def axes_of(part: Any) -> int:
    """How many axes of the tensor a part of an index speaks of."""
    if part is None or part is Ellipsis:
        return 0
    is_mask = isinstance(part, np.ndarray | list) and np.asarray(part).dtype.kind == "b"
    return np.ndim(part) if is_mask else 1


def _slice_words(part: slice) -> str:
    ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
    return ":".join([*ends, str(part.step)] if part.step is not None else ends)
