"""Classes of images from a table or from the names of their files, instead of from their folders."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tuinn.data.images.folder_scan import TEST, VALIDATION, FolderScan, FoundImage
from tuinn.data.images.label_table import FIELD, plain_name, read_label_table
from tuinn.data.paths import expand_home
from tuinn.errors import SpecError
from tuinn.spec.dataset import NAME_PATTERN, DatasetSpec, Finding
from tuinn.text import join_names, plural, shorten

MAX_SHARE = 0.5
"""Classes per image above which labels are taken for something else, such as measured values."""

LEAST_IMAGES = 10
"""Images from which on that is judged."""


@dataclass(frozen=True)
class LabelledScan:
    """The images of a folder by the classes that a table or their names give them."""

    scan: FolderScan
    source: str
    """Where the classes come from, in words."""
    unlabelled: tuple[str, ...]
    """Images without a class."""
    absent: tuple[str, ...] = ()
    """Names in a table that are those of no image."""
    unclear: tuple[str, ...] = ()
    """Names in a table that fit several images."""
    contradicted: tuple[str, ...] = ()
    """Images that a table gives two classes."""

    def notes(self) -> Iterator[str]:
        yield f"classes from {self.source}"

    def findings(self) -> Iterator[Finding]:
        """What of the images and of the labels is left out."""
        if self.unlabelled:
            count, names = plural(len(self.unlabelled), "image"), join_names(self.unlabelled)
            have = "has" if len(self.unlabelled) == 1 else "have"
            yield Finding(
                f"{count} {have} no class by {self.source}, and {be_left(self.unlabelled)}: {names}."
            )
        if self.absent:
            lines, name = plural(len(self.absent), "line"), "names" if len(self.absent) == 1 else "name"
            yield Finding(
                f"{lines} of {self.source} {name} no image that is here: {join_names(self.absent)}."
            )
        if self.unclear:
            lines = plural(len(self.unclear), "line")
            yield Finding(
                f"{lines} of {self.source} may mean several images, and {be_left(self.unclear)}: "
                f"{join_names(self.unclear)}. Write the folder before the name."
            )
        if self.contradicted:
            count = plural(len(self.contradicted), "image")
            have = "has" if len(self.contradicted) == 1 else "have"
            yield Finding(
                f"{count} {have} two different classes by {self.source}, and {be_left(self.contradicted)}: "
                f"{join_names(self.contradicted)}."
            )


def be_left(names: Sequence[str]) -> str:
    return f"{'is' if len(names) == 1 else 'are'} left out"


def all_images(scan: FolderScan) -> list[FoundImage]:
    """Every image of the folder, whether in a class folder or not, in the order of their names."""
    found = [one for group in (scan.classes, scan.test) for images in group.values() for one in images]
    return sorted([*found, *scan.outside], key=lambda one: one.file)


def label_images(dataset: DatasetSpec, scan: FolderScan) -> LabelledScan:
    """The images of the folder by `dataset.label_source`. Raises SpecError where it gives no classes."""
    images = all_images(scan)
    if not images:
        raise SpecError(f"{shorten(str(scan.root), 200)} has no images in it.", "dataset.path")
    if dataset.label_source.startswith(NAME_PATTERN):
        found = by_name(dataset.label_source, scan, images)
    else:
        found = by_table(label_file(dataset, scan.root), scan, images, dataset.target)
    given = Counter(name for name, those in found.scan.classes.items() for _ in those)
    total = given.total()
    if not total:
        raise SpecError(f"No image to learn from has a class by {found.source}.", FIELD)
    if total >= LEAST_IMAGES and len(given) > MAX_SHARE * total:
        raise SpecError(
            f"There are {len(given):,} different labels for {total:,} images by {found.source}, such as "
            f"{join_names(list(given))}; a class needs several images. Give the column with the classes as target, or another pattern.",
            FIELD,
        )
    return found


def label_file(dataset: DatasetSpec, root: Path) -> Path:
    """The table with the labels: relative to the folder of the images. Raises SpecError where it isn't there."""
    file = root / expand_home(dataset.label_source)
    if not file.exists():
        where = shorten(str(root), 200)
        raise SpecError(
            f"There is no {shorten(dataset.label_source, 200)} in {where}. Give the path of the table within that folder, or a whole one.",
            FIELD,
        )
    return file


