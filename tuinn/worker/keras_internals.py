"""Every private name of Keras that the worker uses, tried with the versions that pyproject.toml allows.

tests/worker/test_keras_internals.py says which one is gone when another version comes.
"""

from typing import Any

import numpy as np
from keras.src.backend.common.global_state import get_global_attribute
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator

from tuinn.worker.keras_types import Array, Optimizer


def global_random_state() -> Array | None:
    """Return the state of the seed generator that Keras falls back to; None where nothing has used it."""
    generator = get_global_attribute(GLOBAL_SEED_GENERATOR)
    return None if generator is None else np.array(generator.state.value.numpy())


def set_global_random_state(state: Array) -> None:
    """Set what `global_random_state` gave."""
    global_seed_generator().state.assign(state)


def rate_of(optimizer: Optimizer) -> object:
    """Return what the optimizer takes its learning rate from: a schedule or a variable. None: it has no rate."""
    return getattr(optimizer, "_learning_rate", None)


def set_schedule(optimizer: Optimizer, schedule: object) -> None:
    """Put a schedule in place of the optimizer's own."""
    optimizer._learning_rate = schedule


def slot_of(optimizer: Any, name: str, variable: object) -> Any:
    """Return the TensorFlow variable in which the optimizer keeps something of a variable, by the name of its list."""
    return getattr(optimizer, name)[optimizer._get_variable_index(variable)].value


def take_summed_gradients(optimizer: Any) -> None:
    """Let this optimizer of several devices take gradients that are the sums of all: else it adds them once more.

    Keras clips before it adds, which would be the gradient of each device's share.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    inner._all_reduce_sum_gradients = lambda pairs: pairs


def inverse_document_frequencies(layer: object, words: int) -> tuple[float, ...]:
    """The weights of its first so many words, of a layer that weights them; empty for one that doesn't."""
    lookup = getattr(layer, "_lookup_layer", layer)
    weights = getattr(lookup, "idf_weights", None)
    return () if weights is None else tuple(np.asarray(weights, np.float32)[:words].tolist())
