"""The user's own images: a folder with a folder per class."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.checks import duplicate_findings, leave_out_duplicates
from tuinn.data.images import checks as findings
from tuinn.data.images.decoder_pool import decode_parts
from tuinn.data.images.decoder_process import DecodeJob
from tuinn.data.images.folder_scan import VALIDATION, looks_like_images, scan_folder
from tuinn.data.images.folder_split import FolderSplit, Part, split_folder
from tuinn.data.images.headers import ImageHeaders, read_headers
from tuinn.data.images.image_labels import stamp_of
from tuinn.data.images.resize import read_resized
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec, Finding, Task
from tuinn.text import join_names, shorten


class ImageReader:
    """The DatasetReader of folders of images."""

    kind = "images"
    version = 2

    def recognises(self, path: Path) -> bool:
        """A folder with an image somewhere in it."""
        return path.is_dir() and looks_like_images(path)

    def signature(self, dataset: DatasetSpec, path: Path) -> str:
        """By names, sizes and times of all files that decide the samples."""
        scan = scan_folder(path)
        if not dataset.label_source and len(scan.classes) > 1:
            return scan.signature
        return hashlib.sha256(
            "\n".join([scan.signature, *stamp_of(dataset, scan)]).encode("utf-8", "surrogateescape")
        ).hexdigest()

    def look(self, dataset: DatasetSpec, path: Path) -> DatasetInfo:
        """By the names of all files and the headers of some. Raises SpecError."""
        layout = split_folder(dataset, path)
        total = len(layout.train.files) + len(layout.test.files)
        seen = read_headers(path, (*layout.train.files, *layout.test.files))
        if not seen.headers:
            raise none_readable(path, [file for file, _ in seen.refused], seen.refused[0][1])
        if layout.offers:
            dataset = replace(dataset, label_source=layout.offers[0].source)
        decided = seen.decide(dataset, len(layout.classes))
        facts = facts_of(decided, layout, layout.train.labels, layout.test.labels)
        refused = (*((file, f"{Path(file).name} is empty") for file in layout.empty), *seen.refused)
        return DatasetInfo(
            name=shorten(decided.label, 100),
            title=shorten(decided.label, 60),
            facts=with_findings(
                facts,
                *(offer.finding() for offer in layout.offers),
                *findings.labelled_findings(layout),
                *findings.unreadable_findings(refused, total + len(layout.empty), seen.every),
                *findings.class_findings(layout.train.labels, layout.test.labels, layout),
                *findings.size_findings(seen, facts.shape),
                *findings.dark_findings(path, seen),
            ),
            licence="your own",
            source=shorten(str(path), 4096),
            description=f"{total:,} images in {len(layout.classes):,} classes",
            resize_mode="pad" if decided.pad_to_aspect_ratio else "stretch",
            notes=tuple(notes(layout, seen, decided)),
            dataset=decided,
        )

    def read(self, info: DatasetInfo, path: Path, writer: CacheWriter, report: ReportProgress) -> DataFacts:
        """Decode every image; one that can't be read is left out, and counted in the findings. Raises SpecError."""
        assert info.dataset is not None
        layout, shape = split_folder(info.dataset, path), info.facts.shape
        train, test = decode_parts(
            layout.train, layout.test, DecodeJob(str(path), shape, info.resize_mode), writer, report
        )
        try:
            if not train.hashes.any():
                raise none_readable(path, layout.train.files)
            wanted = test.hashes != 0
            doubles = 0 if layout.has_test_folder else leave_out_duplicates(train.hashes, test.hashes, wanted)
            train_labels, test_labels = train.keep(train.hashes != 0), test.keep(wanted)
        finally:
            train.rows.close()
            test.rows.close()
        refused = (
            *((file, f"{Path(file).name} is empty") for file in layout.empty),
            *train.errors,
            *test.errors,
        )
        total = len(train.hashes) + len(test.hashes) + len(layout.empty)
        seen = read_headers(path, (*layout.train.files, *layout.test.files))
        return with_findings(
            facts_of(info.dataset, layout, train_labels, test_labels),
            *(finding for finding in info.facts.findings if "dataset.label_source" in finding.settings),
            *findings.labelled_findings(layout),
            *findings.unreadable_findings(refused, total),
            *findings.class_findings(train_labels, test_labels, layout),
            *findings.size_findings(seen, shape),
            *findings.dark_findings(path, seen),
            *duplicate_findings(
                train.hashes,
                train.part.labels,
                test.hashes,
                "images",
                doubles,
                train.part.files.__getitem__,
            ),
        )

    def browse(self, info: DatasetInfo, path: Path) -> "FolderBrowser":
        """Each image is decoded when it is asked for."""
        assert info.dataset is not None
        return FolderBrowser(info, path, split_folder(info.dataset, path))


