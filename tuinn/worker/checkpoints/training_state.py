"""The state of a training in Keras ↔ a tree of plain values and arrays: weights, optimizer, metrics, callbacks, random states."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras.src.backend.common.global_state import get_global_attribute
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator

from tuinn.errors import WorkerError
from tuinn.worker.model import learning_rate

State = dict[str, Any]


def take(model: Any, callbacks: Sequence[Any], within_epoch: bool) -> State:
    """Copies of all that decides how this training goes on, save its place and the order of the data."""
    return {
        "model": _values(model.variables),
        "optimizer": _values(model.optimizer.variables),
        "rate": learning_rate.overrule_of(model),
        "metrics": _values(_metric_variables(model)) if within_epoch else [],
        "callbacks": [[type(one).__name__, plain_state(one)] for one in callbacks],
        "random": _random_state(),
    }


def restore(state: State, model: Any, callbacks: Sequence[Any]) -> None:
    """Make the training what it was. The metrics wait for `restore_metrics`, as `fit` resets them first.

    `model` is built and compiled from the same spec, and so is its optimizer. Raises WorkerError where it is another network.
    """
    _assign(model.variables, state["model"])
    _assign(model.optimizer.variables, state["optimizer"])
    learning_rate.restore_overrule(model, state["rate"])
    names = [type(one).__name__ for one in callbacks]
    for name, kept in state["callbacks"]:
        if name in names:
            vars(callbacks[names.index(name)]).update(kept)
    _set_random_state(state["random"])


def restore_weights(state: State, model: Any) -> None:
    """Only the network's own variables."""
    _assign(model.variables, state["model"])


def restore_metrics(values: list[Any], model: Any) -> None:
    """Set the running sums again. The metrics must have been used once, which builds them."""
    _assign(_metric_variables(model), values)


def plain_state(thing: Any) -> State:
    """What of an object's attributes is a number, a text, an array, or a list of those."""
    return {
        name: value
        for name, value in vars(thing).items()
        if not name.startswith("_") and name not in ("model", "params") and _is_plain(value)
    }


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(one) for one in value)
    return value is None or isinstance(value, bool | int | float | str | np.ndarray | np.generic)


def _metric_variables(model: Any) -> list[Any]:
    return [variable for metric in model.metrics for variable in metric.variables]


def _values(variables: Sequence[Any]) -> list[Any]:
    return [np.array(variable.value.numpy()) for variable in variables]


def _assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [np.shape(value) for value in values]:
        raise WorkerError(
            "The checkpoint is of another network than spec.toml describes. Put the spec back, or train anew."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _random_state() -> State:
    """Of Python, numpy and Keras. Those of the layers are among the model's variables."""
    version, numbers, gauss = random.getstate()
    _, keys, position, has_gauss, cached = np.random.get_state()
    found: State = {
        "python": [version, np.array(numbers, np.uint64), gauss],
        "numpy": [np.array(keys), int(position), int(has_gauss), float(cached)],
    }
    generator = get_global_attribute(GLOBAL_SEED_GENERATOR)
    if generator is not None:
        found["keras"] = np.array(generator.state.value.numpy())
    return found


def _set_random_state(found: State) -> None:
    version, numbers, gauss = found["python"]
    random.setstate((version, tuple(int(number) for number in numbers), gauss))
    keys, position, has_gauss, cached = found["numpy"]
    np.random.set_state(("MT19937", keys, position, has_gauss, cached))
    if "keras" in found:
        global_seed_generator().state.assign(found["keras"])
