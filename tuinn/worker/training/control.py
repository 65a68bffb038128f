"""The user's control over a running training, between two batches: pause, learning rate, patience, epochs, stop, save, go back."""

import math
import time
from collections.abc import Callable
from typing import Literal

from tuinn.errors import WorkerError
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
    StepBatch,
    StopAfterEpoch,
)
from tuinn.runs.events import (
    EpochsChanged,
    Event,
    Metrics,
    Noted,
    PatienceChanged,
    Paused,
    RateChanged,
    Resumed,
    StopAsked,
)
from tuinn.worker.checkpoints.checkpoint import Checkpoint
from tuinn.worker.commands import SAMPLE_QUESTIONS, CommandQueue, SettingChange
from tuinn.worker.event_log import EventLog
from tuinn.worker.heartbeat import Heartbeat
from tuinn.worker.inference.server import answer_or_problem
from tuinn.worker.keras_types import Model
from tuinn.worker.model import learning_rate
from tuinn.worker.model.compilation import rate_in_use
from tuinn.worker.training import callbacks
from tuinn.worker.training.batch_stepper import BatchStepper
from tuinn.worker.training.checkpoints import TrainingCheckpoints
from tuinn.worker.training.progress import TrainingProgress

POLL_SECONDS = 0.1
"""Between two looks at the commands during a pause."""

LOAD_SECONDS = 1.0
"""Between two looks at whether the machine's load is to be measured."""


class FitInterrupted(Exception):  # noqa: N818 - no failure
    """Leaves an epoch in its middle, because the user wants it."""


