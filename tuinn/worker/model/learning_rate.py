"""The learning rate of a training, set by the user, also in place of a schedule."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from tuinn.worker.keras_internals import rate_of, set_schedule
from tuinn.worker.keras_types import Model, Optimizer, Tensor


class OverridableSchedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A schedule until a rate is set, which then stays."""

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> None:
        self.schedule = schedule
        self.override = tf.Variable(math.nan, trainable=False, dtype=tf.float32)
        """Not a number as long as the schedule decides."""

    def __call__(self, step: object) -> Tensor:
        scheduled = tf.cast(self.schedule(step), tf.float32)
        rate: Tensor = tf.where(tf.math.is_nan(self.override), scheduled, self.override)
        return rate

    def get_config(self) -> dict[str, object]:
        """Never saved: see `as_compiled`."""
        return {}


def make_settable(model: Model) -> None:
    """Let `set_rate` work where the rate follows a schedule. After compiling, before the first step."""
    optimizer = inner_optimizer(model.optimizer)
    rate = rate_of(optimizer)
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        set_schedule(optimizer, OverridableSchedule(rate))


def set_rate(model: Model, rate: float) -> None:
    """From the next step on, whatever a schedule says."""
    schedule = _schedule(model)
    if schedule is not None:
        schedule.override.assign(rate)
    else:
        inner_optimizer(model.optimizer).learning_rate = rate


def has_schedule(model: Model) -> bool:
    """True where the rate changes by a schedule."""
    return _schedule(model) is not None


def override_of(model: Model) -> float | None:
    """The rate set in place of a schedule; None where there is none."""
    schedule = _schedule(model)
    rate = math.nan if schedule is None else float(schedule.override.numpy())
    return None if math.isnan(rate) else rate


def restore_override(model: Model, rate: float | None) -> None:
    """Set what `override_of` gave."""
    schedule = _schedule(model)
    if schedule is not None:
        schedule.override.assign(math.nan if rate is None else rate)


@contextmanager
def as_compiled(model: Model) -> Iterator[None]:
    """Inside, the optimizer has the schedule of the spec, which Keras can save and load."""
    optimizer, schedule = inner_optimizer(model.optimizer), _schedule(model)
    if schedule is None:
        yield
        return
    set_schedule(optimizer, schedule.schedule)
    try:
        yield
    finally:
        set_schedule(optimizer, schedule)


def inner_optimizer(optimizer: Optimizer) -> Optimizer:
    """The optimizer inside one that scales the loss for mixed precision; it counts the steps and has the rate."""
    inner: Optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    return inner


def _schedule(model: Model) -> OverridableSchedule | None:
    schedule = rate_of(inner_optimizer(model.optimizer))
    return schedule if isinstance(schedule, OverridableSchedule) else None
