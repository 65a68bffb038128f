"""Keras hooks → events, at most ten a second. The thin edge to Keras' training loop."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import keras

from tuinn.runs.commands import Evaluate, Question
from tuinn.runs.events import BatchEnded, EpochEnded, EpochStarted, Event, Metrics, Noted, finite
from tuinn.worker.checkpoints.checkpoint import Place
from tuinn.worker.commands import ABOUT_SAMPLES
from tuinn.worker.event_log import EventThrottle, Say
from tuinn.worker.model.compilation import rate_in_use

PAUSE = 0.1
"""Seconds between two looks at the wishes, and between two BatchEnded, the last one of an epoch excepted."""

LOOK = 1.0
"""Seconds between two looks at whether the machine's load is to be told."""

Logs = Mapping[str, float]


class Helmsman(Protocol):
    """Who is asked between two batches how to go on. `Helm` is the real one."""

    def heed(self, reporter: "Reporter") -> None:
        """Between two batches, or after an epoch. May raise to leave the loop."""

    def epoch_is_done(self, reporter: "Reporter", metrics: Metrics) -> None:
        """An epoch was trained whole, and validated."""

    def is_last(self, epoch: int) -> bool:
        """True when the training ends with this epoch."""

    def take(self, kind: Any) -> list[Question]:
        """The questions of this kind that wait, oldest first."""


class Reporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells how `model.fit` goes on, and asks the helm between two batches."""

    def __init__(
        self,
        say: Say,
        helm: Helmsman,
        answer: Callable[[Question], Event],
        predict: Callable[[int], Event | None],
        samples: int,
        batch_size: int,
        clock: Callable[[], float] = time.monotonic,
        beat: Callable[[], None] = lambda: None,
        measure: Callable[[], Event | None] = lambda: None,
    ) -> None:
        """`predict` is called after each epoch with its number, counted from 1, and may have nothing to tell;
        `samples` are in one epoch; `measure` says how busy the machine is, now and then."""
        super().__init__()
        self.ration = EventThrottle(say, clock)
        self.say, self.helm, self.answer, self.predict = self.ration.say, helm, answer, predict
        self.samples, self.batch_size, self.clock, self.beat = samples, batch_size, clock, beat
        self.measure, self.load_due = measure, 0.0
        self.steps = math.ceil(samples / batch_size)
        self.epoch = 0
        """Counted from 1; 0 before the first."""
        self.step = 0
        """Batches done in this epoch."""
        self.skipped = 0
        """Batches of this epoch that were done before `fit` was called."""
        self.whole = False
        """The epoch in hand has ended."""
        self.told = True
        """The epoch in hand is told, not passed over to spare the journal."""
        self.began = self.due = 0.0
        self.metrics: Metrics = {}
        self.rate = 0.0
        """Of the last step of the epoch, once it is done."""
        self.diverged = False

    def start_from(self, place: Place) -> None:
        """The next epoch begins at this place."""
        self.epoch, self.step, self.skipped = place.epoch, place.step, place.step
        self.began = self.clock() - place.seconds
        self.whole, self.metrics = False, place.metrics

    def start_after(self, epoch: int) -> None:
        """Nothing is left to train: this epoch was the last."""
        self.epoch, self.step, self.whole = epoch, self.steps, True

    def place(self) -> Place:
        """Where the training is."""
        if self.whole:
            return Place(self.epoch + 1)
        return Place(self.epoch, self.step, self.clock() - self.began, self.metrics)

    def samples_done(self) -> int:
        """Samples of the epoch in hand."""
        return min(self.step * self.batch_size, self.samples)

    def shift(self, seconds: float) -> None:
        """The training rested for so long; the time isn't the epoch's."""
        self.began += seconds

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if not self.skipped:
            self.epoch, self.step, self.began = epoch + 1, 0, self.clock()
            self.metrics = {}
        self.whole = False
        self.rate = rate_in_use(self.model.optimizer)
        self.told = self.ration.allows_epoch()
        if self.told and not self.skipped:
            self.say(EpochStarted(epoch=self.epoch, steps=self.steps))
        self.helm.heed(self)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """`batch` is the last one of this execution, counted from 0; past the end where the epoch was shorter."""
        self.beat()
        self.step = min(self.skipped + batch + 1, self.steps)
        now = self.clock()
        last = self.step == self.steps
        if last:
            self.rate = rate_in_use(self.model.optimizer)
        if now < self.due and not last:
            return
        # Keras' logs are running means since the epoch began, so the batches passed over are not lost.
        self.due = now + PAUSE
        self.metrics = finite(logs or {})
        if self.ration.allows_batch():
            self.say(
                BatchEnded(
                    epoch=self.epoch, step=self.step, samples=self.samples_done(), metrics=self.metrics
                )
            )
        self._note_divergence(logs or {})
        self.tell_load()
        if not last:
            self.helm.heed(self)
        self._answer(ABOUT_SAMPLES)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self.beat()
        self.tell_load()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        # An epoch that was stopped on its way did not end.
        if self.step < self.steps:
            self.tell_predictions(self.epoch)
            return
        metrics = finite({name: value for name, value in (logs or {}).items() if name != "learning_rate"})
        seconds, rate = self.clock() - self.began, self.rate
        self.whole, self.skipped = True, 0
        self.helm.epoch_is_done(self, metrics)
        if self.told or self.model.stop_training or self.helm.is_last(self.epoch):
            self.say(EpochEnded(epoch=self.epoch, metrics=metrics, seconds=seconds, learning_rate=rate))
            self.tell_predictions(self.epoch)
        # Measuring resets Keras' running means, so these wait until an epoch's are told.
        self._answer(Evaluate)
        self._answer(ABOUT_SAMPLES)
        self.helm.heed(self)

    def finished(self, epochs: int) -> bool:
        """True when all of these epochs were trained whole."""
        return self.epoch >= epochs and self.step == self.steps

    def tell_load(self) -> None:
        """How busy the machine is, where it is time to say so and the journal has room for it."""
        if self.clock() < self.load_due or not self.ration.allows_epoch():
            return
        self.load_due = self.clock() + LOOK
        event = self.measure()
        if event is not None:
            self.say(event)

    def tell_predictions(self, epoch: int) -> None:
        """Let the network say what it takes the first test samples for."""
        event = self.predict(epoch)
        if event is not None:
            self.say(event)

    def _answer(self, kind: Any) -> None:
        for question in self.helm.take(kind):
            self.say(self.answer(question))

    def _note_divergence(self, logs: Logs) -> None:
        if self.diverged or math.isfinite(logs.get("loss", 0.0)):
            return
        self.diverged = True
        self.say(
            Noted(
                level="warning",
                message=f"The loss is not finite since epoch {self.epoch}. "
                f"Try a smaller learning_rate than {rate_in_use(self.model.optimizer):g}, "
                "or scale the samples with a layer.",
            )
        )
