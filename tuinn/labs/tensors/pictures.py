"""What of a tensor can be drawn, as pictures side by side, and which of its numbers are shown."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

LEAST = 4
"""Pixels of a picture's sides; of a table that is drawn, twice as many."""

LONGEST = 4
"""How many times as high as wide a table may be, or the other way round, to be drawn."""

SHOWN = 48
"""Pictures that are prepared at once."""

CHANNELS = ("red", "green", "blue", "alpha")


@dataclass(frozen=True)
class Pictures:
    """Some of the pictures in a tensor."""

    pixels: tuple[Pixels, ...]
    """Each height × width (× 3), 0..1."""
    captions: tuple[str, ...]
    count: int
    """How many there are in all."""
    range_words: str
    """Which values are black and white."""
    parts: int = 1
    """Pictures that are made of each: its channels, where they are apart."""

    @property
    def side(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels[0].shape[:2]


def picture_axes(shape: tuple[int, ...]) -> tuple[int, bool] | None:
    """How many axes one picture has, and whether its last one is of channels; None where nothing can be drawn."""
    rank = len(shape)
    if 0 in shape:
        return None
    if rank >= 3 and shape[-1] in (1, 3, 4) and min(shape[-3:-1]) >= 2:
        return 3, True
    if rank == 2 and min(shape) >= 2 * LEAST and max(shape) <= LONGEST * min(shape):
        return 2, False
    if rank in (3, 4) and min(shape[-2:]) >= LEAST and max(shape[-2:]) <= LONGEST * min(shape[-2:]):
        return 2, False
    return None


def pictures_of(
    tensor: NDArray[np.generic], first: int = 0, by_channel: bool = False, plain: bool = False
) -> Pictures | None:
    """The pictures from `first` on, at most SHOWN; None where it holds none.

    `by_channel`: red, green and blue of one picture apart, each in its own colour, or in grey where colours aren't
    drawn (`plain`).
    """
    found = picture_axes(tensor.shape)
    if found is None:
        return None
    axes, has_channels = found
    lead = tensor.shape[: tensor.ndim - axes]
    count = int(np.prod(lead)) if lead else 1
    low, high, words = value_range(tensor)
    first = min(max(first, 0), count - 1)
    pixels: list[Pixels] = []
    captions: list[str] = []
    for at in range(first, min(first + SHOWN, count)):
        place = np.unravel_index(at, lead) if lead else ()
        one = _scaled(tensor[place], low, high)
        name = "" if not lead else str(at) if len(lead) == 1 else ", ".join(str(int(part)) for part in place)
        if by_channel and has_channels and one.ndim == 3 and one.shape[-1] >= 3:
            for channel in range(one.shape[-1]):
                pixels.append(_channel(one, channel, plain))
                captions.append(f"{name} {CHANNELS[channel]}".strip())
        else:
            pixels.append(
                one[..., :3] if one.ndim == 3 and one.shape[-1] != 1 else one.reshape(one.shape[:2])
            )
            captions.append(name)
    parts = tensor.shape[-1] if by_channel and has_colour(tensor.shape) else 1
    return Pictures(tuple(pixels), tuple(captions), count, words, parts)


def has_colour(shape: tuple[int, ...]) -> bool:
    """Whether its pictures have channels to be shown apart."""
    found = picture_axes(shape)
    return found is not None and found[1] and shape[-1] >= 3


def _channel(picture: Pixels, channel: int, plain: bool) -> Pixels:
    if plain or channel == 3:
        return picture[..., channel]
    apart = np.zeros((*picture.shape[:2], 3), np.float32)
    apart[..., channel] = picture[..., channel]
    return apart


def value_range(tensor: NDArray[np.generic]) -> tuple[float, float, str]:
    """Which values are drawn black and white, and that in words: 0 to 255 or 0 to 1 where the values are of that kind."""
    part = tensor[: max(1, (1 << 22) * len(tensor) // tensor.size)] if tensor.size > 1 << 22 else tensor
    if tensor.dtype.kind == "b":
        return 0.0, 1.0, "False black, True white"
    finite = part[np.isfinite(part)] if tensor.dtype.kind == "f" else part
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= 0 and high <= 1 and tensor.dtype.kind == "f":
        low, high = 0.0, 1.0
    elif low >= 0 and 16 < high <= 255:
        low, high = 0.0, 255.0
    return low, high, f"{low:g} black, {high:g} white"


def _scaled(picture: Any, low: float, high: float) -> Pixels:
    with np.errstate(all="ignore"):
        values = np.nan_to_num(np.asarray(picture, np.float64), nan=low, posinf=high, neginf=low)
        span = (high - low) or 1.0
        scaled: Pixels = np.clip(np.nan_to_num((values - low) / span), 0, 1).astype(np.float32)
    return scaled


def plane_of(tensor: NDArray[np.generic]) -> tuple[NDArray[np.generic], tuple[str, str]]:
    """Two axes of it whose numbers can be shown, and what stands before and behind them in an index of the tensor."""
    part = tensor
    found = picture_axes(tensor.shape)
    rank = 3 if found and found[1] else 2
    before = "0, " * max(tensor.ndim - rank, 0)
    while part.ndim > rank:
        part = part[0]
    behind = ", 0" if part.ndim == 3 else ""
    part = part[..., 0] if part.ndim == 3 else part
    return part.reshape(1, -1) if part.ndim < 2 else part, (before, behind)
