"""A value in Keras code → a value that an option takes: activations, initializers, penalties, pairs of sizes."""

from collections.abc import Mapping

from tuinn.errors import SpecError
from tuinn.spec.keras_import.network.keras_names import keras_name
from tuinn.spec.keras_import.network.values import (
    Function,
    FunctionLayer,
    KerasObject,
    Layer,
    Partial,
    Reference,
    describe,
    is_known,
)
from tuinn.spec.layers.layer_options import CallOption
from tuinn.spec.layers.model import to_snake_case
from tuinn.spec.layers.types.common_options import ACTIVATIONS
from tuinn.spec.options import Bool, Choice, Float, Int, Ints, Option

_ACTIVATION_ALIASES = {"swish": "silu", "hard_swish": "hard_silu", "keras_tanh": "tanh"}
_INITIALIZER_ALIASES = {"normal": "random_normal", "zero": "zeros", "one": "ones"}
_CALL_ALIASES = {"maxnorm": "max_norm", "nonneg": "non_neg", "unitnorm": "unit_norm"}


class NeedsOwnLayer(Exception):  # noqa: N818 - no failure: it says what to do
    """An activation that a stack has as a layer of its own: what Keras has in one layer becomes two."""

    def __init__(self, activation: Layer | FunctionLayer) -> None:
        self.activation = activation


class NotHeld(Exception):  # noqa: N818 - no failure
    """A value that a spec has no word for, and that changes how training begins: `message` says what stands instead."""

    def __init__(self, message: str) -> None:
        self.message = message


def option_value(value: object, option: Option) -> object:
    """The value, not yet checked.

    Raises SpecError with the option's name as path, NeedsOwnLayer for an activation and NotHeld for an initializer.
    """
    if option.name in ("activation", "recurrent_activation"):
        return _activation(value, option)
    if option.name.endswith("_initializer"):
        return _initializer(value, option)
    if isinstance(option, CallOption):
        return _penalty(value, option)
    if not is_known(value):
        raise SpecError(f"is {describe(value)}, and that isn't known here. Write it out.", option.name)
    return _plain(value, option)


def _plain(value: object, option: Option) -> object:
    if isinstance(option, Choice) and isinstance(value, str):
        return value if value in option.choices else value.lower()
    if isinstance(option, Bool) and value in (0, 1) and isinstance(value, int):
        return bool(value)
    if isinstance(value, list | range):
        value = tuple(value)
    if isinstance(option, Float) and isinstance(value, tuple) and len(value) == 2:
        return _symmetric(value, option)
    if isinstance(option, Int) and isinstance(value, tuple) and len(value) == 1:
        return value[0]
    if isinstance(option, Ints) and isinstance(value, tuple) and option.length == 1 and len(value) == 1:
        return value[0]
    return value


def _symmetric(value: tuple[object, ...], option: Option) -> object:
    """`(-0.1, 0.1)` as 0.1."""
    low, high = value
    if isinstance(low, int | float) and isinstance(high, int | float) and -low == high >= 0:
        return high
    raise SpecError("must reach as far down as up here, as in (-0.1, 0.1), or be one number.", option.name)


def function_word(value: Reference) -> str | None:
    """The activation that a function such as `tf.nn.relu` is; None for another name."""
    name = keras_name(value)
    bare = not value.imported and "." not in value.path
    if bare or (name and name.area in ("nn", "activations", "tf", "ops", "backend")):
        word = value.path.rpartition(".")[2]
        word = _ACTIVATION_ALIASES.get(word, word)
        return word if word in ACTIVATIONS else None
    return None


def _activation(value: object, option: Option) -> object:
    match value:
        case None:
            return "linear"
        case str():
            return _ACTIVATION_ALIASES.get(value, value)
        case Reference() if word := function_word(value):
            return word
        case Layer(spec=spec):
            if word := _layer_word(value):
                value.used = True
                return word
            if spec.layer_type.group != "activation":
                raise SpecError(f"is {describe(value)}, and that is no activation.", option.name)
            raise NeedsOwnLayer(value)
        case FunctionLayer():
            raise NeedsOwnLayer(value)
        case Function() | Partial():
            raise NeedsOwnLayer(FunctionLayer(value, 0))
    raise SpecError(f"must be {option.allowed}, not {describe(value)}.", option.name)


