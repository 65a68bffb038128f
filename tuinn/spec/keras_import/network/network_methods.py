"""Networks as wholes: `Sequential([…])`, `Model(inputs, outputs)`, `model.add`, `model.compile`."""

from collections.abc import Mapping

from tuinn.spec.keras_import.network.construction import Construction, as_input_layer
from tuinn.spec.keras_import.network.graph import ancestors
from tuinn.spec.keras_import.network.object_attributes import layers_of
from tuinn.spec.keras_import.network.values import (
    Call,
    FunctionLayer,
    InputLayer,
    Instance,
    Layer,
    Network,
    Reference,
    Tensor,
    Unknown,
    describe,
)

Args = tuple[object, ...]
Kwargs = Mapping[str, object]


def sequential(construction: Construction, parts: object) -> Network:
    """`Sequential([…])`. Raises SpecError for a part that is no layer."""
    network = construction.new_network(Network(construction.line, is_sequential=True))
    if isinstance(parts, Unknown | Reference) or construction.is_spoiled(parts):
        raise construction.refuse(f"Which layers {describe(parts)} holds isn't known here. Write them out.")
    for part in parts if isinstance(parts, list | tuple) else [] if parts is None else [parts]:
        add(construction, network, part)
    return network


def add(construction: Construction, network: Network, part: object) -> None:
    """`model.add(layer)`."""
    if not network.is_sequential:
        raise construction.refuse("Only a Sequential has add. Call the layer on a tensor instead.")
    if isinstance(part, Tensor) and part.layer is None:
        part = as_input_layer(part)
    if isinstance(part, Tensor):
        raise construction.refuse(
            "A Sequential takes layers, and this is what a layer gives. Leave the (x) out."
        )
    if isinstance(part, Reference):
        raise construction.refuse(f"{describe(part)} is no layer that the code makes.")
    if not isinstance(part, Layer | Network | FunctionLayer | InputLayer | Instance):
        raise construction.refuse(f"{describe(part)} is no layer that can be read.")
    construction.changed(network)
    network.items.append(part)
    if isinstance(part, Layer | Network):
        part.used = True


def functional(construction: Construction, inputs: object, outputs: object) -> Network:
    """`Model(inputs, outputs)`. Raises SpecError for what isn't made of tensors."""
    network = Network(construction.line)
    network.inputs = _tensors(construction, inputs, "inputs")
    network.outputs = _tensors(construction, outputs, "outputs")
    ancestors(construction, network.outputs, network.inputs)
    return construction.new_network(network)


def _tensors(construction: Construction, value: object, which: str) -> list[Tensor]:
    parts = list(value.values()) if isinstance(value, dict) else value
    parts = parts if isinstance(parts, list | tuple) else [parts]
    for part in parts:
        if not isinstance(part, Tensor):
            raise construction.refuse(
                f"The {which} of this network, {describe(part)}, are nothing that a line above has made."
            )
    return [part for part in parts if isinstance(part, Tensor)]


def stand_in(construction: Construction, name: str) -> Network | None:
    """The network that the code adds to without having made it."""
    return next((one for one in construction.networks if one.stands_for == name), None)


def add_to_unmade(construction: Construction, name: str, part: object) -> None:
    """`model.add(layer)` where no line makes `model`: a few lines out of a script."""
    network = stand_in(construction, name)
    if network is None:
        network = construction.new_network(Network(construction.line, is_sequential=True, stands_for=name))
    add(construction, network, part)


def call_method(
    construction: Construction, network: Network, name: str, args: Args, kwargs: Kwargs
) -> object:
    """A method of a network."""
    match name:
        case "add":
            add(construction, network, args[0] if args else kwargs.get("layer"))
            return None
        case "pop":
            construction.changed(network)
            return network.items.pop() if network.items else None
        case "compile" | "fit" | "fit_generator":
            return take_over(construction, network, name, args, kwargs)
        case "get_layer":
            return _layer(construction, network, args, kwargs)
        case "call" | "__call__" if args:
            assert construction.call is not None
            return construction.call(network, args, kwargs)
        case "load_weights" | "set_weights":
            construction.note("left out", "weights are not taken over; training begins anew")
        case "summary" | "build" | "save" | "evaluate" | "predict" | "get_weights":
            pass
        case "train_on_batch":
            construction.note("left out", "a training loop of the code's own")
    return Unknown(f"{name}()")


def _layer(construction: Construction, network: Network, args: Args, kwargs: Kwargs) -> object:
    name = args[0] if args else kwargs.get("name")
    at = args[1] if len(args) > 1 else kwargs.get("index")
    layers = layers_of(construction, network)
    if isinstance(name, str):
        found = [layer for layer in layers if isinstance(layer, Layer) and layer.keras_name == name]
        return found[0] if found else Unknown(construction.text)
    if isinstance(at, int) and -len(layers) <= at < len(layers) and not construction.is_spoiled(layers):
        return layers[at]
    return Unknown(construction.text)


def take_over(
    construction: Construction, network: Network | Instance, name: str, args: Args, kwargs: Kwargs
) -> object:
    """Keep the arguments of `compile` or `fit`; what they mean is read once the whole code is."""
    construction.taken += 1
    call = Call(args, dict(kwargs), construction.line, not construction.uncertain)
    if name == "compile" and network.fitted is None:
        network.compiled = call
    elif name == "compile":
        construction.note("left out", "a further compile, after fit")
    elif network.fitted is None or not network.fitted.certain:
        network.fitted = call
    else:
        construction.note("left out", "a further fit; the settings are those of the first")
    return Unknown(f"what {name} gives")


__all__ = ["add", "add_to_unmade", "call_method", "functional", "sequential", "stand_in", "take_over"]
