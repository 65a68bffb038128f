"""Arithmetic and functions between the layers of a saved network: those that a layer does as well."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuinn.spec.layers.catalog import LayerSpec

_WORDS = {
    **dict.fromkeys(("Add", "math.add", "__operators__.add", "add"), "add"),
    **dict.fromkeys(("Subtract", "math.subtract", "__operators__.sub", "subtract"), "subtract"),
    **dict.fromkeys(("Multiply", "math.multiply", "__operators__.mul", "multiply"), "multiply"),
    **dict.fromkeys(
        ("TrueDivide", "Divide", "math.truediv", "math.divide", "__operators__.truediv", "divide"), "divide"
    ),
}
_FUNCTIONS = {
    **{name: name.lower() for name in ("Relu", "Sigmoid", "Tanh", "Softmax", "Gelu", "Silu", "Elu", "Selu")},
    **{f"nn.{name}": name for name in ("relu", "tanh", "softmax", "gelu", "silu", "elu", "selu")},
    "Relu6": "relu6",
    "nn.relu6": "relu6",
    "math.sigmoid": "sigmoid",
    "math.tanh": "tanh",
    "nn.sigmoid": "sigmoid",
}
_LAYERS = {"add": "Add", "subtract": "Subtract", "multiply": "Multiply"}


def is_operation(type_name: str, config: Mapping[str, Any], sources: int) -> bool:
    """Whether this is no layer but a function of Keras 3, or of TensorFlow in Keras 2, of so many tensors."""
    if ".ops." in str(config.get("module") or "") or type_name in ("TFOpLambda", "TensorFlowOpLayer"):
        return True
    # An HDF5 file doesn't say the module.
    return type_name in ("TrueDivide", "Divide") or (type_name in _LAYERS.values() and sources == 1)


def read_operation(
    type_name: str, config: Mapping[str, Any], sources: int, constants: Sequence[Any]
) -> LayerSpec | None:
    """The layer that does the same to so many tensors; None where none does.

    `constants`: what stands beside the tensors, before or after them; the first of two arguments is None where it is a
    tensor.
    """
    settings = config.get("config") or {}
    name = str(settings.get("function") or type_name) if type_name == "TFOpLambda" else type_name
    if name in _FUNCTIONS and sources == 1:
        return LayerSpec.of("Activation", activation=_FUNCTIONS[name])
    word = _WORDS.get(name)
    if word is None:
        return None
    if sources == 2:
        return LayerSpec.of(_LAYERS[word]) if word in _LAYERS else None
    numbers = [one for one in constants if isinstance(one, int | float) and not isinstance(one, bool)]
    if sources != 1 or len(numbers) != 1:
        return None
    number = float(numbers[0])
    first = bool(constants) and constants[0] is not None
    match word:
        case "add":
            scale, offset = 1.0, number
        case "multiply":
            scale, offset = number, 0.0
        case "subtract":
            scale, offset = (-1.0, number) if first else (1.0, -number)
        case _ if not first and number:
            scale, offset = 1 / number, 0.0
        case _:
            return None
    return LayerSpec.of("Rescaling", scale=scale, offset=offset)
