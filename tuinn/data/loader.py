"""Load the dataset of a spec, wherever it comes from: what is known of it, and its samples.

The user's own data are read by one of `readers()`, and kept in the cache as memory-mapped arrays.
"""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tuinn.data.catalog import availability, catalog
from tuinn.data.info import DatasetInfo
from tuinn.data.paths import dataset_path
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.text import shorten

if TYPE_CHECKING:  # numpy is loaded when samples are wanted, not to name a dataset
    from tuinn.data.cache import CacheEntry, CacheWriter, ReportProgress
    from tuinn.data.dataset_arrays import Arrays
    from tuinn.data.protocols import DatasetReader, SampleBrowser


def readers() -> "dict[str, DatasetReader]":
    """Return the reader of each kind of data, in the order in which they are asked whether they recognise a path."""
    from tuinn.data.arrays.reader import ArrayReader
    from tuinn.data.images.reader import ImageReader
    from tuinn.data.tables.reader import TableReader
    from tuinn.data.text.reader import TextReader

    found: tuple[DatasetReader, ...] = (
        ImageReader(),
        ArrayReader(),
        TextReader(),  # before tables: it takes those that are mostly prose
        TableReader(),
    )
    return {reader.kind: reader for reader in found}


def describe(dataset: DatasetSpec) -> DatasetInfo:
    """Return what is known of the dataset. The user's own is inspected first, which may take a second or two.

    The findings of a dataset that has to be fetched first say so, as an error.

    Raises SpecError for an unknown name, and for a path that can't be used.
    """
    if dataset.name and dataset.label_source:
        raise not_labelled(dataset)
    if dataset.name and (dataset.split != "random" or dataset.window):
        raise no_rows_in_time(dataset)
    return availability.with_availability(catalog.info_for(dataset)) if dataset.name else inspect(dataset)


def no_rows_in_time(dataset: DatasetSpec) -> SpecError:
    """Return the error to raise where a split in time is wanted of other data than a table of the user's own."""
    word, field, usual = ("time", "split", "random") if dataset.split != "random" else ("", "window", "0")
    return SpecError(
        f"{word} is for the rows of a table of your own, and {dataset.label} is none. Set it to {usual}.".lstrip(),
        f"dataset.{field}",
    )


@lru_cache(maxsize=32)
def inspect(dataset: DatasetSpec) -> DatasetInfo:
    """Inspect the user's own data. The result is kept until `forget_inspected` is called. Raises SpecError."""
    path = dataset_path(dataset)
    reader = reader_for(dataset, path)
    if (dataset.split != "random" or dataset.window) and reader.kind != "table":
        raise no_rows_in_time(dataset)
    info = reader.look(dataset, path)
    written = _cached(dataset).facts()
    return replace(info, facts=written) if written else info


def forget_inspected() -> None:
    """Inspect the user's own data again when they are next asked for: they may have changed."""
    inspect.cache_clear()


def reader_for(dataset: DatasetSpec, path: Path) -> "DatasetReader":
    """Return the reader of the kind that the spec names, or the first that recognises the path. Raises SpecError."""
    found = _reader_for(dataset, path)
    if dataset.label_source and found.kind != "images":
        raise not_labelled(dataset)
    return found


def not_labelled(dataset: DatasetSpec) -> SpecError:
    """The problem to raise where labels are to come from elsewhere, for data that bring their own."""
    return SpecError(
        f"label_source says where pictures have their classes from, and {shorten(dataset.label, 100)} has labels of its own. "
        "Leave it out.",
        "dataset.label_source",
    )


def _reader_for(dataset: DatasetSpec, path: Path) -> "DatasetReader":
    known = readers()
    if dataset.kind != "auto":
        return known[dataset.kind]
    for reader in known.values():
        if reader.recognises(path):
            return reader
    if path.is_dir():
        return known["images"]  # which says best what is amiss with it
    raise SpecError(
        f"{shorten(str(path), 200)} is not data that tuinn can read. Give a folder with a folder per class, "
        "a CSV file, or an .npz or .npy file.",
        "dataset.path",
    )


def load(dataset: DatasetSpec, report: "ReportProgress | None" = None) -> "Arrays":
    """Return the samples, read-only. They are prepared first where they are not in the cache; `report` gets the progress.

    Raises SpecError for data that can't be used.
    """
    from tuinn.data import cache

    if dataset.name:
        from tuinn.data.catalog import dataset_cache

        return dataset_cache.load(catalog.info_for(dataset), report or cache.no_progress)
    arrays = cache.get_or_create(
        source_key(dataset), lambda writer: _fill(dataset, writer, report or cache.no_progress)
    ).arrays()
    forget_inspected()  # what was written is known better than by a look
    if arrays is None:
        raise SpecError(f"{dataset.label} changed while it was read. Run again.", "dataset.path")
    return arrays


def load_if_ready(dataset: DatasetSpec) -> "Arrays | None":
    """Return the samples where nothing has to be prepared or fetched; else None. Raises SpecError."""
    if dataset.name:
        from tuinn.data.catalog import dataset_cache

        return dataset_cache.load_if_ready(catalog.info_for(dataset))
    return _cached(dataset).arrays()


def cached_folder(dataset: DatasetSpec) -> Path:
    """Load the user's own data and return the folder of the prepared arrays. Raises SpecError."""
    load(dataset)
    return _cached(dataset).folder


def browse(dataset: DatasetSpec) -> "SampleBrowser":
    """Return a browser of single samples. The user's own data are not prepared for it. Raises SpecError."""
    from tuinn.data.dataset_arrays import ArraysBrowser

    arrays = load(dataset) if dataset.name else load_if_ready(dataset)
    if arrays is not None:
        return ArraysBrowser(arrays, describe(dataset).facts)
    path = dataset_path(dataset)
    return reader_for(dataset, path).browse(inspect(dataset), path)


def source_key(dataset: DatasetSpec) -> str:
    """Return the cache key of the user's own data: their present content and all options that decide the samples.

    Raises SpecError.
    """
    from tuinn.data import cache

    path = dataset_path(dataset)
    reader = reader_for(dataset, path)
    own = _decisive(dataset, path)
    return cache.cache_key(reader.kind, reader.version, signature(dataset), own.raw())


def signature(dataset: DatasetSpec) -> str:
    """Return what changes whenever the files of the user's own data do. Raises SpecError."""
    path = dataset_path(dataset)
    try:
        return reader_for(dataset, path).signature(_decisive(dataset, path), path)
    except OSError as error:
        raise SpecError(f"{path} can't be read ({error.strerror}).", "dataset.path") from error


def _decisive(dataset: DatasetSpec, path: Path) -> DatasetSpec:
    """The options that decide the samples."""
    # What can't be read is never written, and said in the facts; whether that is an error is for the run to say.
    return msgspec.structs.replace(
        dataset, path=str(path), validation=0.0, unreadable="refuse", labels="given"
    )


def fingerprint(dataset: DatasetSpec) -> str:
    """Return what changes whenever a sample of the user's own data does; empty where they are not in the cache.

    Raises SpecError.
    """
    return _cached(dataset).fingerprint()


def _cached(dataset: DatasetSpec) -> "CacheEntry":
    from tuinn.data import cache

    return cache.entry(source_key(dataset))


def _fill(dataset: DatasetSpec, writer: "CacheWriter", report: "ReportProgress") -> DataFacts:
    path = dataset_path(dataset)
    return reader_for(dataset, path).read(inspect(dataset), path, writer, report)
