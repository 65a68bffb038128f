"""How far a training is: plain numbers, that the Keras callback advances and everything else reads."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tuinn.runs.events import Metrics
from tuinn.worker.checkpoints.checkpoint import BestEpoch, Position


@dataclass
class TrainingProgress:
    """The epoch and step of a training, what was measured, and where it is to end."""

    samples: int
    """In one epoch."""
    batch_size: int
    epochs: int
    """Asked for so far."""
    settings_changed: int = 0
    """SettingChanges in the journal, as `tuinn.worker.commands` counts them."""
    clock: Callable[[], float] = time.monotonic
    epoch: int = 0
    """Counted from 1; 0 before the first."""
    step: int = 0
    """Batches of this epoch that are done."""
    skipped: int = 0
    """Batches of this epoch that were done before it was begun here."""
    epoch_done: bool = False
    """This epoch is trained whole, and validated."""
    metrics: Metrics = field(default_factory=dict)
    """Running means of this epoch."""
    epoch_metrics: Metrics = field(default_factory=dict)
    """Of the last epoch that was whole."""
    learning_rate: float = 0.0
    """Of the last step of this epoch, once it is done; before, of its first."""
    best: BestEpoch = field(default_factory=BestEpoch)
    stop_after: int | None = None
    """The epoch with which the user lets the training end."""
    started_at: float = 0.0
    """When this epoch began, pauses left out."""

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return math.ceil(self.samples / self.batch_size)

    @property
    def samples_done(self) -> int:
        """Samples of this epoch."""
        return min(self.step * self.batch_size, self.samples)

    @property
    def seconds(self) -> float:
        """Spent in this epoch, pauses left out."""
        return self.clock() - self.started_at

    @property
    def position(self) -> Position:
        """Where the training would go on."""
        if self.epoch_done:
            return Position(self.epoch + 1)
        return Position(self.epoch, self.step, self.seconds, self.metrics)

    def start_from(self, position: Position) -> None:
        """The next batch is the one after this position."""
        self.epoch, self.step, self.skipped = position.epoch, position.step, position.step
        self.started_at = self.clock() - position.seconds
        self.epoch_done, self.metrics = False, position.metrics

    def end_after(self, epoch: int) -> None:
        """Nothing is left to train: this epoch was the last."""
        self.epoch, self.step, self.epoch_done = epoch, self.steps, True

    def begin_epoch(self, epoch: int, learning_rate: float) -> None:
        """`epoch`, counted from 1, begins, or goes on where `start_from` put it."""
        if not self.skipped:
            self.epoch, self.step, self.started_at = epoch, 0, self.clock()
            self.metrics = {}
        self.epoch_done, self.learning_rate = False, learning_rate

    def end_epoch(self, metrics: Metrics) -> bool:
        """This epoch is trained whole, with these metrics. True where it is the best so far."""
        self.epoch_done, self.skipped, self.epoch_metrics = True, 0, metrics
        score = self.score
        if score is None or score >= self.best.value:
            return False
        self.best = BestEpoch(self.epoch, score)
        return True

    @property
    def score(self) -> float | None:
        """`val_loss`, or `loss` where nothing is validated, of the last whole epoch; None where it is not finite."""
        return self.epoch_metrics.get("val_loss", self.epoch_metrics.get("loss"))

    def leave_out(self, seconds: float) -> None:
        """The training paused for so long."""
        self.started_at += seconds

    def is_last(self, epoch: int) -> bool:
        """True when the training ends with this epoch, counted from 1."""
        return epoch >= self.epochs or (self.stop_after is not None and epoch >= self.stop_after)

    @property
    def finished(self) -> bool:
        """True when all epochs asked for are trained whole."""
        return self.epoch >= self.epochs and self.step == self.steps
