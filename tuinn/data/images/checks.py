"""What is odd about a folder of images."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tuinn.data.checks import label_findings
from tuinn.data.images.folder_split import FolderSplit
from tuinn.data.images.headers import ImageHeaders
from tuinn.spec.dataset import Finding
from tuinn.text import join_names

UNIFORM_SHARE = 0.9
"""Images are said to be of one size, and the others named, from this share on."""


def class_findings(
    train: NDArray[np.int64], test: NDArray[np.int64], layout: FolderSplit
) -> Iterator[Finding]:
    """Of the classes: how many images each has. `train`, `test`: the labels."""
    count = len(layout.classes)
    yield from label_findings(
        np.bincount(train, minlength=count).tolist(),
        np.bincount(test, minlength=count).tolist(),
        layout.classes,
    )
    if layout.test_only_classes:
        yield Finding(
            f"The test images of {join_names(layout.test_only_classes)} are left out: no image shows that to learn from."
        )
    if layout.classes_without_images:
        yield Finding(
            f"The folder of {join_names(layout.classes_without_images)} has no images, so that is not learned."
        )


def unreadable_findings(
    refused: Sequence[tuple[str, str]], total: int, every: bool = True
) -> Iterator[Finding]:
    """At most one. `refused`: file and why, in a sentence; `every`: all were tried, so that these are all there are."""
    if not refused:
        return
    count = f"{len(refused):,}" if every else f"At least {len(refused):,}"
    why = refused[0][1].split(";")[0].rstrip(".")
    yield Finding(
        f"{count} of {total:,} images can't be read: {join_names([file for file, _ in refused])} ({why}).",
        "error",
        "leave out what can't be read",
        {"dataset.unreadable": "skip"},
    )


def size_findings(seen: ImageHeaders, shape: tuple[int, ...]) -> Iterator[Finding]:
    """Of the sizes that the files have."""
    (height, width), share = seen.commonest
    if UNIFORM_SHARE <= share < 1:
        sizes = [f"{size[1]}×{size[0]}" for size in seen.sizes if size != (height, width)]
        yield Finding(
            f"Most images are {width}×{height}, but not all: some are {join_names(sizes)}. They are brought to one size."
        )
    small = sum(one.height < shape[0] / 2 and one.width < shape[1] / 2 for one in seen.headers)
    if small > len(seen.headers) / 2:
        yield Finding(
            f"Most images are smaller than half of {shape[0]}×{shape[1]}: enlarged they cost time and show no more.",
            fix=f"take them at {height}×{width}",
            settings={"dataset.image_size": f"{height},{width}"},
        )
