"""A tensor in words, as numbers round a place, and as a picture."""

import re
from types import EllipsisType
from typing import TYPE_CHECKING

from tuinn.errors import SpecError
from tuinn.text import shorten

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def tensor_lines(tensor: "NDArray[np.generic]") -> list[str]:
    """Rank, shape, type; then the least, the largest and the mean value."""
    import numpy as np

    first = f"rank {tensor.ndim} · shape {shape_words(tensor.shape)} · {tensor.dtype}"
    whole = tensor.astype(np.float64)
    finite = whole[np.isfinite(whole)]
    if not finite.size:
        return [first, "no finite value"]
    second = f"min {finite.min():g} · max {finite.max():g} · mean {finite.mean():.4g}"
    gaps = whole.size - finite.size
    return [first, second + (f" · {gaps} not finite" if gaps else "")]


def plane_of(tensor: "NDArray[np.generic]") -> "tuple[NDArray[np.generic], str]":
    """What can be drawn of it, height × width (× 3 or 4), and which part that is, as an index; empty for all of it."""
    part: NDArray[np.generic] = tensor
    words: list[str] = []
    while part.ndim > 3:
        part, words = part[0], [*words, "0"]
    if part.ndim == 3 and part.shape[-1] not in (1, 3, 4):
        part, words = part[..., 0], [*words, "...", "0"]
    if part.ndim == 3 and part.shape[-1] == 1:
        part = part[..., 0]
    return part.reshape(1, -1) if part.ndim < 2 else part, f"[{', '.join(words)}]" if words else ""


def pixels_of(plane: "NDArray[np.generic]", low: float, high: float) -> "NDArray[np.float32]":
    """Height × width (× 3) in 0..1. `low` and `high` become black and white; where they are equal or not finite,
    the plane's own do."""
    import numpy as np

    values = plane.astype(np.float64)
    finite = values[np.isfinite(values)]
    if not (np.isfinite([low, high]).all() and high > low) and finite.size:
        low, high = float(finite.min()), float(finite.max())
    scaled = np.nan_to_num((values - low) / ((high - low) or 1.0), nan=0.0)
    return np.clip(scaled[..., :3] if scaled.ndim == 3 else scaled, 0, 1).astype(np.float32)


def channel_names(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Of a colour image; empty for everything else."""
    return ("red", "green", "blue", "alpha")[: shape[-1]] if len(shape) == 3 and shape[-1] in (3, 4) else ()


def number(value: object) -> str:
    """One value in as few characters as possible."""
    plain = value.item() if hasattr(value, "item") else value
    return str(plain) if isinstance(plain, int | bool) else f"{plain:.3g}"


def window(
    plane: "NDArray[np.generic]", row: int, column: int, rows: int, width: int
) -> tuple[list[list[str]], int, int]:
    """The numbers of a plane round a place, as many as `rows` rows and `width` cells hold, each with a blank before it.

    Also where in them the place itself stands. All numbers are padded to one width.
    """
    import numpy as np

    top, height = _around(row, rows, plane.shape[0])
    widest = max(len(number(value)) for value in (np.nanmin(plane), np.nanmax(plane), plane.flat[0]))
    if plane.dtype.kind == "f":
        widest = max(widest, 6)
    left, across = _around(column, max(width // (widest + 1), 1), plane.shape[1])
    lines = [
        [number(value).rjust(widest)[:widest] for value in line[left : left + across]]
        for line in plane[top : top + height]
    ]
    return lines, row - top, column - left


def _around(place: int, wanted: int, total: int) -> tuple[int, int]:
    """Where a window of at most `wanted` of `total` begins that has the place near its middle; and its size."""
    size = min(wanted, total)
    return min(max(place - size // 2, 0), total - size), size


Index = tuple[int | slice | EllipsisType | None, ...]

NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
SAMPLE = "Write it as NumPy does, such as [7:-7, 7:-7] or [..., 0]."


def parse_index(text: str) -> Index:
    """What stands between the brackets; the brackets themselves, and an `x` before them, may be left out.

    Raises SpecError for anything but whole numbers, slices, `...` and `None`.
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
        raise SpecError("`...` may stand only once: it means all the axes in between.")
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
        raise SpecError(f"{shorten(text)} has too many colons: a slice is start:stop:step.")
    numbers = [_number(word) if word else None for word in ends]
    if len(numbers) == 3 and numbers[2] == 0:
        raise SpecError("A step of 0 goes nowhere. Give 1 or more, or less than 0 to go backwards.")
    return slice(*numbers)


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        said = f"{shorten(text)} is no part of an index." if text else "There is nothing between two commas."
        raise SpecError(f"{said} {SAMPLE}")
    return int(text)


def cut(tensor: "NDArray[np.generic]", index: Index) -> "NDArray[np.generic]":
    """That part, a view. Raises SpecError where the tensor has no such part."""
    import numpy as np

    axes = [part for part in index if part is not None and part is not Ellipsis]
    if len(axes) > tensor.ndim:
        raise SpecError(
            f"{len(axes)} indices are too many: the tensor has rank {tensor.ndim}, shape {shape_words(tensor.shape)}."
        )
    try:
        part: NDArray[np.generic] = tensor[index]
    except IndexError:
        raise SpecError(f"An index lies outside of the shape {shape_words(tensor.shape)}.") from None
    if np.size(part) == 0:
        raise SpecError(
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
