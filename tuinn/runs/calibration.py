"""How far probabilities can be trusted, and what each threshold would decide: `reports/calibration.json` of a run."""

import msgspec

from tuinn.runs.report_file import ReportFile

THRESHOLDS = tuple(at / 100 for at in range(1, 100))
"""Those that are counted."""


class ReliabilityBin(msgspec.Struct, frozen=True):
    """Decisions of about the same probability."""

    low: float
    high: float
    count: int
    sure: float
    """Mean probability."""
    right: float
    """Share of them that is right; of several labels, share that has the label."""


class ThresholdCounts(msgspec.Struct, frozen=True):
    """What each of THRESHOLDS would do for a class or label: it is predicted where its probability is above that."""

    name: str
    samples: int
    positives: int
    """Samples that are of it."""
    hits: tuple[int, ...]
    """Of these, predicted."""
    alarms: tuple[int, ...]
    """Others, predicted."""

    def place(self, threshold: float) -> int:
        """The nearest of THRESHOLDS."""
        return max(0, min(round(threshold * 100) - 1, len(self.hits) - 1))

    def precision(self, at: int) -> float | None:
        """At the threshold in this place; None where nothing is predicted."""
        said = self.hits[at] + self.alarms[at]
        return self.hits[at] / said if said else None

    def recall(self, at: int) -> float | None:
        """None where no sample is of it."""
        return self.hits[at] / self.positives if self.positives else None

    def f1(self, at: int) -> float | None:
        """None where no sample is of it, and none is predicted to be."""
        both = self.positives + self.hits[at] + self.alarms[at]
        return 2 * self.hits[at] / both if both else None

    def accuracy(self, at: int) -> float:
        """Share of samples that are decided rightly."""
        return (self.samples - self.positives + self.hits[at] - self.alarms[at]) / max(self.samples, 1)

    @property
    def best(self) -> int:
        """Place of the threshold with the highest F1; the one nearest to 0.5 of several."""
        places = range(len(self.hits))
        return max(places, key=lambda at: (self.f1(at) or 0.0, -abs(THRESHOLDS[at] - 0.5)))


class Calibration(ReportFile, frozen=True):
    """Of a network, on its validation samples."""

    samples: int
    error: float
    """Expected calibration error: mean distance between probability and share of right decisions, by bins."""
    bins: tuple[ReliabilityBin, ...]
    temperature: float
    """What the logits would be divided by, so that the log loss is smallest."""
    error_after: float
    """Expected calibration error after that."""
    thresholds: tuple[ThresholdCounts, ...] = ()
    """Of two classes the second one's, of several labels each one's; else none."""
    kept: float = 1.0
    """The temperature that was put into the saved network just before this was measured; 1: none."""
