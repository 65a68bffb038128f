"""Load the samples of a dataset of the catalog: bundled ones from the package, remote ones from the cache.

The files of a remote dataset are checked and read once; then its samples are memory-mapped from the cache.
"""

from functools import lru_cache

from tuinn.data import cache
from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.catalog import availability
from tuinn.data.catalog.catalog import BUNDLED_FOLDER, find
from tuinn.data.catalog.keras_reader import READERS
from tuinn.data.dataset_arrays import Arrays, read_bundled
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts


def load(info: DatasetInfo, report: ReportProgress = cache.no_progress) -> Arrays:
    """Return the samples, read-only. The last two bundled datasets stay in memory, remote ones are memory-mapped.

    Raises SpecError where the files of a remote dataset are missing or not the published ones, and for a damaged
    bundled file.
    """
    if (ready := load_if_ready(info)) is not None:
        return ready
    entry = availability.cached(info)
    cache.get_or_create(entry.folder.name, lambda writer: _fill(info, writer, report))
    arrays = entry.arrays()
    if arrays is None:
        raise SpecError(f"{info.title} changed while it was prepared. Try again.", "dataset.name")
    return arrays


def load_if_ready(info: DatasetInfo) -> Arrays | None:
    """Return the samples where nothing has to be prepared or fetched; else None. Raises SpecError."""
    return availability.cached(info).arrays() if info.files else _bundled(info.name)


@lru_cache(maxsize=2)
def _bundled(name: str) -> Arrays:
    return read_bundled(BUNDLED_FOLDER / f"{name}.npz", find(name).facts)


def _fill(info: DatasetInfo, writer: CacheWriter, report: ReportProgress) -> DataFacts:
    """Write the samples. A file is read only once its hash is known to be right."""
    found = availability.availability_of(info.name)
    if any(not file.optional for file in found.missing):
        raise SpecError(availability.not_available(info, found).message, "dataset.name")
    if wrong := availability.find_wrong_file(info):
        raise SpecError(availability.wrong_file_message(info, wrong), "dataset.name")
    READERS[info.name](info, writer, report)
    return info.facts
