"""What a run learned from, kept with the run: its network can be asked when the data are gone or have changed."""

from typing import Literal

import msgspec

from tuinn.spec.dataset import DataFacts


class Learned(msgspec.Struct, frozen=True):
    """Beside the facts, what a picture from outside needs to be prepared as those of the data were."""

    facts: DataFacts
    title: str
    """Of the dataset, as people call it."""
    ground: Literal["dark", "any"] = "any"
    """As in `Entry.ground`."""
    fitting: Literal["pad", "stretch"] = "pad"
    """As in `Entry.fitting`."""
    kept: str = ""
    """Of data of one's own: where in the cache the prepared samples lie; empty for a dataset with a name."""
