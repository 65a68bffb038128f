"""Which images of a folder are to be learned from, which to be tested on, and what each of them shows."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.data.images.folder_scan import FolderScan, FoundImage, scan_folder
from tuinn.data.images.image_labels import LabelledScan, label_images
from tuinn.data.images.label_offers import Offer, how_to_sort, offers
from tuinn.data.split import shuffle, split_test
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import shorten


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
    labelled: LabelledScan | None = None
    """Where the classes are not those of the folders."""
    offers: tuple[Offer, ...] = ()
    """Ways to come to classes that nobody has decided on; the first is taken until then."""


def split_folder(dataset: DatasetSpec, path: Path) -> FolderSplit:
    """The same for the same files and `dataset.test`. Raises SpecError where there are no classes to tell apart."""
    scan = scan_folder(path)
    offered: tuple[Offer, ...] = ()
    labelled = label_images(dataset, scan) if dataset.label_source else None
    if labelled is None and len(class_names(dataset, scan)) < 2:
        offered = tuple(offers(dataset, scan))
        labelled = offered[0].labelled if offered else None
    scan = labelled.scan if labelled else scan
    names = class_names(dataset, scan)
    check_classes(scan, names, labelled)
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
        labelled=labelled,
        offers=offered,
    )


def class_names(dataset: DatasetSpec, scan: FolderScan) -> list[str]:
    """Those with images, in the order in which Keras counts folders; numbers in labels in their own order."""
    names = sorted(
        name
        for name, found in scan.classes.items()
        if name not in dataset.ignore and any(one.size for one in found)
    )
    are_numbers = dataset.label_source and all(name.isascii() and name.isdigit() for name in names)
    return sorted(names, key=int) if are_numbers else names


def part_from(group: dict[str, list[FoundImage]], names: list[str]) -> Part:
    """All images of these classes that have any bytes, a class after the other."""
    pairs = [(one.file, at) for at, name in enumerate(names) for one in group.get(name, ()) if one.size]
    return Part(tuple(file for file, _ in pairs), np.array([at for _, at in pairs], dtype=np.int64))


def check_classes(scan: FolderScan, names: list[str], labelled: LabelledScan | None = None) -> None:
    """Raises SpecError where there are fewer than two classes."""
    if len(names) > 1:
        return
    folder = shorten(str(scan.root), 200)
    count = sum(len(found) for found in scan.classes.values())
    if names and labelled:
        why = f"All images are {shorten(names[0], 100)} by {labelled.source}; a network needs two classes or more to tell apart."
        raise SpecError(why, "dataset.label_source")
    if names:
        only = shorten(names[0], 100)
        hint = f" If its own folders are the classes, give {only} as the path." if scan.has_subfolders else ""
        why = (
            f"{folder} has images of one class only, {only}; a network needs two or more to tell apart.{hint}"
        )
    elif count:
        why = f"{folder} has no image that can be read: all {count:,} are empty (0 bytes)."
    elif scan.outside:
        why = f"{folder} has {len(scan.outside):,} images, but no folder per class. {how_to_sort(scan)}"
    else:
        why = f"{folder} has no images in it. Give a folder with a folder of images per class."
    raise SpecError(why, "dataset.path")
