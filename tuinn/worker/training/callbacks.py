"""Early stopping and the rate that falls on a plateau: Keras' own callbacks, and what they did."""

import sys
from collections.abc import Sequence
from typing import Any, Literal

import keras
from msgspec.structs import replace

from tuinn.spec.calls import steering_calls
from tuinn.spec.run import RunSpec

Logs = dict[str, Any]


class Plateau(keras.callbacks.ReduceLROnPlateau):  # type: ignore[misc]
    """Lowers the learning rate when the monitored number has not improved for `patience` epochs."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        # Keras writes the rate into the logs, where it would pass for a metric.
        super().on_epoch_end(epoch, dict(logs or {}))


class EarlyStopping(keras.callbacks.EarlyStopping):  # type: ignore[misc]
    """Keras' own, which may be off, and be set on or off while the training goes on."""

    OFF = sys.maxsize
    """A patience that nothing outlasts."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.patience < self.OFF:
            super().on_epoch_end(epoch, logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.patience < self.OFF:
            super().on_train_end(logs)


def callbacks_of(spec: RunSpec) -> list[Any]:
    """The callbacks that the fit settings ask for, in the order in which Keras is to call them; early stopping at
    least switched off, so that it can be switched on later."""
    ours = {"ReduceLROnPlateau": Plateau, "EarlyStopping": EarlyStopping}
    waits = replace(spec.fit, early_stopping_patience=spec.fit.early_stopping_patience or EarlyStopping.OFF)
    return [ours[call.name](**call.config) for call in steering_calls(waits)]


Setting = Literal["early_stopping_patience", "patience"]


def set_patience(callbacks: Sequence[Any], setting: Setting, patience: int) -> Setting:
    """Let one of them wait for so many epochs from now on; 0 switches early stopping off.

    Returns the setting that was meant: `patience` is that of the rate only where it falls on a plateau.
    """
    for callback in callbacks:
        if setting == "patience" and isinstance(callback, Plateau):
            callback.patience = patience
            return setting
    for callback in callbacks:
        if isinstance(callback, EarlyStopping):
            if not patience or callback.patience == callback.OFF:
                # What was best before it was switched on, it doesn't know: the checkpoint of the best epoch does.
                callback.wait, callback.best, callback.best_weights = 0, None, None
                callback.restore_best_weights = False
            callback.patience = patience or callback.OFF
    return "early_stopping_patience"


def monitored(callbacks: Sequence[Any]) -> str:
    """The number that is to improve."""
    return next((str(callback.monitor) for callback in callbacks if hasattr(callback, "monitor")), "")


def wants_best(callbacks: Sequence[Any], spec: RunSpec) -> bool:
    """Early stopping, switched on in mid-run, has ended the training, and the best weights are to be kept."""
    return spec.fit.restore_best and any(
        isinstance(callback, EarlyStopping) and callback.stopped_epoch and not callback.restore_best_weights
        for callback in callbacks
    )


def early_end(callbacks: Sequence[Any], spec: RunSpec, kept: int) -> str:
    """Why early stopping ended the training, in a sentence; empty where it didn't. `kept`: the epoch whose weights are."""
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.EarlyStopping) and callback.stopped_epoch:
            told = f"; the weights of epoch {kept} are kept" if kept else ""
            return (
                f"Stopped early after epoch {callback.stopped_epoch + 1} of {spec.fit.epochs}: "
                f"{spec.fit.monitor} did not improve for {callback.patience} epochs{told}."
            )
    return ""


def restored_epoch(callbacks: Sequence[Any]) -> int:
    """The epoch, counted from 1, whose weights early stopping has put back after the training; 0 where it hasn't."""
    for callback in callbacks:
        if (
            isinstance(callback, keras.callbacks.EarlyStopping)
            and callback.restore_best_weights
            and callback.best_weights
        ):
            return int(callback.best_epoch) + 1
    return 0