def by_table(file: Path, scan: FolderScan, images: Sequence[FoundImage], column: str) -> LabelledScan:
    """Classes from a CSV. Raises SpecError."""
    table = read_label_table(file, [one.file for one in images], column)
    contradicted = set(table.contradicted)
    loose = [one.file for at, one in enumerate(images) if table.labels[at] is None and at not in contradicted]
    return LabelledScan(
        grouped(scan, images, table.labels, is_inside=file.resolve().is_relative_to(scan.root.resolve())),
        f"{shorten(file.name, 60)} ({shorten(table.column, 40)})",
        tuple(loose),
        table.absent,
        table.unclear,
        tuple(images[at].file for at in table.contradicted),
    )


def by_name(source: str, scan: FolderScan, images: Sequence[FoundImage]) -> LabelledScan:
    """Classes from the names of the files. Raises SpecError."""
    pattern = source.removeprefix(NAME_PATTERN)
    labels = labels_in_names(pattern, [one.file for one in images])
    loose = tuple(one.file for one, label in zip(images, labels, strict=True) if label is None)
    return LabelledScan(grouped(scan, images, labels), f"the names, {shorten(source, 80)}", loose)


def labels_in_names(pattern: str, files: Sequence[str]) -> list[str | None]:
    """The first group of the pattern in each name, None where it isn't there. Raises SpecError.

    A pattern with a slash is looked for in the path within the folder. The regular expressions are those of Rust, whose
    search takes a time proportional to the name, whatever the pattern.
    """
    import polars as pl

    names = [plain_name(file) for file in files]
    if "/" not in pattern:
        names = [name.rpartition("/")[2] for name in names]
    try:
        if not pl.Series([""]).str.extract_groups(pattern).struct.fields:
            raise SpecError(
                f"name:{shorten(pattern, 80)} has no group. Put what is the class in parentheses, as in name:(cat|dog).",
                FIELD,
            )
        found = pl.Series(names, dtype=pl.String).str.extract(pattern, 1)
    except pl.exceptions.PolarsError as error:
        said = [line.strip().removeprefix("regex error: ") for line in str(error).splitlines()]
        why = next((line.removeprefix("error: ") for line in said if line.startswith("error: ")), said[0])
        raise SpecError(
            f"name:{shorten(pattern, 80)} is no regular expression that can be used: {shorten(why, 160).rstrip('.')}.",
            FIELD,
        ) from None
    return [label or None for label in found.to_list()]


def grouped(
    scan: FolderScan,
    images: Sequence[FoundImage],
    labels: Sequence[str | None],
    is_inside: bool = False,
) -> FolderScan:
    """The scan with these classes. A folder `train` or `test` is a part, as with folders of classes.

    `validation` is the test where `test` has no labels. `is_inside`: the table of labels is one of the folder's files.
    """
    part = {name.lower(): name for name in scan.parts}
    places = [one.file.split("/", 1)[0].lower() if scan.parts else "" for one in images]
    has_test = any(label and place in TEST for place, label in zip(places, labels, strict=True))
    tests = TEST if has_test else (*TEST, *VALIDATION)
    classes: dict[str, list[FoundImage]] = {}
    test: dict[str, list[FoundImage]] = {}
    for one, place, label in zip(images, places, labels, strict=True):
        if label is not None:
            (test if place in tests else classes).setdefault(label, []).append(one)
    used = {place for place, label in zip(places, labels, strict=True) if label is not None}
    return replace(
        scan,
        classes=classes,
        test=test,
        training_parts=tuple(name for lower, name in part.items() if lower in used and lower not in tests),
        test_parts=tuple(name for lower, name in part.items() if lower in used and lower in tests),
        outside=[],
        other_files=max(0, scan.other_files - is_inside),
    )


def stamp_of(dataset: DatasetSpec, scan: FolderScan) -> list[str]:
    """What changes whenever other images, or other labels, come from what the folders' own names don't say."""
    stamps = [f"{one.file}\0{one.size}\0{one.changed}" for one in scan.outside]
    files = [scan.root / one for one in scan.tables]
    if dataset.label_source and not dataset.label_source.startswith(NAME_PATTERN):
        files.append(label_file(dataset, scan.root))
    for file in files:
        found = os.stat(file)  # noqa: PTH116
        stamps.append(f"{file}\0{found.st_size}\0{found.st_mtime_ns}")
    return stamps
