"""All that is said of a dataset before it is read: its facts, and where it comes from."""

from dataclasses import dataclass
from typing import Literal

from tuinn.data.keras_home import KerasFile
from tuinn.spec.dataset import DataFacts, DatasetSpec


@dataclass(frozen=True)
class Entry:
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
