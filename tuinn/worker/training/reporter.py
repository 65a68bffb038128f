"""Keras hooks → events of the run, at most ten a second, and the user's commands between two batches."""

import math
from collections.abc import Callable

import keras

from tuinn.runs.commands import Evaluate, Examine, MakeReport, PredictTest
from tuinn.runs.events import BatchEnded, EpochEnded, EpochStarted, Event, Noted, finite
from tuinn.worker.commands import SAMPLE_QUESTIONS
from tuinn.worker.event_log import EventLog
from tuinn.worker.keras_types import Logs
from tuinn.worker.model.compilation import rate_in_use
from tuinn.worker.training.control import TrainingControl
from tuinn.worker.training.progress import TrainingProgress

REPORT_SECONDS = 0.1
"""Between two BatchEnded, and two looks at the commands; the last batch of an epoch is always reported."""


ALWAYS_PREDICTED = 10
"""The first so many epochs are each followed by predictions."""

PREDICTION_SHARE = 0.05
"""Of the time, at most, goes into predictions after later epochs. The last epoch is always followed by them."""


class Reporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Advances the progress, writes its events, and lets the control act between two batches."""

    def __init__(
        self,
        progress: TrainingProgress,
        log: EventLog,
        control: TrainingControl,
        predict: Callable[[int], Event | None],
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`predict` is called after an epoch with its number, counted from 1; its event is written."""
        super().__init__()
        self.progress, self.log, self.control = progress, log, control
        self.predict, self.beat = predict, beat
        self.reported = True
        """This epoch is reported, not left out to spare the journal."""
        self.due = self.predictions_due = 0.0
        self.predictions_behind = False
        """The last whole epoch was not followed by predictions."""
        self.diverged = False
        control.before_pause = self.catch_up

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        progress = self.progress
        resumed = progress.skipped > 0
        progress.begin_epoch(epoch + 1, rate_in_use(self.model.optimizer))
        self.reported = self.log.allows_epoch()
        if self.reported and not resumed:
            self.log.emit(EpochStarted(epoch=progress.epoch, steps=progress.steps))
        self.control.apply_commands()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """`batch` is the last one of this execution, counted from 0; past the end where the epoch was shorter."""
        self.beat()
        progress = self.progress
        progress.step = min(progress.skipped + batch + 1, progress.steps)
        now = progress.clock()
        last = progress.step == progress.steps
        if last:
            progress.learning_rate = rate_in_use(self.model.optimizer)
        if now < self.due and not last and not self.control.steps_left:
            return
        # Keras' logs are running means since the epoch began, so the batches left out are not lost.
        self.due = now + REPORT_SECONDS
        progress.metrics = finite(logs or {})
        if self.log.allows_batch():
            self.log.emit(
                BatchEnded(
                    epoch=progress.epoch,
                    step=progress.step,
                    samples=progress.samples_done,
                    metrics=progress.metrics,
                )
            )
        self._note_divergence(logs or {})
        self.control.count_step()
        self.control.report_load()
        if not last:
            self.control.apply_commands()
        self.control.answer_questions(*SAMPLE_QUESTIONS)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self.beat()
        self.control.report_load()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        progress = self.progress
        # An epoch that was stopped on its way did not end.
        if progress.step < progress.steps:
            self.report_predictions(progress.epoch)
            return
        metrics = finite({name: value for name, value in (logs or {}).items() if name != "learning_rate"})
        seconds, rate = progress.seconds, progress.learning_rate
        self.control.end_epoch(metrics)
        ended = EpochEnded(epoch=progress.epoch, metrics=metrics, seconds=seconds, learning_rate=rate)
        last = self.model.stop_training or progress.is_last(progress.epoch)
        if self.reported or last:
            self.log.emit(ended)
        else:
            self.log.omit(ended)
        if last or (self.reported and self._predictions_are_due()):
            self.report_predictions(progress.epoch)
        else:
            self.predictions_behind = True
        # Evaluating resets Keras' running means, so these wait until the epoch's are written.
        self.control.answer_questions(Evaluate, MakeReport, Examine, PredictTest, *SAMPLE_QUESTIONS)
        self.control.apply_commands()

    def report_predictions(self, epoch: int) -> None:
        """Write the event of the predictions on the test samples."""
        began = self.progress.clock()
        event = self.predict(epoch)
        if event is not None:
            self.log.emit(event)
        ended = self.progress.clock()
        self.predictions_due = ended + (ended - began) / PREDICTION_SHARE
        self.predictions_behind = False

    def catch_up(self) -> None:
        """Predict what an epoch was not followed by: somebody has time to look at it."""
        progress = self.progress
        if self.predictions_behind:
            self.report_predictions(progress.epoch - (progress.step == 0))

    def _predictions_are_due(self) -> bool:
        progress = self.progress
        return progress.epoch <= ALWAYS_PREDICTED or progress.clock() >= self.predictions_due

    def _note_divergence(self, logs: Logs) -> None:
        if self.diverged or math.isfinite(logs.get("loss", 0.0)):
            return
        self.diverged = True
        self.log.emit(
            Noted(
                level="warning",
                message=f"The loss is not finite since epoch {self.progress.epoch}. "
                f"Try a smaller learning_rate than {rate_in_use(self.model.optimizer):g}, "
                "or scale the samples with a layer.",
            )
        )
