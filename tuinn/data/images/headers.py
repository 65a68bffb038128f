"""A look at the headers of some images: what size and colour all of them should be brought to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from tuinn.data.images.decode import ImageHeader, read_header
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec

MAX_HEADERS = 256
"""Headers that are read."""

MAX_SIDE = 128
"""Pixels of the longer side that is proposed at most; any other may be asked for."""


@dataclass(frozen=True)
class ImageHeaders:
    """What some of the images say of themselves."""

    headers: tuple[ImageHeader, ...]
    refused: tuple[tuple[str, str], ...]
    """File and why, of those that can't be read."""
    every: bool
    """All images were looked at."""
    deep_files: tuple[str, ...] = ()
    """Those with more than 8 bits a channel."""

    @property
    def sizes(self) -> Counter[tuple[int, int]]:
        """How often each height and width occurs."""
        return Counter((one.height, one.width) for one in self.headers)

    @property
    def commonest(self) -> tuple[tuple[int, int], float]:
        """The height and width that occur most often, and the share of the images that have them."""
        size, count = self.sizes.most_common(1)[0]
        return size, count / len(self.headers)

    def image_size(self) -> tuple[int, int]:
        """The commonest size where half of them have it, else a square of their median shorter side; not too large."""
        size, share = self.commonest
        if share < 0.5:
            side = round(median(min(one.height, one.width) for one in self.headers))
            size = (side, side)
        scale = min(1.0, MAX_SIDE / max(size))
        return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))

    def decide(self, dataset: DatasetSpec, classes: int) -> DatasetSpec:
        """The spec with everything decided that was left to us. Raises SpecError for a task that images don't have."""
        colour = any(one.color for one in self.headers)
        return replace(
            dataset,
            kind="images",
            task=decide_task(dataset, classes),
            image_size=dataset.image_size or self.image_size(),
            color_mode=dataset.color_mode
            if dataset.color_mode != "auto"
            else ("rgb" if colour else "grayscale"),
        )


def read_headers(root: Path, files: Sequence[str]) -> ImageHeaders:
    """Read the headers of some of these files, evenly spread."""
    headers, refused, deep = [], [], []
    step = max(1, len(files) // MAX_HEADERS)
    for file in files[::step]:
        try:
            header = read_header(root / file)
            headers.append(header)
            if header.deep:
                deep.append(file)
        except SpecError as problem:
            refused.append((file, problem.message))
    return ImageHeaders(tuple(headers), tuple(refused), step == 1, tuple(deep))


def decide_task(dataset: DatasetSpec, classes: int) -> str:
    """`binary` or `classes`. Raises SpecError where another one is asked for, or `binary` for more than two."""
    if dataset.task in ("labels", "regression"):
        raise SpecError(
            "A folder per class gives each image one class; set it to auto.",
            "dataset.task",
        )
    if dataset.task == "binary" and classes != 2:
        raise SpecError(
            f"There are {classes:,} classes, and binary tells two apart; set it to classes.", "dataset.task"
        )
    return dataset.task if dataset.task != "auto" else "binary" if classes == 2 else "classes"
