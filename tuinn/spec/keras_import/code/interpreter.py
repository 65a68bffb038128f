"""A small interpreter of the Python that describes networks. It follows the code without executing any of it.

What depends on something unknown (data, files, arguments) is followed too, but must not change a network: there the
line is refused. A line that touches no network may be whatever it likes.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tuinn.errors import SpecError
from tuinn.spec.keras_import.code import python_functions
from tuinn.spec.keras_import.code.arguments import (
    bind_arguments,
    default_arguments,
    fill_fields,
    with_training,
)
from tuinn.spec.keras_import.code.assignments import Assignments, assigned_names
from tuinn.spec.keras_import.code.calls import Calls
from tuinn.spec.keras_import.code.expressions import Expressions, assign_unknown, bind
from tuinn.spec.keras_import.code.python_functions import NotKnown
from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.graph import acts_only_in_training
from tuinn.spec.keras_import.network.object_attributes import (
    decorator_kind,
    is_keras_class,
    method_scope,
    of_instance,
)
from tuinn.spec.keras_import.network.values import (
    TRAINING,
    ClassValue,
    Function,
    FunctionLayer,
    InputLayer,
    Instance,
    Layer,
    Network,
    Partial,
    Scope,
    Tensor,
    Unknown,
    holds_network,
)

MOST_DEPTH = 30
"""Of calls of the code's own functions within each other."""
LONG_LOOP = 100
"""Turns after which a loop that touches no network is not followed any further."""


@dataclass
class Flow:
    """How a block was left before its end."""

    kind: str
    """`return`, `break`, `continue` or `raise`."""
    value: object = None
    certain: bool = True


