"""Parts of the test samples that do badly, and whether test and training samples can be told apart: `reports/data.json`."""

import msgspec

from tuinn.runs.report_file import ReportFile


class Slice(msgspec.Struct, frozen=True):
    """Test samples that have something in common."""

    name: str
    samples: int
    right: float
    """Share of them that is predicted rightly."""
    low: float
    high: float
    """95 % interval of that (Wilson)."""


class DataCheck(ReportFile, frozen=True):
    """Of a run's test samples, against the network and against the training samples."""

    samples: int
    right: float | None
    """Share of all test samples that is predicted rightly; None of a regression."""
    looked_at: int
    """Slices of at least so many samples that they can be judged."""
    slices: tuple[Slice, ...]
    """Those that are surely worse than all samples together, the worst first."""
    area: float | None
    """Area under the ROC curve of a small model that tells test samples from training samples; None: too few of them."""
    low: float | None = None
    high: float | None = None
    """95 % interval of the area."""
    compared: int = 0
    """Samples of each kind that the small model was shown."""
    telling: tuple[str, ...] = ()
    """Of a table, the columns by which it tells them apart, the most telling first."""
