"""Arrays of samples to predict on: checked by their header, and read a few samples at a time, so that memory stays bounded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.data.arrays.file_access import StoredArray, file_name, stored_arrays
from tuinn.data.arrays.roles import group_by_role, samples_in
from tuinn.data.arrays.samples import check_samples, convert_rows, storage_type
from tuinn.errors import SpecError
from tuinn.spec.dataset import ARRAY_FILES, DataFacts
from tuinn.text import format_number, join_names, plural, shorten

FAR = 50
"""A range of values so many times narrower than that of the training data is said."""

Array = NDArray[np.generic]


def array_reference(text: str) -> tuple[Path, int] | None:
    """The file and the place that `x.npy[3]` means; the first sample without a place. None for any other file."""
    match = re.fullmatch(r"(.+\.np[yz])(?:\s*\[(\d{1,18})\])?", text, re.IGNORECASE | re.DOTALL)
    return (Path(match[1]), int(match[2] or 0)) if match else None


def array_files(folder: Path) -> list[Path]:
    """The arrays of samples in a folder: x.npy where y.npy lies beside it, else all of them."""
    if (samples := samples_in(folder)) is not None:
        return [samples]
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in ARRAY_FILES and file.is_file())


@dataclass(frozen=True)
class OwnArray:
    """An array whose samples fit a network."""

    member: StoredArray
    facts: DataFacts
    is_one: bool
    """The whole array is one sample."""

    @classmethod
    def open(cls, path: Path, facts: DataFacts) -> "OwnArray":
        """By its header alone. Raises SpecError where the network can't take it."""
        member = _samples_of(path)
        check_samples([member])
        name = file_name(path)
        words = [column.name for column in facts.columns if column.kind == "category"]
        if facts.is_text:
            raise SpecError(f"This network reads texts, and {name} holds numbers. Give a CSV, or text files.")
        if words:
            raise SpecError(
                f"This network reads words in {join_names(words)}, and {name} holds numbers. Give a CSV."
            )
        shape, wanted = member.shape, _same_shapes(facts.shape)
        if shape[1:] not in wanted and shape not in wanted:
            found = "a number" if not shape[1:] else _shown(shape[1:])
            raise SpecError(
                f"{name} holds {plural(member.count, 'sample')} of {found}, and this network takes {_shown(facts.shape)}."
            )
        return cls(member, facts, shape[1:] not in wanted)

    @property
    def count(self) -> int:
        """How many samples there are."""
        return 1 if self.is_one else self.member.count

    def batches(self, size: int) -> Iterator[Array]:
        """All samples, at most `size` at a time: (n, *shape). Raises SpecError where the file is damaged."""
        if self.is_one:
            yield self._kept(self.member.whole())
            return
        for chunk in self.member.chunks():
            for start in range(0, len(chunk), size):
                yield self._kept(chunk[start : start + size])

    def sample(self, at: int) -> Array:
        """One sample, (*shape). Raises SpecError where there is none at this place, or the file is damaged."""
        if not 0 <= at < self.count:
            raise SpecError(
                f"{file_name(self.member.path)} has {plural(self.count, 'sample')}, counted from 0; there is no {at}."
            )
        row = self.member.whole() if self.is_one else np.asarray(self.member.row(at))[None]
        sample: Array = self._kept(row)[0]
        return sample

    def _kept(self, rows: Array) -> Array:
        """These rows of the file as samples, (n, *shape), of a type that networks take."""
        kept: Array = convert_rows(rows, storage_type([self.member]), self.member)
        samples: Array = kept.reshape(-1, *self.facts.shape)
        return samples

    def problem(self, sample: Array) -> str:
        """Why the network can't take this sample, in a sentence; empty where it can."""
        if sample.dtype.kind == "f" and not self.facts.columns and not np.isfinite(sample).all():
            return "it holds values that are not finite."
        if self.facts.words and (sample.min() < 0 or sample.max() >= self.facts.words):
            far = sample.max() if sample.max() >= self.facts.words else sample.min()
            return f"it holds word number {far}, and this network knows 0 to {self.facts.words - 1:,}."
        return ""

    def range_note(self, rows: Array) -> str:
        """Said where these values are in another scale than those that were learned from; else empty."""
        facts = self.facts
        if facts.columns or facts.words or not facts.high > facts.low or not rows.size:
            return ""
        values = rows[np.isfinite(rows)] if rows.dtype.kind == "f" else rows
        if not values.size:
            return ""
        low, high = float(values.min()), float(values.max())
        learned, width = facts.high - facts.low, high - low
        if width * FAR > learned and width < learned * FAR:
            return ""
        return (
            f"The values in {file_name(self.member.path)} run from {format_number(low)} to {format_number(high)}, and the network "
            f"learned from {format_number(facts.low)} to {format_number(facts.high)}: scale them as the training data were."
        )


def _samples_of(path: Path) -> StoredArray:
    """The array of samples in a file: the only one, x, or x_test beside x_train. Raises SpecError."""
    members = stored_arrays(path)
    if len(members) == 1:
        return members[0]
    found = group_by_role(members)
    for part in ("", "test", "validation", "train"):
        if ("x", part) in found:
            return found["x", part]
    names = join_names([shorten(member.name, 60) for member in members], 6)
    raise SpecError(f"{file_name(path)} has the arrays {names or 'none'}. Call the one with the samples x.")


def _same_shapes(shape: tuple[int, ...]) -> set[tuple[int, ...]]:
    """Shapes that hold the same numbers: with and without an axis for a single channel or number."""
    return {shape, (*shape, 1), *([shape[:-1]] if shape[-1:] == (1,) else [])}


def _shown(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
