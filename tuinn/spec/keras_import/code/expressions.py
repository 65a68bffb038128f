"""Expressions of the code → values. Nothing is executed: arithmetic on known numbers, and what layers do to tensors."""

import ast
from collections.abc import Callable, Mapping

from tuinn.spec.keras_import.code import python_functions
from tuinn.spec.keras_import.code.python_functions import NotKnown
from tuinn.spec.keras_import.network import tensor_functions
from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.object_attributes import attribute
from tuinn.spec.keras_import.network.values import (
    Function,
    Reference,
    Scope,
    Tensor,
    Unknown,
    holds_network,
)
from tuinn.text import shorten

CallValue = Callable[[object, tuple[object, ...], Mapping[str, object]], object]


class Expressions:
    """Evaluates expressions; calls go to whoever knows what is called."""

    def __init__(self, construction: Construction, call: CallValue) -> None:
        self.construction = construction
        self.call = call

    def value(self, node: ast.expr, scope: Scope) -> object:
        """The value of an expression. Raises SpecError where part of a network can't be read."""
        self.construction.step()
        match node:
            case ast.Constant(value=value):
                return Unknown(repr(value)) if isinstance(value, bytes | complex) or value is ... else value
            case ast.Name(id=name):
                return self._name(name, scope)
            case ast.Attribute(value=owner, attr=name):
                return attribute(self.construction, self.value(owner, scope), name, self.call)
            case ast.Call():
                return self._call(node, scope)
            case ast.List(elts=parts):
                return self._parts(parts, scope)
            case ast.Tuple(elts=parts):
                return tuple(self._parts(parts, scope))
            case ast.Dict():
                return self._dict(node, scope)
            case ast.Subscript(value=owner, slice=at):
                return self._subscript(node, self.value(owner, scope), self.value(at, scope))
            case ast.Slice(lower=low, upper=high, step=step):
                ends = [self.value(part, scope) if part else None for part in (low, high, step)]
                known = all(end is None or isinstance(end, int) for end in ends)
                return slice(*ends) if known else Unknown(_text(node))
            case ast.BinOp(left=left, op=op, right=right):
                return self.operate(node, op, self.value(left, scope), self.value(right, scope))
            case ast.IfExp():
                return self._if(node, scope)
            case ast.Lambda():
                return self._lambda(node, scope)
            case ast.NamedExpr(target=ast.Name(id=name), value=part):
                return self._walrus(name, self.value(part, scope), scope)
        return self._logical(node, scope)

    def _walrus(self, name: str, value: object, scope: Scope) -> object:
        while scope.is_comprehension and scope.outer is not None:
            scope = scope.outer
        scope.outside.get(name, scope).names[name] = value
        return value

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Function:
        places = [*node.args.posonlyargs, *node.args.args]
        with_default = places[len(places) - len(node.args.defaults) :]
        pairs = [*zip(with_default, node.args.defaults, strict=True)]
        pairs += [(a, b) for a, b in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if b]
        return Function(node, scope, defaults={place.arg: self.value(part, scope) for place, part in pairs})

    def _logical(self, node: ast.expr, scope: Scope) -> object:
        match node:
            case ast.UnaryOp(op=op, operand=operand):
                return self._unary(node, op, self.value(operand, scope))
            case ast.BoolOp(op=op, values=parts):
                return self._bool(node, isinstance(op, ast.And), parts, scope)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compare(
                    node, self.value(left, scope), ops, [self.value(o, scope) for o in others]
                )
            case ast.JoinedStr(values=parts):
                return self._joined(node, parts, scope)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self._comprehension(node, scope)
            case ast.DictComp(generators=generators, key=key, value=value):
                pairs = self._generated(node, generators, ast.Tuple([key, value], ast.Load()), scope)
                return _as_dict(pairs, node)
            case ast.Starred(value=part) | ast.Await(value=part):
                return self.value(part, scope)
            case ast.Set(elts=parts):
                self._parts(parts, scope)
        return Unknown(_text(node))

    def _name(self, name: str, scope: Scope) -> object:
        try:
            found = scope.find(name)
        except KeyError:
            return Reference(name)
        if self.construction.is_spoiled(found):
            return Unknown(name, holds_network(found))
        return found

    def _parts(self, nodes: list[ast.expr], scope: Scope) -> list[object]:
        found: list[object] = []
        for node in nodes:
            value = self.value(node, scope)
            if isinstance(node, ast.Starred):
                try:
                    found += python_functions.items_of(value)
                except NotKnown:
                    found.append(Unknown(_text(node)))
            else:
                found.append(value)
        return found

    def _dict(self, node: ast.Dict, scope: Scope) -> object:
        found: dict[object, object] = {}
        for key, part in zip(node.keys, node.values, strict=True):
            value = self.value(part, scope)
            if key is None:
                if not isinstance(value, dict):
                    return Unknown(_text(node))
                found |= value
                continue
            name = self.value(key, scope)
            found[name if isinstance(name, str | int | float | bool | None | tuple) else _text(key)] = value
        return found

    # ------------------------------------------------------------------------------------------------ calls

    def _call(self, node: ast.Call, scope: Scope) -> object:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return self._super(scope)
        function = self.value(node.func, scope)
        args = tuple(self._parts(node.args, scope))
        kwargs: dict[str, object] = {}
        for part, given in zip(node.args, args, strict=False):
            if isinstance(part, ast.Starred) and isinstance(given, Unknown) and given.text == _text(part):
                kwargs["**"] = given  # how many there are isn't known
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, dict):
                kwargs |= {str(key): part for key, part in value.items()}
            else:
                kwargs["**"] = value
        self.construction.line = node.lineno
        self.construction.text = _text(node)
        return self.call(function, args, kwargs)

    def _super(self, scope: Scope) -> object:
        try:
            return scope.find("super()")
        except KeyError:
            return Unknown("super()")

    # --------------------------------------------------------------------------------------------- operators

    def operate(self, node: ast.AST, op: ast.operator, left: object, right: object) -> object:
        """A binary operator."""
        self.construction.line = getattr(node, "lineno", self.construction.line)
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            return tensor_functions.operate(self.construction, op, left, right)
        try:
            return python_functions.arithmetic(op, left, right)
        except NotKnown:
            return Unknown(_text(node), holds_network(left) or holds_network(right))

    def _unary(self, node: ast.AST, op: ast.unaryop, value: object) -> object:
        if isinstance(value, Tensor):
            if isinstance(op, ast.USub):
                return tensor_functions.negative(self.construction, value)
            return value if isinstance(op, ast.UAdd) else Unknown(_text(node))
        try:
            if isinstance(op, ast.Not):
                return not python_functions.truth(value)
        except NotKnown:
            return Unknown(_text(node))
        if isinstance(value, int | float):
            if isinstance(op, ast.USub):
                return -value
            return +value if isinstance(op, ast.UAdd) else Unknown(_text(node))
        return Unknown(_text(node), holds_network(value))

    def _bool(self, node: ast.AST, is_and: bool, parts: list[ast.expr], scope: Scope) -> object:
        found: object = None
        for part in parts:
            found = self.value(part, scope)
            try:
                if python_functions.truth(found) is not is_and:
                    return found
            except NotKnown:
                return Unknown(_text(node), holds_network(found))
        return found

    def _compare(self, node: ast.AST, left: object, ops: list[ast.cmpop], others: list[object]) -> object:
        for op, right in zip(ops, others, strict=True):
            try:
                if not python_functions.compare(op, left, right):
                    return False
            except NotKnown:
                return Unknown(_text(node))
            left = right
        return True

    def _joined(self, node: ast.AST, parts: list[ast.expr], scope: Scope) -> object:
        words = []
        for part in parts:
            if isinstance(part, ast.FormattedValue):
                spec = self.value(part.format_spec, scope) if part.format_spec else ""
                value = self.value(part.value, scope)
                try:
                    if part.conversion != -1 or not isinstance(spec, str):
                        raise NotKnown
                    words.append(python_functions.formatted(value, spec))
                except NotKnown:
                    return Unknown(_text(node))
            elif isinstance(part, ast.Constant):
                words.append(str(part.value))
        return "".join(words)

    def _subscript(self, node: ast.Subscript, owner: object, at: object) -> object:
        self.construction.line = node.lineno
        if isinstance(owner, Tensor):
            raise self.construction.refuse(
                f"{_text(node)} is a part of a tensor, and no layer gives that. Write a layer that does it."
            )
        try:
            found = python_functions.subscript(owner, at)
        except NotKnown:
            return Unknown(_text(node), holds_network(owner))
        return Unknown(_text(node), holds_network(found)) if self.construction.is_spoiled(found) else found

    # ------------------------------------------------------------------------------- one of two, one of many

    def _if(self, node: ast.IfExp, scope: Scope) -> object:
        try:
            chosen = python_functions.truth(self.value(node.test, scope))
        except NotKnown:
            with self.construction.unsure(_text(node.test)):
                both = (self.value(node.body, scope), self.value(node.orelse, scope))
            return Unknown(_text(node), holds_network(both))
        return self.value(node.body if chosen else node.orelse, scope)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope) -> object:
        return self._generated(node, node.generators, node.elt, scope)

    def _generated(
        self, node: ast.expr, generators: list[ast.comprehension], element: ast.expr, scope: Scope
    ) -> object:
        found: list[object] = []
        try:
            self._generate(generators, element, Scope(outer=scope, is_comprehension=True), found)
        except NotKnown:
            with self.construction.unsure(_text(node)):
                inner = Scope(outer=scope, is_comprehension=True)
                for generator in generators:
                    assign_unknown(generator.target, inner)
                element_value = self.value(element, inner)
            return Unknown(_text(node), holds_network(element_value))
        return Unknown(_text(node), holds_network(found)) if isinstance(node, ast.SetComp) else found

    def _generate(
        self, generators: list[ast.comprehension], element: ast.expr, scope: Scope, found: list[object]
    ) -> None:
        if not generators:
            found.append(self.value(element, scope))
            return
        first, *others = generators
        for item in python_functions.items_of(self.value(first.iter, scope)):
            bind(first.target, item, scope)
            if all(python_functions.truth(self.value(test, scope)) for test in first.ifs):
                self._generate(others, element, scope, found)


