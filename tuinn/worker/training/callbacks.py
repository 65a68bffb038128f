"""Early stopping, and the learning rate that falls on a plateau: Keras' own callbacks, and what they did."""

import sys
from collections.abc import Callable, Sequence
from typing import Literal

import keras
from msgspec.structs import replace

from tuinn.spec.calls import callback_calls
from tuinn.spec.run import RunSpec
from tuinn.worker.keras_types import Callback, Logs

PatienceSetting = Literal["early_stopping_patience", "patience"]


class Plateau(keras.callbacks.ReduceLROnPlateau):  # type: ignore[misc]
    """Lowers the learning rate when the monitored metric has not improved for `patience` epochs."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        # Keras writes the rate into the logs, where it would pass for a metric.
        super().on_epoch_end(epoch, dict(logs or {}))


class EarlyStopping(keras.callbacks.EarlyStopping):  # type: ignore[misc]
    """Keras' own, which may be off, and be set on or off during the training."""

    OFF = sys.maxsize
    """A patience that no training outlasts."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.patience < self.OFF:
            super().on_epoch_end(epoch, logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.patience < self.OFF:
            super().on_train_end(logs)


def callbacks_of(spec: RunSpec) -> list[Callback]:
    """The callbacks that the fit settings ask for, in the order in which Keras is to call them; early stopping at
    least switched off, so that it can be switched on later."""
    classes: dict[str, Callable[..., Callback]] = {
        "ReduceLROnPlateau": Plateau,
        "EarlyStopping": EarlyStopping,
    }
    fit = replace(spec.fit, early_stopping_patience=spec.fit.early_stopping_patience or EarlyStopping.OFF)
    return [classes[call.name](**call.config) for call in callback_calls(fit)]


def early_stopping_of(callbacks: Sequence[Callback]) -> EarlyStopping | None:
    """The one among them; None where there is none."""
    return next((callback for callback in callbacks if isinstance(callback, EarlyStopping)), None)


def set_patience(callbacks: Sequence[Callback], setting: PatienceSetting, patience: int) -> PatienceSetting:
    """Let one of them wait for so many epochs from now on; 0 switches early stopping off.

    Returns the setting that was changed: `patience` is the learning rate's only where it falls on a plateau.
    """
    plateau = next((callback for callback in callbacks if isinstance(callback, Plateau)), None)
    if setting == "patience" and plateau is not None:
        plateau.patience = patience
        return setting
    stopping = early_stopping_of(callbacks)
    if stopping is not None:
        if not patience or stopping.patience == stopping.OFF:
            # What was best before it was switched on, it doesn't know: the checkpoint of the best epoch does.
            stopping.wait, stopping.best, stopping.best_weights = 0, None, None
            stopping.restore_best_weights = False
        stopping.patience = patience or stopping.OFF
    return "early_stopping_patience"


def monitored(callbacks: Sequence[Callback]) -> str:
    """The metric that is to improve."""
    return next((callback.monitor for callback in callbacks), "")


def wants_best(callbacks: Sequence[Callback], spec: RunSpec) -> bool:
    """Early stopping, switched on during the run, has ended it, and the best weights are to be kept."""
    stopping = early_stopping_of(callbacks)
    return (
        stopping is not None
        and spec.fit.restore_best
        and stopping.stopped_epoch > 0
        and not stopping.restore_best_weights
    )


def early_end(callbacks: Sequence[Callback], spec: RunSpec, kept: int) -> str:
    """Why early stopping ended the training, in a sentence; empty where it didn't. `kept`: the epoch whose weights are."""
    stopping = early_stopping_of(callbacks)
    if stopping is None or not stopping.stopped_epoch:
        return ""
    weights = f"; the weights of epoch {kept} are kept" if kept else ""
    return (
        f"Stopped early after epoch {stopping.stopped_epoch + 1} of {spec.fit.epochs}: "
        f"{spec.fit.monitor} did not improve for {stopping.patience} epochs{weights}."
    )


def restored_epoch(callbacks: Sequence[Callback]) -> int:
    """The epoch, counted from 1, whose weights early stopping has restored after the training; 0 where it hasn't."""
    stopping = early_stopping_of(callbacks)
    if stopping is None or not (stopping.restore_best_weights and stopping.best_weights):
        return 0
    return int(stopping.best_epoch) + 1
