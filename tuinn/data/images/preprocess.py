"""Preprocess a picture file to predict on: the shape, type, range and look of the training images."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import dark_corners
from tuinn.data.images.decode import open_image
from tuinn.data.images.resize import Pixels, ResizeMode, border_color, pad_to_shape, read_resized, stretch
from tuinn.data.info import DatasetInfo
from tuinn.data.paths import expand_home
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts

BACKGROUND_TOLERANCE = 0.05 * 255
"""What differs less from the ground is ground: the 5 % within which Fashion-MNIST's photos were trimmed.
Source: Xiao, Rasul, Vollgraf (2017), "Fashion-MNIST", section 2, arXiv:1708.07747."""


StageName = Literal["read", "grey", "invert", "crop", "fit", "brighten"]

SWITCHES: tuple[StageName, ...] = ("invert", "crop", "fit", "brighten")
"""Stages that a user may switch: on where they are off by themselves, and the other way round."""


@dataclass(frozen=True)
class Stage:
    """A picture on its way to the network."""

    name: StageName
    title: str
    pixels: Pixels
    """What it gives: height × width (× 3 or 4), 0 to 255."""
    is_on: bool = True
    """Something was done."""

    @property
    def can_switch(self) -> bool:
        return self.name in SWITCHES


@dataclass(frozen=True)
class PreparedImage:
    """A picture ready for the network."""

    pixels: NDArray[np.generic]
    """`facts.shape`, `facts.dtype`, values within `facts.low` to `facts.high`."""
    steps: tuple[str, ...]
    """What was done, in order, a few words each."""
    stages: tuple[Stage, ...] = ()
    """Each of them as a picture, where that was asked for."""


def preprocess_image(
    path: str | Path, info: DatasetInfo, switched: Collection[str] = (), with_stages: bool = False
) -> PreparedImage:
    """The picture in this file as a sample of `info`.

    It is framed as the images of the dataset were: with its proportions kept, what is left of the frame gets the
    colour of the picture's border. For a set with dark ground it also becomes a light object on black, cut out,
    and stretched to full brightness. Where the training images only are mostly light on dark, one that is dark on
    light is inverted. `switched`: stages that are to be done the other way round, of SWITCHES.
    Raises SpecError, one sentence, for a file that can't be used and for a dataset that has no images.
    """
    facts = info.facts
    if not facts.is_image:
        raise SpecError(f"{info.title} has no images; choose a network that was trained on images.")
    channels = 1 if len(facts.shape) == 2 else facts.shape[2]
    if channels != 1 or info.background != "dark":
        return _plainly(expand_home(path), info, channels, switched, with_stages)
    picture, steps = open_image(expand_home(path))
    stages = [Stage("read", "as read", np.asarray(picture))]
    grey = np.asarray(picture.convert("L"))
    if picture.mode != "L":
        steps = (*steps, "made grey")
        stages.append(Stage("grey", "grey", grey))
    image, more = cut_out(grey, switched, stages)
    fit, name = _fitting(switched)
    image = fit(image, facts.shape)
    title = f"{name.split()[0]} {facts.shape[0]}×{facts.shape[1]}"
    stages.append(Stage("fit", title, image, "fit" not in switched))
    bright, last = (image, []) if "brighten" in switched else brighten(image)
    stages.append(Stage("brighten", "brightened", bright, "brighten" not in switched))
    steps = (*steps, *more, f"{name} {facts.shape[0]}×{facts.shape[1]}", *last)
    return PreparedImage(scale_to_range(bright, facts), steps, tuple(stages) if with_stages else ())


def _plainly(
    path: Path, info: DatasetInfo, channels: int, switched: Collection[str], with_stages: bool
) -> PreparedImage:
    """The picture as the user's own images were read, from file to pixels by the same code."""
    facts = info.facts
    mode: ResizeMode = info.resize_mode
    if "fit" in switched:
        mode = "stretch" if mode == "pad" else "pad"
    image, steps = read_resized(path, facts.shape, mode)
    fitted = image
    invert = channels == 1 and info.dark_corners and dark_corners(255 - image, 0, 255) >= 3
    if ("invert" in switched) != invert:
        image = 255 - image
        steps = (*steps, "inverted: the training images are light on dark" if invert else "inverted")
    stages: list[Stage] = []
    if with_stages:
        picture, _ = open_image(path)
        stages.append(Stage("read", "as read", np.asarray(picture)))
        if channels == 1 and picture.mode != "L":
            stages.append(Stage("grey", "grey", np.asarray(picture.convert("L"))))
        words, is_inverted = "stretched" if mode == "stretch" else "fitted", ("invert" in switched) != invert
        title = f"{words} {facts.shape[0]}×{facts.shape[1]}"
        stages.append(Stage("fit", title, fitted, "fit" not in switched))
        stages.append(Stage("invert", "inverted" if is_inverted else "not inverted", image, is_inverted))
    return PreparedImage(scale_to_range(image, facts), steps, tuple(stages))


def _fitting(switched: Collection[str]) -> tuple[Callable[[Pixels, tuple[int, ...]], Pixels], str]:
    """How a cut-out object comes into its frame, and in words."""
    if "fit" in switched:
        return stretch, "stretched to"
    return lambda image, shape: pad_to_shape(image, shape, np.zeros(1)), "fitted into"


def cut_out(
    image: Pixels, switched: Collection[str] = (), stages: list[Stage] | None = None
) -> tuple[Pixels, list[str]]:
    """The object alone, light on ground 0, cropped to the pixels that stand out; and what was done.

    `image` is height × width. The object is on that side of the ground, lighter or darker, where the
    picture goes further. A flat picture comes back whole and black. `stages`: takes up what was done as pictures.
    """
    steps, stages = [], [] if stages is None else stages
    above = image.astype(np.float64) - border_color(image)
    invert = (-above.min() > above.max()) != ("invert" in switched)
    if invert:
        above = -above
        steps.append(
            "inverted" if "invert" in switched else "inverted: the object was darker than the ground"
        )
    above = np.where(above > BACKGROUND_TOLERANCE, above, 0)
    whole = np.rint(above).astype(np.uint8)
    stages.append(Stage("invert", "inverted" if invert else "not inverted", whole, invert))
    if not above.any():
        return whole, ["nothing stands out from the ground"]
    rows, columns = np.flatnonzero(above.any(axis=1)), np.flatnonzero(above.any(axis=0))
    cropped = whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if "crop" in switched:
        cropped = whole
    elif cropped.shape != image.shape:
        steps.append("cropped to the object")
    stages.append(Stage("crop", "cropped", cropped, "crop" not in switched))
    return cropped, steps


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
