"""A sweep as it is: every event folded in, in order, by one function without I/O. The runner, the screens and the command line read it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from tuinn.runs.events import Noted
from tuinn.spec.naming import field_label
from tuinn.spec.run import RunSpec
from tuinn.sweeps.events import (
    AnySweepEvent,
    ParallelChanged,
    SweepEnded,
    SweepPaused,
    SweepResumed,
    SweepStarted,
    SweepWentOn,
    TrialEnded,
    TrialPruned,
    TrialReported,
    TrialsChanged,
    TrialSkipped,
    TrialStarted,
    TrialTakenUp,
    Weighed,
)
from tuinn.sweeps.ranges import shown
from tuinn.sweeps.spec import SweepSpec, Values


class TrialState(StrEnum):
    """The states of a trial that a user can tell apart."""

    TRAINING = "training"
    FINISHED = "finished"
    PRUNED = "pruned"
    STOPPED = "stopped"
    FAILED = "failed"
    SKIPPED = "skipped"
    HALTED = "halted"
    """The sweep was stopped, or lost, before it was through; resuming the sweep goes on with it."""


@dataclass
class Trial:
    """One set of values, and what came of it."""

    number: int
    """Counted from 1."""
    values: Values
    run: str = ""
    """The run folder's name; empty where nothing was trained."""
    state: TrialState = TrialState.TRAINING
    epoch: int = 0
    """Trained, as far as was reported."""
    latest: float | None = None
    """The metric after that epoch."""
    value: float | None = None
    """The metric in the best epoch so far; None where there is none."""
    best_epoch: int = 0
    seconds: float = 0.0
    started_at: float = 0.0
    message: str = ""
    reports: tuple[float | None, ...] = ()
    """The metric after each epoch, once the trial has ended."""
    pruned: bool = False
    """It was asked to stop."""

    @property
    def counts(self) -> bool:
        """True when it may be the best: it wasn't given up."""
        return self.state in (TrialState.FINISHED, TrialState.STOPPED) and self.value is not None


