"""Several devices that train one network: TensorFlow's MirroredStrategy, and what it makes of Keras' variables.

Each device has a copy of every weight and takes a share of each batch; the gradients are added, so that all copies stay the same.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf

from tuinn.worker.keras_types import Array, Variable


@cache
def _mirrored(names: tuple[str, ...]) -> Any:
    """One for the whole process: the sums of a second one would be taken for those of the first."""
    return tf.distribute.MirroredStrategy(list(names))


class Replicas:
    """The devices of a training. One alone has no strategy, and nothing here changes what it does."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        """`names`: TensorFlow's, of two devices or more; none: the one that computes anyway."""
        self.names = tuple(names)
        self.strategy = _mirrored(self.names) if len(names) > 1 else None

    @property
    def count(self) -> int:
        return len(self.names) or 1

    def scope(self) -> AbstractContextManager[object]:
        """Inside, a variable that is made gets a copy on each device."""
        scope: AbstractContextManager[object] = self.strategy.scope() if self.strategy else nullcontext()
        return scope

    def run(self, step: Callable[..., Any], *arguments: object) -> Any:
        """Inside a graph, call `step` for each of several devices, on it; `at_device` says which one."""
        return self.strategy.run(step, arguments) if self.strategy else step(*arguments)


ALONE = Replicas()
"""One device."""


def at_device() -> int:
    """Inside a step, the number of the device that takes it, counted from 0."""
    number: Any = tf.distribute.get_replica_context().replica_id_in_sync_group
    return int(number if isinstance(number, int) else tf.get_static_value(number))


def summed(gradients: Sequence[Any]) -> list[Any]:
    """Inside a step, the sums of these gradients over all devices. None stays None."""
    context = tf.distribute.get_replica_context()
    found = [gradient for gradient in gradients if gradient is not None]
    sums = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, found) if found else ())
    return [None if gradient is None else next(sums) for gradient in gradients]


def scope_of(model: Any) -> AbstractContextManager[object]:
    """Inside, a variable that is made gets a copy on each device for which this model was compiled."""
    strategy = model.distribute_strategy
    scope: AbstractContextManager[object] = (
        strategy.scope() if strategy.num_replicas_in_sync > 1 else nullcontext()
    )
    return scope


def is_distributed() -> bool:
    """Whether variables that are made here get a copy on each of several devices."""
    return bool(tf.distribute.has_strategy())


def parts_of(variable: Variable) -> Array:
    """What each device holds of a variable that is their sum: (devices, *shape); of any other its value."""
    copies = _copies(variable)
    if copies is None:
        return np.array(variable.value.numpy())
    return np.stack([copy.numpy() for copy in copies])


def assign_parts(variable: Variable, values: Array) -> None:
    """Set what `parts_of` gave, on as many devices or on others: their sum stays what it was."""
    own, several = tuple(variable.shape), np.ndim(values) > len(variable.shape)
    copies = _copies(variable)
    if copies is None:
        variable.assign(np.sum(values, axis=0, dtype=values.dtype) if several else values)
        return
    parts = list(values) if several else [values]
    if len(parts) != len(copies):
        total = np.sum(parts, axis=0, dtype=np.asarray(parts[0]).dtype)
        parts = [total, *(np.zeros(own, total.dtype) for _ in copies[1:])]
    for copy, part in zip(copies, parts, strict=True):
        copy.assign(part)


def shape_of_parts(variable: Variable, values: Array) -> tuple[int, ...]:
    """The shape of the variable that `parts_of` was asked for, going by the one it is for now."""
    shape = tuple(np.shape(values))
    return shape[1:] if len(shape) > len(variable.shape) else shape


def _copies(variable: Variable) -> Sequence[Any] | None:
    value: Any = variable.value
    if getattr(value, "synchronization", None) != tf.VariableSynchronization.ON_READ:
        return None
    copies = getattr(value, "values", None)
    return copies if isinstance(copies, tuple | list) else None