def bind(target: ast.expr, value: object, scope: Scope) -> None:
    """Give names of a comprehension or a loop their values."""
    match target:
        case ast.Name(id=name):
            scope.names[name] = value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            items = list(value) if isinstance(value, tuple | list) else []
            stars = [at for at, part in enumerate(parts) if isinstance(part, ast.Starred)]
            if stars and len(items) >= len(parts) - 1:
                at, extra = stars[0], len(items) - len(parts) + 1
                items[at : at + extra] = [items[at : at + extra]]
            if len(items) == len(parts):
                for part, one in zip(parts, items, strict=True):
                    bind(part, one, scope)
            else:
                assign_unknown(target, scope)
        case ast.Starred(value=part):
            bind(part, value, scope)


def assign_unknown(target: ast.expr, scope: Scope) -> None:
    """Forget what these names hold."""
    for part in ast.walk(target):
        if isinstance(part, ast.Name):
            scope.names[part.id] = Unknown(part.id)


def _as_dict(pairs: object, node: ast.expr) -> object:
    if not isinstance(pairs, list):
        return pairs
    try:
        return dict(pairs)
    except (TypeError, ValueError):
        return Unknown(_text(node), holds_network(pairs))


def _text(node: ast.AST) -> str:
    """The code of a node, for a sentence."""
    try:
        return shorten(ast.unparse(node), 60)
    except (RecursionError, ValueError):
        return "this"
