"""What the user wants of a training that goes on, done between two batches: pause, rate, epochs, stop, save, go back."""

import math
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from tuinn.runs.commands import (
    AddEpochs,
    BackToBest,
    Pause,
    Question,
    Resume,
    SaveNow,
    SetPatience,
    SetRate,
    Steering,
    StopAfterEpoch,
)
from tuinn.runs.events import (
    Checkpointed,
    EpochsChanged,
    Metrics,
    Noted,
    PatienceChanged,
    Paused,
    RateChanged,
    Resumed,
    StopAsked,
)
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer, Best, Checkpoint
from tuinn.worker.commands import ABOUT_SAMPLES, CommandQueue
from tuinn.worker.heartbeat import Heartbeat
from tuinn.worker.model import learning_rate
from tuinn.worker.model.compilation import rate_in_use
from tuinn.worker.training import callbacks
from tuinn.worker.training.reporter import Reporter

LOOK = 0.1
"""Seconds between two looks at the wishes in a pause."""


def checkpoint_seconds() -> float:
    """Seconds after which a checkpoint is taken inside an epoch: the environment's TUINN_CHECKPOINT_SECONDS, or five minutes."""
    try:
        return max(0.0, float(os.environ.get("TUINN_CHECKPOINT_SECONDS", "")))
    except ValueError:
        return 300.0


class FitInterrupted(Exception):  # noqa: N818 - no failure
    """`fit` is left here: at the end of a first, shorter pass, or because the user wants it."""


