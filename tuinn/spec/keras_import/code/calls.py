"""What is called in the code, and what comes of it: layers, networks, functions of Keras and of Python."""

from collections.abc import Callable, Mapping

from tuinn.spec.keras_import.code import python_functions
from tuinn.spec.keras_import.code.python_functions import NotKnown
from tuinn.spec.keras_import.network import graph, network_methods, tensor_functions
from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.keras_names import KerasName, keras_name, other_library
from tuinn.spec.keras_import.network.layer_calls import make_layer, plain_shape, why_no_layer
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
    Partial,
    Reference,
    Super,
    Tensor,
    Unknown,
    describe,
    holds_network,
)
from tuinn.spec.layers.catalog import LAYER_TYPES
from tuinn.text import shorten

Args = tuple[object, ...]
Kwargs = Mapping[str, object]

_HARMLESS = (
    *(
        "print",
        "repr",
        "str",
        "type",
        "id",
        "isinstance",
        "hasattr",
        "display",
        "plot_model",
        "len",
        "callable",
    ),
    *("is_keras_tensor", "issubclass", "dir", "help", "pprint"),
)
"""Functions that may be given anything of a network, and do nothing to it."""

_OBJECT_AREAS = (
    *("optimizers", "losses", "metrics", "callbacks", "initializers", "regularizers", "constraints"),
)


