"""Early stopping and the rate that falls on a plateau: Keras' own callbacks, and what they did."""

from collections.abc import Sequence
from typing import Any

import keras

from tuinn.spec.calls import steering_calls
from tuinn.spec.run import RunSpec

Logs = dict[str, Any]


class Plateau(keras.callbacks.ReduceLROnPlateau):  # type: ignore[misc]
    """Lowers the learning rate when the monitored number has not improved for `patience` epochs."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        # Keras writes the rate into the logs, where it would pass for a metric.
        super().on_epoch_end(epoch, dict(logs or {}))


def callbacks_of(spec: RunSpec) -> list[Any]:
    """The callbacks that the fit settings ask for, in the order in which Keras is to call them."""
    ours = {"ReduceLROnPlateau": Plateau, "EarlyStopping": keras.callbacks.EarlyStopping}
    return [ours[call.name](**call.config) for call in steering_calls(spec.fit)]


def early_end(callbacks: Sequence[Any], spec: RunSpec) -> str:
    """Why early stopping ended the training, in a sentence; empty where it didn't."""
    for callback in callbacks:
        if isinstance(callback, keras.callbacks.EarlyStopping) and callback.stopped_epoch:
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
        if (
            isinstance(callback, keras.callbacks.EarlyStopping)
            and callback.restore_best_weights
            and callback.best_weights
        ):
            return int(callback.best_epoch) + 1
    return 0
