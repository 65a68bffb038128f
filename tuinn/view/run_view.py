"""A run as it is shown: every event folded in, in order, by one function without I/O."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from tuinn.runs.events import (
    AnyEvent,
    BatchEnded,
    BatchStepped,
    Checkpointed,
    DataLoaded,
    DataPrepared,
    DevicesMeasured,
    EpochEnded,
    EpochsChanged,
    EpochStarted,
    Evaluated,
    Inspected,
    LoadMeasured,
    Metrics,
    ModelBuilt,
    Noted,
    PatienceChanged,
    Paused,
    PictureAnswered,
    Predicted,
    RateChanged,
    Reported,
    Resumed,
    RunEnded,
    RunResumed,
    RunStarted,
    SamplesAnswered,
    StopAsked,
    WentBack,
)
from tuinn.runs.summary import Stopwatch, judged_value
from tuinn.text import printable
from tuinn.view.series import Series
from tuinn.view.throughput import Throughput

LOADS = 60
"""Readings of the machine's load that are kept: two to ten minutes of them."""

ANSWERS = 16
"""Answers about rows and texts that are kept: the command line may ask for many."""


class Phase(StrEnum):
    """Where a run is, in the words of the status line."""

    WAITING = "starting TensorFlow"
    LOADING = "loading data"
    BUILDING = "building"
    COMPILING = "compiling"
    TRAINING = "training"
    VALIDATING = "validating"
    PAUSED = "paused"
    EVALUATING = "testing"
    SAVING = "saving"
    ENDED = "ended"


@dataclass
class Curve:
    """One metric over the run; x in epochs, so that 2.5 is half-way through the third."""

    train: Series = field(default_factory=Series)
    """Means over the samples between two reports, not Keras' running means: no saw-teeth."""
    epochs: Series = field(default_factory=Series)
    """Keras' mean over each training epoch."""
    validation: Series = field(default_factory=Series)


@dataclass(frozen=True)
class Mark:
    """Something that was done to the run, for a vertical line on its charts."""

    x: float
    """In epochs, as in a Curve."""
    word: str

    @property
    def sign(self) -> str:
        """A letter for the top of its line: Rate, Epochs, Paused, Back, Stop or Saved, paTience; `>` where it was resumed."""
        if self.word == "resumed":
            return ">"
        if "patience" in self.word or "stopping" in self.word:
            return "T"
        return self.word.lstrip("0123456789 ")[:1].upper()


