"""A call of one of Keras' layer classes → a layer, with what of its arguments a spec can't hold said or refused."""

import re
from collections.abc import Mapping

from tuinn.errors import SpecError
from tuinn.spec.keras_import.network.argument_values import NeedsOwnLayer, NotHeld, option_value
from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.keras_names import KNOWN_LAYERS, layer_type_name
from tuinn.spec.keras_import.network.layer_arguments import (
    is_default,
    is_immaterial,
    names_input_shape,
    positional_names,
    todays_name,
    what_stands_instead,
    why_refused,
)
from tuinn.spec.keras_import.network.values import FunctionLayer, Layer, Network, Reference, describe
from tuinn.spec.layers.catalog import LAYER_TYPES, LayerSpec, Shape
from tuinn.spec.layers.layer_options import INPUT_NAME, LAYER_NAME
from tuinn.spec.options import did_you_mean
from tuinn.text import shorten

Arguments = tuple[tuple[object, ...], Mapping[str, object]]
"""Those by place and those by name."""

_OLD_KERNELS = {"Conv2D": 2, "Conv1D": 0, "Conv3D": 3}


def make_layer(
    construction: Construction, name: str, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Layer:
    """The layer that this call makes. Raises SpecError with the line."""
    line = construction.line
    try:
        return _make(construction, name, args, dict(kwargs))
    except SpecError as problem:
        if problem.path.startswith("line "):
            raise
        raise construction.refuse(problem.message, problem.path, line) from None
    except (ValueError, OverflowError, ArithmeticError):
        raise construction.refuse("A value here is none that can be read.", line=line) from None


def _make(
    construction: Construction, name: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> Layer:
    type_name = layer_type_name(name)
    if type_name == "ThresholdedReLU":
        theta = args[0] if args else kwargs.get("theta", 1.0)
        construction.note("changed", "ThresholdedReLU is a ReLU with a threshold")
        type_name, args, kwargs = "ReLU", (), {"threshold": theta}
    if type_name == "Identity":
        type_name, args, kwargs = "Activation", ("linear",), {}
    if type_name not in LAYER_TYPES:
        raise SpecError(why_no_layer(type_name))
    named = _by_name(construction, type_name, args, kwargs)
    if LAYER_TYPES[type_name].wraps:
        return _wrapper(construction, type_name, named)
    return _checked(construction, type_name, named)


def why_no_layer(name: str) -> str:
    """Why a name of `keras.layers` can't be read."""
    if name in KNOWN_LAYERS:
        return f"{name} is a layer that tuinn doesn't have."
    return f"{shorten(name)} is not a layer type. {did_you_mean(name, LAYER_TYPES)}"


def _by_name(
    construction: Construction, type_name: str, args: tuple[object, ...], kwargs: dict[str, object]
) -> dict[str, object]:
    """Every argument by today's name."""
    if "**" in kwargs:
        raise SpecError(
            "** cannot be read, for what it holds isn't known here. Write each setting with its name."
        )
    if "border_mode" in kwargs or "subsample" in kwargs or "init" in kwargs or "W_regularizer" in kwargs:
        args = _old_kernel(type_name, args)
    elif type_name == "Conv2D" and len(args) >= 3 and isinstance(args[1], int) and args[1] == args[2] != 1:
        construction.note(
            "changed",
            f"strides are {args[2]}, as Keras has read Conv2D({describe(args[0])}, {args[1]}, {args[2]}) since version 2; "
            f"if a kernel of {args[1]} × {args[2]} is meant, write kernel_size=({args[1]}, {args[2]})",
        )
    names = positional_names(type_name)
    if len(args) > len(names):
        example = f"such as {names[0]}=…" if names else "if it has any"
        raise SpecError(f"Write {type_name}'s settings with their names, {example}.")
    named = dict(zip(names, args, strict=False))
    for key, value in kwargs.items():
        today = todays_name(type_name, key)
        if today in named:
            raise SpecError("is given twice.", today)
        named[today] = value
    return named


def _old_kernel(type_name: str, args: tuple[object, ...]) -> tuple[object, ...]:
    """Keras 1 has a number per axis of the kernel: `Convolution2D(24, 3, 3)`."""
    count = _OLD_KERNELS.get(type_name, 0)
    if count and len(args) == 1 + count and all(isinstance(arg, int) for arg in args):
        return (args[0], args[1:])
    return args


def _checked(construction: Construction, type_name: str, named: dict[str, object]) -> Layer:
    options = {option.name: option for option in LAYER_TYPES[type_name].options if not option.tuinn_only}
    values: dict[str, object] = {}
    own: Layer | FunctionLayer | None = None
    for key, value in named.items():
        if key == "name":
            values |= _name(construction, value)
        elif key not in options:
            _without_place(construction, type_name, key, value)
        else:
            try:
                values[key] = option_value(value, options[key])
            except NeedsOwnLayer as needed:
                own, values[key] = needed.activation, "linear"
            except NotHeld as problem:
                construction.note("changed", f"{type_name}: {problem.message}")
    if own is not None and type_name == "Activation":
        if isinstance(own, Layer):
            construction.note("changed", f"Activation({describe(own)}) is that layer itself")
            return own
        raise SpecError("is a function of the code. Write one that Keras has.", "activation")
    layer = construction.new_layer(LayerSpec.of(type_name, **values))
    if own is not None:
        if "recurrent_activation" in options:
            raise SpecError("must be an activation by its name within a recurrent layer.", "activation")
        layer.then = own
        what = describe(own) if isinstance(own, Layer) else "a function"
        construction.note("changed", f"the activation of {type_name}, {what}, stands as a layer after it")
    layer.input_shape = input_shape_of(type_name, named)
    return layer


def _name(construction: Construction, value: object) -> dict[str, object]:
    """The name, made one that a spec allows; none where it isn't known."""
    if not isinstance(value, str):
        return {}
    clean = re.sub(r"[^A-Za-z0-9_.\-]", "_", value)[:90].lstrip("_.-") or "layer"
    if clean == INPUT_NAME or not LAYER_NAME.fullmatch(clean):
        clean = f"{clean}_layer"
    if clean != value:
        construction.note("changed", f'the layer called "{shorten(value)}" is called {clean}')
    return {"name": clean}


def _without_place(construction: Construction, type_name: str, key: str, value: object) -> None:
    """An argument that tuinn has no option for: passed over, said, or refused."""
    if key == "axis" and type_name == "Normalization":
        if value not in (-1, None) and value != (-1,) and value != [-1]:
            raise SpecError("must be -1: tuinn measures each feature.", "axis")
        if value is None:
            construction.note(
                "changed", "Normalization has a mean for each feature; axis=None has one for all"
            )
        return
    if key == "dtype":
        word = value.path.rpartition(".")[2] if isinstance(value, Reference) else value
        if word not in (None, "float32"):
            construction.note(
                "changed", f"dtype {describe(value)}: the precision is a setting of the training"
            )
        return
    if is_immaterial(key) or names_input_shape(key, type_name) or is_default(key, value):
        return
    if instead := what_stands_instead(key):
        construction.note("changed", f"{type_name} has no {key} here; {instead}")
        return
    if why := why_refused(key):
        raise SpecError(f"is {describe(value)}: {why}.", key)
    LayerSpec.of(type_name, **{key: None})
    raise SpecError("is no setting of Keras'.", key)


def _wrapper(construction: Construction, type_name: str, named: dict[str, object]) -> Layer:
    inner = named.pop("layer", None)
    if isinstance(inner, Network):
        raise SpecError("is a whole network. Wrap each of its layers.", "layer")
    if not isinstance(inner, Layer):
        raise SpecError(f"must be a layer, such as layers.LSTM(32), not {describe(inner)}.", "layer")
    if inner.then is not None:
        raise SpecError("has an activation that is a layer. Wrap that layer by itself.", "layer")
    inner.used = True
    row = LAYER_TYPES[type_name]
    if inner.spec.type_name not in row.wraps:
        raise SpecError(
            f"cannot be {inner.spec.type_name} here. {type_name} takes {', '.join(row.wraps)}.", "layer"
        )
    layer = _checked(construction, type_name, {key: value for key, value in named.items() if key != "dtype"})
    values = {key: value for key, value in inner.spec.raw().items() if key not in ("kind", "name")}
    outer = {key: value for key, value in layer.spec.raw().items() if key not in ("kind", "layer")}
    layer.spec = LayerSpec.of(type_name, **values, **outer, layer=inner.spec.type_name)
    layer.input_shape = layer.input_shape or inner.input_shape
    return layer


def input_shape_of(type_name: str, named: Mapping[str, object]) -> Shape | None:
    """The shape of one sample that a first layer is told; None where it isn't, or with an open size."""
    for key, drop in (("input_shape", 0), ("batch_input_shape", 1), ("batch_shape", 1)):
        if key in named:
            value = named[key]
            return plain_shape(tuple(value)[drop:]) if isinstance(value, tuple | list) else None
    if "input_dim" in named and names_input_shape("input_dim", type_name):
        return plain_shape((named["input_dim"],))
    if "input_length" in named:
        return plain_shape((named["input_length"],))
    return None


def plain_shape(value: object) -> Shape | None:
    """A shape of whole numbers, all of them known."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,)
    if not isinstance(value, tuple | list):
        return None
    sizes = tuple(size for size in value if isinstance(size, int) and not isinstance(size, bool) and size > 0)
    return sizes if len(sizes) == len(value) else None
