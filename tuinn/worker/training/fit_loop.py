"""`model.fit`, in as many legs as it takes: a first one that begins in mid-epoch, and one after each step back."""

import sys
from collections.abc import Sequence
from typing import Any

import keras

from tuinn.runs.events import WentBack
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import Checkpoint, Place
from tuinn.worker.inference.evaluator import Evaluator
from tuinn.worker.model import learning_rate
from tuinn.worker.model.compilation import rate_in_use
from tuinn.worker.training.control import FitInterrupted, TrainingControl
from tuinn.worker.training.reporter import Reporter

MOST_EPOCHS = sys.maxsize
"""For `fit`, which can't be told later that there shall be more: the helm ends it."""


class Chain(keras.callbacks.CallbackList):  # type: ignore[misc]
    """Callbacks whose training begins and ends once, however many legs it has."""

    def on_train_begin(self, logs: Any = None) -> None:
        """A leg begins, which is nothing to a callback."""

    def on_train_end(self, logs: Any = None) -> None:
        """Likewise."""

    def begin(self) -> None:
        """The training begins."""
        super().on_train_begin()

    def end(self) -> None:
        """The training is over; early stopping puts the best weights back."""
        super().on_train_end()


class FirstSteps(keras.callbacks.Callback):  # type: ignore[misc]
    """Orders the samples of an epoch, and gives an epoch that is taken up in its middle its metrics back."""

    def __init__(self, exam: Evaluator, shuffled: bool) -> None:
        super().__init__()
        self.exam, self.shuffled = exam, shuffled
        self.metrics: list[Any] = []
        """The running sums at the beginning of the next leg; empty where it begins with an epoch."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self.shuffled:
            self.exam.samples.shuffle(epoch)
        if self.metrics:
            # They are built when they are first used.
            self.exam.model.test_step(self.exam.samples.first())
            training_state.restore_metrics(self.metrics, self.exam.model)
            self.metrics = []


def fit(
    exam: Evaluator,
    batch: int,
    shuffled: bool,
    reporter: Reporter,
    helm: TrainingControl,
    callbacks: Sequence[Any],
    start: Checkpoint | None = None,
) -> None:
    """All epochs, or as many as the helm and the callbacks let pass, from the start or from a checkpoint."""
    model, samples = exam.model, exam.samples
    first = FirstSteps(exam, shuffled)
    learning_rate.make_steerable(model)
    # At once, so that there is a state to keep before the first step.
    model.optimizer.build(model.trainable_variables)
    helm.callbacks = callbacks
    chain = Chain([first, *callbacks, reporter], model=model)
    chain.begin()
    place = Place() if start is None else take_up(start, first, helm, callbacks)
    model.history = None  # `fit` gives it back; only Keras' own list of callbacks sets it
    while not is_done(place, helm, callbacks):
        reporter.start_from(place)
        try:
            model.fit(
                samples.spans("training", batch, skip=place.step),
                validation_data=samples.spans("validation", exam.batch)
                if samples.counts["validation"]
                else None,
                initial_epoch=place.epoch - 1,
                epochs=place.epoch if place.step else MOST_EPOCHS,
                callbacks=chain,
                shuffle=False,
                verbose=0,
            )
        except FitInterrupted:
            if not helm.back:
                break
        if helm.back:
            place = go_back(first, reporter, helm, callbacks)
        elif model.stop_training:
            break
        else:
            place = Place(reporter.epoch + 1)
    if not reporter.epoch:
        reporter.start_after(place.epoch - 1)
    chain.end()


def is_done(place: Place, helm: TrainingControl, callbacks: Sequence[Any]) -> bool:
    """A worker died, or could not save, after the last epoch: there is nothing left to train, only to measure and save."""
    enough = any(getattr(callback, "stopped_epoch", 0) for callback in callbacks)
    return place.step == 0 and place.epoch > 1 and (enough or helm.is_last(place.epoch - 1))


def take_up(start: Checkpoint, first: FirstSteps, helm: TrainingControl, callbacks: Sequence[Any]) -> Place:
    """Make everything as it was at this checkpoint. Raises WorkerError where it is of another network."""
    training_state.restore(start.state, first.exam.model, callbacks)
    first.metrics = start.state["metrics"]
    helm.best = start.best
    return start.place


def go_back(first: FirstSteps, reporter: Reporter, helm: TrainingControl, callbacks: Sequence[Any]) -> Place:
    """To the end of the best epoch, and on with another rate."""
    assert helm.back is not None
    (best, factor), helm.back = helm.back, None
    model = first.exam.model
    rate = rate_in_use(model.optimizer) * factor
    place = take_up(best, first, helm, callbacks)
    learning_rate.set_rate(model, rate)
    reporter.start_from(place)
    reporter.say(WentBack(epoch=place.epoch, why=f"back to epoch {place.epoch - 1}, the best"))
    helm.tell_rate(reporter, rate_in_use(model.optimizer), f"× {factor:g}")
    helm.keep(reporter)
    return place
