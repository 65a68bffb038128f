"""Attributes of what the code holds: `x.shape`, `model.layers`, `layer.output`, `self.dense`."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from tuinn.spec.keras_import.network.construction import Construction, as_input_layer
from tuinn.spec.keras_import.network.graph import ancestors, ensure_graph
from tuinn.spec.keras_import.network.keras_names import keras_name
from tuinn.spec.keras_import.network.values import (
    ClassValue,
    Function,
    FunctionLayer,
    InputLayer,
    Instance,
    KerasObject,
    Layer,
    Method,
    Network,
    Reference,
    Scope,
    Super,
    Tensor,
    Unknown,
)

CallValue = Callable[[object, tuple[object, ...], Mapping[str, object]], object]

NETWORK_METHODS = (
    *("add", "pop", "compile", "fit", "get_layer", "summary", "build", "evaluate", "predict", "save", "call"),
    *(
        "load_weights",
        "save_weights",
        "get_weights",
        "set_weights",
        "fit_generator",
        "train_on_batch",
        "to_json",
    ),
)


def attribute(construction: Construction, owner: object, name: str, call: CallValue) -> object:
    """`owner.name`. Raises SpecError where it is a part of a network that can't be read."""
    match owner:
        case Reference(path=path, imported=imported):
            return Reference(f"{path}.{name}", imported)
        case Tensor():
            return _of_tensor(owner, name)
        case Layer():
            return _of_layer(construction, owner, name)
        case Network():
            return _of_network(construction, owner, name)
        case Instance():
            return of_instance(construction, owner, name, call)
        case Super(instance=instance, of=of):
            found = _in_classes(of.bases, name)
            return _bound(found, instance) if found else Method(owner, name)
        case ClassValue():
            found = _in_classes((owner,), name)
            if isinstance(found, Function) and found.kind == "classmethod":
                return _bound(found, owner)
            return found if found is not None else Unknown(f"{owner.node.name}.{name}")
        case list() | dict() | str() | tuple():
            return Method(owner, name)
        case FunctionLayer() | InputLayer():
            return Method(owner, name)
        case Unknown(text=text, of_network=of_network):
            return Unknown(f"{text}.{name}", of_network)
    return Unknown(name)


def _of_tensor(tensor: Tensor, name: str) -> object:
    if name in ("shape", "_keras_shape"):
        return (None, *tensor.shape) if tensor.shape is not None else Unknown("the shape of a tensor")
    if name == "ndim" and tensor.shape is not None:
        return len(tensor.shape) + 1
    if name in ("dtype", "name", "ndim", "op", "node", "_keras_history"):
        return Unknown(f"a tensor's {name}")
    return Method(tensor, name)


def _of_layer(construction: Construction, layer: Layer, name: str) -> object:
    if name in ("output", "input"):
        _build_around(construction, layer)
    if name == "output":
        if len(layer.outputs) != 1:
            raise construction.refuse(
                f"{layer.spec.type_name} is called {len(layer.outputs)} times, so it has no one output."
            )
        return layer.outputs[0]
    if name == "input" and len(layer.outputs) == 1 and len(layer.outputs[0].sources) == 1:
        return layer.outputs[0].sources[0]
    if name == "name":
        return layer.keras_name
    if name == "__class__":
        return Reference(f"keras.layers.{layer.spec.type_name}", imported=True)
    if name in layer.spec.options:
        return layer.spec.options[name]
    if name in (
        "weights",
        "kernel",
        "bias",
        "trainable_weights",
        "variables",
        "input_shape",
        "output_shape",
        "built",
    ):
        return Unknown(f"a layer's {name}")
    return Method(layer, name)


def _build_around(construction: Construction, layer: Layer) -> None:
    """Give the Sequential that has this layer its tensors, as Keras does once it is built."""
    for network in construction.networks:
        if network.is_sequential and not layer.outputs and any(item is layer for item in network.items):
            ensure_graph(construction, network)


def _of_network(construction: Construction, network: Network, name: str) -> object:
    if name in ("input", "inputs", "output", "outputs"):
        ensure_graph(construction, network)
        found = network.inputs if name.startswith("input") else network.outputs
        return found[0] if len(found) == 1 and not name.endswith("s") else list(found)
    if name in ("layers", "_layers"):
        return layers_of(construction, network)
    if name in NETWORK_METHODS or name == "optimizer":
        return Method(network, name)
    return Unknown(f"a network's {name}")


def layers_of(construction: Construction, network: Network) -> list[object]:
    """`model.layers`. Raises SpecError where their order isn't that in which they are made."""
    if network.is_sequential:
        return [item for item in network.items if not isinstance(item, InputLayer)]
    tensors = ancestors(construction, network.outputs, network.inputs)
    for at, tensor in enumerate(tensors):
        if tensor.sources != ((tensors[at - 1],) if at else (network.inputs[0],)) or len(network.inputs) != 1:
            # Keras numbers the layers of a branched network by their depth.
            found: list[object] = [tensor.layer for tensor in tensors]
            construction.spoil(found)
            return found
    return [as_input_layer(network.inputs[0]), *(tensor.layer for tensor in tensors)]


def of_instance(construction: Construction, instance: Instance, name: str, call: CallValue) -> object:
    """An attribute that was set, else one of its classes."""
    if name in instance.attributes:
        found = instance.attributes[name]
        return Unknown(f"self.{name}") if construction.is_spoiled(found) else found
    found = _in_classes((instance.of,), name)
    if isinstance(found, Function) and found.kind == "property":
        return call(_bound(found, instance), (), {})
    return _bound(found, instance) if found is not None else Method(instance, name)


def _bound(found: object, owner: Instance | ClassValue) -> object:
    if not isinstance(found, Function) or found.kind == "staticmethod":
        return found
    return replace(found, owner=owner)


def _in_classes(classes: tuple[object, ...], name: str) -> object:
    for one in classes:
        if isinstance(one, ClassValue):
            if name in one.scope.names:
                return one.scope.names[name]
            if (found := _in_classes(one.bases, name)) is not None:
                return found
    return None


def is_keras_class(value: ClassValue, *names: str) -> bool:
    """True for a class that is made of one of these of Keras, such as `Model` or `Layer`."""
    for base in value.bases:
        if isinstance(base, ClassValue) and is_keras_class(base, *names):
            return True
        if isinstance(base, Reference):
            found = keras_name(base)
            if base.path.rpartition(".")[2] in names and (found is not None or "." not in base.path):
                return True
    return False


def fields_of(value: ClassValue) -> list[str]:
    """The names that the body of a class gives a type, those of its bases first: what a dataclass takes, in order."""
    found = [name for base in value.bases if isinstance(base, ClassValue) for name in fields_of(base)]
    own = [
        part.target.id
        for part in value.node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    ]
    return list(dict.fromkeys((*found, *own)))


def decorator_kind(node: ast.FunctionDef) -> str:
    """`staticmethod`, `classmethod`, `property`, or nothing."""
    names = [part.id for part in node.decorator_list if isinstance(part, ast.Name)]
    return next((name for name in names if name in ("staticmethod", "classmethod", "property")), "")


def method_scope(function: Function) -> Scope:
    """The names of a call: those outside of it, and `super()`."""
    scope = Scope(outer=function.scope)
    if isinstance(function.owner, Instance) and function.home is not None:
        scope.names["super()"] = Super(function.owner, function.home)
    return scope


__all__ = [
    "KerasObject",
    "attribute",
    "decorator_kind",
    "fields_of",
    "is_keras_class",
    "layers_of",
    "method_scope",
]
