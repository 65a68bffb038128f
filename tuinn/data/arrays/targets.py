"""Arrays of targets → the task, the classes and a label for every sample."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuinn.data.arrays.file_access import StoredArray, file_name
from tuinn.errors import SpecError
from tuinn.spec.dataset import Task
from tuinn.text import shorten

MAX_WHOLE_NUMBERS = 20
"""So many whole numbers are classes, whatever they are; more are, if they count from 0 or 1 with few holes."""

MIN_FILLED = 0.8
"""Share of the numbers from the first to the last that must occur for them to be counted classes."""

MIN_PER_CLASS = 5
"""Samples per class that there must be, on average, for numbers that count from 0 or 1 to be labels."""

MAX_CLASSES = 1000
MAX_CELLS = 2_000_000_000
"""Of a table of several labels per sample."""


@dataclass(frozen=True)
class Targets:
    """Of all samples, the test after those to train on."""

    task: Task
    classes: tuple[str, ...]
    values: NDArray[np.generic]
    """(n,) labels as int64 or numbers as float32; (n, classes) of 0 and 1 as uint8 for several labels."""
    finite: NDArray[np.bool_]
    """(n,): which have a target at all."""
    one_hot: bool = False
    """They came as a row of 0 and a 1."""
    whole: tuple[int, int] | None = None
    """The first and the last of so many whole numbers that they might be meant otherwise."""


def read_targets(members: Sequence[StoredArray], wanted: str, names: StoredArray | None) -> Targets:
    """`wanted`: a task by its name in the spec, or `auto`. Raises SpecError."""
    for member in members:
        check_kind(member)
    wide = [int(np.prod(member.shape[1:], dtype=object)) for member in members]
    if len(set(wide)) > 1:
        raise unusable(
            members[-1], f"has {wide[-1]:,} numbers per sample, and {members[0].name} has {wide[0]:,}"
        )
    if wide[0] == 1:
        values = np.concatenate([member.whole().reshape(-1) for member in members])
        found = targets_from_values(values, wanted, members[0])
    else:
        found = targets_from_rows(members, wide[0], wanted)
    return with_class_names(found, names)


def check_kind(member: StoredArray) -> None:
    """Raises SpecError for a type that no target has."""
    if member.dtype.hasobject:
        raise unusable(
            member, "holds Python objects, which are never unpickled", "Save it as numbers or strings"
        )
    if member.dtype.kind not in "biufUS":
        raise unusable(member, f"is of type {member.dtype.name}", "Save it as numbers or strings")
    if 0 in member.shape:
        raise unusable(member, "is empty", "Save at least two samples")
    if sum(side > 1 for side in member.shape[1:]) > 1:
        raise unusable(
            member, f"has the shape {member.shape}", "Give one target, or one row of them, per sample"
        )


def unusable(member: StoredArray, why: str, what: str = "Give as many in each") -> SpecError:
    """The problem to raise for an array that can't be used."""
    return SpecError(f"{shorten(member.name, 60)} in {file_name(member.path)} {why}. {what}.", "dataset.path")


def targets_from_values(values: NDArray[np.generic], wanted: str, member: StoredArray) -> Targets:
    """One target per sample, (n,)."""
    if values.dtype.kind == "S":
        values = np.char.decode(values.astype(np.bytes_, copy=False), "utf-8", "replace")
    words = values.dtype.kind == "U"
    finite = np.ones(len(values), bool) if values.dtype.kind != "f" else np.isfinite(values)
    distinct = np.unique(values[finite])
    if len(distinct) < 2:
        raise unusable(member, "has the same value for every sample", "There is nothing to learn from it")
    whole = not words and bool((distinct == np.round(distinct.astype(np.float64))).all())
    task = guess_task(distinct, int(finite.sum()), words, whole) if wanted == "auto" else Task[wanted.upper()]
    many = whole and len(distinct) > MAX_WHOLE_NUMBERS
    ends = (int(distinct[0]), int(distinct[-1])) if many else None
    if task is Task.LABELS:
        raise wrong_task("has one value per sample, and several labels need a row of 0 and 1", member)
    if task is Task.REGRESSION:
        if words:
            raise wrong_task("holds words, and a regression predicts a number", member)
        return Targets(task, (), np.where(finite, values, 0).astype(np.float32), finite, whole=ends)
    if task is Task.BINARY and len(distinct) != 2:
        raise wrong_task(f"has {len(distinct):,} different values, and binary needs two", member)
    if len(distinct) > MAX_CLASSES:
        raise wrong_task(f"has {len(distinct):,} different values, too many for classes", member)
    labels = np.searchsorted(distinct, np.where(finite, values, distinct[0])).astype(np.int64)
    return Targets(task, tuple(class_name(value) for value in distinct), labels, finite, whole=ends)


