"""What is odd about a folder of images."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tuinn.data.image_glance import Glance
from tuinn.data.image_layout import Layout
from tuinn.data.image_writing import Decoded
from tuinn.data.label_findings import label_findings
from tuinn.data.names import listed
from tuinn.spec.dataset import Finding
from tuinn.spec.options import shorten

UNIFORM = 0.9
"""Images are said to be of one size, and the others named, from this share on."""

MANY = 0.01
"""The share of doubles in the training set from which on they are worth a word."""


def count_findings(train: NDArray[np.int64], test: NDArray[np.int64], layout: Layout) -> Iterator[Finding]:
    """Of the classes: how many images each has. `train`, `test`: the labels."""
    count = len(layout.classes)
    yield from label_findings(
        np.bincount(train, minlength=count).tolist(),
        np.bincount(test, minlength=count).tolist(),
        layout.classes,
    )
    if layout.strange:
        yield Finding(
            f"The test images of {listed(layout.strange)} are left out: no image shows that to learn from."
        )
    if layout.bare:
        yield Finding(f"The folder of {listed(layout.bare)} has no images, so that is not learned.")


def unreadable(refused: Sequence[tuple[str, str]], total: int, every: bool = True) -> Iterator[Finding]:
    """At most one. `refused`: file and why, in a sentence; `every`: all were tried, so that these are all there are."""
    if not refused:
        return
    count = f"{len(refused):,}" if every else f"At least {len(refused):,}"
    why = refused[0][1].split(";")[0].rstrip(".")
    yield Finding(
        f"{count} of {total:,} images can’t be read: {listed([file for file, _ in refused])} ({why}).",
        "error",
        "leave out what can’t be read",
        {"dataset.unreadable": "skip"},
    )


def size_findings(seen: Glance, shape: tuple[int, ...]) -> Iterator[Finding]:
    """Of the sizes that the files have."""
    (height, width), share = seen.commonest
    if UNIFORM <= share < 1:
        sizes = [f"{size[1]}×{size[0]}" for size in seen.sizes if size != (height, width)]
        yield Finding(
            f"Most images are {width}×{height}, but not all: some are {listed(sizes)}. They are brought to one size."
        )
    small = sum(one.height < shape[0] / 2 and one.width < shape[1] / 2 for one in seen.headers)
    if small > len(seen.headers) / 2:
        yield Finding(
            f"Most images are smaller than half of {shape[0]}×{shape[1]}: enlarged they cost time and show no more.",
            remedy=f"take them at {height}×{width}",
            settings={"dataset.image_size": f"{height},{width}"},
        )


def double_findings(train: Decoded, test: Decoded, own_test: bool, doubles: int) -> Iterator[Finding]:
    """Of images that are the same, pixel by pixel. `doubles`: those left out of the test for it."""
    learned = train.digests[train.digests != 0]
    different = len(np.unique(learned))
    if different == 1 and len(learned) > 1:
        yield Finding("All training images are the same, so there is nothing to learn from them.")
        return
    twice = len(learned) - different
    if twice > MANY * len(learned):
        yield Finding(f"{twice:,} of {len(learned):,} training images are there more than once.")
    clashes = clashing(train)
    if len(clashes):
        first = shorten(train.part.files[int(clashes[0])], 100)
        many = "image lies" if len(clashes) == 1 else "images lie"
        yield Finding(f"{len(clashes):,} {many} in two classes at once, such as {first}.")
    if doubles:
        yield Finding(
            f"{doubles:,} images that were kept aside for the test are in training as well; they are left out."
        )
    elif shared := int(np.isin(test.digests[test.digests != 0], learned).sum()):
        whose = "in the test folder" if own_test else "kept aside for the test"
        yield Finding(
            f"{shared:,} of {np.count_nonzero(test.digests):,} images {whose} are in training as well, "
            "so the test flatters the network. Remove them from one of the two."
        )


def clashing(train: Decoded) -> NDArray[np.int64]:
    """Places of training images whose very pixels have another label elsewhere."""
    order = np.lexsort((train.part.labels, train.digests))
    digests, labels = train.digests[order], train.part.labels[order]
    pairs = (digests[1:] == digests[:-1]) & (labels[1:] != labels[:-1]) & (digests[1:] != 0)
    return np.asarray(order[1:][pairs])
