"""A run in a line: what a table of runs says of it, folded from the journal without its reports of batches."""

from functools import lru_cache
from typing import Literal

import msgspec

from tuinn.runs.events import (
    AnyEvent,
    EpochEnded,
    EpochsChanged,
    EpochStarted,
    Evaluated,
    Metrics,
    ModelBuilt,
    Paused,
    Resumed,
    RunEnded,
    RunResumed,
    RunStarted,
    WentBack,
)


class Stopwatch(msgspec.Struct):
    """Seconds that a run has trained, by its events' clock.

    Left out are pauses, the time between two workers, and what a worker does before its network is built.

    A clock that is set back costs the time since the last event, and never makes it less.
    """

    seconds: float = 0.0
    at: float | None = None
    """When it last looked; None while it stands still."""

    def start(self, at: float) -> None:
        """It works from this time on. What passed before doesn't count."""
        self.at = at

    def advance(self, at: float) -> None:
        """Something happened at this time."""
        if self.at is not None:
            self.seconds += max(at - self.at, 0.0)
            self.at = at

    def stand(self) -> None:
        """Nobody has worked since it last looked."""
        self.at = None

    def go_on(self, at: float) -> None:
        """Another worker is ready to go on from this time. Before the first training that is not worth counting."""
        if self.seconds and self.at is None:
            self.at = at

    def stop(self, at: float) -> None:
        """It worked until this time."""
        self.advance(at)
        self.at = None


KEPT = 8
"""Records that a summary remembers: a run goes back to its last checkpoints, not further."""


def judged_value(metrics: Metrics) -> float | None:
    """Return the number by which epochs are compared, lower is better: the validation loss, else the training loss."""
    return metrics.get("val_loss", metrics.get("loss"))


TRAIL = 16
"""Points of a curve that a summary remembers at most; past that every second one goes."""


def watched_metric(metrics: Metrics) -> str:
    """The name of the number that a run is judged by: the first validated metric, else any; empty where there is none."""
    return _watched(tuple(metrics))


@lru_cache  # asked for each of thousands of runs, which have few sets of metrics among them
def _watched(names: tuple[str, ...]) -> str:
    return min(names, key=lambda name: (name.endswith("loss"), not name.startswith("val_")), default="")


class Record(msgspec.Struct, frozen=True):
    """An epoch that was better than all before it."""

    epoch: int
    value: float
    metrics: Metrics


class RunSummary(msgspec.Struct):
    """Changed only by `apply`, in journal order. The fields can be kept in a file and read again."""

    run: str = ""
    """The run folder's name when it was trained; another one than now where the folder was copied or renamed."""
    started: bool = False
    """A worker has written its first event."""
    epochs: int = 0
    """Asked for; 0 before a worker has started."""
    done: int = 0
    """Epochs trained whole."""
    latest: Metrics = {}
    """Of the last epoch."""
    tested: Metrics = {}
    """On the test set, at the end; empty before."""
    records: list[Record] = []
    """The last few, each better than the one before; the last is the best."""
    trail: list[tuple[int, float | None]] = []
    """Epochs and the watched metric in them, evenly spaced; None: not finite."""
    stride: int = 1
    """Every so many-th epoch is in the trail."""
    parameters: int = 0
    device: str = ""
    began: float | None = None
    """Seconds since 1970 at the first event."""
    clock: Stopwatch = msgspec.field(default_factory=Stopwatch)
    paused: bool = False
    outcome: Literal["", "finished", "stopped", "failed"] = ""
    """Empty while the journal has no end."""
    message: str = ""
    """Of the end."""

    def apply(self, event: AnyEvent) -> None:
        """Fold one event in."""
        if not isinstance(
            event, RunResumed
        ):  # nobody worked since the last event, where the worker was killed
            self.clock.advance(event.at)
        match event:
            case EpochEnded():
                self._mark_epoch(event)
            case RunStarted():
                self.run, self.started, self.epochs, self.began = event.run, True, event.epochs, event.at
            case EpochStarted():
                if self.clock.at is None and not self.paused:
                    self.clock.start(event.at)
            case RunResumed():
                self.started, self.epochs, self.outcome, self.tested = True, event.epochs, "", {}
                self.paused = False
                self._go_to(event.epoch)
                self.clock.stand()
            case WentBack():
                self._go_to(event.epoch)
            case EpochsChanged():
                self.epochs = event.epochs
            case ModelBuilt():
                self.parameters, self.device = event.trainable + event.non_trainable, event.device
                self.clock.go_on(event.at)
            case Paused():
                self.paused = True
                self.clock.stop(event.at)
            case Resumed():
                self.paused = False
                self.clock.start(event.at)
            case Evaluated(request=""):
                self.tested = event.metrics
            case RunEnded():
                self.outcome, self.message, self.paused = event.outcome, event.message, False
                self.clock.stop(event.at)
            case _:
                pass

    def _mark_epoch(self, event: EpochEnded) -> None:
        self.done, self.latest = event.epoch, event.metrics
        if (event.epoch - 1) % self.stride == 0:
            value = event.metrics.get(watched_metric(event.metrics))
            self.trail = [*self.trail, (event.epoch, _rounded(value))]
            if len(self.trail) > TRAIL:
                self.stride *= 2
                self.trail = [point for point in self.trail if (point[0] - 1) % self.stride == 0]
        value = judged_value(event.metrics)
        if value is not None and (not self.records or value < self.records[-1].value):
            self.records = [*self.records[1 - KEPT :], Record(event.epoch, value, event.metrics)]

    def _go_to(self, epoch: int) -> None:
        """The epochs from this one on are void; they will come again."""
        self.records = [record for record in self.records if record.epoch < epoch]
        self.trail = [point for point in self.trail if point[0] < epoch]
        if self.done >= epoch:
            self.done = max(epoch - 1, 0)
            self.latest = self.records[-1].metrics if self.records else {}

    @property
    def best(self) -> Record | None:
        """The epoch with the lowest validation loss, or training loss where nothing is validated."""
        return self.records[-1] if self.records else None

    @property
    def score(self) -> tuple[str, float | None] | None:
        """The number a run is judged by, with its name: of the best epoch the first validated metric, else any.

        None before the first epoch.
        """
        metrics = self.best.metrics if self.best else self.latest
        name = watched_metric(metrics)
        return (name, metrics[name]) if name else None

    @property
    def last_score(self) -> float | None:
        """The same number in the last epoch; None where there is none, or it was not finite."""
        return self.latest.get(watched_metric(self.latest))

    @property
    def test_score(self) -> float | None:
        """The same number on the test set; None where there is none."""
        return self.tested.get(watched_metric(self.latest).removeprefix("val_"))

    @property
    def curve(self) -> list[float | None]:
        """The watched metric over the epochs, evenly spaced, the last epoch included."""
        values = [value for _, value in self.trail]
        is_last = bool(self.trail) and self.trail[-1][0] == self.done
        return values if is_last or not self.latest else [*values, _rounded(self.last_score)]


def _rounded(value: float | None) -> float | None:
    """Four digits are enough for a curve, and a fraction of the text in the cache."""
    return None if value is None else float(f"{value:.4g}")