class Calls:
    """Calls values. `call_code` runs what the code itself defines."""

    def __init__(
        self, construction: Construction, call_code: Callable[[object, Args, Kwargs], object]
    ) -> None:
        self.construction = construction
        self.call_code = call_code
        construction.call = self.call

    def call(self, function: object, args: Args, kwargs: Kwargs) -> object:
        """What the call gives. Raises SpecError where it makes part of a network that can't be read."""
        match function:
            case Layer():
                return graph.call_layer(self.construction, function, args, kwargs)
            case Network():
                return graph.call_network(self.construction, function, args, kwargs)
            case FunctionLayer(function=inner):
                return self._lambda(inner, args)
            case Partial(function=inner, args=first, kwargs=named):
                return self.call(inner, (*first, *args), {**named, **kwargs})
            case Function() | ClassValue() | Instance():
                return self.call_code(function, args, kwargs)
            case Method():
                return self._method(function, args, kwargs)
            case Reference():
                return self._reference(function, args, kwargs)
        return self._unknown(
            describe(function), args, kwargs, isinstance(function, Unknown) and function.of_network
        )

    def _lambda(self, function: object, args: Args) -> object:
        self.construction.note("changed", "a Lambda stands as the layers that do what it does")
        found = self.call(function, args, {})
        if not isinstance(found, Tensor):
            raise self.construction.refuse("This Lambda cannot be read. Write layers that do what it does.")
        return found

    # ----------------------------------------------------------------------------------------------- methods

    def _method(self, method: Method, args: Args, kwargs: Kwargs) -> object:
        construction, owner, name = self.construction, method.owner, method.name
        match owner:
            case Network():
                return network_methods.call_method(construction, owner, name, args, kwargs)
            case Layer() | FunctionLayer() | InputLayer():
                return self._layer_method(method, args)
            case Tensor():
                if name in ("get_shape", "set_shape"):
                    return Unknown("the shape of a tensor")
                raise construction.refuse(f".{name}() of a tensor is no layer. Write a layer that does it.")
            case Super() | Instance():
                return self._base_method(method, args, kwargs)
        if construction.uncertain and python_functions.changes_owner(method):
            if holds_network((owner, args)):
                construction.touch()
            construction.spoil(owner)
            return Unknown(construction.text)
        try:
            return python_functions.call_method(method, args, kwargs)
        except NotKnown:
            if python_functions.changes_owner(method):
                construction.spoil(owner)
            return Unknown(construction.text, holds_network((owner, args)))

    def _layer_method(self, method: Method, args: Args) -> object:
        """Whatever is asked of a layer but its calls: its weights, its words, its settings."""
        owner, name = method.owner, method.name
        if name == "set_weights" and isinstance(owner, Layer):
            self.construction.note("left out", f"weights of {owner.spec.type_name}; it begins new")
        elif name in ("call", "__call__"):
            return self.call(owner, args, {})
        return Unknown(f"{describe(owner)}.{name}()")

    def _base_method(self, method: Method, args: Args, kwargs: Kwargs) -> object:
        """A method of Keras' own class that an object of the code is made of."""
        name = method.name
        if name == "__init__":
            if any(holds_network(part) for part in (*args, *kwargs.values())):
                raise self.construction.refuse(
                    "A functional model inside a class cannot be read. Write keras.Model(inputs, outputs)."
                )
            return None
        if name in ("add_weight", "add_variable", "add_loss", "add_metric"):
            raise self.construction.refuse(f"{name} makes a layer of its own, which tuinn doesn't have.")
        if name in ("compile", "fit", "fit_generator") and isinstance(method.owner, Instance):
            return network_methods.take_over(self.construction, method.owner, name, args, kwargs)
        if any(isinstance(arg, Tensor | Layer) for arg in args) and name not in ("build", "__setattr__"):
            raise self.construction.refuse(f".{name}() is nothing that the code defines.")
        return Unknown(f"{name}()")

    # -------------------------------------------------------------------------------------------- references

    def _reference(self, reference: Reference, args: Args, kwargs: Kwargs) -> object:
        construction, path = self.construction, reference.path
        if path in ("functools.partial", "partial") and args:
            return Partial(args[0], args[1:], kwargs)
        if path in python_functions.BUILTINS:
            try:
                return python_functions.call_builtin(path, args, kwargs)
            except NotKnown:
                tensors = [part for part in args if isinstance(part, Tensor)]
                if not tensors and path != "sum":
                    return Unknown(construction.text, holds_network(args))
        if name := keras_name(reference):
            return self._keras(name, reference, args, kwargs)
        head, _, rest = path.rpartition(".")
        if head and rest in ("add", "compile", "fit") and not reference.imported and "." not in head:
            if rest == "add" and args and isinstance(args[0], Layer | Network | FunctionLayer | InputLayer):
                network_methods.add_to_unmade(construction, head, args[0])
                return None
            if rest != "add" and (found := network_methods.stand_in(construction, head)):
                return network_methods.take_over(construction, found, rest, args, kwargs)
        library = other_library(reference)
        if library and (".nn." in f".{path}" or rest in LAYER_TYPES or not reference.imported):
            raise construction.refuse(f"{shorten(path)} is {library}'s. Only code of Keras can be read.")
        return self._unknown(path, args, kwargs)

    def _keras(self, name: KerasName, reference: Reference, args: Args, kwargs: Kwargs) -> object:
        construction = self.construction
        match name.area:
            case "models":
                return self._model(name.name, args, kwargs)
            case "layers" if name.name == "Lambda":
                construction.touch()
                layer = FunctionLayer(args[0] if args else kwargs.get("function"), construction.line)
                construction.layers.append(layer)
                return layer
            case "layers" if name.name[:1].isupper() or name.name == "":
                return make_layer(construction, name.name, args, kwargs)
            case "layers" if not tensor_functions.is_tensor_function(name):
                raise construction.refuse(why_no_layer(name.name))
            case "applications" if name.name[:1].isupper():
                raise construction.refuse(
                    f"{name.name} is a pretrained network, which tuinn doesn't have. Its own layers can be pasted."
                )
            case "activations" if name.name in ("get", "deserialize") and args:
                return args[0]
            case area if area in _OBJECT_AREAS:
                if name.name == "get" and args:
                    return args[0]
                return KerasObject(area, name.name, args, dict(kwargs), construction.line)
        if (
            name.name == "set_random_seed"
            and args
            and isinstance(args[0], int)
            and not construction.uncertain
        ):
            construction.seed = (args[0], construction.line)
            construction.taken += 1
        if name.name in ("set_global_policy", "set_dtype_policy") and args and isinstance(args[0], str):
            construction.precision = (args[0], construction.line)
            construction.taken += 1
        given = (*args, *kwargs.values())
        if tensor_functions.is_tensor_function(name) and any(_holds_tensor(part) for part in given):
            if name.name in _HARMLESS:
                return Unknown(construction.text)
            return tensor_functions.call_function(construction, name, args, kwargs)
        return self._unknown(reference.path, args, kwargs)

    def _model(self, name: str, args: Args, kwargs: Kwargs) -> object:
        construction = self.construction
        match name:
            case "Sequential":
                return network_methods.sequential(construction, args[0] if args else kwargs.get("layers"))
            case "Model" | "Functional":
                inputs = args[0] if args else kwargs.get("inputs", kwargs.get("input"))
                outputs = args[1] if len(args) > 1 else kwargs.get("outputs", kwargs.get("output"))
                return network_methods.functional(construction, inputs, outputs)
            case "Input":
                return construction.new_input(self._input_shape(args, kwargs))
            case "InputLayer":
                return InputLayer(self._input_shape(args, kwargs), construction.line)
        of_network = name in (
            "load_model",
            "clone_model",
            "model_from_json",
            "model_from_config",
            "from_config",
        )
        return Unknown(construction.text, of_network)

    def _input_shape(self, args: Args, kwargs: Kwargs) -> tuple[int, ...] | None:
        if "tensor" in kwargs or "input_tensor" in kwargs:
            raise self.construction.refuse("An Input made of a tensor cannot be read. Give it a shape.")
        for key in ("batch_shape", "batch_input_shape"):
            batch = kwargs.get(key)
            if isinstance(batch, tuple | list):
                return plain_shape(tuple(batch)[1:])
        return plain_shape(args[0] if args else kwargs.get("shape", kwargs.get("input_shape")))

    def _unknown(self, path: str, args: Args, kwargs: Kwargs, of_network: bool = False) -> object:
        """A call of something that nobody here knows: it may be given data and networks, but no part of one."""
        construction = self.construction
        given = (*args, *kwargs.values())
        last = path.rpartition(".")[2]
        if last not in _HARMLESS and not path.startswith("plt."):
            for part in given:
                if _holds_tensor(part):
                    raise construction.refuse(
                        f"{shorten(path)} is no layer, no function of Keras that a layer does, and nothing that the code defines."
                    )
        if of_network and last == "compile":
            raise construction.refuse(
                f"{shorten(path)} is called on a network that the code takes from elsewhere."
            )
        kept = of_network or any(holds_network(part) for part in given)
        return Unknown(construction.text, kept and last not in _HARMLESS)


def _holds_tensor(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_tensor(part) for part in value)
    return isinstance(value, Tensor | Layer)
