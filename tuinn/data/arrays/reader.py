"""The user's own arrays: an .npz, or .npy files beside each other."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from tuinn.data import cache
from tuinn.data.arrays.file_access import StoredArray
from tuinn.data.arrays.roles import Roles, find_roles, samples_in
from tuinn.data.arrays.samples import (
    RowPlacement,
    ValueRange,
    check_disk_space,
    check_samples,
    convert_rows,
    sample_shape,
    storage_type,
    write_samples,
)
from tuinn.data.arrays.targets import MAX_WHOLE_NUMBERS, MIN_PER_CLASS, Targets, read_targets
from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.checks import duplicate_findings, label_findings, leave_out_duplicates
from tuinn.data.info import DatasetInfo
from tuinn.data.npy_writer import NpyWriter
from tuinn.data.split import split_test
from tuinn.errors import SpecError
from tuinn.spec.advice.common_mistakes import is_channels_first
from tuinn.spec.dataset import DataFacts, DatasetSpec, Finding, Task
from tuinn.text import join_names, shorten

INSPECTED_BYTES = 16_000_000
"""Bytes of samples that a look reads."""


@dataclass(frozen=True)
class ArrayContents:
    """What a file holds, put in order; of the samples only the headers."""

    roles: Roles
    samples: tuple[StoredArray, ...]
    """Those to train on first, then those of the test."""
    targets: Targets
    train: NDArray[np.int64]
    """Places in the samples, in the order in which they are trained on."""
    test: NDArray[np.int64]
    dtype: np.dtype[np.generic]

    @classmethod
    def of(cls, dataset: DatasetSpec, path: Path) -> "ArrayContents":
        """Raises SpecError."""
        roles = find_roles(path)
        pairs = [*roles.train, *([roles.test] if roles.test else [])]
        samples = tuple(x for x, _ in pairs)
        check_samples(samples)
        targets = read_targets([y for _, y in pairs], dataset.task, roles.names)
        count = len(targets.finite)
        if roles.test:
            train, test = np.split(np.arange(count), [count - roles.test[0].count])
        else:
            labels = targets.values if targets.task in (Task.BINARY, Task.CLASSES) else None
            train, test = split_test(count, dataset.test, labels)
        return cls(roles, samples, targets, train, test, storage_type(samples))

    def facts(self, reach: ValueRange) -> DataFacts:
        """Without findings, and as if every sample could be used."""
        low, high = reach.bounds
        return DataFacts(
            task=self.targets.task,
            shape=sample_shape(self.samples[0]),
            dtype=self.dtype.name,
            low=low,
            high=high,
            classes=self.targets.classes,
            train=len(self.train),
            test=len(self.test),
        )


class ArrayReader:
    """The Reader of .npz and .npy."""

    kind = "arrays"
    version = 2

    def recognises(self, path: Path) -> bool:
        """By its suffix; a folder by the x.npy and y.npy in it."""
        if path.is_dir():
            return samples_in(path) is not None
        return path.is_file() and path.suffix.lower() in (".npz", ".npy")

    def signature(self, dataset: DatasetSpec, path: Path) -> str:
        """Of the content, that of the arrays beside a .npy included."""
        if path.suffix.lower() != ".npy" and not path.is_dir():
            return cache.file_hash(path)
        files = sorted({member.path for member in used_arrays(find_roles(path))})
        return cache.cache_key(*(part for file in files for part in (file.name, cache.file_hash(file))))

    def look(self, dataset: DatasetSpec, path: Path) -> DatasetInfo:
        """All the targets, and the first of the samples. Raises SpecError."""
        found = ArrayContents.of(dataset, path)
        check_disk_space(found.samples, found.dtype, free_space())
        reach = ValueRange()
        first = found.samples[0]
        reach.add(convert_rows(next(first.chunks(INSPECTED_BYTES)), found.dtype, first))
        every = reach.samples == sum(member.count for member in found.samples)
        facts = found.facts(reach)
        gaps = int((~found.targets.finite).sum())
        return DatasetInfo(
            name=shorten(dataset.label, 100),
            title=shorten(dataset.label, 60),
            facts=replace(
                facts,
                findings=(
                    *not_finite_findings(reach, gaps, len(found.targets.finite), every),
                    *class_findings(
                        found, found.targets.values[found.train], found.targets.values[found.test]
                    ),
                ),
            ),
            licence="your own",
            source=shorten(str(path), 4096),
            description=f"{facts.train + facts.test:,} samples of {' × '.join(map(str, facts.shape))} numbers",
            notes=tuple(notes(found, facts)),
            dataset=replace(dataset, kind=self.kind, task=facts.task.name.lower()),
        )

    def read(self, info: DatasetInfo, path: Path, writer: CacheWriter, report: ReportProgress) -> DataFacts:
        """A few samples at a time. Those that aren't finite are left out, and found so in the facts. Raises SpecError."""
        assert info.dataset is not None
        found = ArrayContents.of(info.dataset, path)
        place, reach, count = RowPlacement(found.train, found.test), ValueRange(), len(found.targets.finite)
        shape, finite, digests = (
            sample_shape(found.samples[0]),
            found.targets.finite.copy(),
            np.zeros(count, np.int64),
        )
        train, test = (
            NpyWriter(writer.folder / f"x_{part}.npy", len(rows), shape, found.dtype)
            for part, rows in (("train", found.train), ("test", found.test))
        )
        try:
            begun = 0
            for done, good, hashed in write_samples(found.samples, place, train, test, found.dtype, reach):
                finite[begun:done] &= good
                digests[begun:done] = hashed
                report(done, count, "samples")
                begun = done
            digests[~finite] = 0
            wanted_train, wanted_test = finite[found.train], finite[found.test]
            if not wanted_train.any():
                raise SpecError(
                    f"Not one sample in {shorten(path.name, 100)} is finite. Save it without gaps.",
                    "dataset.path",
                )
            left_out = 0
            if not found.roles.test and len(shape) > 1:
                left_out = leave_out_duplicates(digests[found.train], digests[found.test], wanted_test)
            train.keep(wanted_train)
            test.keep(wanted_test)
        finally:
            train.close()
            test.close()
        values = found.targets.values
        y_train = writer.write_array("y_train", values[found.train][wanted_train])
        y_test = writer.write_array("y_test", values[found.test][wanted_test])
        labels = values[found.train] if found.targets.values.ndim == 1 and found.targets.classes else None
        return replace(
            found.facts(reach),
            train=len(y_train),
            test=len(y_test),
            findings=(
                *not_finite_findings(reach, int((~found.targets.finite).sum()), count, True),
                *class_findings(found, y_train, y_test),
                *duplicate_findings(digests[found.train], labels, digests[found.test], "samples", left_out),
            ),
        )

    def browse(self, info: DatasetInfo, path: Path) -> "ArrayBrowser":
        """Each sample is read when it is asked for."""
        assert info.dataset is not None
        return ArrayBrowser(info, ArrayContents.of(info.dataset, path))


