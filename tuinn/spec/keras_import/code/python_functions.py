"""Arithmetic and the builtins of Python on known values, within bounds: `len`, `range`, `"{}".format`, `words.append`."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping

from tuinn.spec.keras_import.network.values import (
    NETWORK_PARTS,
    Function,
    Method,
    Reference,
    Unknown,
    is_known,
)

MOST_ITEMS = 10_000
"""Of a list, a range or a word that is made while reading."""
MOST_BITS = 4_096


class NotKnown(Exception):  # noqa: N818 - no failure: only running the code would tell
    """The result of this isn't known."""


Arithmetic = Callable[[object, object], object]
_BINARY: dict[type[ast.operator], Callable[..., object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[..., object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def arithmetic(op: ast.operator, left: object, right: object) -> object:
    """Raises NotKnown for what isn't known, what Python refuses, and what is out of bounds."""
    lists = isinstance(left, list) and isinstance(right, list) and isinstance(op, ast.Add)
    if lists or (isinstance(left, tuple) and isinstance(right, tuple) and isinstance(op, ast.Add)):
        return _bounded(operator.add(left, right))
    if isinstance(left, list | tuple) and isinstance(right, int) and isinstance(op, ast.Mult):
        return _repeated(left, right)
    if type(op) not in _BINARY or not is_known(left) or not is_known(right):
        raise NotKnown
    if isinstance(op, ast.Mult) and (isinstance(left, str) or isinstance(right, str | list | tuple)):
        if isinstance(left, str | int) and isinstance(right, str | int | list | tuple):
            return _repeated(right, left) if isinstance(left, int) else _repeated(left, right)
        raise NotKnown
    if (
        isinstance(op, ast.Mod)
        and isinstance(left, str)
        and (len(left) > 100 or re.search(r"\d{3}|\*", left))
    ):
        raise NotKnown
    if isinstance(op, ast.Pow | ast.LShift) and not _small(left, right):
        raise NotKnown
    try:
        found = _BINARY[type(op)](left, right)
    except (TypeError, ValueError, ArithmeticError, MemoryError):
        raise NotKnown from None
    return _bounded(found)


def _small(base: object, power: object) -> bool:
    return (
        isinstance(base, int | float)
        and isinstance(power, int | float)
        and abs(power) <= 64
        and (isinstance(base, float) or base.bit_length() <= 64)
    )


def _repeated(part: object, times: object) -> object:
    if isinstance(part, str | list | tuple) and isinstance(times, int) and times * len(part) <= MOST_ITEMS:
        return part * times
    raise NotKnown


def _bounded(value: object) -> object:
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise NotKnown
    if isinstance(value, complex) or (isinstance(value, str | list | tuple) and len(value) > MOST_ITEMS):
        raise NotKnown
    return value


def compare(op: ast.cmpop, left: object, right: object) -> bool:
    """Raises NotKnown."""
    if isinstance(op, ast.Is | ast.IsNot):
        parts = NETWORK_PARTS
        if left is None or right is None or isinstance(left, parts) or isinstance(right, parts):
            if isinstance(left, Unknown | Reference | Method) or isinstance(
                right, Unknown | Reference | Method
            ):
                raise NotKnown
            return (left is right) is isinstance(op, ast.Is)
        op = ast.Eq() if isinstance(op, ast.Is) else ast.NotEq()
    if isinstance(op, ast.In | ast.NotIn):
        if (
            not is_known(left)
            or not is_known(right)
            or not isinstance(right, list | tuple | str | dict | set | range)
        ):
            raise NotKnown
        try:
            return (left in right) is isinstance(op, ast.In)
        except TypeError:
            raise NotKnown from None
    if not is_known(left) or not is_known(right):
        raise NotKnown
    try:
        return bool(_COMPARISONS[type(op)](left, right))
    except TypeError:
        raise NotKnown from None


def truth(value: object) -> bool:
    """Raises NotKnown."""
    if isinstance(value, Unknown | Reference | Method):
        raise NotKnown
    if isinstance(value, list | tuple | dict | str | int | float | range | set) or value is None:
        return bool(value)
    return True


def items_of(value: object) -> list[object]:
    """What a loop over this value goes through. Raises NotKnown."""
    if isinstance(value, str | list | tuple | dict | range | set) and len(value) <= MOST_ITEMS:
        return list(value)
    raise NotKnown


def call_builtin(name: str, args: tuple[object, ...], kwargs: Mapping[str, object]) -> object:
    """`len(x)`, `range(3)`, `zip(a, b)`. Raises NotKnown."""
    try:
        return _bounded(_BUILTINS[name](*args, **kwargs))
    except (TypeError, ValueError, ArithmeticError, AttributeError, MemoryError, KeyError, IndexError):
        raise NotKnown from None


def _known(value: object) -> object:
    if not is_known(value):
        raise NotKnown
    return value


def _range(*args: object) -> range:
    found = range(*[int(arg) for arg in args if isinstance(arg, int)])
    if len(args) > 3 or not all(isinstance(arg, int) for arg in args):
        raise NotKnown
    return found


def _isinstance(value: object, types: object) -> bool:
    plain = {"int": int, "float": float, "str": str, "list": list, "tuple": tuple, "dict": dict, "bool": bool}
    names = [
        part.path for part in (types if isinstance(types, tuple) else (types,)) if isinstance(part, Reference)
    ]
    if isinstance(value, Unknown | Reference) or not names or not set(names) <= set(plain):
        raise NotKnown
    return isinstance(value, tuple(plain[name] for name in names))


def _enumerate(value: object, start: int = 0) -> list[object]:
    return [(at, item) for at, item in enumerate(items_of(value), start)]


def _zip(*values: object) -> list[object]:
    return list(zip(*map(items_of, values), strict=False))


def _dict(value: object = (), **named: object) -> dict[object, object]:
    found: dict[object, object] = {}
    for pair in list(value.items()) if isinstance(value, dict) else items_of(value):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise NotKnown
        found[pair[0]] = pair[1]
    found.update(named)
    return found


def _map(function: object, values: object) -> list[object]:
    if isinstance(function, Reference) and function.path in ("int", "float", "str"):
        return [call_builtin(function.path, (value,), {}) for value in items_of(values)]
    raise NotKnown


def _numeric(function: Callable[..., object]) -> Callable[..., object]:
    def call(*args: object) -> object:
        return function(*map(_known, args))

    return call


def _number(kind: type) -> Callable[..., object]:
    def call(value: object = 0) -> object:
        if isinstance(value, str) and len(value) > 100:
            raise NotKnown
        return kind(_known(value))

    return call


_BUILTINS: dict[str, Callable[..., object]] = {
    "len": lambda value: len(items_of(value)),
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "list": lambda value=(): list(items_of(value)),
    "tuple": lambda value=(): tuple(items_of(value)),
    "reversed": lambda value: list(reversed(items_of(value))),
    "sorted": _numeric(sorted),
    "set": lambda value=(): set(items_of(_known(value))),
    "dict": _dict,
    "map": _map,
    "isinstance": _isinstance,
    "int": _number(int),
    "float": _number(float),
    "str": _number(str),
    "bool": _number(bool),
    "abs": _numeric(abs),
    "round": _numeric(round),
    "min": _numeric(min),
    "max": _numeric(max),
    "sum": _numeric(sum),
    **{f"{module}.{name}": _numeric(getattr(math, name))
       for module in ("math", "np", "numpy") for name in ("ceil", "floor", "sqrt", "log2", "log", "exp")},
    **{f"{module}.prod": _numeric(math.prod) for module in ("math", "np", "numpy")},
}  # fmt: skip
BUILTINS = frozenset(_BUILTINS)

_WORD_METHODS = (
    *("format", "lower", "upper", "join", "strip", "startswith", "endswith", "split", "replace", "title"),
    *("capitalize", "rstrip", "lstrip"),
)
_LIST_READS = ("index", "count", "copy")
_LIST_CHANGES = ("append", "extend", "insert", "pop", "reverse", "clear", "remove", "sort")
_DICT_READS = ("get", "items", "keys", "values", "copy")
_DICT_CHANGES = ("update", "pop", "setdefault", "clear")

_LOOKED_UP = ("get", "setdefault", "pop", "count", "index")
"""They look for their first argument."""


def changes_owner(method: Method) -> bool:
    """True for a method that changes a list or a dict in place, or one that nobody knows."""
    if isinstance(method.owner, list):
        return method.name not in _LIST_READS
    return isinstance(method.owner, dict) and method.name not in _DICT_READS


def call_method(method: Method, args: tuple[object, ...], kwargs: Mapping[str, object]) -> object:
    """A method of a word, a list or a dict. Raises NotKnown."""
    owner, name = method.owner, method.name
    names: tuple[str, ...] = ()
    if isinstance(owner, str):
        names = _WORD_METHODS if all(map(is_known, (*args, *kwargs.values()))) else ()
        if len(owner) > 200 or (name == "format" and ":" in owner):
            raise NotKnown
    elif isinstance(owner, list):
        names = (*_LIST_READS, *_LIST_CHANGES)
        if name == "extend":
            args = (items_of(args[0] if args else ()),)
        if name in ("index", "count", "remove", "sort"):
            _known(owner)
    elif isinstance(owner, dict):
        names = (*_DICT_READS, *_DICT_CHANGES)
    else:
        raise NotKnown
    if name in _LOOKED_UP and args and isinstance(args[0], Unknown | Reference):
        raise NotKnown
    if name not in names or any(isinstance(arg, Function) for arg in kwargs.values()):
        raise NotKnown
    try:
        found = getattr(owner, name)(*args, **kwargs)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        raise NotKnown from None
    return _bounded(list(found) if name in ("items", "keys", "values") else found)


_item: Callable[..., object] = operator.getitem


def subscript(value: object, at: object) -> object:
    """`words[0]`, `sizes[:-1]`, `table["a"]`. Raises NotKnown."""
    if not isinstance(value, list | tuple | dict | str | range) or isinstance(at, Unknown | Reference):
        raise NotKnown
    try:
        return _item(value, at)
    except (TypeError, KeyError, IndexError, ValueError):
        raise NotKnown from None


def formatted(value: object, spec: str) -> str:
    """A part of an f-string. Raises NotKnown."""
    if not is_known(value) or len(spec) > 5 or any(len(digits) > 2 for digits in spec.split(".")):
        raise NotKnown
    try:
        return format(value, spec)
    except (TypeError, ValueError):
        raise NotKnown from None
