"""Keras hooks → events, at most ten a second; wishes → `model.stop_training`. The thin edge to Keras' training loop."""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

import keras

from tuinn.runs.commands import Evaluate, Predict
from tuinn.runs.events import BatchEnded, EpochEnded, EpochStarted, Event, Noted, finite
from tuinn.worker.compiling import rate_in_use
from tuinn.worker.scribe import Say
from tuinn.worker.wishes import Question

PAUSE = 0.1
"""Seconds between two looks at the wishes, and between two BatchEnded, the last one of an epoch excepted."""

Logs = Mapping[str, float]


class Asked(Protocol):
    """What the reporter wants to know of the user. `Wishes` is the real one."""

    stop: bool
    questions: deque[Question]

    def poll(self) -> None: ...


class Reporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells how `model.fit` goes on, and passes on what the user wants of it."""

    def __init__(
        self,
        say: Say,
        asked: Asked,
        answer: Callable[[Question], Event],
        predict: Callable[[int], Event],
        samples: int,
        batch_size: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`predict` is called after each epoch with its number, counted from 1; `samples` are in one epoch."""
        super().__init__()
        self.say, self.asked, self.answer, self.predict = say, asked, answer, predict
        self.samples, self.batch_size, self.clock = samples, batch_size, clock
        self.steps = math.ceil(samples / batch_size)
        self.epoch = 0
        """Counted from 1; 0 before the first."""
        self.step = 0
        """Batches done in this epoch."""
        self.began = self.due = 0.0
        self.diverged = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch, self.step, self.began = epoch + 1, 0, self.clock()
        self.say(EpochStarted(epoch=self.epoch, steps=self.steps))
        self._heed()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """`batch` is the last one of this execution, counted from 0; past the end where the epoch was shorter."""
        self.step = min(batch + 1, self.steps)
        now = self.clock()
        if now < self.due and self.step < self.steps:
            return
        # Keras' logs are running means since the epoch began, so the batches passed over are not lost.
        self.due = now + PAUSE
        done = min(self.step * self.batch_size, self.samples)
        self.say(BatchEnded(epoch=self.epoch, step=self.step, samples=done, metrics=finite(logs or {})))
        self._note_divergence(logs or {})
        self._heed()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        # An epoch that was stopped on its way did not end.
        if self.step == self.steps:
            self.say(
                EpochEnded(
                    epoch=self.epoch,
                    metrics=finite(logs or {}),
                    seconds=self.clock() - self.began,
                    learning_rate=self._rate(),
                )
            )
        self.say(self.predict(self.epoch))
        self._heed()
        # Measuring resets Keras' running means, so these wait until an epoch's are told.
        self._answer(Evaluate)

    def finished(self, epochs: int) -> bool:
        """True when all of these epochs were trained whole."""
        return self.epoch == epochs and self.step == self.steps

    def _heed(self) -> None:
        self.asked.poll()
        if self.asked.stop:
            self.model.stop_training = True
        self._answer(Predict)

    def _answer(self, kind: type[Question]) -> None:
        for question in [one for one in self.asked.questions if isinstance(one, kind)]:
            self.asked.questions.remove(question)
            self.say(self.answer(question))

    def _note_divergence(self, logs: Logs) -> None:
        if self.diverged or math.isfinite(logs.get("loss", 0.0)):
            return
        self.diverged = True
        self.say(
            Noted(
                level="warning",
                message=f"The loss is not finite since epoch {self.epoch}. "
                f"Try a smaller learning_rate than {self._rate():g}, or scale the samples with a layer.",
            )
        )

    def _rate(self) -> float:
        return rate_in_use(self.model.optimizer)