@dataclass(frozen=True)
class ArrayBrowser:
    """The samples of a file one by one, as `read` would give them."""

    info: DatasetInfo
    contents: ArrayContents

    @property
    def facts(self) -> DataFacts:
        return self.info.facts

    def labels(self, part: str) -> NDArray[np.generic]:
        """(n,) targets of `train` or `test`; (n, classes) for several labels."""
        return self.contents.targets.values[self._places(part)]

    def sample(self, part: str, at: int) -> NDArray[np.generic]:
        """Of the facts' shape. Raises SpecError where the file is damaged."""
        place = int(self._places(part)[at])
        for member in self.contents.samples:
            if place < member.count:
                return np.asarray(convert_rows(member.row(place)[None], self.contents.dtype, member)[0])
            place -= member.count
        raise IndexError(at)

    def _places(self, part: str) -> NDArray[np.int64]:
        return self.contents.train if part == "train" else self.contents.test


def used_arrays(roles: Roles) -> Iterator[StoredArray]:
    """Every array that counts."""
    for pair in (*roles.train, roles.test):
        yield from pair or ()
    if roles.names:
        yield roles.names


def free_space() -> int:
    """Bytes left on the disk of the cache."""
    folder = cache.cache_folder()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def not_finite_findings(reach: ValueRange, targets: int, total: int, every: bool) -> Iterator[Finding]:
    """Of values that are not finite. `targets`: those among the targets; `every`: all samples were looked at."""
    fix = ("leave those samples out", {"dataset.unreadable": "skip"})
    if reach.values:
        count = f"{reach.bad_samples:,}" if every else f"At least {reach.bad_samples:,}"
        yield Finding(
            f"{count} of {total:,} samples hold values that are not finite ({reach.values:,} NaN or infinite), "
            "and the loss would be so, too.",
            "error",
            *fix,
        )
    if targets:
        yield Finding(f"{targets:,} of {total:,} targets are NaN or infinite.", "error", *fix)


def class_findings(
    found: ArrayContents, train: NDArray[np.generic], test: NDArray[np.generic]
) -> Iterator[Finding]:
    """Of how many samples each class has."""
    if found.targets.task in (Task.BINARY, Task.CLASSES):
        width = len(found.targets.classes)
        learned, asked = (np.bincount(part, minlength=width).tolist() for part in (train, test))
        yield from label_findings(learned, asked, found.targets.classes)


def target_notes(targets: Targets) -> Iterator[str]:
    """How numbers are read as targets, and what reads them otherwise."""
    if targets.whole and targets.classes:
        low, high = targets.whole
        yield (
            f"the targets, whole numbers from {low:,} to {high:,}, are read as {len(targets.classes):,} classes; "
            'task = "regression" predicts the number'
        )
    elif targets.task is Task.REGRESSION:
        yield "the targets are numbers to be predicted"
        if targets.whole:
            yield (
                f"more than {MAX_WHOLE_NUMBERS} whole numbers are classes where they count from 0 or 1 with few holes and "
                f'at least {MIN_PER_CLASS} samples of each on average; task = "classes" makes them so'
            )


def notes(found: ArrayContents, facts: DataFacts) -> Iterator[str]:
    """The detected settings, for whoever wants others."""
    roles, first = found.roles, found.roles.train[0]
    yield f"samples are {shorten(first[0].name, 60)}, targets {shorten(first[1].name, 60)}"
    if found.targets.one_hot:
        yield "one-hot targets are read as labels"
    if is_channels_first(facts):
        yield "they look like channels first: layers for pictures want Permute(2, 3, 1) before them"
    yield from target_notes(found.targets)
    if found.dtype != first[0].dtype:
        yield f"{first[0].dtype.name} is kept as {found.dtype.name}"
    if roles.validation == "train":
        yield "those called validation are learned from, too"
    elif roles.validation == "test":
        yield "those called validation are the test"
    if not roles.test:
        yield f"{facts.test:,} samples kept aside for the test"
    if roles.unused:
        yield f"left out: {join_names(roles.unused)}"
