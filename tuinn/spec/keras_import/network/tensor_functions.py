"""Functions and operators on tensors that do what a layer does: `layers.add`, `x + y`, `tf.nn.relu`, `x * 0.5`."""

import ast
from collections.abc import Mapping

from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.graph import call_layer
from tuinn.spec.keras_import.network.keras_names import MERGE_FUNCTIONS, KerasName
from tuinn.spec.keras_import.network.layer_calls import make_layer
from tuinn.spec.keras_import.network.values import Tensor, Unknown, describe
from tuinn.spec.layers.types.common_options import ACTIVATIONS

_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "Add", ast.Sub: "Subtract", ast.Mult: "Multiply"}
_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
}
_SAME = ("cast", "identity", "convert_to_tensor", "ensure_shape")
_SHAPES = ("shape", "int_shape")
_ALIASES = {
    "swish": "silu",
    "exp": "exponential",
    "hard_swish": "hard_silu",
    "concat": "concatenate",
    "reduce_mean": "mean",
    "reduce_max": "max",
    "amax": "max",
}
_TENSOR_AREAS = ("ops", "tf", "nn", "backend", "activations")
_AXES_OF_POOLS = {3: (1,), 4: (1, 2), 5: (1, 2, 3)}


def applied(
    construction: Construction, layer: str, tensors: object, /, *args: object, **kwargs: object
) -> Tensor:
    """A new layer, called on these tensors."""
    made = make_layer(construction, layer, args, kwargs)
    found = call_layer(construction, made, (tensors,), {})
    assert isinstance(found, Tensor)
    return found


def operate(construction: Construction, op: ast.operator, left: object, right: object) -> Tensor:
    """`x + y`, `x * 0.5`, `1 - x`. Raises SpecError where no layer does it."""
    kind = type(op)
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        if layer := _OPERATORS.get(kind):
            return applied(construction, layer, [left, right])
    elif isinstance(left, Tensor) and isinstance(right, int | float):
        if (scaled := _scaled(kind, float(right))) is not None:
            return _rescaled(construction, left, *scaled)
    elif isinstance(right, Tensor) and isinstance(left, int | float):
        turned = {ast.Add: (1.0, float(left)), ast.Sub: (-1.0, float(left)), ast.Mult: (float(left), 0.0)}
        if kind in turned:
            return _rescaled(construction, right, *turned[kind])
    sign = _SIGNS.get(kind, "this")
    raise construction.refuse(
        f"{describe(left)} {sign} {describe(right)} is no layer. Write a layer that does it, or leave it out."
    )


def negative(construction: Construction, tensor: Tensor) -> Tensor:
    """`-x`."""
    return _rescaled(construction, tensor, -1.0, 0.0)


def _scaled(kind: type[ast.operator], number: float) -> tuple[float, float] | None:
    """Scale and offset."""
    if kind is ast.Div and number:
        return 1 / number, 0.0
    return {ast.Add: (1.0, number), ast.Sub: (1.0, -number), ast.Mult: (number, 0.0)}.get(kind)


def _rescaled(construction: Construction, tensor: Tensor, scale: float, offset: float) -> Tensor:
    more = f" + {offset:g}" if offset else ""
    construction.note("changed", f"arithmetic with a number is a Rescaling: x · {scale:g}{more}")
    return applied(construction, "Rescaling", tensor, scale, offset)


def is_tensor_function(name: KerasName) -> bool:
    """True for a function that might be one on tensors."""
    return name.area in _TENSOR_AREAS or (name.area == "layers" and name.name in MERGE_FUNCTIONS)


