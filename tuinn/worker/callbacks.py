"""Early stopping and the rate that falls on a plateau: Keras' own callbacks, whose state can be saved and put back."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from tuinn.spec.calls import steering_calls
from tuinn.spec.run import RunSpec

State = Mapping[str, float | int | None]
"""A callback's counters and its best value so far, as JSON can hold them."""

Logs = dict[str, Any]


class _Continued:
    """Keras forgets a callback's state when `fit` begins; this one takes up what `restore` gave it."""

    FIELDS: tuple[str, ...]
    """The attributes that are its state."""
    resumed: State | None = None
    weights: Sequence[Any] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        super().on_train_begin(logs)  # type: ignore[misc]
        for name, value in (self.resumed or {}).items():
            if name in self.FIELDS:
                setattr(self, name, value)
        if self.weights is not None:
            self.best_weights = list(self.weights)
        self.resumed = self.weights = None


class EarlyStop(_Continued, keras.callbacks.EarlyStopping):  # type: ignore[misc]
    """Ends the training when the monitored number has not improved for `patience` epochs."""

    FIELDS = ("wait", "stopped_epoch", "best", "best_epoch")


class Plateau(_Continued, keras.callbacks.ReduceLROnPlateau):  # type: ignore[misc]
    """Lowers the learning rate when the monitored number has not improved for `patience` epochs."""

    FIELDS = ("wait", "cooldown_counter", "best")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        # Keras writes the rate into the logs, where it would pass for a metric.
        super().on_epoch_end(epoch, dict(logs or {}))


def callbacks_of(spec: RunSpec) -> list[Any]:
    """The callbacks that the fit settings ask for, in the order in which Keras is to call them."""
    ours = {"ReduceLROnPlateau": Plateau, "EarlyStopping": EarlyStop}
    return [ours[call.name](**call.config) for call in steering_calls(spec.fit)]


def state(callback: Any) -> dict[str, Any]:
    """The counters and the best value of one of `callbacks_of`, for a checkpoint; empty for any other callback."""
    if not isinstance(callback, _Continued):
        return {}
    if callback.resumed is not None:  # not begun yet
        return dict(callback.resumed)
    told = {}
    for name in callback.FIELDS:
        value = getattr(callback, name, None)
        told[name] = value if value is None or isinstance(value, int) else float(value)
    return told


def best_weights(callback: Any) -> list[Any] | None:
    """The weights of the best epoch as arrays, in the order of `model.get_weights`; None where none are kept."""
    kept = getattr(callback, "best_weights", None) or getattr(callback, "weights", None)
    return list(kept) if kept is not None else None


def restore(callback: Any, told: State, weights: Sequence[Any] | None = None) -> None:
    """Let the next `fit` go on with this state, and with `best_weights` of then."""
    if isinstance(callback, _Continued):
        callback.resumed, callback.weights = dict(told), weights


def early_end(callbacks: Sequence[Any], spec: RunSpec) -> str:
    """Why early stopping ended the training, in a sentence; empty where it didn't."""
    for callback in callbacks:
        if isinstance(callback, EarlyStop) and callback.stopped_epoch:
            kept = (
                f"; the weights of epoch {callback.best_epoch + 1} are kept" if spec.fit.restore_best else ""
            )
            return (
                f"Stopped early after epoch {callback.stopped_epoch + 1} of {spec.fit.epochs}: "
                f"{spec.fit.monitor} did not improve for {spec.fit.early_stopping_patience} epochs{kept}."
            )
    return ""


def restored_epoch(callbacks: Sequence[Any]) -> int:
    """The epoch, counted from 1, whose weights early stopping has put back after the training; 0 where it hasn't."""
    for callback in callbacks:
        if isinstance(callback, EarlyStop) and callback.restore_best_weights and callback.best_weights:
            return int(callback.best_epoch) + 1
    return 0