@dataclass(frozen=True)
class FolderBrowser:
    """The images of a folder, one by one, as `read` would give them."""

    info: DatasetInfo
    root: Path
    layout: FolderSplit

    @property
    def facts(self) -> DataFacts:
        return self.info.facts

    def labels(self, part: str) -> NDArray[np.generic]:
        """(n,) labels of `train` or `test`."""
        return self._part(part).labels

    def sample(self, part: str, at: int) -> NDArray[np.uint8]:
        """(height, width, channels). Raises SpecError where the file can't be read."""
        file = self.root / self._part(part).files[at]
        return read_resized(file, self.facts.shape, self.info.resize_mode)[0]

    def _part(self, part: str) -> Part:
        return self.layout.train if part == "train" else self.layout.test


def facts_of(
    decided: DatasetSpec, layout: FolderSplit, train: NDArray[np.int64], test: NDArray[np.int64]
) -> DataFacts:
    """Those of images with these labels; without findings."""
    assert decided.image_size is not None
    return DataFacts(
        task=Task[decided.task.upper()],
        shape=(*decided.image_size, 1 if decided.color_mode == "grayscale" else 3),
        dtype="uint8",
        low=0,
        high=255,
        classes=layout.classes,
        train=len(train),
        test=len(test),
    )


def with_findings(facts: DataFacts, *found: Finding) -> DataFacts:
    return replace(facts, findings=found)


def none_readable(path: Path, files: tuple[str, ...] | list[str], why: str = "") -> SpecError:
    """The problem to raise where not one of the images that were tried can be read. `why` the first can't."""
    because = f" ({why.split(';')[0].rstrip('.')})" if why else ""
    return SpecError(
        f"{shorten(str(path), 200)} has no image that can be read. Tried: {join_names(files)}{because}. "
        "Save them again as PNG or JPEG.",
        "dataset.path",
    )


def notes(layout: FolderSplit, seen: ImageHeaders, decided: DatasetSpec) -> Iterator[str]:
    """The detected settings, for whoever wants others."""
    assert decided.image_size is not None
    height, width = decided.image_size
    colour = "grey" if decided.color_mode == "grayscale" else "RGB"
    sizes = sorted(seen.sizes)
    if sizes == [(height, width)]:
        yield f"{height}×{width} {colour}, as they are"
    else:
        smallest, largest = (
            "×".join(str(side) for side in pick(sizes, key=lambda size: size[0] * size[1]))
            for pick in (min, max)
        )
        found = smallest if smallest == largest else f"{smallest} to {largest}"
        how = "proportions kept, on the colour of the border" if decided.pad_to_aspect_ratio else "stretched"
        yield f"{found}, brought to {height}×{width} {colour}: {how}"
    if any(one.transparent for one in seen.headers):
        yield "see-through parts become white behind dark images, black behind light ones"
    if any(one.deep for one in seen.headers):
        yield "16 bits a channel become 8"
    if layout.labelled:
        yield from layout.labelled.notes()
    if layout.has_test_folder:
        yield f"{len(layout.test.files):,} test images as the folder has them"
    else:
        yield f"{len(layout.test.files):,} images kept aside for the test: {decided.test:.0%} of each class"
    if len(layout.scan.training_parts) > 1:
        yield f"{' + '.join(shorten(part, 30) for part in layout.scan.training_parts)} are learned from"
    if layout.has_test_folder and len(layout.scan.parts) > 2:
        for part in layout.scan.test_parts:
            if part.lower() in VALIDATION:
                yield f"{shorten(part, 30)} is the test"
    counted = (
        (
            layout.scan.other_files,
            "file that is no image by its name",
            "files that are no images by their names",
        ),
        (
            len(layout.scan.outside),
            "image outside the class folders",
            "images outside the class folders",
        ),
        (layout.scan.circular_links, "link in a circle", "links in a circle"),
        (layout.scan.unreadable_folders, "folder that can't be opened", "folders that can't be opened"),
    )
    for count, one, many in counted:
        if count:
            yield f"left out: {count:,} {one if count == 1 else many}"