def _layer_word(layer: Layer) -> str | None:
    """The activation that does just what this layer does."""
    options, name = layer.spec.options, layer.spec.type_name
    same: dict[str, dict[str, tuple[object, ...]]] = {
        "ReLU": {("relu"): (None, 0.0, 0.0), ("relu6"): (6.0, 0.0, 0.0)},
        "LeakyReLU": {"leaky_relu": (0.2,)},
        "ELU": {"elu": (1.0,)},
        "Softmax": {"softmax": (-1,)},
    }
    keys = {
        "ReLU": ("max_value", "negative_slope", "threshold"),
        "LeakyReLU": ("negative_slope",),
        "ELU": ("alpha",),
        "Softmax": ("axis",),
    }
    if name == "Activation":
        return layer.spec.activation
    values = tuple(options[key] for key in keys.get(name, ()))
    return next((word for word, numbers in same.get(name, {}).items() if numbers == values), None)


_INITIALIZER_NUMBERS: dict[str, dict[str, object]] = {
    "random_normal": {"mean": 0.0, "stddev": 0.05},
    "random_uniform": {"minval": -0.05, "maxval": 0.05},
    "truncated_normal": {"mean": 0.0, "stddev": 0.05},
    "variance_scaling": {"scale": 1.0, "mode": "fan_in", "distribution": "truncated_normal"},
    "orthogonal": {"gain": 1.0},
}
"""What Keras has where nothing is given, and a spec always has."""


def _initializer(value: object, option: Option) -> object:
    assert isinstance(option, Choice)
    match value:
        case str():
            word = _INITIALIZER_ALIASES.get(value, value)
            # Keras' class names are words, too: "HeNormal".
            return word if word in option.choices else _in_choices(to_snake_case(word), value, option)
        case Reference(path=path):
            return _in_choices(to_snake_case(path.rpartition(".")[2]), path, option)
        case KerasObject(name=name, args=args, kwargs=kwargs):
            return _with_numbers(to_snake_case(name), args, kwargs, option)
    raise NotHeld(f"{option.name} is {describe(value)}; here it stands at {option.default}")


def _in_choices(word: str, shown: str, option: Choice) -> str:
    word = _INITIALIZER_ALIASES.get(word, word)
    if word in option.choices:
        return word
    if shown and shown[0].islower() and "." not in shown and word not in ("identity", "constant"):
        return shown  # the option says what there is
    raise NotHeld(f"{option.name} is {shown}; here it stands at {option.default}")


def _with_numbers(word: str, args: tuple[object, ...], kwargs: Mapping[str, object], option: Choice) -> str:
    if word == "constant" and (given := (*args, *kwargs.values())) and given[0] in (0, 1):
        return "ones" if given[0] else "zeros"
    defaults = _INITIALIZER_NUMBERS.get(word, {})
    named = dict(zip(defaults, args, strict=False)) | {k: v for k, v in kwargs.items() if k != "seed"}
    other = {key: number for key, number in named.items() if number != defaults.get(key)}
    found = _in_choices(word, word.title(), option)
    if other:
        numbers = ", ".join(f"{key} {describe(number)}" for key, number in other.items())
        raise NotHeld(f"{option.name} {found} has {numbers}; here it has Keras' default numbers")
    return found


def _penalty(value: object, option: CallOption) -> str | None:
    match value:
        case None:
            return None
        case str():
            return _CALL_ALIASES.get(value, value)
        case KerasObject(name=name, args=args, kwargs=kwargs):
            return _object(name, args, kwargs, option)
        case Reference(path=path):
            return _object(path.rpartition(".")[2], (), {}, option)
    raise SpecError(f"must be {option.allowed}, written out as a plain value.", option.name)


def _object(name: str, args: tuple[object, ...], kwargs: Mapping[str, object], option: CallOption) -> str:
    """`L2(0.01)` or `max_norm(max_value=2)` as `l2(0.01)` or `max_norm(2.0)`."""
    name = _CALL_ALIASES.get(name, name)
    for word, (keras, stand_in) in option.calls.items():
        if name.lower() not in (keras.lower(), word):
            continue
        given = dict(zip(stand_in, args, strict=False)) | dict(kwargs)
        if given.pop("axis", 0) != 0:
            raise NotHeld(f"{option.name} has an axis; here it is axis 0")
        given = {
            "l1" if key == "l" and word == "l1" else "l2" if key == "l" else key: n
            for key, n in given.items()
        }
        numbers = {key: n for key, n in given.items() if isinstance(n, int | float)}
        if len(args) > len(stand_in) or not set(given) <= set(stand_in) or len(numbers) < len(given):
            break
        # Keras' L1L2 takes 0 for what is left out.
        missing = dict.fromkeys(stand_in, 0.0) if word == "l1_l2" else stand_in
        found = [repr(float(numbers.get(key, missing[key]))) for key in stand_in]
        return f"{word}({', '.join(found)})" if found else word
    raise SpecError(f"must be {option.allowed}, written out as a plain value.", option.name)
