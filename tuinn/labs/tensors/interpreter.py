"""Compute an expression from its syntax tree. Nothing is executed: what isn't listed here is refused."""

import ast
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tuinn.errors import SpecError
from tuinn.labs.tensors import functions, reasons, rules
from tuinn.labs.tensors.catalog import ATTRIBUTES, FUNCTIONS, METHODS, NAMES, numpy_name
from tuinn.labs.tensors.functions import Bound, Function, Space, broadcast, dtype_of, kind_words
from tuinn.labs.tensors.limits import Budget, check_integers, size_of
from tuinn.labs.tensors.syntax import BINARY, COMPARE, UNARY, parse
from tuinn.spec.options import did_you_mean
from tuinn.text import shorten


@dataclass(frozen=True)
class Step:
    """One operation of an expression."""

    source: str
    shape: tuple[int, ...]
    dtype: str
    rule: str
    """What it did to the shape; lines below one another."""
    sign: str = ""
    """The operator, where it is one."""
    operands: tuple[Any, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Result:
    """What an expression gives."""

    value: Any
    """An array, a number, a shape or a type."""
    steps: tuple[Step, ...]
    """Every operation, the last one last."""
    name: str = ""
    """The name that it was given."""


def evaluate(text: str, names: Mapping[str, Any]) -> Result:
    """Compute an expression, or `name = expression`, over these tensors.

    Raises SpecError, one sentence, for what can't be read, isn't here, doesn't fit, or would be too large.
    """
    name, node = parse(text)
    one = Interpreter(names)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = one.attempt(lambda: one.plain(one.visit(node)), lambda error: reasons.reason("That", error))
    if name and not isinstance(value, np.ndarray | np.generic | int | float | tuple):
        raise SpecError("Only tensors, numbers and shapes are given names.")
    return Result(value, tuple(one.steps), name)


class Interpreter:
    """Visits one expression. Every value it gives is one of NumPy's or Python's numbers, a list or tuple of them, a
    slice, a type, or a Function to call."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names
        self.budget = Budget()
        self.steps: list[Step] = []

    def visit(self, node: ast.expr) -> Any:
        """The value of a part of the tree. Raises SpecError."""
        match node:
            case ast.Constant(value=value):
                return self._constant(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=inner, attr=name):
                return self._attribute(node, self.visit(inner), name)
            case ast.Subscript(value=inner, slice=index):
                return self._subscript(node, self.visit(inner), self.visit(index))
            case ast.Slice(lower=lower, upper=upper, step=step):
                return self._slice(*(self.visit(part) if part else None for part in (lower, upper, step)))
            case ast.Tuple(elts=parts):
                return tuple(self.visit(part) for part in parts)
            case ast.List(elts=parts):
                return [self._element(self.visit(part)) for part in parts]
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(node, BINARY[type(op)], left, right)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARE:
                return self._binary(node, COMPARE[type(op)], left, right)
            case ast.Compare():
                raise SpecError("Compare two at a time: (x > 0) & (x < 5).")
            case ast.UnaryOp(op=op, operand=operand) if type(op) in UNARY:
                return self._unary(node, *UNARY[type(op)], self.visit(operand))
            case ast.UnaryOp():
                raise SpecError("`not` is for one truth value; for every value take ~(x > 0).")
            case ast.Call(func=function, args=args, keywords=options):
                return self._call(node, self.visit(function), args, options)
            case _:
                raise reasons.refusal(node)

    # ---------------------------------------------------------------------------------------------- names

    def _constant(self, value: Any) -> Any:
        if isinstance(value, complex | bytes):
            raise SpecError("Only whole numbers and floats are read here.")
        if isinstance(value, int) and value.bit_length() > 1024:
            raise SpecError("A whole number of more than 300 digits is too large.")
        return value

    def _name(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        if name in NAMES:
            return NAMES[name]
        if name in ("np", "numpy", "keras", "tf"):
            return Space("" if name in ("np", "numpy") else "keras")
        if name.startswith("__"):
            raise SpecError(
                f"There is no {shorten(name)} here: expressions are read as NumPy's, not run as Python."
            )
        known = [*self.names, *NAMES, "np"]
        if name in FUNCTIONS:
            raise SpecError(f"{name} is NumPy's: write np.{name}.")
        raise SpecError(f"{shorten(name)} is no name here. {did_you_mean(name, known)}")

    def _attribute(self, node: ast.expr, value: Any, name: str) -> Any:
        if isinstance(value, Space):
            if value.path == "keras":
                return NAMES["to_categorical"] if name == "to_categorical" else value
            path = f"{value.path}.{name}" if value.path else name
            return Space(path) if path in ("linalg", "random") else numpy_name(path)
        if name.startswith("_"):
            raise SpecError(
                f".{shorten(name)} is no part of a tensor: ask for {', '.join('.' + one for one in ATTRIBUTES)}."
            )
        if isinstance(value, np.dtype) and name in ("name", "itemsize"):
            return getattr(value, name) if name == "itemsize" else value
        if not isinstance(value, np.ndarray | np.generic):
            raise SpecError(
                f"{kind_words(value)} has no .{shorten(name)}: make a tensor of it with np.array(…)."
            )
        if name in METHODS:
            return Bound(METHODS[name], value)
        if name not in ATTRIBUTES:
            raise SpecError(
                f"A tensor has no .{shorten(name)} here. {did_you_mean(name, [*ATTRIBUTES, *METHODS])}"
            )
        found = getattr(value, name)
        if name == "T":
            self._note(node, found, rules.rearrange_rule(value, found))
        return found

    # --------------------------------------------------------------------------------------------- parts

    def _element(self, value: Any) -> Any:
        if isinstance(value, str | None | slice | Space | Function | Bound | np.dtype):
            raise SpecError("A list holds numbers and tensors, such as [1, 2, 3].")
        return value

    def _slice(self, *ends: Any) -> slice:
        for end in ends:
            if isinstance(end, float | np.floating):
                whole = (
                    f"Write {int(end):,}".replace(",", "")
                    if np.isfinite(end) and abs(float(end)) < 1e15
                    else "Write a whole number"
                )
                raise SpecError(f"Places are whole numbers, and {end:g} is a float. {whole}.")
            if end is not None and not isinstance(end, int | np.integer):
                raise SpecError("A slice is start:stop:step, in whole numbers.")
        if ends[2] == 0:
            raise SpecError("A step of 0 goes nowhere. Give 1 or more, or less than 0 to go backwards.")
        return slice(*ends)

    def _subscript(self, node: ast.expr, value: Any, index: Any) -> Any:
        if isinstance(value, list | tuple):
            if not isinstance(index, int | slice):
                raise SpecError("A list or a shape is cut by one whole number or one slice.")
            return self.attempt(
                lambda: value[index], lambda _: SpecError(f"There is no {index} in {len(value)} values.")
            )
        if isinstance(value, np.generic):
            value = np.asarray(value)
        if not isinstance(value, np.ndarray):
            raise SpecError(f"{kind_words(value)} has no axes to cut.")
        parts = index if isinstance(index, tuple) else (index,)
        for part in parts:
            self._check_index(part)
        parts = tuple(self._places(part) if isinstance(part, list) else part for part in parts)
        self._take_index(value, parts)
        found = self.attempt(lambda: value[parts], lambda error: reasons.index_reason(value, parts, error))
        self._note(node, found, rules.index_rule(value, parts))
        return found

    def _check_index(self, part: Any) -> None:
        if isinstance(part, float | np.floating):
            raise SpecError(f"Places are whole numbers, and {part:g} is a float.")
        fits = (
            part is None or part is Ellipsis or isinstance(part, int | np.integer | slice | list | np.ndarray)
        )
        if not fits or isinstance(part, bool):
            raise SpecError(
                "An index is whole numbers, slices, `...`, None, or a tensor of places or of truth values."
            )

    def _places(self, part: list[Any]) -> "np.ndarray[Any, Any]":
        """A list of places as an array; an empty one is of places, too."""
        self.budget.take((size_of(part),))
        places: np.ndarray[Any, Any] = self.attempt(lambda: np.array(part), lambda _: reasons.ragged(part))
        return places if places.size else places.astype(np.int64)

    def _take_index(self, value: "np.ndarray[Any, Any]", parts: Sequence[Any]) -> None:
        """Take the room for what an index copies. Plain ones copy nothing."""
        places = [part for part in parts if isinstance(part, np.ndarray)]
        if not places:
            return
        whole = [part.shape if part.dtype.kind != "b" else (int(np.count_nonzero(part)),) for part in places]
        self.budget.take([*broadcast(whole), *_kept_sizes(value.shape, parts)], value.itemsize)

    # ---------------------------------------------------------------------------------------- operations

    def _binary(
        self,
        node: ast.expr,
        sign_and_call: tuple[str, Callable[[Any, Any], Any]],
        left: ast.expr,
        right: ast.expr,
    ) -> Any:
        sign, call = sign_and_call
        values = (self.visit(left), self.visit(right))
        if sign in ("==", "!=") and any(isinstance(value, np.dtype | tuple | str) for value in values):
            return self._compared(call, values)
        if sign == "+" and all(isinstance(value, tuple) for value in values):
            return values[0] + values[1]
        for value in values:
            self._check_operand(sign, value)
        check_integers(sign, *values)
        if any(isinstance(value, np.ndarray | list) for value in values):
            if sign == "@":
                functions.product(self.budget, values, {})
            else:
                floats = functions.each_float if sign == "/" else functions.each
                floats(self.budget, values, {})
        found = self._checked(
            self.attempt(
                lambda: call(*values), lambda error: reasons.reason(shorten(ast.unparse(node)), error)
            )
        )
        names = [ast.unparse(part) for part in (left, right)]
        self._note(node, found, rules.operator_rule(sign, names, values, found), sign, values)
        return found

    def _compared(self, call: Callable[[Any, Any], Any], values: tuple[Any, Any]) -> bool:
        pair = [dtype_of(value) if isinstance(value, str) else value for value in values]
        if any(isinstance(value, np.ndarray | np.generic) for value in pair):
            raise SpecError("A shape is compared with a shape, and a type with a type.")
        return bool(call(*pair))

    def _check_operand(self, sign: str, value: Any) -> None:
        if isinstance(value, list | tuple):
            raise SpecError(f"A list is no tensor yet: np.array([1, 2, 3]) {sign} 2 does it for every value.")
        if not isinstance(value, np.ndarray | np.generic | int | float):
            raise SpecError(f"{kind_words(value)} can't stand beside {sign}.")

    def _unary(self, node: ast.expr, sign: str, call: Callable[[Any], Any], value: Any) -> Any:
        self._check_operand(sign, value)
        functions.copied(self.budget, (value,), {})
        found = self._checked(
            self.attempt(lambda: call(value), lambda error: reasons.reason(shorten(ast.unparse(node)), error))
        )
        if isinstance(value, np.ndarray):
            self._note(node, found, rules.each_rule("", [""], [value], found))
        return found

    def _call(
        self, node: ast.expr, function: Any, args: Sequence[ast.expr], options: Sequence[ast.keyword]
    ) -> Any:
        if isinstance(function, np.dtype):
            raise SpecError(f"{function} is a type: write x.astype('{function}').")
        if not isinstance(function, Function | Bound):
            raise SpecError(f"{kind_words(function)} can't be called.")
        given = [self._argument(self.visit(one)) for one in args]
        chosen = {str(one.arg): self._argument(self.visit(one.value)) for one in options if one.arg}
        if len(chosen) < len(options):
            raise SpecError("** in front of options isn't read here; write each by its name.")
        names = [ast.unparse(one) for one in args]
        if isinstance(function, Bound):
            given, function = [function.tensor, *given], function.function
            names = ["", *names]
        function.check(given, chosen)
        if "dtype" in chosen:
            chosen["dtype"] = dtype_of(chosen["dtype"])
        what = function.name
        self.attempt(
            lambda: function.size(self.budget, given, chosen),
            lambda error: self._call_reason(what, given, chosen, error),
        )
        found = self.attempt(
            lambda: function.call(*given, **chosen),
            lambda error: self._call_reason(what, given, chosen, error),
        )
        found = self._checked(found)
        if what != "print" and isinstance(found, np.ndarray | np.generic):
            rule = self.attempt(
                lambda: rules.call_rule(function.kind, what, given, chosen, names, found),
                lambda error: SpecError(""),
            )
            self._note(node, found, rule, "", tuple(given))
        return found

    def _argument(self, value: Any) -> Any:
        if isinstance(value, str):
            return dtype_of(value)
        if isinstance(value, Space | Function | Bound):
            raise SpecError(f"{kind_words(value)} is no value to compute with.")
        return value

    def _call_reason(
        self, what: str, args: Sequence[Any], options: Mapping[str, Any], error: Exception
    ) -> SpecError:
        if what.endswith("reshape") and args and isinstance(error, ValueError | TypeError):
            told = reasons.reshape_reason(args[0], [*args[1:], *options.values()])
            if told is not None:
                return told
        lists = [value for value in args if isinstance(value, list)]
        if lists and "inhomogeneous" in str(error):
            return reasons.ragged(lists[0])
        return reasons.reason(what, error)

    # ------------------------------------------------------------------------------------------- results

    def attempt(self, do: Callable[[], Any], why: Callable[[Exception], SpecError]) -> Any:
        """What `do` gives. Raises what `why` makes of an exception of NumPy."""
        try:
            return do()
        except SpecError:
            raise
        except Exception as error:  # NumPy has many names for what it refuses
            raise why(error) from None

    def _checked(self, value: Any) -> Any:
        if isinstance(value, complex) or value is NotImplemented:
            raise SpecError("That is a complex number, which isn't read here.")
        if isinstance(value, np.ndarray | np.generic) and (
            value.dtype.kind not in "biuf" or value.dtype.itemsize > 8
        ):
            raise SpecError("That is no tensor of numbers: a value is too large, or no number.")
        return value

    def _note(
        self, node: ast.expr, value: Any, rule: str, sign: str = "", operands: tuple[Any, ...] = ()
    ) -> None:
        if isinstance(value, np.ndarray | np.generic):
            self.steps.append(Step(ast.unparse(node), value.shape, str(value.dtype), rule, sign, operands))

    def plain(self, value: Any) -> Any:
        """The value as a result: lists become tensors. Raises SpecError for what is none."""
        if isinstance(value, Function | Bound):
            word = value.name if isinstance(value, Function) else value.function.name
            raise SpecError(f"{word} is something to call: {word.lstrip('.')}(…).")
        if value is None or isinstance(value, str | slice | Space) or value is Ellipsis:
            raise SpecError("That is no tensor. Type an expression, such as train_images[10:100] or A @ b.")
        if isinstance(value, list):
            self.budget.take((size_of(value),))
            return self._checked(self.attempt(lambda: np.array(value), lambda _: reasons.ragged(value)))
        if isinstance(value, tuple):
            if not all(isinstance(part, int | float | np.number) for part in value):
                raise SpecError("That is several values: make a tensor of them with np.array([…]).")
            return value
        return value


def _kept_sizes(shape: tuple[int, ...], parts: Sequence[Any]) -> list[int]:
    """The sizes of the axes that slices keep, and of those that an index doesn't name."""
    kept: list[int] = []
    left = list(shape)
    named = sum(rules.axes_of(part) for part in parts)
    for part in parts:
        if part is Ellipsis:
            count = max(len(shape) - named, 0)
            kept, left = kept + left[:count], left[count:]
        elif isinstance(part, slice) and left:
            kept.append(len(range(*part.indices(left[0]))))
        left = left[rules.axes_of(part) :]
    return kept + left
