"""`model.fit`, called as often as it takes: first for the rest of a resumed epoch, and again after each step back."""

import sys
from collections.abc import Sequence

import keras

from tuinn.runs.events import WentBack
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import Checkpoint, Position
from tuinn.worker.inference.evaluator import Evaluator
from tuinn.worker.keras_types import Array, Logs
from tuinn.worker.model import learning_rate, seeds
from tuinn.worker.model.compilation import rate_in_use
from tuinn.worker.training.control import FitInterrupted
from tuinn.worker.training.progress import TrainingProgress
from tuinn.worker.training.reporter import Reporter

MOST_EPOCHS = sys.maxsize
"""For `fit`, which can't be told later that there shall be more: the control ends it."""


class OneTraining(keras.callbacks.CallbackList):  # type: ignore[misc]
    """Callbacks for which the training begins and ends once, however often `fit` is called."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """A call of `fit` begins, which is no concern of a callback."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """As `on_train_begin`."""

    def begin(self) -> None:
        """The training begins."""
        super().on_train_begin()

    def end(self) -> None:
        """The training is over; early stopping puts the best weights back."""
        super().on_train_end()


class EpochSetup(keras.callbacks.Callback):  # type: ignore[misc]
    """Orders the samples of an epoch, restores the metrics of one that is resumed in its middle, and keeps chance out
    of validation."""

    def __init__(self, evaluator: Evaluator, shuffle: bool) -> None:
        super().__init__()
        self.evaluator, self.shuffle = evaluator, shuffle
        self.metrics: Sequence[Array] = ()
        """The running sums with which the next call of `fit` begins; empty where it begins with an epoch."""
        self.seeds = seeds.seed_states(evaluator.model)
        self.before_validation: list[Array] = []

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        pipeline, model = self.evaluator.pipeline, self.evaluator.model
        if self.shuffle:
            pipeline.shuffle(epoch)
        if self.metrics:
            # They are built when they are first used.
            with seeds.unchanged(model):
                model.test_step(pipeline.first())
            training_state.restore_metrics(self.metrics, model)
            self.metrics = ()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self.before_validation = seeds.values_of(self.seeds)

    def on_test_end(self, logs: Logs | None = None) -> None:
        seeds.assign(self.seeds, self.before_validation)


class FitLoop:
    """The calls of `fit` that make one training, and the steps back between them."""

    def __init__(self, evaluator: Evaluator, reporter: Reporter, shuffle: bool) -> None:
        self.evaluator, self.model = evaluator, evaluator.model
        self.reporter, self.control = reporter, reporter.control
        self.progress: TrainingProgress = reporter.progress
        self.callbacks = self.control.checkpoints.callbacks
        self.setup = EpochSetup(evaluator, shuffle)

    def run(self, start: Checkpoint | None = None) -> None:
        """Train all epochs, or as many as the control and the callbacks let pass, from the start or from a checkpoint."""
        model, progress = self.model, self.progress
        learning_rate.make_settable(model)
        # At once, so that there is a state to save before the first step.
        model.optimizer.build(model.trainable_variables)
        callbacks = OneTraining([self.setup, *self.callbacks, self.reporter], model=model)
        callbacks.begin()
        position = Position() if start is None else self._restore(start)
        model.history = None  # `fit` gives it back; only Keras' own list of callbacks sets it
        while not self._is_done(position):
            progress.start_from(position)
            try:
                self._fit(position, callbacks)
            except FitInterrupted:
                if not self.control.back:
                    break
            if self.control.back:
                position = self._go_back(*self.control.back)
            elif model.stop_training:
                break
            else:
                position = Position(progress.epoch + 1)
        if not progress.epoch:
            progress.end_after(position.epoch - 1)
        callbacks.end()

    def _fit(self, position: Position, callbacks: OneTraining) -> None:
        """From this position on; where that is in an epoch, only to its end, as the next begins with its first batch."""
        pipeline = self.evaluator.pipeline
        validation = pipeline.spans("validation", self.evaluator.batch)
        self.model.fit(
            pipeline.spans("training", self.progress.batch_size, skip=position.step),
            validation_data=validation if pipeline.counts["validation"] else None,
            initial_epoch=position.epoch - 1,
            epochs=position.epoch if position.step else MOST_EPOCHS,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )

    def _is_done(self, position: Position) -> bool:
        """A worker died, or could not save, after the last epoch: only measuring and saving are left."""
        stopped = any(getattr(callback, "stopped_epoch", 0) for callback in self.callbacks)
        at_epoch_end = position.step == 0 and position.epoch > 1
        return at_epoch_end and (stopped or self.progress.is_last(position.epoch - 1))

    def _restore(self, checkpoint: Checkpoint) -> Position:
        """Make everything as it was at this checkpoint. Raises WorkerError where it is of another network."""
        training_state.restore(checkpoint.state, self.model, self.callbacks)
        self.setup.metrics = checkpoint.state["metrics"]
        self.progress.best = checkpoint.best
        return checkpoint.position

    def _go_back(self, best: Checkpoint, factor: float) -> Position:
        """To the end of the best epoch, with the present learning rate times `factor`."""
        self.control.back = None
        rate = rate_in_use(self.model.optimizer) * factor
        position = self._restore(best)
        learning_rate.set_rate(self.model, rate)
        self.progress.start_from(position)
        self.control.log.emit(
            WentBack(epoch=position.epoch, why=f"back to epoch {position.epoch - 1}, the best")
        )
        self.control.report_rate(rate_in_use(self.model.optimizer), f"× {factor:g}")
        self.control.checkpoints.take()
        return position
