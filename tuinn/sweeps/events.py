"""What happened in a sweep or in the queue, as facts. The runner writes them, the view folds them."""

from typing import Literal

from tuinn.runs.events import Event, Noted
from tuinn.sweeps.ranges import Setting

FORMAT = 1
"""Version of these journals."""


class SweepStarted(Event, frozen=True, tag=True):
    """A runner has the sweep's lock."""

    sweep: str
    """The sweep folder's name."""
    host: str
    pid: int
    tuinn: str
    """Version of tuinn."""
    trials: int
    """Asked for."""
    parallel: int
    format: int = FORMAT


class SweepResumed(Event, frozen=True, tag=True):
    """Another runner goes on with a sweep that had ended, or was lost. Trials that ended are kept."""

    host: str
    pid: int
    tuinn: str
    trials: int
    parallel: int


class TrialStarted(Event, frozen=True, tag=True):
    """A trial has its values and a run of its own."""

    number: int
    """Counted from 1."""
    values: dict[str, Setting]
    """By the field's path."""
    run: str
    """The run folder's name."""


class TrialSkipped(Event, frozen=True, tag=True):
    """These values can't be trained."""

    number: int
    values: dict[str, Setting]
    why: str


class TrialTakenUp(Event, frozen=True, tag=True):
    """The trial's worker was gone, or had been stopped with the sweep: another goes on from the last checkpoint."""

    number: int


class TrialReported(Event, frozen=True, tag=True):
    """So far in this trial. Said at most once a second, and less often the longer it takes."""

    number: int
    epoch: int
    value: float | None
    """Of the metric in this epoch. None: not finite."""


class TrialPruned(Event, frozen=True, tag=True):
    """The trial isn't worth more time: its run is asked to stop."""

    number: int
    epoch: int
    why: str


class TrialEnded(Event, frozen=True, tag=True):
    """The trial's run is over."""

    number: int
    outcome: Literal["finished", "pruned", "stopped", "failed"]
    value: float | None
    """The metric in the trial's best epoch; None where there is none."""
    epoch: int
    """That epoch, counted from 1; 0: none."""
    epochs: int
    """Trained."""
    seconds: float
    reports: tuple[float | None, ...] = ()
    """The metric after each epoch; None: not finite, or not reported."""
    message: str = ""


class Weighed(Event, frozen=True, tag=True):
    """How much each field mattered so far: shares of the metric's variance over the trials, 1 in all."""

    importance: dict[str, float]
    method: str
    trials: int
    """How many the estimate is made from."""


class SweepPaused(Event, frozen=True, tag=True):
    """No further trial begins; those that train go on."""


class SweepWentOn(Event, frozen=True, tag=True):
    """The pause is over."""


class ParallelChanged(Event, frozen=True, tag=True):
    """So many trials at a time from now on."""

    parallel: int


class TrialsChanged(Event, frozen=True, tag=True):
    """So many trials in all from now on."""

    trials: int


class SweepEnded(Event, frozen=True, tag=True):
    """The runner leaves."""

    outcome: Literal["finished", "stopped", "failed"]
    message: str = ""


AnySweepEvent = (
    SweepStarted
    | SweepResumed
    | TrialStarted
    | TrialSkipped
    | TrialTakenUp
    | TrialReported
    | TrialPruned
    | TrialEnded
    | Weighed
    | SweepPaused
    | SweepWentOn
    | ParallelChanged
    | TrialsChanged
    | Noted
    | SweepEnded
)


class QueueStarted(Event, frozen=True, tag=True):
    """A runner has the queue's lock."""

    host: str
    pid: int
    tuinn: str
    format: int = FORMAT


class EntryStarted(Event, frozen=True, tag=True):
    """A queued draft has become a run."""

    entry: str
    run: str


class EntryEnded(Event, frozen=True, tag=True):
    """That run is over, or could not begin."""

    entry: str
    outcome: Literal["finished", "stopped", "failed"]
    message: str = ""


class QueueLeft(Event, frozen=True, tag=True):
    """The runner leaves: nothing is queued, or it was asked to."""

    message: str = ""


AnyQueueEvent = QueueStarted | EntryStarted | EntryEnded | Noted | QueueLeft
