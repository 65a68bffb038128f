"""Keras code → layers, read as a syntax tree. Nothing of it is ever executed."""

import ast
import textwrap
import warnings
from dataclasses import dataclass

from tuinn.errors import SpecError
from tuinn.spec.keras_import.argument_values import argument_value
from tuinn.spec.layers.catalog import LAYER_TYPES, LayerSpec, find_layer_type
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.spec.layers.model import ModelSpec
from tuinn.text import shorten

_NO_ORDER = ("BatchNormalization", "LayerNormalization")
"""Keras' first argument here is another than ours."""

_IGNORED = ("input_shape", "batch_input_shape", "seed")
"""The dataset says the shape, and the run the seed."""


_AROUND = (
    *("compile", "fit", "summary", "evaluate", "predict", "save", "build", "adapt", "print", "clear_session"),
    *("set_random_seed", "plot_model"),
)
"""Calls that stand around a network in a script, and make no layer."""

_WHOLE = ("Sequential", "Model", "Input", "InputLayer")
"""Calls that only the code of a whole network has."""


@dataclass(frozen=True)
class ParsedLayers:
    """What was found in a text."""

    layers: tuple[LayerSpec, ...]
    skipped: tuple[int, ...] = ()
    """Lines, counted from 1, that begin something which holds no layer: imports, data, compile, fit."""
    is_model: bool = False
    """The text has a whole network, by `Sequential`, `Model` or its `Input`; else layers alone."""


def read_source(text: str) -> ParsedLayers:
    """The layers that this code would make. Raises SpecError with the line's number as its path."""
    tree, offset = _tree(text)
    reader = _Reader(offset)
    try:
        for statement in tree.body:
            reader.statement(statement)
    except RecursionError:
        raise SpecError("The code is nested too deep to be read.") from None
    if not reader.layers:
        raise SpecError("There is no layer in this code.")
    return ParsedLayers(reader.finished(), tuple(reader.skipped), reader.is_model)


def _tree(text: str) -> tuple[ast.Module, int]:
    """The tree, and by how many lines its numbers are too large."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of doubtful code, and prints it
        try:
            return ast.parse(textwrap.dedent(text)), 0
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            first = error
        try:
            # A few lines out of a list: not a program by themselves.
            return ast.parse(f"[\n{text}\n]"), 1
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    line = getattr(first, "lineno", None) or 1
    raise SpecError("This is no whole line of Python. Is a bracket missing?", f"line {line}") from None


class _Reader:
    """Walks statements and collects layers, and which name in the code holds which."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.layers: list[LayerSpec] = []
        self.takes: list[tuple[int, ...] | None] = []
        """For each layer, the layers it is called on; None for the one above, -1 for the input."""
        self.held: dict[str, int] = {}
        self.skipped: list[int] = []
        self.is_model = False
        self.constants = _Constants({})

    def finished(self) -> tuple[LayerSpec, ...]:
        names = ModelSpec(tuple(self.layers)).names()
        done = []
        for at, (layer, takes) in enumerate(zip(self.layers, self.takes, strict=True)):
            if takes is not None and takes != (at - 1,):
                layer = layer.with_options(
                    **{"from": tuple(names[place] if place >= 0 else INPUT_NAME for place in takes)}
                )
            done.append(layer)
        return tuple(done)

    def problem(self, node: ast.AST, why: str) -> SpecError:
        return SpecError(why, f"line {max(getattr(node, 'lineno', 1) - self.offset, 1)}")

    def statement(self, node: ast.stmt) -> None:
        node = self.constants.visit(node)
        if self._stands_around(node):
            self.skipped.append(max(node.lineno - self.offset, 1))
        elif isinstance(node, ast.Expr):
            self.expression(node.value)
        elif (
            isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        ):
            place = self.expression(node.value)
            self.held[node.targets[0].id] = place
        else:
            word = type(node).__name__.lower().removesuffix("def")
            raise self.problem(node, f"Only layers are read, and this is {_a(word)}. Nothing was run.")

    def _stands_around(self, node: ast.stmt) -> bool:
        """True for what a script has around its network: imports, docstrings, constants, data, compile and fit."""
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                return True
            case ast.Expr(value=ast.Call(func=func)):
                return _last(func) in _AROUND
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                if isinstance(value, int | float | str):
                    self.constants.values[name] = value
                return True
            case ast.Assign(value=value):
                return not _makes_layers(value)
        return False

    def expression(self, node: ast.expr) -> int:
        """Where the layer that this expression gives stands; -1 for the input."""
        if isinstance(node, ast.List | ast.Tuple):
            for element in node.elts:
                self.expression(element)
            return len(self.layers) - 1
        if not isinstance(node, ast.Call):
            raise self.problem(node, "This is not a layer. Write such as layers.Dense(10).")
        if isinstance(node.func, ast.Call):
            return self.connected(node)
        name = _last(node.func)
        if name == "add" and len(node.args) == 1 and not node.keywords:
            return self.expression(node.args[0])
        self.is_model |= name in _WHOLE
        if name == "Sequential":
            for part in node.args[:1]:
                self.expression(part)
            return len(self.layers) - 1
        if name in ("Input", "InputLayer"):
            return -1
        if name == "Model":
            return len(self.layers) - 1
        self.layers.append(self.layer(node))
        self.takes.append(None)
        return len(self.layers) - 1

    def connected(self, node: ast.Call) -> int:
        """`layers.Dense(3)(x)`: a layer, and what it takes."""
        assert isinstance(node.func, ast.Call)
        layer = self.layer(node.func)
        given = node.args[:1] if layer.type_name == "MultiHeadAttention" else node.args
        places: list[int] = []
        for arg in given:
            for one in arg.elts if isinstance(arg, ast.List | ast.Tuple) else [arg]:
                if isinstance(one, ast.Name) and one.id in self.held:
                    places.append(self.held[one.id])
                elif isinstance(one, ast.Call):
                    places.append(self.expression(one))
                else:
                    raise self.problem(one, "This takes something that no line above has made.")
        if not places:
            raise self.problem(node, "This layer is called on nothing.")
        self.layers.append(layer)
        self.takes.append(tuple(places))
        return len(self.layers) - 1

    def layer(self, node: ast.Call) -> LayerSpec:
        try:
            return _layer(node)
        except SpecError as problem:
            where = self.problem(node, problem.message).path
            raise problem.under(where) from None
        except (ValueError, OverflowError, ArithmeticError):
            raise self.problem(node, "A value here is none that can be read.") from None


