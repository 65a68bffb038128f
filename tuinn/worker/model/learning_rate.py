"""The learning rate of a training, set by the user: also over the head of a schedule."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf


class Overruled(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A schedule until somebody sets a rate, which then stays."""

    def __init__(self, schedule: Any) -> None:
        self.schedule = schedule
        self.rate = tf.Variable(math.nan, trainable=False, dtype=tf.float32)
        """Not a number as long as the schedule decides."""

    def __call__(self, step: Any) -> Any:
        planned = tf.cast(self.schedule(step), tf.float32)
        return tf.where(tf.math.is_nan(self.rate), planned, self.rate)

    def get_config(self) -> dict[str, Any]:
        """Never saved: see `as_compiled`."""
        return {}


def make_steerable(model: Any) -> None:
    """Let `set_rate` work where the rate follows a schedule. After compiling, before the first step."""
    optimizer = _inner(model)
    if isinstance(
        getattr(optimizer, "_learning_rate", None), keras.optimizers.schedules.LearningRateSchedule
    ):
        optimizer._learning_rate = Overruled(optimizer._learning_rate)


def set_rate(model: Any, rate: float) -> None:
    """From the next step on, whatever a schedule says."""
    optimizer = _inner(model)
    schedule = _overruled(model)
    if schedule is not None:
        schedule.rate.assign(rate)
    else:
        optimizer.learning_rate = rate


def has_schedule(model: Any) -> bool:
    """True where the rate is planned, so that it changes without anybody's doing."""
    return _overruled(model) is not None


def overrule_of(model: Any) -> float | None:
    """The rate set over the head of a schedule; None where there is none."""
    schedule = _overruled(model)
    rate = math.nan if schedule is None else float(schedule.rate)
    return None if math.isnan(rate) else rate


def restore_overrule(model: Any, rate: float | None) -> None:
    schedule = _overruled(model)
    if schedule is not None:
        schedule.rate.assign(math.nan if rate is None else rate)


@contextmanager
def as_compiled(model: Any) -> Iterator[None]:
    """Inside, the optimizer has the schedule of the spec, which Keras can save and load."""
    optimizer, schedule = _inner(model), _overruled(model)
    if schedule is None:
        yield
        return
    optimizer._learning_rate = schedule.schedule
    try:
        yield
    finally:
        optimizer._learning_rate = schedule


def _overruled(model: Any) -> Overruled | None:
    found = getattr(_inner(model), "_learning_rate", None)
    return found if isinstance(found, Overruled) else None


def _inner(model: Any) -> Any:
    """The optimizer inside one that scales the loss."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)
