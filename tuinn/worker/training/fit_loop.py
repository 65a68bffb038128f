"""The epochs of a training, and the steps back between them: what `model.fit` does, with our own compiled steps."""

from collections.abc import Sequence

from tuinn.runs.events import WentBack
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import Checkpoint, Position
from tuinn.worker.data.executions import TrainingSteps
from tuinn.worker.distribution import scope_of
from tuinn.worker.inference.evaluator import Evaluator
from tuinn.worker.keras_types import Array, Logs
from tuinn.worker.model import learning_rate
from tuinn.worker.model.compilation import rate_in_use
from tuinn.worker.training.control import FitInterrupted
from tuinn.worker.training.device_comparison import DeviceComparison
from tuinn.worker.training.progress import TrainingProgress
from tuinn.worker.training.reporter import Reporter


class FitLoop:
    """Trains epoch by epoch, from wherever that begins; calls the hooks of the callbacks that a training has here.

    Those of the fit settings act when the training begins, an epoch ends, and the training ends; the reporter after
    each execution, too.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        reporter: Reporter,
        shuffle: bool,
        comparison: DeviceComparison | None = None,
    ) -> None:
        """`comparison`: of several devices with one."""
        self.comparison = comparison
        self.evaluator, self.model = evaluator, evaluator.model
        self.reporter, self.control = reporter, reporter.control
        self.progress: TrainingProgress = reporter.progress
        self.callbacks = self.control.checkpoints.callbacks
        self.shuffle = shuffle
        self.metrics: Sequence[Array] = ()
        """The running sums with which the next epoch begins; empty where it begins with its first batch."""

    def run(self, start: Checkpoint | None = None) -> None:
        """Train all epochs, or as many as the control and the callbacks let pass, from the start or from a checkpoint."""
        model, progress = self.model, self.progress
        with scope_of(model):
            learning_rate.make_settable(model)
            # At once, so that there is a state to save before the first step.
            model.optimizer.build(model.trainable_variables)
        steps = TrainingSteps(
            model, self.evaluator.pipeline, progress.batch_size, self.shuffle, self.evaluator.evaluation
        )
        for callback in (*self.callbacks, self.reporter):
            callback.set_model(model)
            callback.on_train_begin()
        model.stop_training = False
        position = Position() if start is None else self._restore(start)
        while not self._is_done(position):
            progress.start_from(position)
            try:
                self._train_epoch(position, steps)
            except FitInterrupted:
                if not self.control.back:
                    break
            if self.control.back:
                position = self._go_back(*self.control.back)
            elif model.stop_training:
                break
            else:
                if self.comparison:
                    self.comparison.tell(progress.epochs - progress.epoch)
                position = Position(progress.epoch + 1)
        if not progress.epoch:
            progress.end_after(position.epoch - 1)
        for callback in self.callbacks:
            callback.on_train_end()  # early stopping puts the best weights back

    def _train_epoch(self, position: Position, steps: TrainingSteps) -> None:
        """From this position on. Raises FitInterrupted where it is not to be trained to its end."""
        epoch, reporter = position.epoch - 1, self.reporter
        means: Logs = {}
        steps.begin(epoch)
        if self.metrics:
            training_state.restore_metrics(self.metrics, self.model)
            self.metrics = ()
        reporter.on_epoch_begin(epoch)
        executions = steps.run(position.step)
        if self.comparison:
            executions = self.comparison.timed(executions, position.step)
        for done, means in executions:
            reporter.on_train_batch_end(done - position.step - 1, means)
        found = self.evaluator.evaluation.evaluate("validation", lambda: reporter.on_test_batch_end(0))
        logs = {**means, **{f"val_{name}": value for name, value in found.items()}}
        for callback in (*self.callbacks, reporter):
            callback.on_epoch_end(epoch, logs)

    def _is_done(self, position: Position) -> bool:
        """A worker died, or could not save, after the last epoch: only measuring and saving are left."""
        stopped = any(getattr(callback, "stopped_epoch", 0) for callback in self.callbacks)
        at_epoch_end = position.step == 0 and position.epoch > 1
        return at_epoch_end and (stopped or self.progress.is_last(position.epoch - 1))

    def _restore(self, checkpoint: Checkpoint) -> Position:
        """Make everything as it was at this checkpoint. Raises WorkerError where it is of another network."""
        training_state.restore(checkpoint.state, self.model, self.callbacks)
        self.metrics = checkpoint.state["metrics"]
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
