"""When checkpoints of a training are taken, and the events about them."""

import os
from collections.abc import Sequence

from tuinn.runs.events import Checkpointed, Noted
from tuinn.spec.run import RunSpec
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import AsyncCheckpointer, Checkpoint
from tuinn.worker.event_log import EventLog
from tuinn.worker.keras_types import Callback, Model
from tuinn.worker.model.compiled import VariableReader
from tuinn.worker.training.progress import TrainingProgress


def checkpoint_seconds() -> float:
    """Seconds after which a checkpoint is taken inside an epoch: the environment's TUINN_CHECKPOINT_SECONDS, or five minutes."""
    try:
        return max(0.0, float(os.environ.get("TUINN_CHECKPOINT_SECONDS", "")))
    except ValueError:
        return 300.0


class TrainingCheckpoints:
    """Copies the state of a training and hands it to the checkpointer, which writes it in a thread."""

    def __init__(
        self,
        model: Model,
        callbacks: Sequence[Callback],
        progress: TrainingProgress,
        checkpointer: AsyncCheckpointer,
        log: EventLog,
        spec: RunSpec | None = None,
    ) -> None:
        """`callbacks`: those whose state belongs to the training. `spec`: what is trained."""
        self.model, self.callbacks, self.progress = model, callbacks, progress
        self.checkpointer, self.log, self.spec = checkpointer, log, spec
        self.taken_at = progress.clock()
        self.interval = checkpoint_seconds()
        self.reader: VariableReader | None = None

    def take(self, best: bool = False, score: float | None = None) -> None:
        """Of the training as it is. `best`: its last epoch is the best so far; `score`: of the epoch that just ended."""
        progress = self.progress
        self.taken_at = progress.clock()
        within_epoch = progress.step > 0 and not progress.epoch_done
        if self.reader is None:  # the optimizer is built by now
            self.reader = training_state.reader_of(self.model)
        state = training_state.take(self.model, self.callbacks, within_epoch, self.reader)
        checkpoint = Checkpoint(
            progress.position,
            progress.epochs,
            progress.best,
            state,
            progress.settings_changed,
            score,
            self.spec,
        )
        self.checkpointer.submit(checkpoint, best)

    def take_if_due(self) -> None:
        """Inside a long epoch."""
        if self.progress.clock() > self.taken_at + self.interval:
            self.take()

    def flush(self) -> None:
        """Return when all are on disk, and reported."""
        self.checkpointer.flush()
        self.report_written()

    def report_written(self) -> None:
        """Write events about what the checkpointer has done meanwhile."""
        written, problems = self.checkpointer.written, self.checkpointer.problems
        while written:
            position, file = written.pop(0)
            if self.log.allows_batch():
                name = f"{file.parent.name}/{file.name}"
                self.log.emit(Checkpointed(epoch=position.epoch - 1, step=position.step, file=name))
        if problems:
            self.log.emit(Noted(level="warning", message=problems[-1]))
            problems.clear()

    def best_checkpoint(self) -> Checkpoint | None:
        """Of the best epoch; None where there is none yet. Raises WorkerError where its file is damaged."""
        return self.checkpointer.best_checkpoint() if self.progress.best.epoch else None
