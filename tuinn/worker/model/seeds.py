"""Copies of Keras variables; and the states of the seed generators in a network's layers, which only training advances."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from tuinn.worker.keras_types import Array, Model, Variable


def seed_states(model: Model) -> list[Variable]:
    """The variables of all seed generators in the layers, those in cells and wrapped layers included."""
    weights = {id(weight) for weight in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


def values_of(variables: Sequence[Variable]) -> list[Array]:
    """Copies of their values."""
    return [np.array(variable.value.numpy()) for variable in variables]


def assign(variables: Sequence[Variable], values: Sequence[Array]) -> None:
    """Set what `values_of` gave."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


@contextmanager
def unchanged(model: Model) -> Iterator[None]:
    """Put the states back after the block.

    Keras' recurrent layers draw masks of dropout while they predict, too: without this, a training would depend on
    how often its network is measured and asked.
    """
    states = seed_states(model)
    before = values_of(states)
    try:
        yield
    finally:
        assign(states, before)