def guess_task(distinct: NDArray[np.generic], count: int, words: bool, whole: bool) -> Task:
    """Two values: yes or no. Words, few whole numbers, or labels that count from 0 or 1: classes. Else a regression."""
    if len(distinct) == 2:
        return Task.BINARY
    if words:
        return Task.CLASSES
    first, last = float(distinct[0]), float(distinct[-1])
    filled = MIN_FILLED * (last - first + 1) <= len(distinct) <= MAX_CLASSES
    counted = first in (0, 1) and filled
    few = len(distinct) <= MAX_WHOLE_NUMBERS and 2 * len(distinct) <= count
    return (
        Task.CLASSES
        if whole and (few or (counted and MIN_PER_CLASS * len(distinct) <= count))
        else Task.REGRESSION
    )


def class_name(value: object) -> str:
    """A class's name where it has no other."""
    if isinstance(value, np.bool_):
        return "yes" if value else "no"
    return shorten(str(value), 255) if isinstance(value, str) else f"{value:.15g}"


def wrong_task(why: str, member: StoredArray) -> SpecError:
    """The problem to raise where the task that was asked for can't be this array's."""
    return SpecError(
        f"{shorten(member.name, 60)} in {file_name(member.path)} {why}. Set it to auto.", "dataset.task"
    )


def targets_from_rows(members: Sequence[StoredArray], width: int, wanted: str) -> Targets:
    """A row of 0 and 1 per sample: one 1 in each is a class, else there are several labels."""
    count = sum(member.count for member in members)
    if members[0].dtype.kind not in "biuf":
        raise unusable(members[0], f"has {width} words per sample", "Give one")
    if count * width > MAX_CELLS:
        raise unusable(members[0], f"has {count:,} × {width:,} values", "Give a label per sample instead")
    rows = np.empty((count, width), np.uint8)
    finite = np.ones(count, bool)
    at = 0
    for member in members:
        for chunk in member.chunks():
            part = chunk.reshape(len(chunk), width)
            good = np.isfinite(part).all(axis=1) if part.dtype.kind == "f" else np.ones(len(part), bool)
            if not np.isin(part[good], (0, 1)).all():
                raise unusable(
                    member,
                    f"has {width:,} numbers per sample that aren't all 0 or 1",
                    "Keep one of them: a network here predicts one number",
                )
            rows[at : at + len(part)] = np.where(good[:, None], part, 0)
            finite[at : at + len(part)] = good
            at += len(part)
    one_hot = bool((rows[finite].sum(axis=1, dtype=np.int64) == 1).all())
    usual = (Task.BINARY if width == 2 else Task.CLASSES) if one_hot else Task.LABELS
    task = usual if wanted == "auto" else Task[wanted.upper()]
    classes = tuple(str(at) for at in range(width))
    if task is Task.REGRESSION:
        raise wrong_task(f"has {width:,} values per sample, and a regression predicts one", members[0])
    if task is Task.LABELS:
        return Targets(task, classes, rows, finite)
    if not one_hot:
        raise wrong_task("has samples with several labels, or none", members[0])
    if task is Task.BINARY and width != 2:
        raise wrong_task(f"has {width:,} classes, and binary needs two", members[0])
    return Targets(task, classes, rows.argmax(axis=1).astype(np.int64), finite, one_hot=True)


def with_class_names(targets: Targets, names: StoredArray | None) -> Targets:
    """With the classes' own names, where the file has as many of them."""
    if names is None or names.dtype.kind not in "US" or names.shape != (len(targets.classes),):
        return targets
    raw = names.whole()
    told = [
        str(name)
        for name in (
            np.char.decode(raw.astype(np.bytes_, copy=False), "utf-8", "replace")
            if raw.dtype.kind == "S"
            else raw
        )
    ]
    if len(set(told)) < len(told):
        return targets
    from dataclasses import replace

    return replace(targets, classes=tuple(shorten(name, 255) for name in told))
