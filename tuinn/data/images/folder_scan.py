"""A folder with a folder per class → the image files in it, by class and by part."""

import hashlib
import os
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tuinn.data.regular_file import kernel_devices
from tuinn.errors import SpecError
from tuinn.spec.dataset import LABEL_TABLES
from tuinn.text import shorten

SUFFIXES = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".webp"),
        *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".avif", ".jp2", ".qoi"),
        *(".heic", ".heif"),
    )
)
"""Of files that are taken for images; whether they are is found out when they are read.

Pillow has no reader for HEIC, but many a file called so is a JPEG, and the others are named instead of passed over.
"""

PROGRAM_FOLDERS = frozenset(("@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"))
"""Folders that storage devices and systems make for themselves: thumbnails, and what was thrown away."""

TRAIN, TEST = ("train", "training"), ("test", "testing")
VALIDATION = ("validation", "valid", "val")
PARTS = (*TRAIN, *TEST, *VALIDATION)

FRESH_SECONDS = 2.0
"""Seconds for which a scan may be used again."""

TICK = 100_000_000
"""Nanoseconds: what changes twice within that may have the same time."""

MAX_ENTRIES = 2000
"""Entries that are looked at to recognise a folder of images."""


class FoundImage(NamedTuple):
    """One image file."""

    file: str
    """Relative to the root, as the system writes it."""
    size: int
    """Bytes."""
    changed: int
    """Nanoseconds since 1970."""


@dataclass
class FolderScan:
    """What a scan found. Files are in the order of their names, so that a scan tells the same each time."""

    root: Path
    classes: dict[str, list[FoundImage]] = field(default_factory=dict)
    """Folder name → its images: those to train on, or all where the folder has no parts."""
    test: dict[str, list[FoundImage]] = field(default_factory=dict)
    """Likewise, of `test/`."""
    parts: tuple[str, ...] = ()
    """The names of the part folders; empty where there are none."""
    training_parts: tuple[str, ...] = ()
    """Those of them whose images are learned from."""
    test_parts: tuple[str, ...] = ()
    """Those whose images are the test."""
    other_files: int = 0
    """Files that are no images by their names."""
    outside: list[FoundImage] = field(default_factory=list)
    """Images that lie in no class folder."""
    tables: list[str] = field(default_factory=list)
    """Files at the top that may be a table of labels."""
    circular_links: int = 0
    """Links that lead back up, or to a folder that was there already."""
    has_subfolders: bool = False
    """A class folder has folders in it."""
    unreadable_folders: int = 0
    """Folders that can't be opened."""
    folders: dict[str, int] = field(default_factory=dict)
    """Each folder, and when it last changed: nanoseconds since 1970."""
    began: int = field(default_factory=time.time_ns)
    """When the scan began, likewise."""
    ended: float = 0.0
    """When it was done, by the monotonic clock."""

    def is_unchanged(self) -> bool:
        """True where surely no file was added, removed or renamed since a scan of the last seconds."""
        if (
            time.monotonic() > self.ended + FRESH_SECONDS
            or max(self.folders.values(), default=0) > self.began - TICK
        ):
            return False
        try:
            return all(Path(folder).stat().st_mtime_ns == then for folder, then in self.folders.items())
        except OSError:
            return False

    @cached_property
    def signature(self) -> str:
        """What changes whenever a file is added, removed, renamed or written."""
        digest = hashlib.sha256()
        for group in (self.classes, self.test):
            for name, found in sorted(group.items()):
                for one in found:
                    digest.update(os.fsencode(f"{name}\0{one.file}\0{one.size}\0{one.changed}\n"))
            digest.update(b"\n")
        return digest.hexdigest()


LAST: "dict[Path, FolderScan]" = {}
"""The last scan, by its root."""


def scan_folder(root: Path) -> FolderScan:
    """Every image under `root`. Links are followed, each folder once. Raises SpecError where it can't be opened.

    To open a dataset takes several scans within moments, so one of the last seconds is used again where no folder
    has changed since.
    """
    if (last := LAST.get(root)) and last.is_unchanged():
        return last
    LAST.clear()
    scan = scan_again(root)
    scan.ended = time.monotonic()
    LAST[root] = scan
    return scan


def scan_again(root: Path) -> FolderScan:
    """As `scan`, whatever was found before."""
    try:
        top = _entries(str(root))
    except OSError as error:
        raise SpecError(
            f"{shorten(str(root), 200)} can't be read ({error.strerror}).", "dataset.path"
        ) from error
    scan = FolderScan(root)
    _identity(scan, str(root))
    folders = [entry for entry in top if _is_folder(entry)]
    parts = [entry for entry in folders if entry.name.lower() in PARTS]
    if any(entry.name.lower() in TRAIN for entry in parts):
        scan.parts = tuple(entry.name for entry in parts)
        for part in sorted(parts, key=lambda entry: _order(entry.name)):
            _scan_part(scan, part)
    else:
        _scan_classes(scan, folders, scan.classes)
    _take_loose(scan, top)
    scan.tables = [
        entry.name for entry in top if entry.name.lower().endswith(LABEL_TABLES) and entry.is_file()
    ]
    return scan


