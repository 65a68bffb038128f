"""Texts of the user's own: classes of texts in folders, in files, or in a column of a CSV."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tuinn.data import cache
from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.checks import label_findings
from tuinn.data.info import DatasetInfo
from tuinn.data.protocols import SampleBrowser
from tuinn.data.split import Indices, split
from tuinn.data.tables.target import SEED
from tuinn.data.text.source import LabeledTexts, TextFiles, is_text_source, read_labeled_texts
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec, Finding


class TextReader:
    """Reads texts and their labels."""

    kind = "text"
    version = 2

    def recognises(self, path: Path) -> bool:
        """Folders with .txt files, and a CSV that is mostly prose."""
        return is_text_source(path)

    def signature(self, dataset: DatasetSpec, path: Path) -> str:
        """Raises OSError."""
        if path.is_file():
            return cache.file_hash(path)
        stamps = []
        for folder, folders, files in os.walk(path):
            folders.sort()
            for name in sorted(files):
                found = Path(folder, name).stat()
                stamps.append((folder, name, found.st_size, found.st_mtime_ns))
        return cache.cache_key(stamps)

    def look(self, dataset: DatasetSpec, path: Path) -> DatasetInfo:
        """Classes and counts; the texts of a folder are only counted. Raises SpecError."""
        found = read_remembered(dataset, path, self._stamp(dataset, path))
        train, test = split_parts(found, dataset.test)
        facts = DataFacts(
            task=found.task,
            shape=(),
            dtype="str",
            low=0,
            high=0,
            classes=found.classes,
            train=len(train),
            test=len(test),
            target=found.target,
            findings=(*unlabeled_findings(found, dataset), *text_findings(found, train, test)),
        )
        decided = msgspec.structs.replace(
            dataset, kind=self.kind, task=found.task.name.lower(), target=found.target
        )
        what = f"one of {len(found.classes)} classes" if found.classes else f"a number, {found.target}"
        return DatasetInfo(
            name=path.name,
            title=path.name,
            facts=facts,
            licence="",
            source=str(path),
            description=f"Texts of {path.name}: {what} is to be predicted.",
            notes=(f"{len(found.texts):,} texts", *found.notes),
            dataset=decided,
        )

    def read(self, info: DatasetInfo, path: Path, writer: CacheWriter, report: ReportProgress) -> DataFacts:
        """All texts, one after the other. Raises SpecError."""
        assert info.dataset is not None
        found = read_remembered(info.dataset, path, self._stamp(info.dataset, path))
        train, test = split_parts(found, info.dataset.test)
        if (len(train), len(test)) != (info.facts.train, info.facts.test):
            raise SpecError(f"{path.name} changed while it was read. Run again.", "dataset.path")
        done = 0
        for part, places in (("train", train), ("test", test)):
            writer.write_texts(
                f"x_{part}", (found.texts[at] for at in with_progress(places, len(found.texts), done, report))
            )
            writer.write_array(f"y_{part}", found.values[places])
            done += len(places)
        return info.facts

    def browse(self, info: DatasetInfo, path: Path) -> SampleBrowser:
        """Raises SpecError."""
        assert info.dataset is not None
        found = read_remembered(info.dataset, path, self._stamp(info.dataset, path))
        return TextBrowser(
            info.facts,
            found,
            dict(zip(("train", "test"), split_parts(found, info.dataset.test), strict=True)),
        )

    def _stamp(self, dataset: DatasetSpec, path: Path) -> str:
        try:
            return self.signature(dataset, path)
        except OSError as error:
            raise SpecError(f"{path} can't be read ({error.strerror}).", "dataset.path") from error


@lru_cache(maxsize=1)
def read_remembered(dataset: DatasetSpec, path: Path, stamp: str) -> LabeledTexts:
    """The last texts that were looked at; of a folder only their places. Raises SpecError."""
    return read_labeled_texts(dataset, path)


def split_parts(found: LabeledTexts, share: float) -> tuple[Indices, Indices]:
    """Places of the texts to train on and of those to test on."""
    if found.tested:
        edge = len(found.texts) - found.tested
        return np.arange(edge), np.arange(edge, len(found.texts))
    return split(len(found.texts), share, SEED, found.values if found.classes else None)


def with_progress(places: Indices, total: int, done: int, report: ReportProgress) -> Iterator[int]:
    """Place after place, with a word of progress now and then."""
    for count, place in enumerate(places.tolist(), start=done + 1):
        yield place
        if count % 500 == 0 or count == total:
            report(count, total, "texts")


@dataclass(frozen=True)
class TextBrowser:
    """Texts to look at."""

    facts: DataFacts
    found: LabeledTexts
    places: dict[str, Indices]

    def labels(self, part: str) -> NDArray[np.generic]:
        """(n,) targets of `train` or `test`."""
        return self.found.values[self.places[part]]

    def sample(self, part: str, at: int) -> str:
        """One text. Raises SpecError."""
        return str(self.found.texts[int(self.places[part][at])])


UNLABELED = ("unsup", "unlabeled", "unlabelled", "unlabeled_data", "unknown")
"""What folders are called that hold texts without a label."""


def unlabeled_findings(found: LabeledTexts, dataset: DatasetSpec) -> Iterator[Finding]:
    """A folder that is learned as a class, though by its name its texts have none."""
    for name in found.classes:
        if name.casefold() in UNLABELED and len(found.classes) > 2:
            ignored = msgspec.json.encode([*dataset.ignore, name]).decode()
            yield Finding(
                f"{name} looks like texts without a label, and is learned as a class of its own.",
                fix=f"leave {name} out",
                settings={"dataset.ignore": ignored},
            )


def text_findings(found: LabeledTexts, train: Indices, test: Indices) -> Iterator[Finding]:
    """What is odd about these texts; those in files of their own are not opened for it."""
    if found.lost:
        rows = "1 row has" if found.lost == 1 else f"{found.lost:,} rows have"
        yield Finding(f"{rows} no text or no label, and can't be learned from: left out.")
    if found.classes:
        counts, tested = (
            np.bincount(found.values[part], minlength=len(found.classes)).tolist() for part in (train, test)
        )
        yield from label_findings(counts, tested, found.classes)
    if isinstance(found.texts, TextFiles):
        empty = [path for path in found.texts.paths if not path.stat().st_size]
        if empty:
            files = "1 text is empty" if len(empty) == 1 else f"{len(empty):,} texts are empty"
            yield Finding(f"{files}, such as {empty[0].name}; take them away, or they are learned from too.")
        return
    seen = {found.texts[at] for at in train.tolist()}
    copies = sum(found.texts[at] in seen for at in test.tolist())
    if copies:
        yield Finding(
            f"{copies:,} of {len(test):,} test texts are also among the training texts, so the test flatters."
        )
