"""What the user decides about labels that look wrong, sample by sample, written down at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tuinn.spec.dataset import DatasetSpec, LabelVerdict
from tuinn.text import printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["keep", "relabel", "leave_out"]

WORDS: dict[Kind, str] = {"keep": "kept", "leave_out": "left out", "relabel": "now "}
"""What a sample is marked with."""


@dataclass
class LabelDecisions:
    """Of a dataset's training samples."""

    dataset: DatasetSpec
    x: Any
    """(n, *shape)."""
    given: "NDArray[np.generic]"
    """(n,): the labels as the data have them."""
    verdicts: dict[str, LabelVerdict] = field(default_factory=dict)
    """By fingerprint of the sample."""
    _known: dict[int, str] = field(default_factory=dict)
    """Fingerprints that were worked out."""

    def take(self, verdicts: Iterable[LabelVerdict]) -> None:
        """These hold from now on."""
        self.verdicts = {one.sample: one for one in verdicts}

    def of(self, at: int) -> LabelVerdict | None:
        return self.verdicts.get(self.fingerprint(at))

    def words(self, at: int) -> str:
        """What was decided about a sample; empty where nothing was."""
        found = self.of(at)
        return "" if found is None else WORDS[found.kind] + printable(found.label)

    def decide(self, at: int, kind: Kind, label: str = "") -> None:
        """Keep this in its file. Raises SpecError."""
        from tuinn.data.label_verdicts import decide  # which loads NumPy, as the first screen must not

        sample = self.fingerprint(at)
        self.take(decide(self.dataset, sample, LabelVerdict(sample, at, kind, label)))

    def undo(self, at: int) -> None:
        """Nothing is decided about this sample any more. Raises SpecError."""
        from tuinn.data.label_verdicts import decide

        self.take(decide(self.dataset, self.fingerprint(at), None))

    def fingerprint(self, at: int) -> str:
        if at not in self._known:
            from tuinn.data.label_verdicts import fingerprint

            self._known[at] = fingerprint(self.x[at], self.given[at])
        return self._known[at]