@dataclass
class RunView:
    """All that the screen knows of a run. Changed only by `apply`."""

    run: str = ""
    """The run folder's name; where none was given, the one in the journal."""
    phase: Phase = Phase.WAITING
    epochs: int = 0
    """Asked for."""
    epoch: int = 0
    """The current one, counted from 1; 0 before the first."""
    step: int = 0
    steps: int = 0
    """Batches per epoch."""
    samples: int = 0
    """Seen in this epoch."""
    prepared: DataPrepared | None = None
    """How far the first reading of the user's own data is."""
    data: DataLoaded | None = None
    built: ModelBuilt | None = None
    curves: dict[str, Curve] = field(default_factory=dict)
    """By metric, `loss` first."""
    latest: Metrics = field(default_factory=dict)
    finished: list[EpochEnded] = field(default_factory=list)
    best: EpochEnded | None = None
    """The epoch with the lowest validation loss, or training loss where nothing is validated."""
    predicted: Predicted | None = None
    pictures: dict[str, PictureAnswered] = field(default_factory=dict)
    """By the request that asked."""
    answered_samples: dict[str, SamplesAnswered] = field(default_factory=dict)
    """Rows and texts, by the request; the last ANSWERS, oldest first."""
    reports: dict[str, Reported] = field(default_factory=dict)
    """By the request that asked."""
    evaluated: Evaluated | None = None
    saved: Checkpointed | None = None
    """The network's file."""
    checkpoint: Checkpointed | None = None
    """The last one to resume from."""
    paused: bool = False
    stepped: BatchStepped | None = None
    """The last batch that was trained on by itself, in a pause."""
    learning_rate: float | None = None
    """The last one that was reported."""
    marks: list[Mark] = field(default_factory=list)
    """Rate changes, pauses and the like, oldest first."""
    loads: list[LoadMeasured] = field(default_factory=list)
    """How busy the machine was, the last readings, oldest first."""
    measured: DevicesMeasured | None = None
    """How fast several devices train, against one."""
    notes: list[Noted] = field(default_factory=list)
    ended: RunEnded | None = None
    broke_at: float | None = None
    """Where the loss was first not finite, in epochs."""
    throughput: Throughput = field(default_factory=Throughput)
    _sums: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Per metric: samples and sum of values in this epoch, up to the last report."""

    def apply(self, event: AnyEvent) -> None:
        """Fold one event in. Called in journal order, once each."""
        self.throughput.apply(event)
        match event:
            # The kinds of which there are many come first: a long journal opens sooner.
            case BatchEnded():
                self._mark_batch(event)
            case EpochStarted():
                self._start_epoch(event)
            case EpochEnded():
                self._mark_epoch(event)
            case Predicted():
                self.predicted = event
            case RunStarted():
                # The journal of a copied folder bears the original's name.
                self.run = self.run or event.run
                self.epochs, self.phase, self.ended = event.epochs, Phase.LOADING, None
            case RunResumed():
                self._resume(event)
            case DataPrepared():
                self.prepared = event
            case DataLoaded():
                self.data, self.phase = event, Phase.BUILDING
            case ModelBuilt():
                self.built, self.phase = event, Phase.COMPILING
            case PictureAnswered():
                self.pictures[event.request] = event
            case Reported():
                self.reports[event.request] = event
            case Inspected():
                pass  # whoever asked reads it by itself
            case SamplesAnswered():
                self.answered_samples[event.request] = event
                for old in [*self.answered_samples][:-ANSWERS]:
                    del self.answered_samples[old]
            case Evaluated():
                self.evaluated = event
                if not event.request and self.is_active:
                    self.phase = Phase.SAVING
            case Checkpointed(file=file):
                if file.startswith("checkpoints/"):
                    self.checkpoint = event
                else:
                    self.saved = event
                    if self.phase in (Phase.TRAINING, Phase.VALIDATING, Phase.PAUSED):
                        self._mark(self.epoch, self.step, "saved")
            case Paused():
                self.paused, self.phase = True, Phase.PAUSED
                self._mark(event.epoch, event.step, "paused")
            case Resumed():
                self.paused, self.phase = False, Phase.TRAINING
            case BatchStepped():
                self.stepped = event
            case RateChanged():
                self.learning_rate = event.learning_rate
                self._mark(event.epoch, event.step, f"rate {event.learning_rate:g}")
            case StopAsked():
                self._mark(event.epoch, event.step, f"stop after this {event.after}")
            case PatienceChanged():
                self._mark(event.epoch, event.step, patience_words(event))
            case DevicesMeasured():
                self.measured = event
            case LoadMeasured():
                self.loads.append(event)
                del self.loads[:-LOADS]
            case EpochsChanged():
                self.epochs = event.epochs
                self._mark(self.epoch, self.step, f"{event.epochs} epochs")
            case WentBack():
                self._go_to(event.epoch, 0)
                self._mark(event.epoch, 0, event.why)
            case Noted():
                self.notes.append(event)
            case RunEnded():
                self.ended, self.phase, self.paused = event, Phase.ENDED, False
            case _:
                assert_never(event)

    # ------------------------------------------------------------------------------------------ the folds

    def _resume(self, event: RunResumed) -> None:
        """Fold in that another worker resumes from a checkpoint."""
        self._go_to(event.epoch, event.step)
        self.epochs, self.samples, self.latest = event.epochs, event.samples, dict(event.metrics)
        self._sums = {
            name: (event.samples, mean * event.samples)
            for name, mean in event.metrics.items()
            if mean is not None
        }
        self.ended, self.evaluated, self.paused, self.phase = None, None, False, Phase.LOADING
        self._mark(event.epoch, event.step, "resumed")

    def _go_to(self, epoch: int, step: int) -> None:
        """Forget what came after this place: it will come again."""
        x = self._x(epoch, step)
        for curve in self.curves.values():
            for series in (curve.train, curve.epochs, curve.validation):
                series.points = [point for point in series.points if point[0] <= x + 1e-9]
        self.finished = [ended for ended in self.finished if ended.epoch < epoch]
        self.best = None
        for ended in self.finished:
            self.best = better(self.best, ended)
        self.marks = [mark for mark in self.marks if mark.x <= x + 1e-9]
        if self.broke_at is not None and self.broke_at > x:
            self.broke_at = None
        self.epoch, self.step, self.samples, self._sums = epoch, step, 0, {}

    def _mark(self, epoch: int, step: int, word: str) -> None:
        self.marks.append(Mark(self._x(epoch, step), word))

    def _x(self, epoch: int, step: int) -> float:
        """A place on the x axis."""
        return max(epoch - 1, 0) + step / max(self.steps, 1)

    def _enter(self, phase: Phase) -> None:
        """In a pause, batches may be trained on one by one: it stays a pause."""
        self.phase = Phase.PAUSED if self.paused else phase

    def _start_epoch(self, event: EpochStarted) -> None:
        self._enter(Phase.TRAINING if event.epoch > 1 else Phase.COMPILING)
        self.epoch, self.steps, self.step, self.samples = event.epoch, event.steps, 0, 0
        self._sums = {}

    def _mark_batch(self, event: BatchEnded) -> None:
        self.epoch, self.step, self.samples = event.epoch, event.step, event.samples
        whole = self.steps and event.step >= self.steps
        self._enter(Phase.VALIDATING if whole and self._validates() else Phase.TRAINING)
        x = event.epoch - 1 + event.step / max(self.steps, 1)
        for name, mean in event.metrics.items():
            self._curve(name).train.add(x, self._since_last(name, mean, event.samples))
            self.latest[name] = mean
        self._notice_break(event.metrics, x)

    def _mark_epoch(self, event: EpochEnded) -> None:
        self.finished.append(event)
        self.best = better(self.best, event)
        self.epoch, self.step, self.learning_rate = event.epoch, self.steps, event.learning_rate
        self._enter(Phase.TRAINING if event.epoch < self.epochs else Phase.EVALUATING)
        for name, value in event.metrics.items():
            if name.startswith("val_"):
                self._curve(name.removeprefix("val_")).validation.add(event.epoch, value)
            else:
                self._curve(name).epochs.add(event.epoch, value)
            self.latest[name] = value
        self._notice_break(event.metrics, event.epoch)

    def _since_last(self, name: str, mean: float | None, samples: int) -> float | None:
        """The mean over the samples since the last report, from two running means."""
        before, total = self._sums.get(name, (0, 0.0))
        if mean is None:
            return None
        self._sums[name] = (samples, mean * samples)
        fresh = samples - before
        return (mean * samples - total) / fresh if fresh > 0 else mean

    def _curve(self, name: str) -> Curve:
        curve = self.curves.get(name)
        if curve is None:
            curve = self.curves[name] = Curve()
        return curve

    def _notice_break(self, metrics: Metrics, x: float) -> None:
        if self.broke_at is None and "loss" in metrics and metrics["loss"] is None:
            self.broke_at = x

    def _validates(self) -> bool:
        return self.data is not None and self.data.validation > 0

    # --------------------------------------------------------------------------------------- what is shown

    @property
    def history_code(self) -> str:
        """The metrics of every epoch as Keras' `fit(...).history` has them, as a Python dict in text."""
        names = dict.fromkeys(name for ended in self.finished for name in ended.metrics)
        columns = {name: [ended.metrics.get(name) for ended in self.finished] for name in names}
        lines = (
            f"    {name!r}: [{', '.join(_number(value) for value in values)}],\n"
            for name, values in columns.items()
        )
        return f"{{\n{''.join(lines)}}}"

    @property
    def phase_words(self) -> str:
        """Where the run is; while the user's own data are prepared, how far that is."""
        prepared = self.prepared
        if prepared is None or self.data is not None or self.phase is not Phase.LOADING:
            return self.phase.value
        of = f" of {prepared.total:,}" if prepared.total else ""
        return f"preparing {prepared.done:,}{of} {printable(prepared.what)}"

    @property
    def is_active(self) -> bool:
        """Started, and not ended as far as the journal tells."""
        return self.ended is None and self.phase is not Phase.ENDED

    @property
    def epoch_share(self) -> float:
        """How much of the current epoch is done, 0..1."""
        return min(self.step / self.steps, 1.0) if self.steps else 0.0

    @property
    def run_share(self) -> float:
        """How much of all epochs is done, 0..1."""
        if not self.epochs or not self.epoch:
            return 0.0
        return min((self.epoch - 1 + self.epoch_share) / self.epochs, 1.0)

    @property
    def clock(self) -> Stopwatch:
        """Seconds spent training; what it leaves out is said there."""
        return self.throughput.clock

    @property
    def samples_per_second(self) -> float | None:
        """None before there is anything to judge by; so are the next ones."""
        return self.throughput.samples_per_second

    @property
    def seconds_per_epoch(self) -> float | None:
        return self.throughput.epoch_seconds

    @property
    def seconds_left(self) -> float | None:
        """Until all epochs are done."""
        return self.throughput.seconds_left(self.epochs - self.epoch) if self.epoch else None


def _number(value: float | None) -> str:
    return 'float("nan")' if value is None else repr(value)


def patience_words(event: PatienceChanged) -> str:
    """`patience 5`, of early stopping; `patience of the rate 5`; `no early stopping`."""
    if event.setting == "patience":
        return f"patience of the rate {event.patience}"
    return f"patience {event.patience}" if event.patience else "no early stopping"


def better(best: EpochEnded | None, other: EpochEnded) -> EpochEnded | None:
    """The one of the two with the lower validation loss, or training loss where nothing is validated; else the first."""
    value = judged_value(other.metrics)
    if value is None:
        return best
    before = judged_value(best.metrics) if best is not None else None
    return other if before is None or value < before else best
