"""Which images of a folder are to be learned from, which to be tested on, and what each of them shows."""

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.data.images.folder_scan import FolderScan, FoundImage, is_image_name, scan_folder
from tuinn.data.split import shuffle, split_test
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import shorten

MAX_NAMED_CLASSES = 20
"""Words at the start of file names that are taken for classes."""

CAMERA_WORDS = frozenset(
    ("img", "image", "dsc", "dscn", "pxl", "vid", "photo", "picture", "screenshot", "frame")
)
"""How names begin that cameras and programs give."""


@dataclass(frozen=True)
class Part:
    """The images of `train` or `test`, in the order of the samples."""

    files: tuple[str, ...]
    """Relative to the folder."""
    labels: NDArray[np.int64]
    """(n,), counted from 0 in the order of the classes."""

    def taken(self, places: NDArray[np.int64]) -> "Part":
        """These of its images, in this order."""
        return Part(tuple(self.files[place] for place in places), self.labels[places])


@dataclass(frozen=True)
class FolderSplit:
    """A folder of images, put in order."""

    scan: FolderScan
    classes: tuple[str, ...]
    """Folder names as they are shown, sorted as Keras sorts them."""
    train: Part
    test: Part
    has_test_folder: bool
    """The folder brings its test images; else a share of all is kept aside."""
    empty: tuple[str, ...]
    """Files of 0 bytes, which belong nowhere."""
    test_only_classes: tuple[str, ...]
    """Classes that occur in the test only, and are left out."""
    classes_without_images: tuple[str, ...]
    """Class folders without an image."""


def split_folder(dataset: DatasetSpec, path: Path) -> FolderSplit:
    """The same for the same files and `dataset.test`. Raises SpecError where there are no classes to tell apart."""
    scan = scan_folder(path)
    names = sorted(
        name
        for name, found in scan.classes.items()
        if name not in dataset.ignore and any(one.size for one in found)
    )
    check_classes(scan, names)
    everything = part_from(scan.classes, names)
    has_test_folder = any(one.size for name in names for one in scan.test.get(name, ()))
    if has_test_folder:
        train, test = everything, part_from(scan.test, names)
        train, test = (part.taken(shuffle(np.arange(len(part.files)))) for part in (train, test))
    else:
        training, testing = split_test(len(everything.files), dataset.test, everything.labels)
        train, test = everything.taken(training), everything.taken(testing)
    groups = [
        {name: found for name, found in group.items() if name not in dataset.ignore}
        for group in (scan.classes, scan.test)
    ]
    every = [one for group in groups for found in group.values() for one in found]
    return FolderSplit(
        scan=scan,
        classes=tuple(shorten(name, 255) for name in names),
        train=train,
        test=test,
        has_test_folder=has_test_folder,
        empty=tuple(one.file for one in every if not one.size),
        test_only_classes=tuple(
            sorted(name for name, found in groups[1].items() if found and name not in names)
        ),
        classes_without_images=tuple(sorted(name for name in groups[0] if name not in names)),
    )


def part_from(group: dict[str, list[FoundImage]], names: list[str]) -> Part:
    """All images of these classes that have any bytes, a class after the other."""
    pairs = [(one.file, at) for at, name in enumerate(names) for one in group.get(name, ()) if one.size]
    return Part(tuple(file for file, _ in pairs), np.array([at for _, at in pairs], dtype=np.int64))


def check_classes(scan: FolderScan, names: list[str]) -> None:
    """Raises SpecError where there are fewer than two classes."""
    if len(names) > 1:
        return
    folder = shorten(str(scan.root), 200)
    count = sum(len(found) for found in scan.classes.values())
    if names:
        only = shorten(names[0], 100)
        hint = f" If its own folders are the classes, give {only} as the path." if scan.has_subfolders else ""
        why = (
            f"{folder} has images of one class only, {only}; a network needs two or more to tell apart.{hint}"
        )
    elif count:
        why = f"{folder} has no image that can be read: all {count:,} are empty (0 bytes)."
    elif scan.images_outside_classes:
        why = f"{folder} has {scan.images_outside_classes:,} images, but no folder per class. {how_to_sort(scan)}"
    else:
        why = f"{folder} has no images in it. Give a folder with a folder of images per class."
    raise SpecError(why, "dataset.path")


def how_to_sort(scan: FolderScan) -> str:
    """What to do with images that lie in no class folder: by a table of labels, by their names, or by hand."""
    with os.scandir(scan.root) as entries:
        names = sorted(entry.name for entry in entries if entry.is_file())
    images = [name for name in names if is_image_name(name)]
    tables = [name for name in names if name.lower().endswith(".csv")]
    if len(tables) == 1 and tables[0].isascii() and re.fullmatch(r"[\w.-]+", tables[0]):
        return (
            f"{tables[0]} may have their labels: with a file and a label in each line, this sorts copies of them into "
            f"by_class, in that folder: tail -n +2 {tables[0]} | tr -d '\\r' | "
            'while IFS=, read -r f c || [ -n "$f" ]; do mkdir -p "by_class/$c" && cp -- "$f" "by_class/$c/"; done. Then give by_class as the path.'
        )
    words: Counter[str] = Counter(found[0] for name in images if (found := re.match(r"[^\W\d_]+", name)))
    common = sorted(word for word, count in words.items() if count > 1)
    if (
        CAMERA_WORDS.isdisjoint(map(str.lower, common))
        and 2 <= len(common) <= MAX_NAMED_CLASSES
        and sum(words[word] for word in common) == len(images)
    ):
        listed = " ".join(common)
        return (
            f"Their names begin with {', '.join(common)}: this sorts copies of them into by_class, in that folder: "
            f'for c in {listed}; do mkdir -p "by_class/$c" && cp -- "$c"[!a-zA-Z]* "by_class/$c/"; done. '
            "Then give by_class as the path."
        )
    return "Put the images of each class into a folder of its own, named after it."