class Interpreter:
    """Follows statements in a scope."""

    def __init__(self, construction: Construction) -> None:
        self.construction = construction
        self.calls = Calls(construction, self.call_code)
        self.expressions = Expressions(construction, self.calls.call)
        self.assignments = Assignments(construction, self.expressions)
        self.top = Scope({"__name__": "__main__"})
        self.depth = 0
        self.passed_over: list[int] = []
        """Lines of statements of the text itself that did nothing to a network."""

    def run(self, statements: Iterable[ast.stmt]) -> None:
        """Follow a whole text. Raises SpecError with the line."""
        for node in statements:
            before = self._state()
            known = self._is_known(node)
            self.construction.line = node.lineno
            flow = self._read(node)
            if flow is not None and flow.kind == "return" and isinstance(flow.value, Layer):
                self.construction.loose.append(flow.value)
            idle = before == self._state()
            if idle and not known and not self.assignments.made_known:
                self.passed_over.append(node.lineno)

    def _read(self, node: ast.stmt) -> Flow | None:
        """Follow a statement of the text itself. What can't be read after the training is no part of what is trained."""
        parts = self.construction.parts()
        try:
            return self.statement(node, self.top)
        except SpecError as problem:
            trained = any(one.fitted is not None and one.fitted.certain for one in self.construction.networks)
            if not trained and not self._is_unscaling(node):
                raise
            self.depth, self.construction.uncertain = 0, ""
            self.construction.back_to(parts)
            self.construction.note("left out", f"after the training: {problem.message}", node.lineno)
            held = {key: part for key, part in self.top.names.items() if isinstance(part, Network)}
            self.assignments.forget([node], self.top)
            self.top.names |= held
        return None

    def _is_unscaling(self, node: ast.stmt) -> bool:
        """True for the line by which an exported script has its network answer in the target's own unit."""
        return ast.unparse(node) == (
            "model = keras.Sequential([model, layers.Rescaling(scale, offset=offset, dtype='float32')])"
        )

    def _state(self) -> tuple[int, int, int]:
        return self.construction.clock, self.construction.taken, len(self.construction.notes)

    def _is_known(self, node: ast.stmt) -> bool:
        """True for what needs no word in a report: imports, docstrings, definitions and uses that follow."""
        self.assignments.made_known = False
        return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass | ast.ClassDef | ast.FunctionDef) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )

    # ------------------------------------------------------------------------------------------- statements

    def block(self, nodes: Iterable[ast.stmt], scope: Scope) -> Flow | None:
        """Statements one after the other; how they were left, if they were."""
        left: Flow | None = None
        for node in nodes:
            if left is not None:
                with self.construction.unsure("what comes before it"):
                    self.statement(node, scope)
                continue
            flow = self.statement(node, scope)
            if flow is not None and flow.certain:
                return flow
            left = flow
        return left

    def statement(self, node: ast.stmt, scope: Scope) -> Flow | None:
        """Follow one statement."""
        self.construction.step()
        self.construction.line = node.lineno
        value = self.expressions.value
        match node:
            case ast.Expr(value=expression):
                self._alone(value(expression, scope), expression, scope)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Delete():
                self.assignments.assign(node, scope)
            case ast.Import() | ast.ImportFrom():
                self.assignments.import_names(node, scope)
            case ast.FunctionDef():
                self._define(node, scope)
            case ast.ClassDef():
                self._define_class(node, scope)
            case ast.Return(value=expression):
                return Flow("return", value(expression, scope) if expression else None)
            case ast.If(test=test, body=body, orelse=orelse):
                return self._if(value(test, scope), test, body, orelse, scope)
            case ast.For():
                return self._for(node, scope)
            case ast.While():
                return self._while(node, scope)
            case ast.With(items=items, body=body):
                for item in items:
                    entered = value(item.context_expr, scope)
                    if item.optional_vars is not None:
                        bind(item.optional_vars, Unknown("with", holds_network(entered)), scope)
                return self.block(body, scope)
            case ast.Try() | ast.TryStar():
                return self._try(node, scope)
            case ast.Break():
                return Flow("break")
            case ast.Continue():
                return Flow("continue")
            case ast.Raise():
                return Flow("raise")
            case ast.Global(names=names):
                scope.outside.update(dict.fromkeys(names, self.top))
            case ast.Nonlocal(names=names):
                scope.outside.update({name: scope.home_of(name) for name in names})
            case ast.Match():
                self._either([case.body for case in node.cases], ast.unparse(node.subject), scope)
                self.assignments.forget([node], scope)
        return None

    def _alone(self, found: object, node: ast.expr, scope: Scope) -> None:
        """An expression that nothing takes: a layer by itself, or a call that may change a list."""
        if scope is self.top or self.depth == 0:
            parts = found if isinstance(found, list | tuple) else [found]
            self.construction.loose += [p for p in parts if isinstance(p, Layer | FunctionLayer | InputLayer)]
        if isinstance(node, ast.Call) and isinstance(found, Unknown):
            if ast.unparse(node.func).startswith(("print", "plt", "display")):
                return
            for arg in node.args:
                if isinstance(arg, ast.Name | ast.Attribute | ast.Subscript):
                    self.construction.spoil(self.expressions.value(arg, scope))

    # -------------------------------------------------------------------------------------- one way of many

    def _if(
        self, found: object, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], scope: Scope
    ) -> Flow | None:
        try:
            chosen = python_functions.truth(found)
        except NotKnown:
            if found is TRAINING and not orelse:
                return self._in_training(body, scope)
            return self._either([body, orelse], ast.unparse(test), scope)
        return self.block(body if chosen else orelse, scope)

    def _in_training(self, body: list[ast.stmt], scope: Scope) -> Flow | None:
        """`if training:` around layers that do nothing in a prediction: they stand in the network as they are."""
        before = len(self.construction.tensors)
        flow = self.block(body, scope)
        layers = [tensor.layer for tensor in self.construction.tensors[before:]]
        if flow is not None or any(
            layer is None or not acts_only_in_training(layer.spec) for layer in layers
        ):
            raise self.construction.refuse("Part of the network depends on training. Write it out.")
        for name in assigned_names(body):
            if not isinstance(scope.names.get(name), Tensor):
                scope.names[name] = Unknown(name)
        return None

    def _either(self, blocks: list[list[ast.stmt]], why: str, scope: Scope) -> Flow | None:
        """Follow blocks of which it isn't known which one runs."""
        flows = []
        with self.construction.unsure(why[:60]):
            for block in blocks:
                flows.append(self.block(block, scope))
        self.assignments.forget([node for block in blocks for node in block], scope)
        for flow in flows:
            if flow is not None and flow.kind != "raise":
                return Flow(flow.kind, flow.value, certain=False)
        return None

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> Flow | None:
        flow = self.block([*node.body, *node.orelse], scope)
        self._either([handler.body for handler in node.handlers], "an error", scope)
        return self.block(node.finalbody, scope) or flow

    # ----------------------------------------------------------------------------------------------- loops

    def _for(self, node: ast.For, scope: Scope) -> Flow | None:
        found = self.expressions.value(node.iter, scope)
        try:
            items = python_functions.items_of(found)
        except NotKnown:
            return self._unknown_loop(node, ast.unparse(node.iter), scope)
        before = self.construction.clock
        for turn, item in enumerate(items):
            self.assignments.bind(node.target, item, scope)
            flow = self.block(node.body, scope)
            if turn == LONG_LOOP and before == self.construction.clock:
                return self._unknown_loop(node, "a long loop", scope)
            if flow is None or flow.kind == "continue":
                if isinstance(found, list) and len(found) != len(items):
                    self.construction.spoil(found)
                    return self._unknown_loop(node, "a list that it changes meanwhile", scope)
                continue
            if not flow.certain:
                return self._unknown_loop(node, "what comes before it", scope)
            return None if flow.kind == "break" else flow
        return self.block(node.orelse, scope)

    def _while(self, node: ast.While, scope: Scope) -> Flow | None:
        before, turns = self.construction.clock, 0
        while True:
            self.construction.step()
            try:
                if not python_functions.truth(self.expressions.value(node.test, scope)):
                    return self.block(node.orelse, scope)
            except NotKnown:
                return self._unknown_loop(node, ast.unparse(node.test), scope)
            flow = self.block(node.body, scope)
            turns += 1
            if turns > LONG_LOOP and before == self.construction.clock:
                return self._unknown_loop(node, "a long loop", scope)
            if flow is not None and not flow.certain:
                return self._unknown_loop(node, "what comes before it", scope)
            if flow is not None and flow.kind != "continue":
                return None if flow.kind == "break" else flow

    def _unknown_loop(self, node: ast.For | ast.While, why: str, scope: Scope) -> Flow | None:
        """A loop of which it isn't known how often it turns: followed once, with nothing known of what it changes."""
        inside: list[ast.stmt] = [*node.body, *node.orelse]
        self.assignments.forget(inside, scope)
        if isinstance(node, ast.For):
            assign_unknown(node.target, scope)
        flow = self._either([inside], why, scope)
        return flow if flow is not None and flow.kind == "return" else None

    # ------------------------------------------------------------------------------- functions and classes

    def _define(self, node: ast.FunctionDef, scope: Scope) -> None:
        function = self._function(node, scope)
        self.construction.functions.append(function)
        self._put_definition(node.name, self._decorated(function, scope), scope)

    def _function(self, node: ast.FunctionDef, scope: Scope, home: ClassValue | None = None) -> Function:
        defaults = default_arguments(self.expressions, node, scope)
        return Function(node, scope, kind=decorator_kind(node), home=home, defaults=defaults)

    def _decorated(self, function: Function, scope: Scope) -> object:
        """What decorators of the code's own make of it; those of libraries leave it as it is."""
        value: object = function
        for decorator in reversed(getattr(function.node, "decorator_list", [])):
            called = self.expressions.value(decorator, scope)
            if isinstance(called, Function | Partial):
                value = self.calls.call(called, (value,), {})
        return value

    def _put_definition(self, name: str, value: object, scope: Scope) -> None:
        """Of two definitions of which it isn't known which one runs, neither holds."""
        again = self.construction.uncertain and name in scope.names
        self.assignments.put(name, Unknown(name, of_network=True) if again else value, scope)

    def _define_class(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = tuple(self.expressions.value(base, scope) for base in node.bases)
        value = ClassValue(node, Scope(outer=scope), bases)
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                value.scope.names[part.name] = self._decorated(self._function(part, scope, value), scope)
            elif not isinstance(part, ast.Expr):
                self.statement(part, value.scope)
        self.construction.classes.append(value)
        self._put_definition(node.name, value, scope)

    def call_code(self, callee: object, args: tuple[object, ...], kwargs: Mapping[str, object]) -> object:
        """Follow a function, a class or an object of the code. Raises SpecError."""
        match callee:
            case ClassValue():
                return self._make(callee, args, kwargs)
            case Instance():
                return self._call_instance(callee, args, kwargs)
            case Function():
                return self._call_function(callee, args, kwargs)
        return Unknown("a call")

    def _make(self, value: ClassValue, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Instance:
        value.used = True
        instance = Instance(value, line=self.construction.line)
        if is_keras_class(value, "Model", "Layer", "Sequential"):
            self.construction.touch()
            instance.made_at = self.construction.clock
            self.construction.instances.append(instance)
        maker = self._method(instance, "__init__")
        if isinstance(maker, Function):
            self._call_function(maker, args, kwargs)
        else:
            fill_fields(instance, args, kwargs)
            if isinstance(after := self._method(instance, "__post_init__"), Function):
                self._call_function(after, (), {})
        return instance

    def _method(self, instance: Instance, name: str) -> object:
        return of_instance(self.construction, instance, name, self.calls.call)

    def _call_instance(
        self, instance: Instance, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> object:
        method = self._method(instance, "call")
        if not isinstance(method, Function):
            method = self._method(instance, "__call__")
        if not isinstance(method, Function):
            raise self.construction.refuse(f"{instance.of.node.name} has no call that can be read.")
        if not any(holds_network(arg) for arg in (*args, *kwargs.values())):
            return Unknown(f"{instance.of.node.name}(…)")
        instance.used = True
        return self._call_function(method, args, with_training(method, args, kwargs))

    def _call_function(
        self, function: Function, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> object:
        function.called = True
        for one in self.construction.functions:
            one.called |= one.node is function.node
        if self.depth >= MOST_DEPTH:
            raise self.construction.refuse("Functions call each other too deep here to be followed.")
        scope = method_scope(function)
        bind_arguments(function, args, kwargs, scope)
        line, self.depth = self.construction.line, self.depth + 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self.expressions.value(function.node.body, scope)
            if any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(function.node)):
                return Unknown(f"{function.name}(…)")
            flow = self.block(function.node.body, scope)
        finally:
            self.construction.line, self.depth = line, self.depth - 1
        return self._returned(function, flow)

    def _returned(self, function: Function, flow: Flow | None) -> object:
        if flow is None:
            return None
        if flow.kind == "raise":
            raise self.construction.refuse(f"{function.name} ends in an error here.")
        if flow.certain:
            return flow.value
        return Unknown(f"what {function.name} gives", holds_network(flow.value))
