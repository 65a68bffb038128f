"""What an evaluation of a network found, as a file of the run: `reports/test.json`."""

from pathlib import Path

import msgspec

from tuinn.atomic_io import write_whole
from tuinn.runs.commands import Part
from tuinn.runs.journal import read_struct


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """A number about all samples of a part."""

    name: str
    """As scikit-learn's user guide names it."""
    value: float | None
    """None: it can't be worked out, such as the area under a curve where a class has no sample."""
    low: float | None = None
    high: float | None = None
    """Between these lie 95 % of its values over bootstrap samples; None: not worked out."""
    baselines: dict[str, float] = {}
    """The same of networks that are hardly any: baseline → value."""
    unit: str = ""


class ClassScores(msgspec.Struct, frozen=True):
    """Numbers about one class, against all others."""

    name: str
    support: int
    """Samples that are of this class."""
    precision: float | None
    """None: it was never predicted."""
    recall: float | None
    """None: no sample is of it."""
    f1: float | None
    roc_auc: float | None


class Report(msgspec.Struct, frozen=True):
    """An evaluation of a network on one part of its data."""

    run: str
    part: Part
    samples: int
    task: str
    scores: tuple[Score, ...]
    verdict: str
    classes: tuple[ClassScores, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    """How often a class (row) was taken for another (column); empty unless every sample has one class."""
    notes: tuple[str, ...] = ()
    """What keeps a number from being what it seems."""

    def write(self, file: Path) -> None:
        """Raises OSError."""
        file.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(file, msgspec.json.encode(self))

    @classmethod
    def read(cls, file: Path) -> "Report":
        """Raises OSError, and ValueError where the file is damaged."""
        return read_struct(file, cls)