class _Constants(ast.NodeTransformer):
    """Puts the numbers and words that a script gives names to in the place of those names."""

    def __init__(self, values: dict[str, int | float | str]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self.values:
            return ast.copy_location(ast.Constant(self.values[node.id]), node)
        return node


def _makes_layers(node: ast.expr) -> bool:
    """True where a layer, a network or its input is called anywhere in it, or anything is called on a layer."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    names = {_last(call.func) for call in calls}
    known = {*LAYER_TYPES, "Sequential", "Model", "Input", "InputLayer"}
    return bool(names & known) or any(isinstance(call.func, ast.Call) for call in calls)


def _layer(node: ast.Call) -> LayerSpec:
    name = _last(node.func)
    if name not in LAYER_TYPES:
        name = find_layer_type(name) if name[:1].isupper() else _refuse(name)
    options = [option for option in LAYER_TYPES[name].options if not option.tuinn_only]
    wraps = LAYER_TYPES[name].wraps
    values: dict[str, object] = {}
    if len(node.args) > (0 if name in _NO_ORDER else 4):
        raise SpecError(f"Write {name}'s settings with their names, such as {options[0].name}=….")
    for option, arg in zip(options, node.args, strict=False):
        _put(values, option.name, arg, name, bool(wraps))
    for keyword in node.keywords:
        if keyword.arg is None:
            raise SpecError("** cannot be read; write each setting with its name.")
        if keyword.arg in _IGNORED:
            continue
        if keyword.arg in ("from", "disabled") or keyword.arg not in {option.name for option in options}:
            LayerSpec.of(name, **{keyword.arg: None})
            raise SpecError("is no setting of Keras'.", keyword.arg)
        _put(values, keyword.arg, keyword.value, name, bool(wraps))
    return LayerSpec.of(name, **values)


def _put(values: dict[str, object], option: str, node: ast.expr, type_name: str, wraps: bool) -> None:
    if wraps and option == "layer":
        if not isinstance(node, ast.Call):
            raise SpecError("must be a layer, such as layers.LSTM(32).", "layer")
        inner = _layer(node)
        values |= {key: value for key, value in inner.raw().items() if key not in ("kind", "name")}
        values["layer"] = inner.type_name
        return
    rows = {row.name: row for row in LAYER_TYPES[type_name].options}
    found = argument_value(node, rows[option])
    values[option] = found


def _last(node: ast.expr) -> str:
    """`Dense` of `keras.layers.Dense`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else "This"


def _refuse(name: str) -> str:
    raise SpecError(f"{shorten(name)} is not a layer. Only layers are read; nothing was run.")


def _a(word: str) -> str:
    return {
        "importfrom": "an import",
        "import": "an import",
        "function": "a function",
        "augassign": "arithmetic",
    }.get(word, f"a {word} statement")
