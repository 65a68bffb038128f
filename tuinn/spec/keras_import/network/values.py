"""What a name in the code may hold while it is read: parts of a network, and what is not known.

Numbers, words, None, tuples, lists and dicts stand for themselves.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from tuinn.spec.layers.catalog import LayerSpec, Shape
from tuinn.text import shorten


@dataclass(frozen=True)
class Unknown:
    """A value that only running the code would tell."""

    text: str
    """How the code writes it."""
    of_network: bool = False
    """Made of a network, such as a wrapper around it: it may be passed on, but not built upon."""


TRAINING = Unknown("training")
"""What Keras gives to the `training` of a `call`."""


@dataclass(frozen=True)
class Reference:
    """A dotted name of a library, or a name that nothing above has made."""

    path: str
    imported: bool = False
    """An import says where it comes from; else it is only what the code calls it."""


@dataclass(frozen=True)
class KerasObject:
    """A class of Keras that is no layer, with its arguments: an initializer, an optimizer, a loss, a callback."""

    area: str
    """The module of Keras, such as `optimizers`."""
    name: str
    args: tuple[object, ...]
    kwargs: dict[str, object]
    line: int


@dataclass(eq=False)
class Layer:
    """A layer object: what it is, and what its calls gave."""

    spec: LayerSpec
    line: int
    then: "Layer | FunctionLayer | None" = None
    """An activation that Keras has in the layer, and a stack only after it."""
    input_shape: Shape | None = None
    """What a first layer says of the samples."""
    outputs: list["Tensor"] = field(default_factory=list)
    used: bool = False
    """It is called, or part of a network."""
    keras_name: str = ""
    """The name that Keras gives it, where the code gives none: `dense_1`."""


@dataclass(eq=False)
class FunctionLayer:
    """`Lambda(f)`: a layer that does what a function does."""

    function: object
    line: int


@dataclass(eq=False)
class InputLayer:
    """`Input(…)` or `InputLayer(…)` inside a Sequential; called alone, `Input` is a tensor."""

    shape: Shape | None
    line: int


@dataclass(eq=False)
class Tensor:
    """What a layer gives for what it is called on; without a layer, the input."""

    layer: Layer | None
    sources: tuple["Tensor", ...]
    line: int
    at: int
    """Its place among all tensors, in the order of their making."""
    shape: Shape | None = None
    """Without the batch axis; None where it isn't known."""


@dataclass(eq=False)
class Network:
    """A Sequential, or a functional model."""

    line: int
    items: list[object] = field(default_factory=list)
    """Of a Sequential: its layers, inputs and networks."""
    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    """Of a functional model; of a Sequential, once something has asked for them."""
    is_sequential: bool = False
    stands_for: str = ""
    """What the code calls a network that it adds layers to without making it."""
    changed_at: int = 0
    """When it was made or added to, on the clock of the construction."""
    used: bool = False
    """It is part of another network."""
    compiled: "Call | None" = None
    fitted: "Call | None" = None
    learning_rate: tuple[object, int] | None = None
    """Set after compile, and the line: `model.optimizer.learning_rate = 0.01`."""


@dataclass(frozen=True)
class Call:
    """The arguments of `compile` or `fit`."""

    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    line: int
    certain: bool = True
    """False where it depends on something that isn't known."""


@dataclass(eq=False)
class Scope:
    """The names of a function, of a class or of the whole text."""

    names: dict[str, object] = field(default_factory=dict)
    outer: "Scope | None" = None
    outside: dict[str, "Scope"] = field(default_factory=dict)
    """Names that `global` and `nonlocal` give to another scope."""
    is_comprehension: bool = False
    """`:=` gives its name to the scope around it."""

    def find(self, name: str) -> object:
        """The value; raises KeyError for a name that nothing has made."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        raise KeyError(name)

    def home_of(self, name: str) -> "Scope":
        """The nearest scope around this one that has the name; this one where none has."""
        scope = self.outer
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope or self


@dataclass(eq=False)
class Function:
    """A function or lambda of the code."""

    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    owner: "Instance | ClassValue | None" = None
    """What it is a method of."""
    kind: str = ""
    """`staticmethod`, `classmethod`, `property`, or nothing."""
    called: bool = False
    home: "ClassValue | None" = None
    """The class that defines it, for `super()`."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """What its arguments are where none is given, as it was when the function was defined."""

    @property
    def name(self) -> str:
        return self.node.name if isinstance(self.node, ast.FunctionDef) else "lambda"


@dataclass(eq=False)
class Partial:
    """`functools.partial(f, …)`."""

    function: object
    args: tuple[object, ...]
    kwargs: Mapping[str, object]


@dataclass(eq=False)
class ClassValue:
    """A class of the code."""

    node: ast.ClassDef
    scope: Scope
    bases: tuple[object, ...]
    used: bool = False


@dataclass(eq=False)
class Instance:
    """An object of a class of the code."""

    of: ClassValue
    attributes: dict[str, object] = field(default_factory=dict)
    made_at: int = 0
    line: int = 1
    used: bool = False
    compiled: "Call | None" = None
    fitted: "Call | None" = None


@dataclass(frozen=True)
class Method:
    """A method of something that is no class of the code: `model.add`, `words.append`, `"{}".format`."""

    owner: object
    name: str


@dataclass(frozen=True)
class Super:
    """`super()` in a method: the instance, and the class whose bases are asked."""

    instance: Instance
    of: ClassValue


NETWORK_PARTS = (Tensor, Layer, Network, FunctionLayer, InputLayer, Instance)


def holds_network(value: object, depth: int = 6) -> bool:
    """True where a tensor, a layer or a network is anywhere in the value."""
    if isinstance(value, NETWORK_PARTS) or (isinstance(value, Unknown) and value.of_network):
        return True
    if depth == 0:
        return False
    if isinstance(value, list | tuple | set):
        return any(holds_network(part, depth - 1) for part in value)
    if isinstance(value, dict):
        return any(holds_network(part, depth - 1) for part in value.values())
    if isinstance(value, Method):
        return holds_network(value.owner, depth - 1)
    return isinstance(value, Partial) and holds_network((value.function, value.args), depth - 1)


def is_known(value: object, depth: int = 6) -> bool:
    """True for a plain value, all of whose parts are plain."""
    if value is None or isinstance(value, bool | int | float | str):
        return True
    if depth == 0:
        return False
    if isinstance(value, list | tuple | range | set):
        return all(is_known(part, depth - 1) for part in value)
    return isinstance(value, dict) and all(
        is_known(key) and is_known(part, depth - 1) for key, part in value.items()
    )


def describe(value: object) -> str:
    """A value, for a sentence."""
    match value:
        case Unknown(text=text) | Reference(path=text):
            return shorten(text, 60)
        case Tensor(layer=None):
            return "the input"
        case Tensor(layer=Layer(spec=spec)):
            return f"what {spec.type_name} gives"
        case Layer(spec=spec):
            return f"a {spec.type_name} layer"
        case Network():
            return "a network"
        case FunctionLayer():
            return "a Lambda layer"
        case InputLayer():
            return "an Input"
        case Instance(of=of):
            return f"a {of.node.name}"
        case KerasObject(name=name):
            return f"{name}(…)"
        case Function() | Partial() | ClassValue() | Method() | Super():
            return "a function"
    try:
        return shorten(repr(value), 60)
    except ValueError:  # Python refuses to write out whole numbers of more than 4,300 digits
        return "a number of thousands of digits"