class TrainingControl:
    """Carries out the commands, oldest first, and takes a checkpoint after each that changes the training."""

    def __init__(
        self,
        model: Model,
        commands: CommandQueue,
        progress: TrainingProgress,
        checkpoints: TrainingCheckpoints,
        log: EventLog,
        heartbeat: Heartbeat,
        answer: Callable[[Question], Event],
        save: Callable[[int], None] = lambda epoch: None,
        measure_load: Callable[[], Event | None] = lambda: None,
    ) -> None:
        """`answer` answers a question about the network; `save` writes the network, of that epoch, and its event."""
        self.model, self.commands, self.progress, self.checkpoints = model, commands, progress, checkpoints
        self.log, self.heartbeat, self.answer, self.save = log, heartbeat, answer, save
        self.measure_load, self.load_due = measure_load, 0.0
        self.back: tuple[Checkpoint, float] | None = None
        """Where to go back to, and by what to multiply the learning rate."""
        self.pausing = self.stopping = False
        self.stepper: BatchStepper | None = None
        """Tells of single batches; None: the step is Keras' own."""
        self.steps_left = 0
        """Batches to train on before the pause goes on."""
        self.look = StepBatch()
        """The last command to do so, which says what is to be told."""
        self.paused_for: float | None = None
        """Seconds waited since the pause was told; None: none is told of."""
        self.before_pause: Callable[[], None] = lambda: None
        """Called once the training rests."""

    # ----------------------------------------------------------------------------- called by the Keras callback

    def apply_commands(self) -> None:
        """Carry out what came since. Raises FitInterrupted where the epoch is not to be trained to its end."""
        progress = self.progress
        self.heartbeat.beat()
        self.checkpoints.report_written()
        self.commands.poll()
        self._apply_all()
        if self.pausing and not (self.commands.stop or self.steps_left):
            self._pause()
        elif self.paused_for is not None and not self.pausing:
            self._end_pause()
        if self.steps_left and self.stepper:
            self.stepper.begin()
        if self.commands.stop and not self.stopping:
            self.stopping = True
            self._report_stop("batch")
        if self.back or (self.commands.stop and not progress.epoch_done):
            if self.commands.stop:
                self.checkpoints.take()
            raise FitInterrupted
        if progress.epoch_done:
            self.model.stop_training |= self.commands.stop or progress.is_last(progress.epoch)
        else:
            self.checkpoints.take_if_due()

    def end_epoch(self, metrics: Metrics) -> None:
        """An epoch was trained whole, and validated: take a checkpoint, and report a rate that a callback has changed."""
        progress = self.progress
        rate = rate_in_use(self.model.optimizer)
        if rate != progress.learning_rate and not learning_rate.has_schedule(self.model):
            self.log.emit(
                RateChanged(
                    epoch=progress.epoch,
                    step=progress.step,
                    learning_rate=rate,
                    why="no better for a while",
                )
            )
        best = progress.end_epoch(metrics)
        self.checkpoints.take(best, progress.score)

    def count_step(self) -> None:
        """A batch is trained on: where the user steps from one to the next, tell what the last one has done."""
        if not self.steps_left or self.stepper is None:
            return
        progress = self.progress
        # The last batch of all is waited at, too: what comes after it ends the run.
        at_end = progress.step == progress.steps and progress.is_last(progress.epoch)
        self.steps_left = 0 if at_end else self.steps_left - 1
        if not self.steps_left:
            self.stepper.end()
            self.log.emit(self.stepper.event(self.look))

    def answer_questions(self, *types: type[Question]) -> None:
        """Answer the waiting questions of these types, type by type, oldest first."""
        for kind in types:
            for question in self.commands.pop_questions(kind):
                self.log.emit(answer_or_problem(self.answer, question))

    def report_load(self) -> None:
        """Report how busy the machine is, where it is time to and the journal has room for it."""
        now = self.progress.clock()
        if now < self.load_due or not self.log.allows_epoch():
            return
        self.load_due = now + LOAD_SECONDS
        event = self.measure_load()
        if event is not None:
            self.log.emit(event)

    # --------------------------------------------------------------------------------------------- commands

    def _apply_all(self) -> None:
        while self.commands.controls:
            self._apply(self.commands.controls.popleft())

    def _apply(self, command: Steering) -> None:
        match command:
            case Pause():
                self.pausing = True
            case Resume():
                self.pausing, self.steps_left = False, 0
            case StepBatch():
                self._step(command)
            case StopAfterEpoch():
                self.progress.stop_after = self.progress.epoch
                self._report_stop("epoch")
            case SetRate(learning_rate=rate):
                self._set_rate(rate)
            case SetPatience(patience=patience, setting=setting):
                self._set_patience(setting, patience)
            case AddEpochs(epochs=more):
                self.progress.epochs = max(self.progress.epoch, self.progress.epochs + more)
                self.log.emit(EpochsChanged(epochs=self.progress.epochs))
                self.checkpoints.take()
            case SaveNow():
                self.checkpoints.take()
                self.checkpoints.flush()
                self.save(self.progress.epoch)
            case BackToBest(factor=factor):
                self._go_back(factor)

    def _step(self, command: StepBatch) -> None:
        if self.stepper is None:
            self._warn(
                "Batches are stepped through where train_step is written_out. Train such a run: t sets it."
            )
            return
        self.look = command
        if not self.pausing:
            self.pausing = True
        elif command.batches > 0:
            self.steps_left = command.batches
        elif self.stepper.can_tell:
            self.log.emit(self.stepper.event(command))

    def _report_stop(self, after: Literal["batch", "epoch"]) -> None:
        best, progress = self.commands.stop_with_best, self.progress
        self.log.emit(StopAsked(epoch=progress.epoch, step=progress.step, after=after, best=best))

    def _warn(self, message: str) -> None:
        self.log.emit(Noted(level="warning", message=message))

    def _set_rate(self, rate: float) -> None:
        if not (math.isfinite(rate) and rate > 0):
            self._warn(f"A learning rate must be above 0, not {rate:g}. It stays as it is.")
            return
        learning_rate.set_rate(self.model, rate)
        self.report_rate(rate, "set")
        self.checkpoints.take()

    def report_rate(self, rate: float, why: str) -> None:
        """The user has set another learning rate, which holds from here on."""
        progress = self.progress
        progress.learning_rate = rate
        self._report_setting(
            RateChanged(epoch=progress.epoch, step=progress.step, learning_rate=rate, why=why, asked=True)
        )

    def _report_setting(self, change: SettingChange) -> None:
        self.log.emit(change)
        self.progress.settings_changed += 1

    def _set_patience(self, setting: callbacks.PatienceSetting, patience: int) -> None:
        progress, steering = self.progress, self.checkpoints.callbacks
        monitor = callbacks.monitored(steering)
        if patience < 0:
            self._warn(f"A patience must be 0 or more, not {patience}. It stays as it is.")
        elif progress.epoch_metrics and monitor not in progress.epoch_metrics:
            self._warn(f"{monitor} isn't measured in this run, so a patience has no effect.")
        else:
            changed = callbacks.set_patience(steering, setting, patience)
            self._report_setting(
                PatienceChanged(epoch=progress.epoch, step=progress.step, setting=changed, patience=patience)
            )
            self.checkpoints.take()

    def _go_back(self, factor: float) -> None:
        try:
            best = self.checkpoints.best_checkpoint()
        except WorkerError as problem:
            self._warn(f"{problem} The training goes on where it is.")
            return
        if best is None:
            self._warn("There is no best epoch to go back to yet.")
        elif not (math.isfinite(factor) and factor > 0):
            self._warn(f"A factor must be above 0, not {factor:g}.")
        else:
            self.back = best, factor

    def _pause(self) -> None:
        """Until the user resumes, steps, stops or goes back. Questions about samples are answered meanwhile."""
        progress = self.progress
        paused_at = progress.clock()
        if self.paused_for is None:
            self.log.emit(Paused(epoch=progress.epoch, step=progress.step))
        self.checkpoints.take()
        self.before_pause()
        while self.pausing and not (self.commands.stop or self.back or self.steps_left):
            time.sleep(POLL_SECONDS)
            self.heartbeat.beat()
            self.report_load()
            self.checkpoints.report_written()
            self.commands.poll()
            self._apply_all()
            self.answer_questions(*SAMPLE_QUESTIONS)
        seconds = progress.clock() - paused_at
        progress.leave_out(seconds)
        self.paused_for = (self.paused_for or 0.0) + seconds
        if not self.steps_left or self.commands.stop or self.back:
            self._end_pause()

    def _end_pause(self) -> None:
        progress, seconds = self.progress, self.paused_for or 0.0
        self.pausing, self.paused_for, self.steps_left = False, None, 0
        if not (self.commands.stop or self.back):
            self.log.emit(Resumed(epoch=progress.epoch, step=progress.step, seconds=round(seconds, 3)))