@dataclass
class SweepView:
    """All that is known of a sweep. Changed only by `apply`."""

    sweep: SweepSpec
    asked: int = 0
    """Trials asked for."""
    parallel: int = 1
    trials: list[Trial] = field(default_factory=list)
    """In the order of their numbers."""
    places: dict[int, int] = field(default_factory=dict)
    """Number → where the trial stands in the list."""
    paused: bool = False
    """No further trial begins."""
    importance: Weighed | None = None
    notes: list[Noted] = field(default_factory=list)
    ended: SweepEnded | None = None
    started: bool = False
    last_at: float = 0.0

    def __post_init__(self) -> None:
        self.asked, self.parallel = self.sweep.trials, self.sweep.parallel

    def apply(self, event: AnySweepEvent) -> None:
        """Fold one event in. Called in journal order, once each."""
        self.last_at = max(self.last_at, event.at)
        match event:
            case TrialReported():
                self._report(event)
            case SweepStarted() | SweepResumed():
                self.started, self.ended, self.paused = True, None, False
                self.asked, self.parallel = event.trials, event.parallel
            case TrialStarted():
                trial = Trial(event.number, dict(event.values), event.run, started_at=event.at)
                self._put(trial)
            case TrialSkipped():
                trial = Trial(event.number, dict(event.values), state=TrialState.SKIPPED, message=event.why)
                self._put(trial)
            case TrialTakenUp():
                self.of(event.number).state = TrialState.TRAINING
            case TrialPruned():
                trial = self.of(event.number)
                trial.pruned, trial.message = True, event.why
            case TrialEnded():
                self._end(event)
            case Weighed():
                self.importance = event
            case SweepPaused():
                self.paused = True
            case SweepWentOn():
                self.paused = False
            case ParallelChanged():
                self.parallel = event.parallel
            case TrialsChanged():
                self.asked = event.trials
            case Noted():
                self.notes.append(event)
            case SweepEnded():
                self.ended, self.paused = event, False
                self.halt()
            case _:
                assert_never(event)

    def halt(self) -> None:
        """Nobody runs the sweep any more: trials that trained are halted."""
        for trial in self.trials:
            if trial.state is TrialState.TRAINING:
                trial.state = TrialState.HALTED

    def of(self, number: int) -> Trial:
        """The trial of this number; an empty one where the journal has lost its beginning."""
        place = self.places.get(number)
        return self._put(Trial(number, {})) if place is None else self.trials[place]

    # ------------------------------------------------------------------------------------------- the folds

    def _put(self, trial: Trial) -> Trial:
        place = self.places.get(trial.number)
        if place is not None:
            self.trials[place] = trial
            return trial
        self.trials.append(trial)
        self.trials.sort(key=lambda one: one.number)  # as good as sorted already: it costs one look
        if self.trials[-1] is trial:
            self.places[trial.number] = len(self.trials) - 1
        else:
            self.places = {one.number: at for at, one in enumerate(self.trials)}
        return trial

    def _report(self, event: TrialReported) -> None:
        trial = self.of(event.number)
        trial.state, trial.epoch, trial.latest = TrialState.TRAINING, event.epoch, event.value
        value = event.value
        if value is not None and (trial.value is None or self.sweep.better(value, trial.value)):
            trial.value, trial.best_epoch = value, event.epoch

    def _end(self, event: TrialEnded) -> None:
        trial = self.of(event.number)
        trial.state = TrialState(event.outcome)
        trial.value, trial.best_epoch, trial.epoch = event.value, event.epoch, event.epochs
        trial.latest = event.reports[-1] if event.reports else None
        trial.seconds, trial.reports = event.seconds, event.reports
        trial.message = event.message or trial.message

    # -------------------------------------------------------------------------------------- what is shown

    @property
    def training(self) -> list[Trial]:
        """Those that are neither over nor skipped."""
        return [trial for trial in self.trials if trial.state in (TrialState.TRAINING, TrialState.HALTED)]

    @property
    def done(self) -> int:
        """How many are over, the skipped ones included."""
        return len(self.trials) - len(self.training)

    @property
    def best(self) -> Trial | None:
        """The best of those that were trained to their end."""
        best: Trial | None = None
        for trial in self.trials:
            if trial.counts and (best is None or self._beats(trial, best)):
                best = trial
        return best

    def _beats(self, trial: Trial, other: Trial) -> bool:
        return trial.value is not None and (
            other.value is None or self.sweep.better(trial.value, other.value)
        )

    @property
    def seconds_left(self) -> float | None:
        """Estimate for the rest of the trials; None before one has ended that was trained."""
        times = [trial.seconds for trial in self.trials if trial.seconds > 0 and trial.state in MEASURED]
        if not times:
            return None
        mean = sum(times) / len(times)
        begun = sum(min(max(self.last_at - trial.started_at, 0.0) / mean, 1.0) for trial in self.training)
        left = max(self.asked - self.done - begun, 0.0)
        return mean * left / max(min(self.parallel, self.asked - self.done), 1)


MEASURED = (TrialState.FINISHED, TrialState.PRUNED)
"""Trials whose length says something about that of others."""


def values_line(base: RunSpec, values: Values) -> str:
    """`learning rate 0.0031  dense units 64`: the fields by what people call them."""
    return "  ".join(f"{field_label(base, path)} {shown(value)}" for path, value in values.items())


def progress(view: SweepView) -> str:
    """`trial 5 of 12`; `0 of 12 trials` before the first, `12 of 12 trials` after the last."""
    begun = len(view.trials)
    if not begun or view.done >= view.asked:
        return f"{view.done} of {view.asked} trials"
    return f"trial {begun} of {view.asked}"


def tally(view: SweepView) -> str:
    """`3 finished, 1 pruned`; empty before the first trial is over."""
    counts = Counter(trial.state for trial in view.trials)
    return ", ".join(
        f"{counts[state]} {state.value}"
        for state in TrialState
        if state is not TrialState.TRAINING and counts[state]
    )


def epochs_of(trial: Trial, asked: int) -> str:
    """`12/60`; empty where nothing was trained. `asked`: by the draft, where the sweep isn't over epochs."""
    return f"{trial.epoch}/{trial.values.get('fit.epochs', asked)}" if trial.run else ""
