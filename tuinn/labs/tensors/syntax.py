"""From the text of an expression to its syntax tree, and the operators that may stand in it."""

import ast
import operator
import warnings
from collections.abc import Callable
from typing import Any

from tuinn.errors import SpecError
from tuinn.labs.tensors import reasons
from tuinn.labs.tensors.catalog import NAMES

MAX_TEXT = 500
MAX_DEPTH = 60
"""Of parentheses and operations in one another."""

BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.MatMult: ("@", operator.matmul),
    ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_),
    ast.BitXor: ("^", operator.xor),
    ast.LShift: ("<<", operator.lshift),
    ast.RShift: (">>", operator.rshift),
}
COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
UNARY: dict[type[ast.unaryop], tuple[str, Callable[[Any], Any]]] = {
    ast.USub: ("-", operator.neg),
    ast.UAdd: ("+", operator.pos),
    ast.Invert: ("~", operator.invert),
}


def parse(text: str) -> tuple[str, ast.expr]:
    """The name that is given, if any, and the expression. Raises SpecError."""
    if not text.strip():
        raise SpecError("Type an expression, such as train_images[10:100] or A @ b.")
    if len(text) > MAX_TEXT:
        raise SpecError(
            f"That is {len(text):,} characters; {MAX_TEXT} are the most. Give parts of it a name: z = …"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text.strip(), mode="exec").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise reasons.syntax_reason(error, text.strip()) from None
    if not body:
        raise SpecError("Type an expression, such as train_images[10:100] or A @ b.")
    if len(body) > 1:
        raise SpecError("One expression at a time.")
    _check_depth(body[0])
    match body[0]:
        case ast.Expr(value=value):
            return "", value
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            if name in NAMES or name == "np" or name.startswith("__"):
                raise SpecError(f"{name} has a meaning already. Take another name, such as z.")
            return name, value
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute(), *_]):
            raise SpecError("A tensor isn't changed here. Give the new one a name: z = …")
        case ast.Assign():
            raise SpecError("One name in front of one expression: z = x + 1.")
        case other:
            raise reasons.refusal(other)


def _check_depth(node: ast.AST) -> None:
    rows, depth = [node], 0
    while rows:
        depth += 1
        if depth > MAX_DEPTH:
            raise SpecError("That is too deep: give parts of it a name, such as z = x + 1.")
        rows = [child for row in rows for child in ast.iter_child_nodes(row)]
