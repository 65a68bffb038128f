"""Layers and networks called on tensors, and the part of the graph that a network is."""

from collections.abc import Iterable, Mapping, Sequence

from tuinn.spec.keras_import.network.construction import Construction
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
    is_known,
)
from tuinn.spec.layers.catalog import LAYER_TYPES, LayerSpec
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.spec.layers.model import ModelSpec

_EAGER_GROUPS = ("augmentation", "scaling", "categories", "size")
"""Layers that scripts also call on their data."""

NOTHING_ABOVE = "This takes something that no line above has made."


def tensors_in(construction: Construction, value: object) -> tuple[Tensor, ...]:
    """The tensors of an argument, alone or in a list. Raises SpecError for anything else."""
    parts = value if isinstance(value, list | tuple) else [value]
    found = []
    for part in parts:
        if isinstance(part, list | tuple) and parts is not value:
            part = part[0] if len(part) == 1 else part
        if isinstance(part, Layer):
            raise construction.refuse(
                f"This takes a layer, {describe(part)}, that is called on nothing. Write {part.spec.type_name}(…)(x)."
            )
        if isinstance(part, Reference):
            raise construction.refuse(NOTHING_ABOVE)
        if not isinstance(part, Tensor):
            raise construction.refuse(
                f"This takes {describe(part)}, and that is no part of a network that can be read."
            )
        found.append(part)
    if not found:
        raise construction.refuse("This layer is called on nothing.")
    return tuple(found)


