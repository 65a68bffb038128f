"""All that is said of a dataset before it is read: its facts, and where it comes from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from tuinn.data.cache import Tell, Writing
from tuinn.data.catalog.keras_files import KerasFile
from tuinn.spec.dataset import DataFacts, DatasetSpec


@dataclass(frozen=True)
class DatasetInfo:
    """One dataset, of the catalogue or of the user's own."""

    name: str
    """As it stands in a spec; of one's own data, the last part of the path."""
    title: str
    """As people call it."""
    facts: DataFacts
    licence: str
    source: str
    """The address of its own page, or the path of one's own."""
    about: str
    """One line: what the samples are, and what is to be learned."""
    ground: Literal["dark", "any"] = "any"
    """`dark`: every image is a light object on black ground that reaches full brightness and touches the edges."""
    fitting: Literal["pad", "stretch"] = "pad"
    """How an image of another shape is brought to this one: proportions kept, or stretched."""
    notes: tuple[str, ...] = ()
    """What was understood of one's own data, a short sentence each."""
    dataset: DatasetSpec | None = None
    """Of one's own data: the spec with everything that was guessed written in."""
    publisher: str = ""
    """Who made the data public; empty for one's own."""
    files: tuple[KerasFile, ...] = ()
    """What `keras.datasets` reads, of a dataset that has to be fetched; empty for all others."""


class SampleBrowser(Protocol):
    """The samples of a dataset one by one, as the network will see them, without all of them being prepared."""

    @property
    def facts(self) -> DataFacts: ...

    def labels(self, part: str) -> NDArray[Any]:
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

    def read(self, entry: DatasetInfo, path: Path, writing: Writing, tell: Tell) -> DataFacts:
        """Write `x_train`, `y_train`, `x_test`, `y_test`, and give the facts of what was written. Raises SpecError."""

    def browse(self, entry: DatasetInfo, path: Path) -> SampleBrowser:
        """Samples to look at, before and without `read`. The order and the split are those of `read`. Raises SpecError."""
