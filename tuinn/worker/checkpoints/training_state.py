"""The state of a training in Keras ↔ a tree of plain values and arrays: weights, optimizer, metrics, callbacks, random states."""

import random
from collections.abc import Sequence

import numpy as np

from tuinn.errors import WorkerError
from tuinn.worker.checkpoints.checkpoint import State
from tuinn.worker.distribution import assign_parts, parts_of, shape_of_parts
from tuinn.worker.keras_internals import global_random_state, set_global_random_state
from tuinn.worker.keras_types import Array, Callback, Model, Variable
from tuinn.worker.model import learning_rate
from tuinn.worker.model.compiled import VariableReader
from tuinn.worker.model.seeds import assign


def take(
    model: Model, callbacks: Sequence[Callback], within_epoch: bool, reader: VariableReader | None = None
) -> State:
    """Copies of all that decides how this training goes on, save its position and the order of the samples.

    `reader`: of the variables of model and optimizer, for whoever takes the state often.
    """
    values, slots = (reader or reader_of(model)).read()
    return {
        "model": values,
        "optimizer": slots,
        "rate": learning_rate.override_of(model),
        "metrics": [parts_of(one) for one in _metric_variables(model)] if within_epoch else [],
        "callbacks": [[type(callback).__name__, plain_attributes(callback)] for callback in callbacks],
        "random": random_state(),
    }


def reader_of(model: Model) -> VariableReader:
    """Reads the variables of a model and of its optimizer, which is built."""
    return VariableReader(model.variables, model.optimizer.variables)


def restore(state: State, model: Model, callbacks: Sequence[Callback]) -> None:
    """Make the training what it was. The metrics wait for `restore_metrics`, as an epoch begins with resetting them.

    `model` is built and compiled from the same spec, and so is its optimizer. Raises WorkerError where it is another network.
    """
    _assign(model.variables, state["model"])
    _assign(model.optimizer.variables, state["optimizer"])
    learning_rate.restore_override(model, state["rate"])
    names = [type(callback).__name__ for callback in callbacks]
    for name, attributes in state["callbacks"]:
        if name in names:
            vars(callbacks[names.index(name)]).update(attributes, **_best_weights(attributes))
    set_random_state(state["random"])


def _best_weights(attributes: State) -> State:
    """The weights that early stopping keeps, as arrays: a file has a plain number where a weight is a scalar."""
    weights = attributes.get("best_weights")
    return {"best_weights": [np.asarray(weight) for weight in weights]} if weights else {}


def restore_weights(state: State, model: Model) -> None:
    """Only the network's own variables."""
    _assign(model.variables, state["model"])


def restore_metrics(values: Sequence[Array], model: Model) -> None:
    """Set the running sums again. The metrics must have been used once, which builds them."""
    variables = _metric_variables(model)
    _check_shapes(variables, [shape_of_parts(*pair) for pair in zip(variables, values, strict=False)])
    for variable, value in zip(variables, values, strict=True):
        assign_parts(variable, value)


def plain_attributes(callback: object) -> State:
    """The public attributes that are a number, a text, an array, or a list of those."""
    return {
        name: value
        for name, value in vars(callback).items()
        if not name.startswith("_") and name not in ("model", "params") and _is_plain(value)
    }


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str | np.ndarray | np.generic)


def _metric_variables(model: Model) -> list[Variable]:
    return [variable for metric in model.metrics for variable in metric.variables]


def _assign(variables: Sequence[Variable], values: Sequence[Array]) -> None:
    _check_shapes(variables, [np.shape(value) for value in values])
    assign(variables, values)


def _check_shapes(variables: Sequence[Variable], shapes: Sequence[tuple[int, ...]]) -> None:
    if [tuple(variable.shape) for variable in variables] != list(shapes):
        raise WorkerError(
            "The checkpoint is of another network than spec.toml describes. Put the spec back, or train anew."
        )


def random_state() -> State:
    """Of Python, numpy and Keras. Those of the layers are among the model's variables."""
    version, numbers, gauss = random.getstate()
    _, keys, position, has_gauss, cached = np.random.get_state()
    state: State = {
        "python": [version, np.array(numbers, np.uint64), gauss],
        "numpy": [np.array(keys), int(position), int(has_gauss), float(cached)],
    }
    if (keras := global_random_state()) is not None:
        state["keras"] = keras
    return state


def set_random_state(state: State) -> None:
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(int(number) for number in numbers), gauss))
    keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state(("MT19937", keys, position, has_gauss, cached))
    if "keras" in state:
        set_global_random_state(state["keras"])