def looks_like_images(root: Path) -> bool:
    """True where an image is among the first entries under this folder. Raises nothing."""
    left = MAX_ENTRIES
    waiting = [str(root)]
    while waiting and left > 0:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    left -= 1
                    if left <= 0:
                        break
                    if _is_folder(entry):
                        waiting.append(entry.path)
                    elif is_image_name(entry.name):
                        return True
        except OSError:
            continue
    return False


def _order(part: str) -> int:
    """Those to train on first, then the test, then validation: what that is depends on both."""
    return next(at for at, names in enumerate((TRAIN, TEST, VALIDATION)) if part.lower() in names)


def _scan_part(scan: FolderScan, part: "os.DirEntry[str]") -> None:
    """A part's classes. Those of `validation/` join the ones to train on, or are the test where there is none.

    A `test/` that has no images of the classes, as competitions give it, is none.
    """
    lower = part.name.lower()
    has_test = any(scan.test.get(name) for name in scan.classes)
    # With two folders of validation and no test, both are the test.
    tests = lower in TEST or (
        lower in VALIDATION and (not has_test or any(one.lower() in VALIDATION for one in scan.test_parts))
    )
    if tests:
        scan.test_parts = (*scan.test_parts, part.name)
    else:
        scan.training_parts = (*scan.training_parts, part.name)
    try:
        inside = _entries(part.path)
    except OSError:
        scan.unreadable_folders += 1
        return
    _scan_classes(scan, [one for one in inside if _is_folder(one)], scan.test if tests else scan.classes)
    _take_loose(scan, inside)


def _scan_classes(
    scan: FolderScan, folders: "list[os.DirEntry[str]]", group: dict[str, list[FoundImage]]
) -> None:
    for folder in folders:
        found = sorted(_images_in(scan, folder), key=lambda one: one.file)
        # macOS decomposes letters with marks, other systems don't: both spell one class.
        group.setdefault(unicodedata.normalize("NFC", folder.name), []).extend(found)


def _images_in(scan: FolderScan, folder: "os.DirEntry[str]") -> Iterator[FoundImage]:
    """The images of a class, however deep. A folder is entered once, and never from inside itself."""
    waiting, root = [folder.path], str(scan.root)
    seen = {_identity(scan, root), _identity(scan, str(Path(folder.path).parent))}
    while waiting:
        path = waiting.pop()
        try:
            here = _identity(scan, path)
            if here in seen:
                scan.circular_links += 1
                continue
            if here[0] in kernel_devices():
                scan.unreadable_folders += 1
                continue
            seen.add(here)
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or _is_program_folder(entry.name):
                        continue
                    if _is_folder(entry):
                        waiting.append(entry.path)
                        scan.has_subfolders = True
                    elif is_image_name(entry.name):
                        yield _found(root, entry)
                    else:
                        scan.other_files += 1
        except OSError:
            scan.unreadable_folders += 1


def _entries(path: str) -> "list[os.DirEntry[str]]":
    with os.scandir(path) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _found(root: str, entry: "os.DirEntry[str]") -> FoundImage:
    file = entry.path[len(root) :].lstrip("/")
    try:
        told = entry.stat()
        return FoundImage(file, told.st_size, told.st_mtime_ns)
    except OSError:  # a link to nothing, or one in a circle: reading it says so
        return FoundImage(file, 0, 0)


def _identity(scan: FolderScan, path: str) -> tuple[int, int]:
    told = Path(path).stat()
    scan.folders[path] = told.st_mtime_ns
    return told.st_dev, told.st_ino


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return (
            entry.is_dir()
            and not entry.name.startswith((".", "__MACOSX"))
            and not _is_program_folder(entry.name)
        )
    except OSError:
        return False


def _is_program_folder(name: str) -> bool:
    return name.lower() in PROGRAM_FOLDERS


def is_image_name(name: str) -> bool:
    """By its suffix; hidden files are none."""
    return name[name.rfind(".") :].lower() in SUFFIXES and not name.startswith(".")


def _take_loose(scan: FolderScan, entries: "list[os.DirEntry[str]]") -> None:
    """Files that lie beside the class folders."""
    for entry in entries:
        if _is_folder(entry) or entry.name.startswith(".") or _is_program_folder(entry.name):
            continue
        if is_image_name(entry.name):
            scan.outside.append(_found(str(scan.root), entry))
        else:
            scan.other_files += 1
