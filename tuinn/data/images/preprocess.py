"""Preprocess a picture file to predict on: the shape, type, range and look of the training images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import dark_corners
from tuinn.data.images.decode import open_image
from tuinn.data.images.resize import Pixels, border_color, pad_to_shape, read_resized
from tuinn.data.info import DatasetInfo
from tuinn.data.paths import expand_home
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts

BACKGROUND_TOLERANCE = 0.05 * 255
"""What differs less from the ground is ground: the 5 % within which Fashion-MNIST's photos were trimmed.
Source: Xiao, Rasul, Vollgraf (2017), "Fashion-MNIST", section 2, arXiv:1708.07747."""


@dataclass(frozen=True)
class PreparedImage:
    """A picture ready for the network."""

    pixels: NDArray[np.generic]
    """`facts.shape`, `facts.dtype`, values within `facts.low` to `facts.high`."""
    steps: tuple[str, ...]
    """What was done, in order, a few words each."""


def preprocess_image(path: str | Path, info: DatasetInfo) -> PreparedImage:
    """The picture in this file as a sample of `info`.

    It is framed as the images of the dataset were: with its proportions kept, what is left of the frame gets the
    colour of the picture's border. For a set with dark ground it also becomes a light object on black, cut out,
    and stretched to full brightness. Where the training images only are mostly light on dark, one that is dark on
    light is inverted.
    Raises SpecError, one sentence, for a file that can't be used and for a dataset that has no images.
    """
    facts = info.facts
    if not facts.is_image:
        raise SpecError(f"{info.title} has no images; choose a network that was trained on images.")
    channels = 1 if len(facts.shape) == 2 else facts.shape[2]
    if channels != 1 or info.background != "dark":
        image, steps = read_resized(expand_home(path), facts.shape, info.resize_mode)
        if channels == 1 and info.dark_corners and dark_corners(255 - image, 0, 255) >= 3:
            image, steps = 255 - image, (*steps, "inverted: the training images are light on dark")
        return PreparedImage(scale_to_range(image, facts), steps)
    picture, steps = open_image(expand_home(path))
    if picture.mode != "L":
        steps = (*steps, "made grey")
    image, more = cut_out(np.asarray(picture.convert("L")))
    image, last = brighten(pad_to_shape(image, facts.shape, np.zeros(1)))
    steps = (*steps, *more, f"fitted into {facts.shape[0]}×{facts.shape[1]}", *last)
    return PreparedImage(scale_to_range(image, facts), steps)


def cut_out(image: Pixels) -> tuple[Pixels, list[str]]:
    """The object alone, light on ground 0, cropped to the pixels that stand out; and what was done.

    `image` is height × width. The object is on that side of the ground, lighter or darker, where the
    picture goes further. A flat picture comes back whole and black.
    """
    steps = []
    above = image.astype(np.float64) - border_color(image)
    if -above.min() > above.max():
        above = -above
        steps.append("inverted: the object was darker than the ground")
    above = np.where(above > BACKGROUND_TOLERANCE, above, 0)
    if not above.any():
        return above.astype(np.uint8), ["nothing stands out from the ground"]
    rows, columns = np.flatnonzero(above.any(axis=1)), np.flatnonzero(above.any(axis=0))
    cropped = above[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if cropped.shape != image.shape:
        steps.append("cropped to the object")
    return np.rint(cropped).astype(np.uint8), steps


def brighten(image: Pixels) -> tuple[Pixels, list[str]]:
    """The image with its brightest pixel at 255, as in every image of the sets with dark ground."""
    brightest = int(image.max())
    if brightest in (0, 255):
        return image, []
    brighter = np.rint(image * (255 / brightest)).astype(np.uint8)
    return brighter, ["stretched to full brightness"] if brightest < 250 else []


def scale_to_range(image: Pixels, facts: DataFacts) -> NDArray[np.generic]:
    """0 to 255 brought to `facts.low` to `facts.high`, rounded where the type has only whole numbers."""
    values = facts.low + image.reshape(facts.shape) * ((facts.high - facts.low) / 255)
    dtype = np.dtype(facts.dtype)
    return (np.rint(values) if dtype.kind in "iu" else values).astype(dtype)
