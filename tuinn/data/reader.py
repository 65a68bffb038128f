"""What every reader of the user's own data can do. One reader knows one kind: images, table, arrays, text."""

from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from tuinn.data.cache import Tell, Writing
from tuinn.data.entry import Entry
from tuinn.spec.dataset import DataFacts, DatasetSpec


class Browser(Protocol):
    """The samples of a dataset one by one, as the network will see them, without all of them being prepared."""

    @property
    def facts(self) -> DataFacts: ...

    def labels(self, part: str) -> NDArray[Any]:
        """Targets of `train` or `test`, (n,), in the order of the samples."""

    def sample(self, part: str, at: int) -> Any:
        """Sample `at` of `train` or `test`: an array of `facts.shape` and `facts.dtype`, or a text.

        Raises SpecProblem where it can't be read.
        """


class Reader(Protocol):
    """Reads one kind of data."""

    kind: str
    """As in `dataset.kind`."""
    version: int
    """Grows whenever the same source would give other samples than before."""

    def recognises(self, path: Path) -> bool:
        """True where this path looks like data of this kind. Cheap; raises nothing."""

    def look(self, dataset: DatasetSpec, path: Path) -> Entry:
        """What it is, without reading all of it. `Entry.dataset` has every `auto` decided. Raises SpecProblem."""

    def signature(self, dataset: DatasetSpec, path: Path) -> str:
        """What changes whenever the samples would. Raises OSError."""

    def read(self, entry: Entry, path: Path, writing: Writing, tell: Tell) -> DataFacts:
        """Write `x_train`, `y_train`, `x_test`, `y_test`, and give the facts of what was written. Raises SpecProblem."""

    def browse(self, entry: Entry, path: Path) -> Browser:
        """Samples to look at, before and without `read`. The order and the split are those of `read`. Raises SpecProblem."""
