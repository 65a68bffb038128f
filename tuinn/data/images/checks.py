"""What is odd about a folder of images."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from tuinn.data.checks import label_findings
from tuinn.data.images.decode import deep_peak
from tuinn.data.images.folder_split import FolderSplit
from tuinn.data.images.headers import ImageHeaders
from tuinn.spec.dataset import Finding
from tuinn.text import join_names, shorten

UNIFORM_SHARE = 0.9
"""Images are said to be of one size, and the others named, from this share on."""

DARK = 1 / 15
"""Images of 16 bits that stay below this share of the range hold 12 bits or fewer."""

DEEP_IMAGES = 32
"""Of which the pixels are looked at for that."""

MASK_FOLDERS = frozenset(
    (
        *("mask", "masks", "label", "labels", "annotation", "annotations", "segmentation", "segmentations"),
        *("gt", "ground_truth", "groundtruth", "trimap", "trimaps", "semantic"),
    )
)
"""What folders of pictures are called that say something of each pixel of others."""


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
    yield from mask_findings(layout)


def labelled_findings(layout: FolderSplit) -> Iterator[Finding]:
    """Of classes that a table or names give: what of the images and labels is left out."""
    if layout.labelled:
        yield from layout.labelled.findings()


def mask_findings(layout: FolderSplit) -> Iterator[Finding]:
    """A class that holds the masks of another one's images, by its name and those of its files."""
    stems = {
        name: {PurePath(one.file).stem.lower() for one in found}
        for name, found in layout.scan.classes.items()
    }
    for masks in sorted(name for name in layout.classes if name.lower() in MASK_FOLDERS and stems.get(name)):
        bare = {
            stem.removesuffix("_mask").removesuffix("_gt").removesuffix("_label") for stem in stems[masks]
        }
        for other in sorted(set(stems).intersection(layout.classes) - {masks}):
            if 2 * len(bare & stems[other]) > len(bare):
                yield Finding(
                    f"{shorten(masks, 100)} and {shorten(other, 100)} have files of the same names: {shorten(masks, 100)} "
                    "looks like masks for the images, not like a class of its own. Move it out of this folder; "
                    "tuinn learns what an image shows, not what each pixel shows."
                )
                break


def dark_findings(root: Path, seen: ImageHeaders) -> Iterator[Finding]:
    """Of images with more than 8 bits whose values fill a small part of them."""
    if not seen.deep_files:
        return
    step = max(1, len(seen.deep_files) // DEEP_IMAGES)
    peak = max(deep_peak(root / file) for file in seen.deep_files[::step])
    if 0 < peak < DARK:
        yield Finding(
            f"The images with 16 bits a channel use {peak:.1%} of the range at most, so they are nearly black with 8. "
            f"Multiply their values by {2 ** int(-np.log2(peak)):,} and save them again."
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
