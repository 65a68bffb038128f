"""A fetched dataset as memory-mapped samples: its files are read once, checked, and kept in the cache."""

from tuinn.data import cache
from tuinn.data.cache import Kept, Tell, Writing
from tuinn.data.catalog import availability
from tuinn.data.catalog.keras_reader import READING
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts

VERSION = 1
"""Grows whenever the same files would give other samples than before."""


def kept(entry: DatasetInfo) -> Kept:
    """Its place in the cache. It follows from the published hashes, so that no file need be read to find it."""
    return Kept(cache.cache_folder() / "data" / _key(entry))


def _key(entry: DatasetInfo) -> str:
    facts, hashes = entry.facts, [file.sha256 for file in entry.files if not file.optional]
    return cache.key_of(
        "catalogue",
        VERSION,
        entry.name,
        hashes,
        facts.shape,
        facts.words,
        facts.dtype,
        facts.train,
        facts.test,
    )


def load(entry: DatasetInfo, tell: Tell | None = None) -> Arrays:
    """The samples, memory-mapped, prepared first where that was not done before.

    Raises SpecError where the dataset isn't here, or a file is not the one published.
    """
    if (ready := kept(entry).arrays()) is not None:
        return ready
    cache.keep(_key(entry), lambda writing: _fill(entry, writing, tell or cache.silent))
    arrays = kept(entry).arrays()
    if arrays is None:
        raise SpecError(f"{entry.title} changed while it was prepared. Try again.", "dataset.name")
    return arrays


def _fill(entry: DatasetInfo, writing: Writing, tell: Tell) -> DataFacts:
    """Write the samples. A file is read only once its hash is known to be right."""
    found = availability.where(entry.name)
    if any(not file.optional for file in found.missing):
        raise SpecError(availability.absence(entry, found).message, "dataset.name")
    if wrong := availability.wrong_file(entry):
        raise SpecError(availability.not_right(entry, wrong), "dataset.name")
    READING[entry.name](entry, writing, tell)
    return entry.facts
