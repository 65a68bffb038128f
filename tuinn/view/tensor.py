"""A tensor in words, as numbers round a place, and as a picture."""

from typing import TYPE_CHECKING, Any

from tuinn.view.slicing import shape_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def tensor_lines(tensor: "NDArray[Any]") -> list[str]:
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


def plane_of(tensor: "NDArray[Any]") -> "tuple[NDArray[Any], str]":
    """What can be drawn of it, height × width (× 3 or 4), and which part that is, as an index; empty for all of it."""
    part: NDArray[Any] = tensor
    words: list[str] = []
    while part.ndim > 3:
        part, words = part[0], [*words, "0"]
    if part.ndim == 3 and part.shape[-1] not in (1, 3, 4):
        part, words = part[..., 0], [*words, "...", "0"]
    if part.ndim == 3 and part.shape[-1] == 1:
        part = part[..., 0]
    return part.reshape(1, -1) if part.ndim < 2 else part, f"[{', '.join(words)}]" if words else ""


def pixels_of(plane: "NDArray[Any]", low: float, high: float) -> "NDArray[np.float32]":
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


def number(value: Any) -> str:
    """One value as short as it can be told."""
    plain = value.item() if hasattr(value, "item") else value
    return str(plain) if isinstance(plain, int | bool) else f"{plain:.3g}"


def window(
    plane: "NDArray[Any]", row: int, column: int, rows: int, width: int
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
