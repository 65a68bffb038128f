"""How fast a training goes, and how long it will take. Estimates that settle: they forget slowly, and never count what
comes only once, such as the making of the graph."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp

from tuinn.runs.events import (
    AnyEvent,
    BatchEnded,
    DevicesMeasured,
    EpochEnded,
    EpochStarted,
    LoadMeasured,
    ModelBuilt,
    Paused,
    Resumed,
    RunEnded,
    RunResumed,
    WentBack,
)
from tuinn.runs.summary import Stopwatch

MEMORY = 20.0
"""Seconds after which an observation counts for 1/e."""

EPOCHS = 5
"""Epochs over which means are taken."""


@dataclass
class Throughput:
    """Fed with every event of a run, in journal order."""

    clock: Stopwatch = field(default_factory=Stopwatch)
    """Seconds spent training; what it leaves out is said there."""
    steps: int = 0
    """Batches per epoch."""
    step: int = 0
    """Batches done in the current epoch."""
    times: list[float] = field(default_factory=list)
    """Seconds of the last epochs, validation included. A worker's first is left out where there is another."""
    validations: list[float] = field(default_factory=list)
    """Likewise, of validation alone."""
    whole: bool = False
    """The current epoch has ended."""
    paused: bool = False
    _seen: tuple[float, int, int] | None = None
    """Clock, step and samples at the last report of this epoch, from which the next one is timed."""
    _told: int = 0
    """Epochs that this worker has reported."""
    _fresh: bool = True
    """This worker has not reported a batch yet: its first report holds the making of the graph."""
    _rough: bool = False
    """`times` holds a worker's first epoch, and nothing else."""
    _sums: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Seconds, steps and samples, older ones counting less."""

    def apply(self, event: AnyEvent) -> None:
        """Take in one event. Kinds that say nothing of time only move the clock."""
        if not isinstance(event, RunResumed):  # nobody worked since the last event, where a worker was killed
            self.clock.advance(event.at)
        match event:
            case BatchEnded():
                self._mark_batch(event)
            case EpochStarted(steps=steps):
                if self.clock.at is None and not self.paused:
                    self.clock.start(event.at)
                self.steps, self.step, self.whole = steps, 0, False
                self._seen = (self.clock.seconds, 0, 0)
            case EpochEnded():
                self._mark_epoch(event)
            case RunResumed(step=step):
                self.clock.stand()
                self._told, self.paused = 0, False
                self.step, self.whole, self._fresh, self._seen = step, False, True, None
            case WentBack():
                self.step, self.whole, self._seen = 0, False, None
            case ModelBuilt():
                self.clock.go_on(event.at)
            case Paused():
                self.paused = True
                self.clock.stop(event.at)
            case Resumed():
                self.paused = False
                self.clock.start(event.at)
            case RunEnded():
                self.paused = False
                self.clock.stop(event.at)
            case _:
                pass

    def _mark_batch(self, event: BatchEnded) -> None:
        now = self.clock.seconds
        if self._seen is not None and not self._fresh:
            before, step, samples = self._seen
            if now > before and event.step > step:
                left = exp((before - now) / MEMORY)
                told = (now - before, event.step - step, event.samples - samples)
                seconds, steps, taken = (old * left + new for old, new in zip(self._sums, told, strict=True))
                self._sums = seconds, steps, taken
        self._seen, self._fresh, self.step = (now, event.step, event.samples), False, event.step

    def _mark_epoch(self, event: EpochEnded) -> None:
        first, self._told = self._told == 0, self._told + 1
        if not (first and self.times):
            if self._rough:
                self.times, self.validations = [], []
            self._rough = first
            self.times = [*self.times, event.seconds][-EPOCHS:]
            if self._seen is not None and self._seen[1] >= self.steps > 0:
                validation = self.clock.seconds - self._seen[0]
                self.validations = [*self.validations, validation][-EPOCHS:]
        self.whole, self.step, self._seen = True, self.steps, None

    # --------------------------------------------------------------------------------------- what it comes to

    @property
    def step_seconds(self) -> float | None:
        """Of one batch; None before there is anything to judge by."""
        seconds, steps, _ = self._sums
        return seconds / steps if steps else None

    @property
    def samples_per_second(self) -> float | None:
        seconds, _, samples = self._sums
        return samples / seconds if seconds else None

    @property
    def validation_seconds(self) -> float:
        """Mean of the last epochs; 0 before the first one."""
        return sum(self.validations) / len(self.validations) if self.validations else 0.0

    @property
    def epoch_seconds(self) -> float | None:
        """Of a whole epoch: the mean of the last ones, or what the batches so far come to."""
        if self.times and (not self._rough or self.step_seconds is None):
            return sum(self.times) / len(self.times)
        return None if self.step_seconds is None else self.steps * self.step_seconds + self.validation_seconds

    @property
    def epoch_seconds_left(self) -> float | None:
        """Until the current epoch has ended; 0 once it has."""
        if self.whole:
            return 0.0
        if self.step_seconds is not None:
            return (self.steps - self.step) * self.step_seconds + self.validation_seconds
        whole = self.epoch_seconds
        return None if whole is None or not self.steps else whole * (1 - self.step / self.steps)

    def seconds_left(self, epochs: int) -> float | None:
        """Until the current epoch and so many more after it have ended."""
        here, each = self.epoch_seconds_left, self.epoch_seconds
        return None if here is None or each is None else max(here + max(epochs, 0) * each, 0.0)


def device_words(measured: DevicesMeasured | None) -> str:
    """A sentence of at most 60 characters where several devices are slower than one; empty where they aren't, or nobody knows."""
    if measured is None or measured.together >= measured.alone:
        return ""
    times = measured.alone / measured.together
    return f"One device alone is {times:.1f} × as fast as these {measured.devices}. Use one."


READINGS = 5
"""The last ones, over which means are taken; before there are three no bottleneck is named."""

BUSY, FULL = 0.7, 0.9
"""Share of the time, or of the cores, from which on a processor counts as busy, and as full."""


def bottleneck(loads: Sequence[LoadMeasured]) -> str:
    """A sentence of at most 60 characters; empty where there is too little to judge by."""
    last = loads[-READINGS:]
    if len(last) < 3:
        return ""
    cores = max(last[-1].cores, 1)
    own = sum(load.own for load in last) / len(last) / cores
    anybody = sum(load.cpu for load in last) / len(last)
    reading = last[-1].reading and sum(load.reading or 0.0 for load in last) / len(last)
    if reading and reading >= BUSY:
        return f"Reading samples sets the pace ({reading:.0%}). Try smaller samples."
    card = [load.gpu for load in last if load.gpu is not None]
    if card:
        return _of_card(sum(card) / len(card), own)
    if own >= BUSY:
        return "Computing sets the pace. A GPU or fewer units would help."
    if anybody >= FULL:
        return f"Other programs use the cores, too; this run has {own:.0%}."
    return f"Small steps set the pace (cores {own:.0%} busy). Raise batch_size."


def _of_card(busy: float, own: float) -> str:
    if busy >= BUSY:
        return f"Computing sets the pace (card {busy:.0%}). Try mixed precision."
    if own >= BUSY:
        return f"The cores set the pace (card {busy:.0%}). Augment less."
    return f"Small steps set the pace (card {busy:.0%}). Raise batch_size."
