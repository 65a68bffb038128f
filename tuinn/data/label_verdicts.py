"""What a user decided about labels that look wrong: kept beside the cache, by dataset, and never in the user's own data."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from tuinn.atomic_io import folder_locked, read_stored, write_whole
from tuinn.data.cache import cache_folder
from tuinn.data.dataset_arrays import Arrays
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, LabelVerdict


def verdicts_file(dataset: DatasetSpec) -> Path:
    """The file of a dataset: by its name, or by where the user's own data lie."""
    if dataset.name:
        return cache_folder() / "labels" / f"{dataset.name}.json"
    place = str(Path(dataset.path).expanduser().absolute())
    return cache_folder() / "labels" / f"{hashlib.sha256(place.encode()).hexdigest()[:32]}.json"


def read_verdicts(dataset: DatasetSpec) -> tuple[LabelVerdict, ...]:
    """All that was decided, in order. Raises SpecError where the file is damaged."""
    file = verdicts_file(dataset)
    try:
        return msgspec.json.decode(read_stored(file), type=tuple[LabelVerdict, ...])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError) as error:
        raise SpecError(
            f"{file} is damaged ({error}). Mend it or remove it, or set labels to given.", "dataset.labels"
        ) from None


def decide(dataset: DatasetSpec, sample: str, verdict: LabelVerdict | None) -> tuple[LabelVerdict, ...]:
    """Replace what was decided about a sample, by its fingerprint; None: nothing is. All verdicts come back. Raises SpecError."""
    file = verdicts_file(dataset)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with folder_locked(file.parent):
            others = [one for one in read_verdicts(dataset) if one.sample != sample]
            found = (*others, verdict) if verdict else tuple(others)
            write_whole(file, msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    except OSError as error:
        raise SpecError(f"{file} cannot be written ({error.strerror}).", "dataset.labels") from None
    return found


def fingerprint(sample: object, target: NDArray[np.generic] | np.generic) -> str:
    """What changes whenever a sample or its label does."""
    content = sample.encode() if isinstance(sample, str) else np.ascontiguousarray(sample).tobytes()
    digest = hashlib.blake2b(content, digest_size=12)
    digest.update(np.asarray(target).astype(np.int64).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Applied:
    """Samples with what was decided about their labels."""

    arrays: Arrays
    left_out: NDArray[np.int64]
    """Indices of training samples that are not to be used, rising."""
    relabeled: int
    missing: int
    """Verdicts about samples that aren't there any more."""


def apply_verdicts(arrays: Arrays, verdicts: Sequence[LabelVerdict], classes: Sequence[str]) -> Applied:
    """Give samples the labels that were decided, and find those that are left out. A label that is no class counts as missing."""
    places = _places(arrays, verdicts)
    y, left_out, relabeled, missing = np.array(arrays.y_train), [], 0, 0
    for verdict, at in zip(verdicts, places, strict=True):
        if at is None or (verdict.kind == "relabel" and verdict.label not in classes):
            missing += 1
        elif verdict.kind == "leave_out":
            left_out.append(at)
        elif verdict.kind == "relabel":
            y[at] = list(classes).index(verdict.label)
            relabeled += 1
    found = np.unique(np.array(left_out, np.int64))
    return Applied(replace(arrays, y_train=y) if relabeled else arrays, found, relabeled, missing)


def _places(arrays: Arrays, verdicts: Sequence[LabelVerdict]) -> list[int | None]:
    """Where each verdict's sample lies now."""

    def of(at: int) -> str:
        return fingerprint(arrays.x_train[at], arrays.y_train[at])

    count = len(arrays.x_train)
    found: list[int | None] = [
        one.at if 0 <= one.at < count and of(one.at) == one.sample else None for one in verdicts
    ]
    if None in found:  # the data were read in another way, or have changed
        known = {of(at): at for at in range(count)}
        found = [known.get(one.sample) if at is None else at for one, at in zip(verdicts, found, strict=True)]
    return found
