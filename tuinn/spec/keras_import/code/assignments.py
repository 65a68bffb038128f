"""Names get their values: assignments, imports, and names of which it isn't known any more what they hold."""

import ast
from collections.abc import Iterable

from tuinn.spec.keras_import.code.expressions import Expressions
from tuinn.spec.keras_import.code.python_functions import MOST_ITEMS
from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.values import (
    ClassValue,
    Function,
    Instance,
    KerasObject,
    Layer,
    Method,
    Network,
    Partial,
    Reference,
    Scope,
    Tensor,
    Unknown,
    describe,
    holds_network,
    is_known,
)

_NETWORK_ATTRIBUTES = ("inputs", "input", "outputs", "output", "layers", "_layers", "call")


class Assignments:
    """Follows what binds names."""

    def __init__(self, construction: Construction, expressions: Expressions) -> None:
        self.construction = construction
        self.expressions = expressions
        self.made_known = False
        """A name got a value that is known since this was last set to false."""

    def assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Delete, scope: Scope) -> None:
        """Follow an assignment. Raises SpecError for one to a part of a network."""
        match node:
            case ast.Assign(targets=targets, value=part):
                value = self.expressions.value(part, scope)
                for target in targets:
                    self.bind(target, value, scope)
            case ast.AnnAssign(target=target, value=part):
                if part is not None:
                    self.bind(target, self.expressions.value(part, scope), scope)
            case ast.AugAssign(target=target, op=op, value=part):
                self._augment(node, target, op, part, scope)
            case ast.Delete(targets=targets):
                for target in targets:
                    self._delete(target, scope)

    def _delete(self, target: ast.expr, scope: Scope) -> None:
        match target:
            case ast.Name(id=name):
                scope.names.pop(name, None)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._delete(part, scope)
            case ast.Attribute(value=owner, attr=name):
                if isinstance(found := self.expressions.value(owner, scope), Instance):
                    found.attributes[name] = Unknown(f"self.{name}")
            case ast.Subscript(value=owner, slice=at):
                self._delete_item(self.expressions.value(owner, scope), self.expressions.value(at, scope))

    def _delete_item(self, owner: object, at: object) -> None:
        if not self.construction.uncertain:
            if isinstance(owner, dict) and isinstance(at, str | int | float | tuple) and at in owner:
                del owner[at]
                return
            if isinstance(owner, list) and isinstance(at, int) and -len(owner) <= at < len(owner):
                del owner[at]
                return
            if isinstance(owner, list) and isinstance(at, slice):
                del owner[at]
                return
        self.construction.spoil(owner)

    def _augment(
        self, node: ast.AugAssign, target: ast.expr, op: ast.operator, part: ast.expr, scope: Scope
    ) -> None:
        now = self.expressions.value(target, scope)
        value = self.expressions.value(part, scope)
        match now, op, value:  # lists and dicts are changed in place, by whatever name they go
            case list(), ast.Add(), list() | tuple():
                now.extend(value)
            case list(), ast.Mult(), int() if len(now) * value <= MOST_ITEMS:
                now *= value
            case dict(), ast.BitOr(), dict():
                now |= value
            case _:
                self.construction.spoil(now)
                self.bind(target, self.expressions.operate(node, op, now, value), scope)
                return
        if self.construction.uncertain:
            self.construction.spoil(now)

    def put(self, name: str, value: object, scope: Scope) -> None:
        """Give a name its value, in the scope that it belongs to."""
        if name in scope.outside:
            scope = scope.outside[name]
            if self.construction.uncertain:
                value = Unknown(name, holds_network(value))
        self.made_known |= is_known(value) or holds_network(value)
        self.made_known |= isinstance(value, Reference | KerasObject | Function | Partial)
        scope.names[name] = value

    def bind(self, target: ast.expr, value: object, scope: Scope) -> None:
        """Give a target its value."""
        match target:
            case ast.Name(id=name):
                self.put(name, value, scope)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._unpack(parts, value, scope)
            case ast.Starred(value=part):
                self.bind(part, value, scope)
            case ast.Attribute(value=owner, attr=name):
                self._set_attribute(self.expressions.value(owner, scope), name, value)
            case ast.Subscript(value=owner, slice=at):
                self._set_item(self.expressions.value(owner, scope), self.expressions.value(at, scope), value)

    def _unpack(self, parts: list[ast.expr], value: object, scope: Scope) -> None:
        stars = [at for at, part in enumerate(parts) if isinstance(part, ast.Starred)]
        if isinstance(value, str | range | tuple | list) and not self.construction.is_spoiled(value):
            items: list[object] = list(value)
            if stars and len(items) >= len(parts) - 1:
                at, extra = stars[0], len(items) - len(parts) + 1
                items[at : at + extra] = [items[at : at + extra]]
            if len(items) == len(parts):
                for part, item in zip(parts, items, strict=True):
                    self.bind(part, item, scope)
                return
        if isinstance(value, Tensor | Layer):
            raise self.construction.refuse(f"{describe(value)} is one value, and cannot be taken apart.")
        for part in parts:
            self.bind(part, Unknown(ast.unparse(part), holds_network(value)), scope)

    def _set_attribute(self, owner: object, name: str, value: object) -> None:
        match owner:
            case Instance():
                unsure = self.construction.uncertain
                owner.attributes[name] = Unknown(f"self.{name}", holds_network(value)) if unsure else value
            case ClassValue():
                unsure = self.construction.uncertain
                owner.scope.names[name] = Unknown(name, holds_network(value)) if unsure else value
            case KerasObject():
                unsure = self.construction.uncertain
                owner.kwargs[name] = Unknown(name) if unsure else value
            case Method(owner=Network() as network, name="optimizer") if name in ("learning_rate", "lr"):
                self.construction.taken += 1
                network.learning_rate = (value, self.construction.line)
            case Layer() | Network() if name == "trainable":
                self._set_trainable(owner, value)
            case Layer(spec=spec) if name not in spec.options and name != "call":
                pass
            case Network() if name not in _NETWORK_ATTRIBUTES:
                pass
            case Layer() | Network() | Tensor():
                raise self.construction.refuse(
                    f"{name} of {describe(owner)} is set after it is made. Give it where the layer is made."
                )
            case Unknown(of_network=True) if name == "trainable":
                raise self.construction.refuse(f"Which layers {describe(owner)} are isn't known here.")

    def _set_trainable(self, owner: Layer | Network, value: object) -> None:
        from tuinn.spec.keras_import.network.object_attributes import layers_of

        if not isinstance(value, bool):
            raise self.construction.refuse(f"trainable is {describe(value)}, and that isn't known here.")
        self.construction.touch()
        if isinstance(owner, Network):
            for layer in layers_of(self.construction, owner):
                if isinstance(layer, Layer | Network):
                    self._set_trainable(layer, value)
        elif "trainable" in owner.spec.options:
            owner.spec = owner.spec.with_options(trainable=value)

    def _set_item(self, owner: object, at: object, value: object) -> None:
        if isinstance(owner, Tensor | Layer | Network):
            raise self.construction.refuse(f"A part of {describe(owner)} cannot be set.")
        if not self.construction.uncertain:
            if isinstance(owner, dict) and isinstance(at, str | int | float | tuple):
                owner[at] = value
                return
            if isinstance(owner, list) and isinstance(at, int) and -len(owner) <= at < len(owner):
                owner[at] = value
                return
        self.construction.spoil(owner)

    def import_names(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """`import a.b as c`, `from a import b`. What may be imported or not keeps the name that it has."""
        for alias in node.names:
            if isinstance(node, ast.Import):
                name = alias.asname or alias.name.partition(".")[0]
                path = alias.name if alias.asname else name
            else:
                name, path = alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"
            if name == "*" or (self.construction.uncertain and name in scope.names):
                continue
            scope.names[name] = Reference(path, imported=True)

    def forget(self, nodes: Iterable[ast.stmt], scope: Scope) -> None:
        """Say that nothing is known of what these statements may have given names to."""
        for name in assigned_names(nodes):
            now = scope.names.get(name)
            if isinstance(now, Reference) and now.imported:
                continue
            scope.names[name] = Unknown(name, holds_network(now))


def assigned_names(nodes: Iterable[ast.stmt]) -> set[str]:
    """The names that statements give values to; those that imports and definitions make aren't among them."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        if isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        waiting.extend(ast.iter_child_nodes(node))
    return found