def call_layer(
    construction: Construction, layer: Layer, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> object:
    """What a layer gives for its arguments. On data, not on a tensor, it is not part of a network."""
    given = [*args, *(kwargs[key] for key in ("inputs", "query", "value", "key") if key in kwargs)]
    data = given and all(isinstance(part, Unknown) or is_known(part) for part in given)
    if data and (layer.spec.layer_type.group in _EAGER_GROUPS or is_known(given)):
        return Unknown(f"{layer.spec.type_name}(…)")
    _refuse_arguments(construction, layer, kwargs)
    row = layer.spec.layer_type
    if layer.spec.type_name == "MultiHeadAttention":
        sources = _attended(construction, given)
    elif row.merges and len(given) > 1:
        sources = tensors_in(construction, given)
    else:
        sources = tensors_in(construction, given[0] if given else [])
        if not row.merges and len(sources) > 1:
            raise construction.refuse(f"{layer.spec.type_name} takes one tensor, not {len(sources)}.")
        if len(given) > 1 and row.group == "sequence" and given[1] is not None:
            raise construction.refuse("A state to begin with has no place in tuinn. Leave initial_state out.")
    if row.merges and len(sources) == 1:
        return sources[0]  # Keras gives the tensor itself, or refuses
    tensor = construction.apply(layer, sources)
    return tensor if layer.then is None else apply_items(construction, [layer.then], tensor)


def _attended(construction: Construction, given: list[object]) -> tuple[Tensor, ...]:
    tensors = [tensors_in(construction, part)[0] for part in given if part is not None]
    if len(tensors) < 2:
        raise construction.refuse("MultiHeadAttention takes a query and a value: write attention(x, x).")
    if any(tensor is not tensors[0] for tensor in tensors):
        raise construction.refuse(
            "MultiHeadAttention takes query and value from two places here; tuinn has self-attention, both from one."
        )
    return (tensors[0],)


def _refuse_arguments(construction: Construction, layer: Layer, kwargs: Mapping[str, object]) -> None:
    for key, value in kwargs.items():
        if (
            key in ("inputs", "query", "value", "key")
            or value is None
            or (value is False and key != "training")
        ):
            continue
        if key == "training":
            if isinstance(value, bool):
                construction.note(
                    "changed",
                    f"{layer.spec.type_name} is called with training={value}; here it differs between training and prediction, as usual",
                )
        elif key == "initial_state":
            raise construction.refuse("A state to begin with has no place in tuinn. Leave initial_state out.")
        else:
            raise construction.refuse(
                f"{layer.spec.type_name} is called with {key}, and tuinn has no place for it."
            )


def call_network(
    construction: Construction, network: Network, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> object:
    """A network called on a tensor is its layers called one after the other; on data it is a prediction."""
    given = args[0] if args else kwargs.get("inputs")
    parts = given if isinstance(given, list | tuple) else [given]
    if not any(isinstance(part, Tensor) for part in parts):
        return Unknown("what the network says of data")
    sources = tensors_in(construction, given)
    network.used = True
    if network.is_sequential:
        return apply_items(construction, network.items, sources[0])
    if len(sources) != len(network.inputs):
        raise construction.refuse(
            f"This network has {len(network.inputs)} inputs, and is called on {len(sources)}."
        )
    outputs = _replayed(construction, network, sources)
    return outputs[0] if len(outputs) == 1 else list(outputs)


def _replayed(construction: Construction, network: Network, sources: tuple[Tensor, ...]) -> list[Tensor]:
    now: dict[int, Tensor] = {old.at: new for old, new in zip(network.inputs, sources, strict=True)}
    for tensor in ancestors(construction, network.outputs, network.inputs):
        if tensor.at not in now:
            assert tensor.layer is not None
            now[tensor.at] = construction.apply(tensor.layer, tuple(now[one.at] for one in tensor.sources))
    return [now[tensor.at] for tensor in network.outputs]


def apply_items(construction: Construction, items: Iterable[object], tensor: Tensor) -> Tensor:
    """The layers and networks of a Sequential, one after the other."""
    for item in items:
        found: object
        match item:
            case InputLayer():
                continue
            case Layer(spec=spec):
                given = (tensor, tensor) if spec.type_name == "MultiHeadAttention" else (tensor,)
                found = call_layer(construction, item, given, {})
            case Network():
                found = call_network(construction, item, (tensor,), {})
            case FunctionLayer() | Instance():
                assert construction.call is not None
                found = construction.call(item, (tensor,), {})
            case _:
                found = None
        if not isinstance(found, Tensor):
            raise construction.refuse(f"{describe(item)} gives no tensor here.")
        tensor = found
    return tensor


def ancestors(
    construction: Construction, outputs: Sequence[Tensor], inputs: Sequence[Tensor]
) -> list[Tensor]:
    """Every tensor between these inputs and these outputs, in the order of their making, outputs included.

    Raises SpecError for an output that also needs something else.
    """
    ends = {tensor.at for tensor in inputs}
    found: dict[int, Tensor] = {}
    waiting = list(outputs)
    while waiting:
        tensor = waiting.pop()
        if tensor.at in found or tensor.at in ends:
            continue
        if tensor.layer is None:
            raise construction.refuse("The outputs of this network need an input that it doesn't name.")
        found[tensor.at] = tensor
        waiting.extend(tensor.sources)
    return [found[at] for at in sorted(found)]


def ensure_graph(construction: Construction, network: Network) -> None:
    """Give a Sequential an input and an output, as Keras does once it is built."""
    if network.is_sequential and not network.outputs:
        shape = sequential_input(network)
        network.inputs = [construction.new_input(shape)]
        network.outputs = [apply_items(construction, network.items, network.inputs[0])]


def layers_in(construction: Construction, network: Network) -> set[int]:
    """The layers of a network and of those within it, by their identity."""
    if not network.is_sequential:
        return {id(tensor.layer) for tensor in ancestors(construction, network.outputs, network.inputs)}
    found: set[int] = set()
    for item in network.items:
        found |= layers_in(construction, item) if isinstance(item, Network) else {id(item)}
    return found


def sequential_input(network: Network) -> tuple[int, ...] | None:
    """The shape of a sample that a Sequential is told."""
    first = next(iter(network.items), None)
    match first:
        case InputLayer(shape=shape) | Layer(input_shape=shape):
            return shape
        case Network(is_sequential=True):
            return sequential_input(first)
        case Network(inputs=[Tensor(shape=shape)]):
            return shape
    return None


def stack_of(
    construction: Construction, tensors: Sequence[Tensor]
) -> tuple[tuple[LayerSpec, ...], tuple[int, ...]]:
    """The layers that give these tensors, with what they take, and the line of each."""
    used: dict[int, int] = {}
    specs: list[LayerSpec] = []
    names: set[str] = set()
    for tensor in tensors:
        layer = tensor.layer
        assert layer is not None
        if (first := used.setdefault(id(layer), tensor.line)) and id(layer) in used and _seen(layer, specs):
            if _has_weights(layer.spec):
                raise construction.refuse(
                    f"{layer.spec.type_name} is used twice with the same weights (lines {first} and {tensor.line}), and a stack has a layer once.",
                    line=tensor.line,
                )
            specs.append(layer.spec.with_options(name=None))
        else:
            specs.append(_uniquely_named(construction, layer, names))
    place = {tensor.at: at for at, tensor in enumerate(tensors)}
    auto = ModelSpec(tuple(specs)).names()
    linked = []
    for at, (spec, tensor) in enumerate(zip(specs, tensors, strict=True)):
        sources = tuple(place.get(source.at, -1) for source in tensor.sources)
        if sources != (at - 1,):
            spec = spec.with_options(
                **{"from": tuple(auto[one] if one >= 0 else INPUT_NAME for one in sources)}
            )
        linked.append(spec)
    return tuple(linked), tuple(tensor.layer.line if tensor.layer else tensor.line for tensor in tensors)


def _seen(layer: Layer, specs: list[LayerSpec]) -> bool:
    return any(spec is layer.spec for spec in specs)


def _uniquely_named(construction: Construction, layer: Layer, names: set[str]) -> LayerSpec:
    name = layer.spec.name
    if name is None:
        return layer.spec
    if name in names:
        number = next(n for n in range(1, 10_000) if f"{name}_{n}" not in names)
        construction.note("changed", f"a second layer called {name} is called {name}_{number}", layer.line)
        layer.spec = layer.spec.with_options(name=f"{name}_{number}")
    names.add(str(layer.spec.name))
    return layer.spec


def _has_weights(spec: LayerSpec) -> bool:
    """True for a layer that keeps something: used twice, it keeps it for both."""
    inner = spec.inner or spec
    return (
        spec.layer_type.adapts
        or spec.type_name == "Normalization"
        or any(option.name.endswith("_initializer") for option in inner.layer_type.options)
    )


def acts_only_in_training(spec: LayerSpec) -> bool:
    """True for a layer that gives what it takes, but in training."""
    groups = ("augmentation", "regularisation")
    return spec.layer_type.group in groups and spec.type_name != "RandomCrop"  # which crops the middle


def knows_layer(name: str) -> bool:
    """True for a layer type that tuinn has."""
    return name in LAYER_TYPES


__all__ = [
    "Call",
    "ancestors",
    "apply_items",
    "call_layer",
    "call_network",
    "ensure_graph",
    "stack_of",
    "tensors_in",
]
