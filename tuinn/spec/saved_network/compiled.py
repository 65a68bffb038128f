"""How a saved network was compiled → fit settings: optimizer with its numbers, schedule, loss, metrics. Each is said."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from tuinn.errors import SpecError
from tuinn.spec.fit import FIT_OPTIONS
from tuinn.spec.layers.model import ModelSpec, to_snake_case
from tuinn.spec.options import Option, Value
from tuinn.spec.training import losses, metrics, optimizers
from tuinn.spec.training.decay import Decay
from tuinn.text import shorten

_OPTIONS: dict[str, Option] = {option.name: option for option in FIT_OPTIONS}
_PLAIN = {
    *("name", "learning_rate", "lr", "is_legacy_optimizer", "jit_compile", "ema_momentum", "ema_overwrite_frequency"),
    *("dynamic", "initial_scale", "dynamic_growth_steps", "inner_optimizer"),
}  # fmt: skip
"""Of an optimizer: said elsewhere, or of no effect alone."""


_RATES = {"sgd": 0.01}
"""Keras' learning rate where none is given; 0.001 for all others."""


class Settings(Protocol):
    """What is filled in."""

    settings: dict[str, Value]
    decay: Decay | None
    notes: list[str]
    taken: list[str]


def read_compiled(compiled: object, model: ModelSpec, found: Settings) -> None:
    """Take over what a spec can hold. Raises whatever odd types in a description lead to."""
    if not isinstance(compiled, dict):
        return
    _optimizer(compiled.get("optimizer"), found)
    _loss(compiled.get("loss"), model, found)
    _metrics(compiled.get("metrics"), found)
    for name in ("loss_weights", "weighted_metrics"):
        if compiled.get(name):
            found.notes.append(f"{name} of the compiled network is left out.")


def _put(found: Settings, name: str, value: object) -> None:
    """Take a setting over where the option allows it; say either."""
    option = _OPTIONS[name]
    try:
        checked = option.check(value)
    except SpecError as problem:
        found.notes.append(f"{name} {shorten(str(value))} is left out: it {problem.message}")
        return
    found.settings[name] = checked
    found.taken.append(f"{name} {option.show(checked) or 'none'}")


def _class(value: object) -> tuple[str, Mapping[str, Any]]:
    """The name of an object of Keras, without its package, and its config; of a word, the word."""
    if isinstance(value, dict):
        config = value.get("config")
        return str(value.get("class_name")).rpartition(">")[2], config if isinstance(config, dict) else {}
    return (value if isinstance(value, str) else ""), {}


def _optimizer(value: object, found: Settings) -> None:
    if value is None:
        return
    name, config = _class(value)
    if name == "LossScaleOptimizer":
        name, config = _class(config.get("inner_optimizer"))
    row = next((one for one in optimizers.OPTIMIZERS if one.keras.lower() == name.lower()), None)
    if row is None:
        found.notes.append(f"The optimizer {shorten(name)} is none that tuinn has.")
        return
    _put(found, "optimizer", row.name)
    rate = config.get("learning_rate", config.get("lr"))
    _rate(_RATES.get(row.name, 0.001) if rate is None else rate, found)
    options = {option.name: option for option in row.options}
    for key, number in config.items():
        if number is None or key in _PLAIN:
            continue
        if key in options:
            rounded = _short(number)
            if rounded != options[key].default:
                _put(found, key, rounded)
        elif key in ("clipnorm", "clipvalue"):
            _put(found, key, _short(number))
        elif number not in (False, 0, 1) or (key == "use_ema" and number):
            found.notes.append(f"{shorten(key)} {shorten(str(number))} of the optimizer is left out.")


def _rate(value: object, found: Settings) -> None:
    """A number, or a schedule."""
    if isinstance(value, int | float):
        _put(found, "learning_rate", _short(value))
        return
    name, config = _class(value)
    if not name:
        return
    numbers = {
        key: float(number)
        for key, number in config.items()
        if isinstance(number, int | float) and key != "name"
    }
    start = numbers.get("warmup_target") or numbers.get("initial_learning_rate")
    if start is not None:
        _put(found, "learning_rate", _short(start))
    needed = {"ExponentialDecay": {"decay_steps", "decay_rate"}, "CosineDecay": {"decay_steps"}}.get(name)
    if needed is None or not needed <= set(numbers) or numbers["decay_steps"] <= 0:
        found.notes.append(f"The schedule {shorten(name)} is left out; the rate stays as it begins.")
        return
    found.decay = Decay(name, numbers)
    found.taken.append(f"schedule {found.decay.text()}")


def _short(number: Any) -> Any:
    """Keras keeps numbers as float32, which has 7 digits: 0.001 and not 0.0010000000474974513."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return number
    return float(f"{float(number):.7g}")


def _loss(value: object, model: ModelSpec, found: Settings) -> None:
    if isinstance(value, list | dict) and not isinstance(value, dict):
        value = value[0] if len(value) == 1 else None
    if not value:
        return
    name, config = _class(value)
    if name in ("function", "LossFunctionWrapper"):
        name = str(config.get("fn") or (value.get("config") if isinstance(value, dict) else ""))
    word = losses.ALIASES.get(name.lower(), name)
    by_keras = {row.keras: row.name for row in losses.LOSSES}
    word = by_keras.get(word) or to_snake_case(word)
    if word not in losses.BY_NAME:
        found.notes.append(f"The loss {shorten(name)} is none that tuinn has; loss = auto fits the task.")
        return
    _put(found, "loss", word)
    if config.get("label_smoothing") and losses.BY_NAME[word].label_smoothing:
        _put(found, "label_smoothing", _short(config["label_smoothing"]))
    gives = losses.last_activation(model) not in ("softmax", "sigmoid")
    if word.endswith("crossentropy") and bool(config.get("from_logits")) != gives:
        what = "logits" if gives else "probabilities"
        found.notes.append(f"The loss takes {what} here, for that is what the last layer gives.")


def _metrics(value: object, found: Settings) -> None:
    names = []
    for one in _flat(value):
        name, config = _class(one)
        if name == "MeanMetricWrapper":
            name = str(config.get("fn") or config.get("name"))
        word = (
            metrics.ALIASES.get(name.lower())
            or metrics.ALIASES.get(to_snake_case(name))
            or to_snake_case(name)
        )
        if word == "top_5_accuracy" and config.get("k", 5) != 5:
            word = ""
        if word in metrics.BY_NAME:
            names.append(word)
        elif name:
            found.notes.append(f"The metric {shorten(name)} is left out.")
    if names:
        _put(found, "metrics", list(dict.fromkeys(names)))


def _flat(value: object) -> Iterator[object]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one
