"""Why an expression can't be read or computed, in one sentence."""

import ast
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tuinn.errors import SpecError
from tuinn.labs.tensors.limits import shape_of, shape_words, size_of
from tuinn.text import shorten

REFUSED: dict[type[ast.AST], str] = {
    ast.Lambda: "lambda makes a function; here only NumPy's own are called.",
    ast.ListComp: "A list comprehension is a loop; NumPy does the same for all values at once, such as x * 2.",
    ast.SetComp: "A comprehension is a loop; NumPy does the same for all values at once, such as x * 2.",
    ast.DictComp: "A comprehension is a loop; NumPy does the same for all values at once, such as x * 2.",
    ast.GeneratorExp: "A generator is a loop; NumPy does the same for all values at once, such as x * 2.",
    ast.Dict: "A dict is no tensor: take a list of numbers, such as np.array([1, 2, 3]).",
    ast.Set: "A set is no tensor: take a list of numbers, such as np.array([1, 2, 3]).",
    ast.IfExp: "`if` chooses one of two; for every value np.where(x > 0, x, 0) does.",
    ast.BoolOp: "`and` and `or` are for one truth value; for every value take (x > 0) & (x < 5), or |.",
    ast.JoinedStr: "Text is no tensor.",
    ast.NamedExpr: "Write the name in front: z = x + 1.",
    ast.Starred: "A * in front of a value isn't read here; write the values themselves.",
    ast.Await: "`await` is for programs; an expression is computed at once.",
    ast.Yield: "`yield` is for functions; an expression is computed at once.",
    ast.YieldFrom: "`yield` is for functions; an expression is computed at once.",
    ast.AugAssign: "Write the whole of it: x = x + 1.",
    ast.Import: "Nothing is imported: np and to_categorical are here already.",
    ast.ImportFrom: "Nothing is imported: np and to_categorical are here already.",
    ast.For: "A loop isn't run; NumPy does the same for all values at once, such as x * 2.",
    ast.While: "A loop isn't run; NumPy does the same for all values at once, such as x * 2.",
    ast.FunctionDef: "Functions of your own aren't read; write the expression itself.",
    ast.Delete: "Nothing is deleted here; give the name another value.",
}
"""Part of a program → why it isn't read."""


def refusal(node: ast.AST) -> SpecError:
    """The problem to raise for a part of a program that isn't read."""
    word = shorten(ast.unparse(node).splitlines()[0])
    return SpecError(
        REFUSED.get(type(node), f"{word} isn't read here: write an expression, such as x * 2, or z = x * 2.")
    )


def syntax_reason(error: SyntaxError | ValueError | MemoryError | RecursionError, text: str) -> SpecError:
    """The problem to raise for what is no Python."""
    if isinstance(error, SyntaxError):
        why = (error.msg or "it can't be read").replace("invalid syntax. ", "").rstrip(".?")
        at = (
            f" at place {error.offset}"
            if error.offset and error.lineno == 1 and error.offset <= len(text)
            else ""
        )
        return SpecError(f"That is no expression{at}: {shorten(why, 90)}.")
    return SpecError("That can't be read as an expression. Write it as NumPy does, such as x[0] * 2.")


def ragged(values: Sequence[Any]) -> SpecError:
    """The problem to raise for a list whose rows differ in length."""
    lengths = [_length(value) for value in values]
    told = " and ".join("no row" if length is None else str(length) for length in dict.fromkeys(lengths))
    if len(set(lengths)) < 2:
        return SpecError(
            "This list is no tensor: its rows differ in length further inside; all must be equally long."
        )
    return SpecError(f"This list is no tensor: its rows have {told} values; all must be equally long.")


def _length(value: Any) -> int | None:
    return (
        len(value)
        if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim)
        else None
    )


