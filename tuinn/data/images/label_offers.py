"""Where the classes of images may be found that lie in no class folders: a table beside them, or their names."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from tuinn.data.images.folder_scan import FolderScan
from tuinn.data.images.image_labels import LabelledScan, all_images, label_images, labels_in_names
from tuinn.errors import SpecError
from tuinn.spec.dataset import NAME_PATTERN, DatasetSpec, Finding
from tuinn.text import plural, shorten

LEAST_SHARE = 0.5
"""Images that a table must have a class for, to be offered."""

MAX_TABLES = 20
"""Tables that are looked at."""

MAX_LISTED, MAX_NAMED = 8, 200
"""Classes that a pattern lists one by one, and those that names are taken to give at most."""

PATTERNS = (
    r"^(.+?)[ _.\-(]*\d+\)?\.[^.]*$",
    r"^([^\W\d_]+)",
    r"^\d+[ _.\-]*([^\W\d_].*?)\.[^.]*$",
)
"""What a class may be in a name: what stands before a number at its end, the first word, what stands after a number."""

CAMERA_WORDS = frozenset(
    ("img", "image", "dsc", "dscn", "pxl", "vid", "photo", "picture", "screenshot", "frame", "page", "scan")
)
"""How names begin that cameras and programs give."""


@dataclass(frozen=True)
class Offer:
    """A way to come to classes."""

    source: str
    """As `dataset.label_source` has it."""
    labelled: LabelledScan

    def finding(self) -> Finding:
        """Said as an error, as somebody has to decide."""
        scan = self.labelled.scan
        groups = (scan.classes, scan.test)
        count = sum(len(found) for group in groups for found in group.values())
        total = count + len(self.labelled.unlabelled) + len(self.labelled.contradicted)
        where = (
            f"The names give {count:,} of {total:,} a class"
            if self.source.startswith(NAME_PATTERN)
            else f"{self.source} has a class for {count:,} of {total:,}"
        )
        classes = plural(len(scan.classes), "class", "classes")
        return Finding(
            f"There is no folder of images per class. {where}, {classes} in all.",
            "error",
            f"set label_source to {self.source}",
            {"dataset.label_source": self.source},
        )


def offers(dataset: DatasetSpec, scan: FolderScan) -> Iterator[Offer]:
    """The ways to come to two classes or more, the best first."""
    images = all_images(scan)
    found = []
    for table in scan.tables[:MAX_TABLES]:
        if offer := _offer(dataset, scan, table):
            share = 1 - len(offer.labelled.unlabelled) / len(images)
            if share >= LEAST_SHARE:
                found.append((share, offer))
    yield from (offer for _, offer in sorted(found, key=lambda one: -one[0]))
    if (source := name_source([one.file for one in images])) and (offer := _offer(dataset, scan, source)):
        yield offer


def _offer(dataset: DatasetSpec, scan: FolderScan, source: str) -> Offer | None:
    try:
        labelled = label_images(replace(dataset, label_source=source), scan)
    except (SpecError, OSError):
        return None
    return Offer(source, labelled) if len(labelled.scan.classes) > 1 else None


def name_source(files: Sequence[str]) -> str:
    """The pattern by which every name has a class that others have, too; empty where there is none."""
    for pattern in PATTERNS:
        labels = labels_in_names(pattern, files)
        counts = Counter(label for label in labels if label is not None)
        if (
            None in labels
            or not 2 <= len(counts) <= MAX_NAMED
            or min(counts.values()) < 2
            or not CAMERA_WORDS.isdisjoint(label.lower() for label in counts)
        ):
            continue
        if len(counts) <= MAX_LISTED and all(re.fullmatch(r"[\w ]+", label) for label in counts):
            listed = f"^({'|'.join(sorted(counts, key=lambda label: (-len(label), label)))})"
            if labels_in_names(listed, files) == labels:
                return f"{NAME_PATTERN}{listed}"
        return f"{NAME_PATTERN}{pattern}"
    return ""


def how_to_sort(scan: FolderScan) -> str:
    """What to do with images that lie in no class folder, where nothing tells their classes."""
    tables = f" ({shorten(scan.tables[0], 60)} names none of them)" if len(scan.tables) == 1 else ""
    return (
        "Put the images of each class into a folder of its own, named after it; or set label_source to a CSV with a "
        f"file and a class in each line{tables}, or to a pattern of their names, such as name:(cat|dog)."
    )
