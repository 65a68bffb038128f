"""What can be called in an expression: functions of NumPy, methods of tensors, and what is taken of their size first."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np

from tuinn.errors import SpecError
from tuinn.labs.tensors.limits import Budget, shape_of, shape_words, size_of
from tuinn.spec.options import did_you_mean

Kind = Literal["each", "reduce", "rearrange", "make", "join", "product", "dtype", "one_hot", "other"]
"""What a function does to shapes, by which rules.py words its rule."""

Size = Callable[[Budget, Sequence[Any], Mapping[str, Any]], None]

DTYPES: dict[str, Any] = {
    name: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64"),
    )
} | {"int": np.dtype("int64"), "float": np.dtype("float64")}


@dataclass(frozen=True)
class Function:
    """Something that can be called."""

    name: str
    """As it is written: `np.sum`, or `.sum` of a tensor."""
    call: Callable[..., Any]
    kind: Kind
    most: int
    """Arguments without a name that it takes at most."""
    keywords: tuple[str, ...]
    size: Size

    def check(self, args: Sequence[Any], options: Mapping[str, Any]) -> None:
        """Raise SpecError for arguments that are not taken here."""
        if not args and not options:
            raise SpecError(f"{self.name} needs something between its parentheses, such as x.")
        if len(args) > self.most:
            raise SpecError(f"{self.name} takes at most {self.most} arguments here, not {len(args)}.")
        for name in options:
            if name not in self.keywords:
                known = f"It takes {', '.join(self.keywords)}." if self.keywords else "It takes none by name."
                raise SpecError(f"{self.name} has no option {name} here. {known}")


@dataclass(frozen=True)
class Bound:
    """A method with its tensor."""

    function: Function
    tensor: Any


@dataclass(frozen=True)
class Space:
    """`np`, or what comes after it, such as `np.linalg`: a place of names, no value."""

    path: str


def kind_words(value: Any) -> str:
    """What a value is, at the beginning of a sentence."""
    match value:
        case Function():
            return f"The function {value.name}"
        case Bound():
            return f"The method {value.function.name}"
        case Space():
            return "np"
        case np.ndarray():
            return f"A tensor of shape {shape_words(shape_of(value))}"
        case np.dtype():
            return "A type"
        case list() | tuple():
            return "A list" if isinstance(value, list) else "A shape"
        case str():
            return "Text"
        case None:
            return "None"
        case _:
            return "A number"


def dtype_of(value: Any) -> "np.dtype[Any]":
    """The type that is meant by `"float32"`, `np.float32` or `float`. Raises SpecError for one that isn't for numbers."""
    if isinstance(value, np.dtype):
        return value
    word = value if isinstance(value, str) else getattr(value, "__name__", None) or "that"
    if word in DTYPES:
        return DTYPES[word]  # type: ignore[no-any-return]
    raise SpecError(f"{word} is no type of numbers here. {did_you_mean(word, DTYPES)}")


