"""What a result is, in words and numbers: made in a thread, as reading 60,000 images takes a moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.labs.tensors.interpreter import Result, Step, evaluate
from tuinn.labs.tensors.limits import shape_words
from tuinn.labs.tensors.syntax import BINARY
from tuinn.text import format_bytes, format_number, plural

CHECKED = 4_000_000
"""Values of a result that are compared with what they would be in a larger type."""

AT_ONCE = 1 << 18
"""Values that are looked at together: as many as stay in the processor's cache."""

WIDER = {sign: call for sign, call in BINARY.values() if sign in ("+", "-", "*", "**")}


@dataclass(frozen=True)
class Outcome:
    """A result with all that is said of it."""

    text: str
    """The expression as it was typed."""
    result: Result
    tensor: NDArray[np.generic]
    """The result as an array; of a shape or a type, what can be shown as one."""
    words: str
    """`rank 3 · shape (90, 28, 28) · uint8`, or the shape or type itself."""
    numbers: str
    """Least, largest and mean value; empty where there is none."""
    notes: tuple[str, ...]
    """What is worth a sentence: values that began again, that are not finite, that are none at all."""

    @property
    def is_tensor(self) -> bool:
        """False for a shape or a type."""
        return not isinstance(self.result.value, tuple | np.dtype)


def compute(text: str, names: Mapping[str, Any]) -> Outcome:
    """Evaluate an expression and look at its values. Raises SpecError."""
    result = evaluate(text, names)
    value = result.value
    if isinstance(value, np.dtype):
        word = f"a type: {plural(value.itemsize, 'byte')} a value{_range_words(value)}"
        return Outcome(text, result, np.zeros(0), f"{value} · {word}", "", ())
    if isinstance(value, tuple):
        rank = f"a shape: a tensor of it has rank {len(value)} and {plural(int(np.prod(value)), 'value')}"
        return Outcome(text, result, np.asarray(value, np.int64), f"{value} · {rank}", "", ())
    tensor = np.asarray(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        words = f"{value} · a plain number"
        return Outcome(text, result, tensor, words, "", ())
    words = f"rank {tensor.ndim} · shape {shape_words(tensor.shape)} · {tensor.dtype} · {format_bytes(tensor.nbytes)}"
    numbers, gaps = _numbers(tensor)
    notes = (*_wrapped(result.steps), *gaps)
    return Outcome(text, result, tensor, words, numbers, notes)


def _range_words(dtype: "np.dtype[Any]") -> str:
    if dtype.kind not in "iu":
        return ""
    info = np.iinfo(dtype)
    return f", {info.min:,} to {info.max:,}"


def _numbers(tensor: NDArray[np.generic]) -> tuple[str, tuple[str, ...]]:
    """Least, largest and mean value of those that are finite, and what to say of the others."""
    if not tensor.size:
        return "", ("Nothing is left: an axis has size 0.",)
    if not tensor.ndim:
        return "", _gap_notes(tensor.dtype, int(np.isnan(tensor)), int(np.isinf(tensor)))
    if tensor.dtype.kind == "b":
        return f"{int(np.count_nonzero(tensor)):,} of {tensor.size:,} are True", ()
    low: Any = None
    high: Any = None
    total, lost, endless = 0.0, 0, 0
    rows = max(AT_ONCE * len(tensor) // tensor.size, 1)
    for start in range(0, len(tensor), rows):
        part = tensor[start : start + rows]
        if tensor.dtype.kind == "f" and not np.isfinite(part).all():
            lost, endless = lost + int(np.isnan(part).sum()), endless + int(np.isinf(part).sum())
            part = part[np.isfinite(part)]
        if part.size:
            least, most = part.min(), part.max()
            low, high = (least, most) if low is None else (min(low, least), max(high, most))
            total += float(part.sum(dtype=np.float64 if tensor.dtype.kind == "f" else None))
    if low is None:
        return "", _gap_notes(tensor.dtype, lost, endless)
    mean = format_number(total / (tensor.size - lost - endless))
    told = f"min {_number(low)} · max {_number(high)} · mean {mean}"
    notes = _gap_notes(tensor.dtype, lost, endless)
    return f"{told} of those that are finite" if notes else told, notes


def _number(value: Any) -> str:
    plain = value.item()
    return f"{plain:,}" if isinstance(plain, int) else format_number(plain)


def _gap_notes(dtype: "np.dtype[Any]", lost: int, endless: int) -> tuple[str, ...]:
    """Sentences about so many values that are nan, and so many that are inf."""
    notes = []
    if endless:
        are = "is" if endless == 1 else "are"
        notes.append(f"{plural(endless, 'value')} {are} inf: divided by 0, or too large for {dtype}.")
    if lost:
        are = "is" if lost == 1 else "are"
        notes.append(f"{plural(lost, 'value')} {are} nan: no number, such as 0 / 0 or √−1.")
    return tuple(notes)


def _wrapped(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Of whole numbers that left the range of their type: where, and one of them as an example."""
    for step in steps:
        if (
            step.sign in WIDER
            and step.dtype.startswith(("int", "uint"))
            and step.dtype not in ("int64", "uint64")
        ):
            found = _wrap_example(step)
            if found:
                return (found,)
    return ()


def _wrap_example(step: Step) -> str:
    dtype = np.dtype(step.dtype)
    left, right = (_some(value, step.shape) for value in step.operands)
    with np.errstate(all="ignore"):
        exact = WIDER[step.sign](left.astype(np.float64), right.astype(np.float64))
    info = np.iinfo(dtype)
    out = np.broadcast_to((exact < info.min) | (exact > info.max), exact.shape)
    count = int(np.count_nonzero(out))
    if not count:
        return ""
    at = np.unravel_index(int(np.argmax(out)), out.shape)
    one, other = np.broadcast_to(left, out.shape)[at], np.broadcast_to(right, out.shape)[at]
    wanted = exact[at]
    with np.errstate(all="ignore"):
        got = WIDER[step.sign](np.asarray(one, dtype), np.asarray(other, dtype))
    many = f"{count:,}" if out.size == int(np.prod(step.shape)) else f"{count:,} of the first {out.size:,}"
    return (
        f"{step.dtype} holds {info.min:,} to {info.max:,}, and {many} results went past it: "
        f"{one} {step.sign} {other} = {wanted:,.0f}, which became {int(got)}."
    )


def _some(value: Any, shape: tuple[int, ...]) -> NDArray[np.generic]:
    """Not more than CHECKED values of an operand, of the first along axis 0 of the result."""
    array = np.asarray(value)
    count = int(np.prod(shape))
    if count <= CHECKED or array.ndim < len(shape) or array.shape[0] == 1:
        return array
    return array[: max(CHECKED * shape[0] // count, 1)]
