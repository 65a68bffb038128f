"""Optimizers, schedules, losses and metrics of Keras, by word or as objects → the words of a spec."""

from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.values import KerasObject, Reference, describe
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import to_snake_case
from tuinn.spec.training import losses, metrics, optimizers
from tuinn.spec.training.decay import Decay
from tuinn.spec.training.losses import activation_of

_OPTIMIZER_ORDER = {
    "adam": "learning_rate beta_1 beta_2 epsilon amsgrad",
    "sgd": "learning_rate momentum nesterov",
    "rmsprop": "learning_rate rho momentum epsilon centered",
    "adamw": "learning_rate weight_decay beta_1 beta_2 epsilon amsgrad",
    "nadam": "learning_rate beta_1 beta_2 epsilon",
    "adagrad": "learning_rate initial_accumulator_value epsilon",
    "adadelta": "learning_rate rho epsilon",
    "adamax": "learning_rate beta_1 beta_2 epsilon",
    "lion": "learning_rate beta_1 beta_2",
    "ftrl": "learning_rate learning_rate_power initial_accumulator_value l1_regularization_strength",
}
_RATES = {"sgd": 0.01}
"""Keras' learning rate where none is given; 0.001 for all others."""

_SCHEDULES = {
    "ExponentialDecay": "initial_learning_rate decay_steps decay_rate staircase name",
    "CosineDecay": "initial_learning_rate decay_steps alpha name warmup_target warmup_steps",
}


def object_name(value: object) -> str:
    """The name of a class, a function or a word of Keras: `Adam`, `mse`; empty for anything else."""
    match value:
        case str():
            return value
        case KerasObject(name=name):
            return name
        case Reference(path=path):
            return path.rpartition(".")[2]
    return ""


def read_optimizer(construction: Construction, value: object, line: int) -> dict[str, object]:
    """Optimizer, learning rate and its numbers by their names in a spec; `decay` is a Decay."""
    name = object_name(value).lower()
    row = optimizers.BY_NAME.get(name)
    if row is None:
        construction.note("left out", f"the optimizer, {describe(value)}; it is not one that tuinn has", line)
        return {}
    found: dict[str, object] = {"optimizer": row.name}
    given: dict[str, object] = {}
    if isinstance(value, KerasObject):
        given = dict(zip(_OPTIMIZER_ORDER[name].split(), value.args, strict=False)) | dict(value.kwargs)
    if "lr" in given:
        given["learning_rate"] = given.pop("lr")
    rate = given.pop("learning_rate", _RATES.get(name, 0.001))
    if isinstance(rate, KerasObject):
        decay = _decay(construction, rate, line)
        if decay is not None:
            found["decay"] = decay
            rate = decay.numbers.get("warmup_target") or decay.numbers["initial_learning_rate"]
        else:
            rate = rate.args[0] if rate.args else rate.kwargs.get("initial_learning_rate", 0.001)
    found["learning_rate"] = rate
    known = {option.name: option for option in row.options}
    for key, number in given.items():
        if number is None or key in ("name", "jit_compile"):
            continue
        if key in known:
            plain = float(number) if isinstance(number, int) and not isinstance(number, bool) else number
            if plain != known[key].default:
                found[key] = plain
        elif key in ("clipnorm", "clipvalue"):
            found[key] = number
        elif number is not False and number != 0:
            construction.note("left out", f"{key} {describe(number)} of the optimizer", line)
    return found


def _decay(construction: Construction, schedule: KerasObject, line: int) -> Decay | None:
    names = _SCHEDULES.get(schedule.name)
    if names is None:
        construction.note("left out", f"the schedule {schedule.name}; the rate stays as it begins", line)
        return None
    given = dict(zip(names.split(), schedule.args, strict=False)) | dict(schedule.kwargs)
    numbers = {
        key: float(number)
        for key, number in given.items()
        if isinstance(number, int | float) and number is not None
    }
    required = {"initial_learning_rate", "decay_steps"} | ({"decay_rate"} if "decay_rate" in names else set())
    if not required <= set(numbers) or numbers["decay_steps"] <= 0:
        construction.note("left out", f"the schedule {schedule.name}; its numbers aren't known here", line)
        return None
    return Decay(schedule.name, numbers)


def read_loss(construction: Construction, value: object, line: int, last: LayerSpec) -> dict[str, object]:
    """The loss and its label smoothing."""
    if value is None:
        return {}
    word = losses.ALIASES.get(object_name(value).lower(), object_name(value))
    by_keras = {row.keras: row.name for row in losses.LOSSES}
    name = by_keras.get(word) or to_snake_case(word)
    if name not in losses.BY_NAME:
        construction.note("left out", f"the loss, {describe(value)}; loss = auto fits the task", line)
        return {}
    found: dict[str, object] = {"loss": name}
    if isinstance(value, KerasObject):
        if value.kwargs.get("label_smoothing") and losses.BY_NAME[name].label_smoothing:
            found["label_smoothing"] = value.kwargs["label_smoothing"]
        _say_logits(construction, value, name, line, last)
    elif name.endswith("crossentropy") and activation_of(last) in (None, "linear"):
        _say_logits(construction, None, name, line, last)
    return found


def _say_logits(
    construction: Construction, value: KerasObject | None, name: str, line: int, last: LayerSpec
) -> None:
    """tuinn's crossentropy takes what the last layer gives: probabilities after softmax or sigmoid, else logits."""
    if not name.endswith("crossentropy"):
        return
    wanted = bool(value is not None and (value.kwargs.get("from_logits") or value.args[:1] == (True,)))
    gives = activation_of(last) not in ("softmax", "sigmoid")
    if wanted != gives:
        what = "logits" if gives else "probabilities"
        construction.note("changed", f"the loss takes {what}, for that is what the last layer gives", line)


def read_metrics(construction: Construction, value: object, line: int) -> tuple[str, ...] | None:
    """The metrics by their names in a spec; None where compile doesn't say."""
    if value is None:
        return ()
    found = []
    for one in value if isinstance(value, list | tuple) else [value]:
        word = object_name(one)
        name = (
            metrics.ALIASES.get(word.lower())
            or metrics.ALIASES.get(to_snake_case(word))
            or to_snake_case(word)
        )
        if name == "top_5_accuracy" and isinstance(one, KerasObject) and _top(one) != 5:
            name = ""
        if name in metrics.BY_NAME:
            found.append(name)
        else:
            construction.note("left out", f"the metric {describe(one)}", line)
    return tuple(dict.fromkeys(found))


def _top(metric: KerasObject) -> object:
    return metric.args[0] if metric.args else metric.kwargs.get("k", 5)