class TrainingControl:
    """Obeys orders, oldest first, and sees that checkpoints are taken."""

    def __init__(
        self,
        wishes: CommandQueue,
        keeper: AsyncCheckpointer,
        epochs: int,
        pulse: Heartbeat,
        save: Callable[[int], None] = lambda epoch: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`epochs`: asked for. `save` writes the network, of that epoch, and says so."""
        self.wishes, self.keeper, self.epochs = wishes, keeper, epochs
        self.pulse, self.save, self.clock = pulse, save, clock
        self.callbacks: Sequence[Any] = ()
        """Those whose state belongs to the training."""
        self.heeded = wishes.heeded
        """Orders that the journal says were obeyed, as `tuinn.worker.commands` counts them."""
        self.measured: Metrics = {}
        """Of the last epoch that was whole."""
        self.best = Best()
        self.stops_after: int | None = None
        """The epoch with which the training is to end."""
        self.back: tuple[Checkpoint, float] | None = None
        """Where to go back to, and by what to multiply the rate."""
        self.pausing = self.stopping = False
        self.taken_at = clock()
        self.checkpoint_seconds = checkpoint_seconds()

    # ------------------------------------------------------------------------------- what the reporter asks

    def heed(self, reporter: Reporter) -> None:
        """Obey what there is. Raises LeftFit in the middle of an epoch that is to be left."""
        self.pulse.beat()
        self.tell_written(reporter)
        self.wishes.poll()
        self._obey_all(reporter)
        if self.pausing and not self.wishes.stop:
            self._rest(reporter)
        if self.wishes.stop and not self.stopping:
            self.stopping = True
            self._tell_stop(reporter, "batch")
        if self.back or (self.wishes.stop and not reporter.whole):
            self._leave(reporter)
        if reporter.whole:
            reporter.model.stop_training |= self.wishes.stop or self.is_last(reporter.epoch)
        elif self.clock() > self.taken_at + self.checkpoint_seconds:
            self.keep(reporter)

    def epoch_is_done(self, reporter: Reporter, metrics: Metrics) -> None:
        """Take a checkpoint, and notice the best epoch and a rate that a callback has changed."""
        rate = rate_in_use(reporter.model.optimizer)
        if rate != reporter.rate and not learning_rate.has_schedule(reporter.model):
            reporter.say(
                RateChanged(
                    epoch=reporter.epoch, step=reporter.step, learning_rate=rate, why="no better for a while"
                )
            )
        self.measured = metrics
        value = metrics.get("val_loss", metrics.get("loss"))
        better = value is not None and value < self.best.value
        if better and value is not None:
            self.best = Best(reporter.epoch, value)
        self.keep(reporter, better, value)

    def is_last(self, epoch: int) -> bool:
        """True when the training ends with this epoch, counted from 1."""
        return epoch >= self.epochs or (self.stops_after is not None and epoch >= self.stops_after)

    def take(self, kind: Any) -> list[Question]:
        """The questions of this kind that wait, oldest first. They are the reporter's now."""
        found = [one for one in self.wishes.questions if isinstance(one, kind)]
        for one in found:
            self.wishes.questions.remove(one)
        return found

    # ------------------------------------------------------------------------------------------ checkpoints

    def keep(self, reporter: Reporter, best: bool = False, score: float | None = None) -> None:
        """Hand a copy of the training as it is to the keeper. `score`: of the epoch that ended just now."""
        self.taken_at = self.clock()
        state = training_state.take(
            reporter.model, self.callbacks, within_epoch=reporter.step > 0 and not reporter.whole
        )
        checkpoint = Checkpoint(reporter.place(), self.epochs, self.best, state, self.heeded, score)
        self.keeper.keep(checkpoint, best)

    def tell_written(self, reporter: Reporter) -> None:
        """Say what the keeper has done meanwhile."""
        while self.keeper.written:
            place, file = self.keeper.written.pop(0)
            if reporter.ration.allows_batch():
                reporter.say(
                    Checkpointed(
                        epoch=place.epoch - 1, step=place.step, file=f"{file.parent.name}/{file.name}"
                    )
                )
        if self.keeper.problems:
            reporter.say(Noted(level="warning", message=self.keeper.problems[-1]))
            self.keeper.problems.clear()

    # ----------------------------------------------------------------------------------------------- orders

    def _obey_all(self, reporter: Reporter) -> None:
        while self.wishes.orders:
            self._obey(self.wishes.orders.popleft(), reporter)

    def _obey(self, order: Steering, reporter: Reporter) -> None:
        match order:
            case Pause():
                self.pausing = True
            case Resume():
                self.pausing = False
            case StopAfterEpoch():
                self.stops_after = reporter.epoch
                self._tell_stop(reporter, "epoch")
            case SetRate(learning_rate=rate):
                self._set_rate(reporter, rate)
            case SetPatience(patience=patience, setting=setting):
                self._set_patience(reporter, setting, patience)
            case AddEpochs(epochs=more):
                self.epochs = max(reporter.epoch, self.epochs + more)
                reporter.say(EpochsChanged(epochs=self.epochs))
                self.keep(reporter)
            case SaveNow():
                self.keep(reporter)
                self.keeper.flush()
                self.tell_written(reporter)
                self.save(reporter.epoch)
            case BackToBest(factor=factor):
                self._go_back(reporter, factor)

    def _tell_stop(self, reporter: Reporter, after: Literal["batch", "epoch"]) -> None:
        best = self.wishes.best
        reporter.say(StopAsked(epoch=reporter.epoch, step=reporter.step, after=after, best=best))

    def _set_rate(self, reporter: Reporter, rate: float) -> None:
        if not (math.isfinite(rate) and rate > 0):
            reporter.say(Noted(level="warning", message=f"A rate must be above 0, not {rate:g}. It stays."))
            return
        learning_rate.set_rate(reporter.model, rate)
        self.tell_rate(reporter, rate, "set")
        self.keep(reporter)

    def tell_rate(self, reporter: Reporter, rate: float, why: str) -> None:
        """The user has another rate from here on."""
        reporter.rate = rate
        self._tell_order(
            reporter,
            RateChanged(epoch=reporter.epoch, step=reporter.step, learning_rate=rate, why=why, asked=True),
        )

    def _tell_order(self, reporter: Reporter, event: RateChanged | PatienceChanged) -> None:
        reporter.say(event)
        self.heeded += 1

    def _set_patience(self, reporter: Reporter, setting: callbacks.Setting, patience: int) -> None:
        monitor = callbacks.monitored(self.callbacks)
        if patience < 0:
            problem = f"A patience must be 0 or more, not {patience}. It stays."
        elif self.measured and monitor not in self.measured:
            problem = f"{monitor} isn't measured in this run, so there is nothing to be patient about."
        else:
            meant = callbacks.set_patience(self.callbacks, setting, patience)
            self._tell_order(
                reporter,
                PatienceChanged(epoch=reporter.epoch, step=reporter.step, setting=meant, patience=patience),
            )
            self.keep(reporter)
            return
        reporter.say(Noted(level="warning", message=problem))

    def _go_back(self, reporter: Reporter, factor: float) -> None:
        best = self.keeper.best_checkpoint() if self.best.epoch else None
        if best is None:
            reporter.say(Noted(level="warning", message="There is no best epoch to go back to yet."))
        elif not (math.isfinite(factor) and factor > 0):
            reporter.say(Noted(level="warning", message=f"A factor must be above 0, not {factor:g}."))
        else:
            self.back = best, factor

    def _rest(self, reporter: Reporter) -> None:
        """Until the user wants something else of the training. Pictures are answered meanwhile."""
        began = self.clock()
        reporter.say(Paused(epoch=reporter.epoch, step=reporter.step))
        self.keep(reporter)
        while self.pausing and not (self.wishes.stop or self.back):
            time.sleep(LOOK)
            self.pulse.beat()
            reporter.tell_load()
            self.tell_written(reporter)
            self.wishes.poll()
            self._obey_all(reporter)
            for question in self.take(ABOUT_SAMPLES):
                reporter.say(reporter.answer(question))
        self.pausing = False
        reporter.shift(self.clock() - began)
        if not (self.wishes.stop or self.back):
            reporter.say(
                Resumed(epoch=reporter.epoch, step=reporter.step, seconds=round(self.clock() - began, 3))
            )

    def _leave(self, reporter: Reporter) -> None:
        if self.wishes.stop:
            self.keep(reporter)
        raise FitInterrupted
