"""An argument in Keras code → a value that an option takes. Numbers, words, tuples, and named objects of Keras."""

import ast
import operator
from collections.abc import Callable

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_options import CallOption
from tuinn.spec.layers.model import to_snake_case
from tuinn.spec.options import Choice, Option

_ARITHMETIC: dict[type[ast.operator], Callable[[int | float, int | float], int | float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def argument_value(node: ast.expr, option: Option) -> object:
    """The value, not yet checked. Raises SpecError, with the option's name as path, for what isn't plain."""
    if isinstance(option, CallOption):
        return _call(node, option)
    if isinstance(option, Choice):
        return _word(node, option)
    try:
        return _plain(node)
    except (ArithmeticError, TypeError):
        raise _refusal(option) from None


def _plain(node: ast.expr) -> object:
    """A literal, and + − · / of numbers."""
    match node:
        case ast.Constant(value=value) if isinstance(value, str | int | float | bool | None):
            return value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(_plain(part) for part in parts)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](_number(left), _number(right))
    raise TypeError


def _number(node: ast.expr) -> int | float:
    """A whole or real number. Raises TypeError for anything else."""
    value = _plain(node)
    if not isinstance(value, int | float):
        raise TypeError
    return value


def _word(node: ast.expr, option: Choice) -> str:
    match node:
        case ast.Constant(value=None) if "linear" in option.choices:
            return "linear"
        case ast.Constant(value=str(word)):
            return word
        case ast.Attribute(attr=word):
            return to_snake_case(word)
        case ast.Call(func=ast.Attribute(attr=word), args=[], keywords=[]):
            return to_snake_case(word)
    raise _refusal(option)


def _call(node: ast.expr, option: CallOption) -> str | None:
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=str(word)):
            return word
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=args, keywords=keywords):
            return _object(name, args, keywords, option)
    raise _refusal(option)


def _object(name: str, args: list[ast.expr], keywords: list[ast.keyword], option: CallOption) -> str:
    """`L2(0.01)` or `max_norm(max_value=2)` as `l2(0.01)` or `max_norm(2.0)`."""
    for word, (keras, stand_in) in option.calls.items():
        if name not in (keras, word):
            continue
        names = list(stand_in)
        given: dict[str, ast.expr] = dict(zip(names, args, strict=False))
        given |= {str(keyword.arg): keyword.value for keyword in keywords}
        if len(args) > len(names) or not set(given) <= set(names):
            break
        try:
            numbers_by_name = {key: float(_number(part)) for key, part in given.items()}
        except (TypeError, ValueError, ArithmeticError):
            break
        # Keras' L1L2 takes 0 for what is left out.
        missing = 0.0 if word == "l1_l2" else None
        numbers = [numbers_by_name.get(key, stand_in[key] if missing is None else missing) for key in names]
        return f"{word}({', '.join(repr(number) for number in numbers)})" if numbers else word
    raise _refusal(option)


def _refusal(option: Option) -> SpecError:
    return SpecError(f"must be {option.allowed}, written out as a plain value.", option.name)