def index_reason(tensor: Any, index: Sequence[Any], error: Exception) -> SpecError:
    """The problem to raise for an index that NumPy refuses."""
    shape = shape_of(tensor)
    named = [part for part in index if part is not None and part is not Ellipsis]
    if len([part for part in index if part is Ellipsis]) > 1:
        return SpecError("`...` may stand only once: it means all the axes in between.")
    if all(np.ndim(part) == 0 for part in named):
        if len(named) > len(shape):
            return SpecError(
                f"{len(named)} indices are too many: the tensor has rank {len(shape)}, shape {shape_words(shape)}."
            )
        at = 0
        for part in index:
            if part is Ellipsis:
                at += len(shape) - len(named)
            elif part is not None:
                if isinstance(part, int | np.integer) and not -shape[at] <= part < shape[at]:
                    return SpecError(
                        f"There is no {shorten(str(part))} along axis {at}: it has {shape[at]:,}, from 0 to {shape[at] - 1:,}."
                        if shape[at]
                        else f"There is nothing along axis {at}: it has 0."
                    )
                at += 1
    for part in named:
        if np.ndim(part) and np.asarray(part).dtype.kind == "b" and "boolean" in str(error):
            return SpecError(
                f"There are truth values of shape {shape_words(np.shape(part))} for a tensor of {shape_words(shape)}: "
                "they must have its size along each axis that they choose from."
            )
    return reason("That index", error)


def reshape_reason(tensor: Any, sizes: Sequence[Any]) -> SpecError | None:
    """The problem to raise for a shape that doesn't hold as many values; None where it is something else."""
    flat = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes
    if not all(isinstance(size, int | np.integer) for size in flat):
        return SpecError("A shape is whole numbers, such as (3, 4).")
    count, known = size_of(tensor), 1
    for size in flat:
        known *= 1 if size == -1 else int(size)
    if [*flat].count(-1) > 1:
        return SpecError("Only one axis may be −1: its size follows from the others.")
    if -1 in flat and known > 0 and count % known:
        return SpecError(
            f"{count:,} values can't be laid in rows of {known:,}: {count % known:,} would be left over."
        )
    if -1 not in flat and known != count:
        shape = shape_words(flat) if all(abs(size) < 10**12 for size in flat) else "That shape"
        return SpecError(
            f"{shape} has room for {known:,} values, and there are {count:,}: a reshape keeps every value."
        )
    return None


INTEGER = re.compile(r"Python integer (-?\d+) out of bounds for (\w+)")
PLACE = re.compile(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)")
AXIS = re.compile(r"axis (-?\d+) is out of bounds for array of dimension (\d+)")


def reason(what: str, error: Exception) -> SpecError:
    """The problem to raise for an error of NumPy or Python, `what` being what was done."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, ZeroDivisionError):
        return SpecError("Nothing can be divided by 0.")
    if isinstance(error, MemoryError):
        return SpecError(
            "There is not enough memory for that. Take a part of the data, such as train_images[:1000]."
        )
    if found := INTEGER.search(text):
        info = np.iinfo(found[2])
        return SpecError(
            f"{shorten(found[1])} doesn't fit into {found[2]}, {info.min:,} to {info.max:,}: take .astype('int32') first."
        )
    if found := AXIS.search(text):
        count = int(found[2])
        room = f"axes 0 to {count - 1}" if count > 1 else "only axis 0" if count else "no axis"
        return SpecError(f"There is no axis {found[1]}: a tensor of rank {count} has {room}.")
    if found := PLACE.search(text):
        return SpecError(f"There is no {found[1]} along axis {found[2]}: it has {found[3]}, counted from 0.")
    if isinstance(error, TypeError):
        return SpecError(_type_reason(what, text))
    if isinstance(error, OverflowError):
        return SpecError(f"{what} makes a number that is too large.")
    return SpecError(f"{what} can't be done: {shorten(text, 120).rstrip('.')}.")


def _type_reason(what: str, text: str) -> str:
    if "required" in text or "takes from" in text or "takes exactly" in text:
        return f"{what} needs more, or fewer, values between its parentheses."
    if "unsupported operand" in text or "not supported for the input types" in text:
        whole = (
            " &, |, ^, << and >> are for whole numbers and truth values."
            if re.search(r"[&|^]|<<|>>", what)
            else ""
        )
        return f"{what} can't be done with values of these types.{whole}"
    if "interpret" in text or "integer" in text or "dtype" in text:
        return (
            f"{what} can't be done: axes and sizes are whole numbers, and a type is a word such as 'float32'."
        )
    return f"{what} can't be done: {shorten(text, 120).rstrip('.')}."
