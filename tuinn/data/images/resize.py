"""Read a picture file into pixels of the shape that a network takes, for training and for prediction alike."""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tuinn.data.images.decode import decode_jpeg, open_image

Pixels = NDArray[np.uint8]
ResizeMode = Literal["pad", "stretch"]

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
"""Pillow's mode for so many channels."""

SMALLEST_LOOK = 64
"""A picture is brought down at once to twice the wanted size, but not below this: cheap, and nothing is lost."""


def read_resized(
    path: Path, shape: tuple[int, ...], resize_mode: ResizeMode
) -> tuple[Pixels, tuple[str, ...]]:
    """The picture as height × width (× channels) of `shape`, 0 to 255, and what was done, in words.

    `pad`: proportions kept, in the middle of a frame of its border's colour; `stretch`: to the edges.
    Raises SpecError, one sentence, for a file that can't be used.
    """
    look, mode = max(SMALLEST_LOOK, 2 * max(shape[:2])), MODES[1 if len(shape) == 2 else shape[2]]
    image = decode_jpeg(path, mode, 2 * look)
    steps: tuple[str, ...] = ()
    if image is not None:
        steps = (f"{image.shape[1]}×{image.shape[0]} {mode}",)
    else:
        picture, steps = open_image(path, look)
        if mode == "L" != picture.mode:
            steps = (*steps, "made grey")
        image = np.asarray(picture if picture.mode == mode else picture.convert(mode))
    if image.shape[:2] == shape[:2]:
        return image.reshape(shape), steps
    if resize_mode == "stretch":
        return stretch(image, shape).reshape(shape), (*steps, f"stretched to {shape[0]}×{shape[1]}")
    return pad_to_shape(image, shape).reshape(shape), (*steps, f"fitted into {shape[0]}×{shape[1]}")


def border_color(image: Pixels) -> NDArray[np.float64]:
    """The colour behind the object, per channel: the median of the outermost pixels."""
    edges = (image[0], image[-1], image[:, 0], image[:, -1])
    return np.atleast_1d(np.median(np.concatenate(edges), axis=0))


def pad_to_shape(image: Pixels, shape: tuple[int, ...], ground: NDArray[np.float64] | None = None) -> Pixels:
    """The image scaled into height × width of `shape`, proportions kept, in the middle of a frame of ground.

    `ground`: its colour, per channel; None: that of the image's border.
    """
    height, width = shape[:2]
    scale = min(height / image.shape[0], width / image.shape[1])
    inner_height = min(height, max(1, round(image.shape[0] * scale)))
    inner_width = min(width, max(1, round(image.shape[1] * scale)))
    scaled = stretch(image, (inner_height, inner_width))
    if (inner_height, inner_width) == (height, width):
        return scaled
    frame = np.empty((height, width, *image.shape[2:]), dtype=np.uint8)
    frame[:] = np.rint(border_color(image) if ground is None else ground)
    # An odd pixel goes above and to the left, where Fashion-MNIST and the digits have it.
    top, left = (height - inner_height + 1) // 2, (width - inner_width + 1) // 2
    frame[top : top + inner_height, left : left + inner_width] = scaled
    return frame


def stretch(image: Pixels, shape: tuple[int, ...]) -> Pixels:
    """The image brought to height × width of `shape`, whatever becomes of its proportions."""
    from PIL.Image import Resampling, fromarray

    height, width = shape[:2]
    return np.asarray(fromarray(image).resize((width, height), Resampling.BICUBIC))