def call_function(
    construction: Construction, name: KerasName, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> object:
    """What a function of Keras or TensorFlow gives for tensors. Raises SpecError where no layer does the same."""
    word = _ALIASES.get(name.name, name.name)
    kwargs = {key: value for key, value in kwargs.items() if value is not None}
    if name.area == "layers":
        return _merged(construction, word, args, kwargs)
    tensor = args[0] if args else kwargs.get("x", kwargs.get("input", kwargs.get("inputs")))
    if word in _SAME:
        return tensor
    if word in _SHAPES and isinstance(tensor, Tensor):
        return (None, *tensor.shape) if tensor.shape else Unknown("the shape of a tensor")
    if word == "concatenate":
        axis = args[1] if len(args) > 1 else kwargs.get("axis", 0 if name.area in ("tf", "ops") else -1)
        return applied(construction, "Concatenate", args[0] if args else kwargs.get("values"), axis=axis)
    if word in MERGE_FUNCTIONS and word != "dot" and len(args) == 2:
        if all(isinstance(arg, Tensor) for arg in args):
            return applied(construction, MERGE_FUNCTIONS[word], list(args))
        signs: dict[str, ast.operator] = {"add": ast.Add(), "subtract": ast.Sub(), "multiply": ast.Mult()}
        if word in signs:
            return operate(construction, signs[word], *args)
    if isinstance(tensor, Tensor):
        found = _activated(construction, word, tensor, args[1:], kwargs)
        found = found or _rearranged(construction, word, tensor, args[1:], kwargs)
        found = found or _pooled(construction, word, tensor, args[1:], kwargs)
        if found is not None:
            return found
    shown = f"{name.area}.{name.name}"
    raise construction.refuse(
        f"{shown} of a tensor is no layer. Write a layer that does it, or leave it out."
    )


def _merged(
    construction: Construction, word: str, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Tensor:
    tensors = args[0] if args else kwargs.get("inputs")
    named = {key: value for key, value in kwargs.items() if key != "inputs"}
    return applied(construction, MERGE_FUNCTIONS[word], tensors, *args[1:], **named)


def _activated(
    construction: Construction,
    word: str,
    tensor: Tensor,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> Tensor | None:
    if word not in ACTIVATIONS:
        return None
    kwargs = {key: value for key, value in kwargs.items() if key not in ("x", "name", "features", "logits")}
    if not args and not kwargs:
        return applied(construction, "Activation", tensor, word)
    if word == "leaky_relu":
        return applied(construction, "LeakyReLU", tensor, *args, **kwargs)
    if word == "softmax":
        return applied(construction, "Softmax", tensor, *args, **kwargs)
    if word == "elu":
        return applied(construction, "ELU", tensor, *args, **kwargs)
    if word == "relu" and not args and set(kwargs) <= {"max_value", "negative_slope", "threshold"}:
        return applied(construction, "ReLU", tensor, **kwargs)
    raise construction.refuse(f"{word} has settings here that no layer has. Leave them out.")


def _rearranged(
    construction: Construction,
    word: str,
    tensor: Tensor,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> Tensor | None:
    if word == "reshape":
        target = args[0] if args else kwargs.get("newshape", kwargs.get("shape"))
        if isinstance(target, list | tuple) and len(target) > 1 and target[0] in (-1, None):
            return applied(construction, "Reshape", tensor, tuple(target[1:]))
    if word in ("transpose", "permute_dimensions"):
        order = args[0] if args else kwargs.get("axes", kwargs.get("perm"))
        if isinstance(order, list | tuple) and order and order[0] == 0:
            return applied(construction, "Permute", tensor, tuple(order[1:]))
    if word in ("expand_dims", "squeeze") and tensor.shape is not None:
        axis = args[0] if args else kwargs.get("axis")
        if isinstance(axis, int) and not isinstance(axis, bool):
            sizes = list(tensor.shape)
            at = axis - 1 if axis > 0 else len(sizes) + axis + (word == "expand_dims")
            if word == "expand_dims" and 0 <= at <= len(sizes):
                sizes.insert(at, 1)
                return applied(construction, "Reshape", tensor, tuple(sizes))
            if word == "squeeze" and 0 <= at < len(sizes) and sizes[at] == 1 and len(sizes) > 1:
                del sizes[at]
                return applied(construction, "Reshape", tensor, tuple(sizes))
    return None


def _pooled(
    construction: Construction,
    word: str,
    tensor: Tensor,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> Tensor | None:
    """`tf.reduce_mean(x, axis=[1, 2])` over all places."""
    if word not in ("mean", "max") or tensor.shape is None:
        return None
    axes = args[0] if args else kwargs.get("axis")
    axes = (axes,) if isinstance(axes, int) else axes
    rank = len(tensor.shape) + 1
    places = _AXES_OF_POOLS.get(rank)
    if (
        not isinstance(axes, list | tuple)
        or places is None
        or not all(isinstance(axis, int) for axis in axes)
    ):
        return None
    if tuple(sorted(axis % rank for axis in axes)) != places:
        return None
    keep = args[1] if len(args) > 1 else kwargs.get("keepdims", kwargs.get("keep_dims", False))
    kind = "Average" if word == "mean" else "Max"
    return applied(construction, f"Global{kind}Pooling{rank - 2}D", tensor, keepdims=keep)
