"""What the arguments of a call give to the names of a function, and to the fields of an object."""

import ast
from collections.abc import Mapping

from tuinn.spec.keras_import.code.expressions import Expressions
from tuinn.spec.keras_import.network.object_attributes import fields_of
from tuinn.spec.keras_import.network.values import TRAINING, Function, Instance, Scope, Unknown


def bind_arguments(
    function: Function, args: tuple[object, ...], kwargs: Mapping[str, object], scope: Scope
) -> None:
    """Give the names of a function their values. `kwargs["**"]`: more, of which it isn't known which."""
    given, named = function.node.args, dict(kwargs)
    places = [*given.posonlyargs, *given.args]
    if function.owner is not None:
        args = (function.owner, *args)
    for at, place in enumerate(places):
        if at < len(args):
            scope.names[place.arg] = args[at]
    for place in (*places[len(args) :], *given.kwonlyargs):
        default = (
            Unknown(place.arg) if "**" in kwargs else function.defaults.get(place.arg, Unknown(place.arg))
        )
        scope.names[place.arg] = named.pop(place.arg) if place.arg in named else default
    if given.vararg:
        name = given.vararg.arg
        scope.names[name] = Unknown(name) if "**" in kwargs else tuple(args[len(places) :])
    if given.kwarg:
        name = given.kwarg.arg
        scope.names[name] = Unknown(name) if "**" in kwargs else dict(named)


def default_arguments(expressions: Expressions, node: ast.FunctionDef, scope: Scope) -> dict[str, object]:
    """The defaults of a function's arguments, each made once, where the function is defined."""
    given = node.args
    places = [*given.posonlyargs, *given.args]
    pairs = list(zip(places[len(places) - len(given.defaults) :], given.defaults, strict=True))
    only = [(place, part) for place, part in zip(given.kwonlyargs, given.kw_defaults, strict=True) if part]
    return {place.arg: expressions.value(part, scope) for place, part in (*pairs, *only)}


def with_training(
    method: Function, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Mapping[str, object]:
    """The arguments of a layer's `call`: Keras says whether it trains, whatever the default."""
    places = [*method.node.args.args[len(args) + 1 :], *method.node.args.kwonlyargs]
    asked = any(place.arg == "training" for place in places)
    return {**kwargs, "training": TRAINING} if asked and "training" not in kwargs else kwargs


def fill_fields(instance: Instance, args: tuple[object, ...], kwargs: Mapping[str, object]) -> None:
    """What a dataclass or a NamedTuple makes of its arguments."""
    names = fields_of(instance.of)
    if "**" in kwargs:
        instance.attributes |= {name: Unknown(name) for name in names}
    instance.attributes |= dict(zip(names, args, strict=False))
    instance.attributes |= {name: value for name, value in kwargs.items() if name != "**"}
