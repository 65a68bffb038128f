"""What a look at a trained network found that its curves don't show, as a file of the run: `reports/examination.json`."""

import msgspec

from tuinn.runs.report_file import ReportFile


class ExaminedLayer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A layer over some training samples, and what one update does to it."""

    name: str
    units: int = 0
    """Places of its last axis, where it ends in an activation function that can go dead or saturate."""
    activation: str = ""
    dead: int = 0
    """Units that gave 0, and nothing else, for every sample."""
    saturated: int = 0
    """Units that stood at an end of a sigmoid or a tanh for nearly every sample."""
    update: float | None = None
    """Norm of one update of its weights by the norm of the weights; None: it has none that are trained, or the network was loaded
    and its optimizer is new."""
    not_finite: bool = False
    """It gives, or holds, numbers that are not finite."""


class Memorized(msgspec.Struct, frozen=True):
    """The same network, made anew and trained on a few samples only: what can learn should learn those by heart."""

    samples: int
    updates: int
    before: float
    """The loss on them with new weights."""
    after: float
    """The loss on them after the updates."""
    accuracy: float | None
    """Share of them that are right; None where nothing is right or wrong."""


class Examination(ReportFile, frozen=True, omit_defaults=True):
    """A look at the network as it was after an epoch."""

    epoch: int
    samples: int
    layers: tuple[ExaminedLayer, ...]
    memorized: Memorized | None = None
    """None: it could not be tried."""
    rarest: tuple[str, int] | None = None
    """The class with the fewest training samples, and how many; None where samples have no single class."""
    largest: int = 0
    """Training samples of the commonest class."""
