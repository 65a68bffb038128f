"""A part of a sample, as NumPy would index it: `[7:-7, 7:-7]`. What is typed is read, never executed."""

import re
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from tuinn.spec.options import shorten
from tuinn.spec.problem import SpecProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray

Index = tuple[int | slice | EllipsisType | None, ...]

NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
SAMPLE = "Write it as NumPy does, such as [7:-7, 7:-7] or [..., 0]."


def parse_index(text: str) -> Index:
    """What stands between the brackets; the brackets themselves, and an `x` before them, may be left out.

    Raises SpecProblem for anything but whole numbers, slices, `...` and `None`.
    """
    inner = text.strip()
    inner = inner[1:].lstrip() if inner[:1] == "x" else inner
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    parts = [part.strip() for part in inner.split(",")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()  # a comma at the end is fine in Python
    if parts == [""]:
        return ()
    index = tuple(_part(part) for part in parts)
    if index.count(Ellipsis) > 1:
        raise SpecProblem("`...` may stand only once: it means all the axes in between.")
    return index


def _part(text: str) -> int | slice | EllipsisType | None:
    if text == "...":
        return Ellipsis
    if text in ("None", "newaxis"):
        return None
    if ":" not in text:
        return _number(text)
    ends = [word.strip() for word in text.split(":")]
    if len(ends) > 3:
        raise SpecProblem(f"{shorten(text)} has too many colons: a slice is start:stop:step.")
    numbers = [_number(word) if word else None for word in ends]
    if len(numbers) == 3 and numbers[2] == 0:
        raise SpecProblem("A step of 0 goes nowhere. Give 1 or more, or less than 0 to go backwards.")
    return slice(*numbers)


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        said = f"{shorten(text)} is no part of an index." if text else "There is nothing between two commas."
        raise SpecProblem(f"{said} {SAMPLE}")
    return int(text)


def cut(tensor: "NDArray[Any]", index: Index) -> "NDArray[Any]":
    """That part, a view. Raises SpecProblem where the tensor has no such part."""
    import numpy as np

    axes = [part for part in index if part is not None and part is not Ellipsis]
    if len(axes) > tensor.ndim:
        raise SpecProblem(
            f"{len(axes)} indices are too many: the tensor has rank {tensor.ndim}, shape {shape_words(tensor.shape)}."
        )
    try:
        part: NDArray[np.generic] = tensor[index]
    except IndexError:
        raise SpecProblem(f"An index lies outside of the shape {shape_words(tensor.shape)}.") from None
    if np.size(part) == 0:
        raise SpecProblem(
            f"Nothing is left: that part of {shape_words(tensor.shape)} has the shape {shape_words(np.shape(part))}."
        )
    return np.asarray(part)


def shape_words(shape: tuple[int, ...]) -> str:
    """As Python writes it: `(28, 28)`."""
    return str(tuple(int(size) for size in shape))


def index_words(index: Index) -> str:
    """As it would be typed: `[7:-7, 0]`."""
    return "[" + ", ".join(_words(part) for part in index) + "]"


def _words(part: int | slice | EllipsisType | None) -> str:
    if isinstance(part, slice):
        ends = [("" if end is None else str(end)) for end in (part.start, part.stop)]
        return ":".join([*ends, str(part.step)] if part.step is not None else ends)
    return "..." if part is Ellipsis else str(part)