def broadcast(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape of the result, value by value. Raises SpecError where two of them don't fit."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        told = [shape_words(shape) for shape in shapes]
        pair = " and ".join(told[:2]) if len(told) == 2 else ", ".join(told)
        why = ""
        if len(shapes) == 2:
            short, long = sorted(shapes, key=len)
            pairs = zip(reversed(short), reversed(long), strict=False)
            at, (one, other) = next(
                (at, both) for at, both in enumerate(pairs, 1) if both[0] != both[1] and 1 not in both
            )
            sizes = (one, other) if shapes[0] is short else (other, one)
            why = f" at axis −{at} they have {sizes[0]} and {sizes[1]}, which are neither equal nor 1."
        raise SpecError(f"{pair} don't fit: aligned from the right,{why or ' sizes differ.'}") from None


def itemsize(args: Sequence[Any], makes_floats: bool = False) -> int:
    """Bytes of a value of the result of an operation on these."""
    parts = [
        value if isinstance(value, np.ndarray | np.generic | int | float) else np.asarray(value)
        for value in args
    ]
    try:
        dtype = np.result_type(*parts)
    except (TypeError, ValueError, OverflowError):
        return 8
    return dtype.itemsize if dtype.kind == "f" or not makes_floats else 8


def product_shape(left: tuple[int, ...], right: tuple[int, ...], is_dot: bool = False) -> tuple[int, ...]:
    """The shape of a matrix product. Raises SpecError where the inner sizes differ."""
    sign = "np.dot" if is_dot else "@"
    if not left or not right:
        if is_dot:
            return left or right
        raise SpecError("A number has no rows and columns: @ needs two tensors. Take * for a number.")
    inner = right[-2] if len(right) > 1 else right[0]
    if left[-1] != inner:
        raise SpecError(
            f"{shape_words(left)} {sign} {shape_words(right)} don't fit: the last axis of the left has {left[-1]}, "
            f"{'the last but one' if len(right) > 1 else 'the axis'} of the right {inner}; they must be equal."
        )
    rows, columns = left[-2:-1], right[-1:] if len(right) > 1 else ()
    if is_dot:
        return (*left[:-1], *right[:-2], *columns)
    return (*broadcast([left[:-2], right[:-2]]), *rows, *columns)


# --------------------------------------------------------------------------------------- what each takes of the budget


def each(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """Value by value."""
    budget.take(broadcast([shape_of(value) for value in args if value is not None]), itemsize(args))


def each_float(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """Value by value, into floats."""
    budget.take(broadcast([shape_of(value) for value in args]), itemsize(args, makes_floats=True))


def copied(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """As large as the first."""
    budget.take((size_of(args[0]),), itemsize(args[:1]))


def reduced(budget: Budget, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """Fewer values than the first: those of the other axes."""
    shape, axis = shape_of(args[0]), options.get("axis", args[1] if len(args) > 1 else None)
    budget.read(prod(shape))
    axes = axis if isinstance(axis, tuple) else (axis,)
    if all(isinstance(at, int) and -len(shape) <= at < len(shape) for at in axes):
        gone = {at % len(shape) for at in axes}
        budget.take([size for at, size in enumerate(shape) if at not in gone])


def spread(budget: Budget, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """As `reduced`, with floats as large as the first meanwhile."""
    budget.take(shape_of(args[0]))
    reduced(budget, args, options)


def whole(value: Any, what: str) -> int:
    """The integer that NumPy would take it for. Raises SpecError."""
    try:
        return operator.index(value)
    except TypeError:
        raise SpecError(f"{what} is a whole number.") from None


def shaped(budget: Budget, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """Of the shape that is the first argument, or the option."""
    shape = args[0] if args else options.get("shape", options.get("size", 1))
    sizes = shape if isinstance(shape, list | tuple) else np.ravel(shape)
    budget.take([max(whole(size, "Each size of a shape"), 0) for size in sizes])


def stepped(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """From one number to another in steps."""
    if not args or not all(isinstance(value, int | float | np.number) for value in args):
        raise SpecError("np.arange takes numbers: where to begin, where to end, the step.")
    start, stop = (0, args[0]) if len(args) == 1 else args[:2]
    step = args[2] if len(args) > 2 else 1
    if step == 0:
        raise SpecError("A step of 0 goes nowhere. Give 1 or more, or less than 0 to go backwards.")
    count = (float(stop) - float(start)) / float(step)
    if not np.isfinite(count):
        raise SpecError("np.arange needs an end.")
    budget.take((max(int(count) + 1, 0),))


def counted(budget: Budget, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """np.linspace: the third argument says how many."""
    count = options.get("num", args[2] if len(args) > 2 else 50)
    budget.take((max(whole(count, "How many"), 0), max(size_of(list(args[:2])), 1)))


def squared(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """np.eye: rows × columns."""
    sizes = [max(whole(value, "Each side"), 0) for value in args]
    budget.take((*sizes, *sizes)[:2])


def joined(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """As large as all parts of the first together."""
    budget.take((size_of(args[0]),), 8)


def repeated(budget: Budget, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """The first, each value as often as the second says, or at most as often as the largest of them."""
    times = args[1] if len(args) > 1 else options.get("repeats", 1)
    most = max((whole(value, "How often") for value in np.ravel(times)), default=0)
    budget.take((size_of(args[0]), max(most, 0)), itemsize(args[:1]))


def tiled(budget: Budget, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """The first, side by side as often as the second says along each axis."""
    times = args[1] if len(args) > 1 else options.get("reps", 1)
    counts = [max(whole(value, "How often"), 0) for value in np.ravel(times)]
    budget.take((size_of(args[0]), *counts), itemsize(args[:1]))


def spread_to(budget: Budget, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """The first in the shape of the second."""
    shape = args[1] if len(args) > 1 else options.get("shape", ())
    shaped(budget, (shape,), {})


def outer(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """Every value of the first times every one of the second."""
    budget.take([size_of(value) for value in args], itemsize(args))


def product(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """`@`."""
    _product(budget, args, is_dot=False)


def dot(budget: Budget, args: Sequence[Any], _options: Mapping[str, Any]) -> None:
    """np.dot."""
    _product(budget, args, is_dot=True)


def _product(budget: Budget, args: Sequence[Any], is_dot: bool) -> None:
    if len(args) != 2:
        raise SpecError("A product takes two tensors.")
    left, right = map(shape_of, args)
    shape = product_shape(left, right, is_dot)
    size = itemsize(args)
    budget.take(shape, size)
    is_float = np.result_type(*(np.asarray(value).dtype for value in args)).kind == "f"
    if is_float:
        for value in args:  # brought to one type, all of it
            if isinstance(value, np.ndarray) and value.dtype.itemsize != size:
                budget.take(value.shape, size)
    budget.multiply(prod(shape) * (left[-1] if left else 1), is_float)


def one_hot_size(budget: Budget, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """Labels × classes."""
    labels = np.asarray(args[0])
    classes = options.get("num_classes", args[1] if len(args) > 1 else None)
    if labels.size == 0 and not classes:
        raise SpecError("There are no labels to count the classes of. Give num_classes.")
    if labels.dtype.kind not in "iub":
        raise SpecError(
            f"to_categorical takes labels, whole numbers counted from 0; these are {labels.dtype}."
        )
    if classes is not None:
        classes = whole(classes, "num_classes")
    low, high = (int(labels.min()), int(labels.max())) if labels.size else (0, 0)
    wide = int(classes or high + 1)
    if low < 0 or high >= wide:
        wrong = low if low < 0 else high
        raise SpecError(f"The label {wrong} is none of {wide} classes: labels are counted from 0.")
    budget.take((labels.size, wide))


def one_hot(labels: Any, num_classes: int | None = None) -> "np.ndarray[Any, Any]":
    """(…, classes) float64, 1 at the place of each label: as keras.utils.to_categorical."""
    whole = np.asarray(labels).astype(np.int64)
    shape = whole.shape[:-1] if whole.ndim > 1 and whole.shape[-1] == 1 else whole.shape
    flat = whole.reshape(-1)
    wide = num_classes or int(flat.max()) + 1
    made = np.zeros((len(flat), wide))
    made[np.arange(len(flat)), flat] = 1
    return made.reshape((*shape, wide))
