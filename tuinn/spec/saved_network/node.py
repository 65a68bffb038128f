"""A place at which a layer of a saved network is called: what it takes, and with which arguments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, int]
"""The name of a layer, and the number of the call of it, from 0."""


_FOLLOWING = ("Sequential", "Functional", "Model", "BatchNormalization")
"""What follows the training, unless the call says otherwise."""


@dataclass(frozen=True)
class Node:
    """One call."""

    number: int = 0
    sources: tuple[Place, ...] = ()
    """Whose values it takes, in order; empty: the layer before it."""
    constants: tuple[Any, ...] = ()
    """The arguments; None where one is a tensor."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Those that are given by name; a tensor as its Place."""

    def remarks(self, type_name: str, sources: int) -> Iterator[str]:
        """What of the call a spec can't hold, as it goes on after the layer's name. `sources`: different tensors."""
        if type_name == "MultiHeadAttention" and sources > 1:
            yield "attends from one place to another; here it attends to the first alone"
        if self.arguments.get("use_causal_mask"):
            yield "attends to earlier steps only; here it attends to all, for a spec holds no causal mask"
        if isinstance(self.arguments.get("attention_mask"), tuple):
            yield "attends by a mask; here it attends to all"
        if self.arguments.get("initial_state") not in (None, []):
            yield "begins with a state that other layers give; here it begins with zeros"
        if isinstance(self.arguments.get("mask"), tuple):
            yield "is given a mask; here it takes every step"
        # Of other layers Keras 3 writes down what they are called with by default.
        if type_name in _FOLLOWING and self.arguments.get("training") is not None:
            mode = "training" if self.arguments["training"] else "predicting"
            yield f"is called as in {mode} at all times; here it follows the training"


def nodes_of(config: Mapping[str, Any]) -> list[Node]:
    """The calls of a layer; one that takes the layer before it where none is told, as in a Sequential."""
    told = config.get("inbound_nodes")
    if not isinstance(told, list) or not told:
        return [Node()]
    return [_node(at, one) for at, one in enumerate(told)]


def _node(number: int, told: Any) -> Node:
    if isinstance(told, dict):
        args, kwargs = told.get("args") or [], told.get("kwargs") or {}
        flat = list(_flat(args))
        places = [one for one in flat if isinstance(one, tuple)]
        named = {key: _argument(value) for key, value in kwargs.items()}
        places += [one for key in ("value", "key") for one in [named.get(key)] if isinstance(one, tuple)]
        constants = tuple(None if isinstance(one, tuple) else one for one in flat)
        more = (
            value for key, value in named.items() if key in ("x1", "x2", "y") and not isinstance(value, tuple)
        )
        return Node(number, tuple(places), (*constants, *more), named)
    return _old_node(number, told)


def _old_node(number: int, told: Any) -> Node:
    """As Keras 2 wrote it: a list of a layer's name, the numbers of a call and of a tensor, and arguments."""
    if isinstance(told, list) and len(told) >= 3 and isinstance(told[0], str) and isinstance(told[1], int):
        told = [told]
    places: list[Place] = []
    constants: list[Any] = []
    named: dict[str, Any] = {}
    for one in told if isinstance(told, list) else []:
        if not isinstance(one, list) or len(one) < 3 or not isinstance(one[1], int):
            continue
        if one[0] == "_CONSTANT_VALUE":
            constants.append(one[2])
            continue
        places.append((str(one[0]), one[1]))
        constants.append(None)
        for key, value in (one[3] if len(one) > 3 and isinstance(one[3], dict) else {}).items():
            named[key] = _old_argument(value)
    for key in ("value", "key", "y"):
        value = named.get(key)
        if isinstance(value, tuple):
            places.append(value)
        elif key == "y" and value is not None:
            constants.append(value)
    return Node(number, tuple(places), tuple(constants), named)


def _old_argument(value: Any) -> Any:
    if (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    ):
        return value[0], value[1]
    return value


def _flat(value: Any) -> Iterator[Any]:
    """Each argument: a tensor as its Place, tensors in lists one by one, all else as it is."""
    for part in value if isinstance(value, list) else [value]:
        found = _argument(part)
        if isinstance(part, list) and _holds_tensors(part):
            yield from _flat(part)
        else:
            yield found


def _holds_tensors(parts: Sequence[Any]) -> bool:
    return any(isinstance(_argument(one), tuple) or isinstance(one, list) for one in parts)


def _argument(value: Any) -> Any:
    if isinstance(value, dict):
        history = (
            (value.get("config") or {}).get("keras_history")
            if isinstance(value.get("config"), dict)
            else None
        )
        if isinstance(history, list) and len(history) >= 2 and isinstance(history[1], int):
            return str(history[0]), history[1]
    return value
