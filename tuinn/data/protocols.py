"""What every kind of data provides: a reader that prepares all samples, and a browser that shows them one by one."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import DataFacts, DatasetSpec


class SampleBrowser(Protocol):
    """The samples of a dataset one by one, as the network will see them, without all of them being prepared."""

    @property
    def facts(self) -> DataFacts: ...

    def labels(self, part: str) -> NDArray[np.generic]:
        """Targets of `train` or `test`, (n,), in the order of the samples."""

    def sample(self, part: str, at: int) -> Any:
        """Sample `at` of `train` or `test`: an array of `facts.shape` and `facts.dtype`, or a text.

        Raises SpecError where it can't be read.
        """


class DatasetReader(Protocol):
    """Reads one kind of data."""

    kind: str
    """As in `dataset.kind`."""
    version: int
    """Grows whenever the same source would give other samples than before."""

    def recognises(self, path: Path) -> bool:
        """True where this path looks like data of this kind. Cheap; raises nothing."""

    def look(self, dataset: DatasetSpec, path: Path) -> DatasetInfo:
        """What it is, without reading all of it. `DatasetInfo.dataset` has every `auto` decided. Raises SpecError."""

    def signature(self, dataset: DatasetSpec, path: Path) -> str:
        """What changes whenever the samples would. Raises OSError."""

    def read(self, info: DatasetInfo, path: Path, writer: CacheWriter, report: ReportProgress) -> DataFacts:
        """Write `x_train`, `y_train`, `x_test`, `y_test`, and give the facts of what was written. Raises SpecError."""

    def browse(self, info: DatasetInfo, path: Path) -> SampleBrowser:
        """Samples to look at, before and without `read`. The order and the split are those of `read`. Raises SpecError."""
