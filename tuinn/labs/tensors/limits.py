"""How much an expression may take. Sizes are known from shapes before anything is allocated."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tuinn.errors import SpecError
from tuinn.text import format_bytes

MAX_BYTES = 512 << 20
"""Of one value: 60,000 images of 28 × 28 as float64 fit."""

MAX_TOTAL = 3 * MAX_BYTES
"""Of all values that one expression makes."""

MAX_WORK = 2_000_000_000
"""Values that one expression may read."""

MAX_PRODUCTS = {"f": 50_000_000_000, "i": 2_000_000_000}
"""Multiplications of matrix products: of floats, by a library, and of whole numbers, one by one."""

MAX_BITS = 1024
"""Of a Python integer, which has no end by itself."""

MAX_AXES = 32


def shape_words(shape: Sequence[int]) -> str:
    """As Python writes it: `(28, 28)`."""
    return str(tuple(int(size) for size in shape))


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an array, of a number, or of a list as an array. Raises ValueError for rows of different lengths."""
    return value.shape if isinstance(value, np.ndarray) else np.shape(value)


def size_of(value: Any) -> int:
    """How many numbers are in it, those in lists included."""
    if isinstance(value, np.ndarray):
        return value.size
    return sum(map(size_of, value)) if isinstance(value, list | tuple) else 1


class Budget:
    """What one expression has taken. Each call raises SpecError, a sentence with the size, before it is too much."""

    def __init__(self) -> None:
        self.bytes = 0
        self.work = 0
        self.products = dict.fromkeys(MAX_PRODUCTS, 0)

    def take(self, shape: Sequence[int], itemsize: int = 8) -> None:
        """Take the room for a value of this shape."""
        count = prod(int(size) for size in shape)
        size = count * itemsize
        if len(shape) > MAX_AXES:
            raise SpecError(f"That would have {len(shape)} axes; {MAX_AXES} are the most here.")
        if size > MAX_BYTES:
            raise SpecError(
                f"The result would have the shape {_shape(shape)}, {_count(count)} values, {_bytes(size)}: "
                f"at most {format_bytes(MAX_BYTES)} are computed here."
            )
        self.bytes += size
        if self.bytes > MAX_TOTAL:
            raise SpecError(
                f"All steps together would take {format_bytes(self.bytes)}: at most {format_bytes(MAX_TOTAL)} are "
                "computed here. Take a part of the data, such as train_images[:1000]."
            )
        self.read(count)

    def read(self, count: int) -> None:
        """Count values that are looked at."""
        self.work += count
        if self.work > MAX_WORK:
            raise SpecError(
                f"That would read {_count(self.work)} values: at most {_count(MAX_WORK)} are read here. "
                "Take a part of the data, such as train_images[:1000]."
            )

    def multiply(self, count: int, is_float: bool) -> None:
        """Count the multiplications of a matrix product."""
        kind = "f" if is_float else "i"
        self.products[kind] += count
        if self.products[kind] > MAX_PRODUCTS[kind]:
            advice = "Take a part of the data." if is_float else "Take .astype('float32') first, or a part."
            raise SpecError(
                f"That product would take {_count(count)} multiplications: at most {_count(MAX_PRODUCTS[kind])} "
                f"{'' if is_float else 'of whole numbers '}are done here. {advice}"
            )


def check_integers(sign: str, left: Any, right: Any) -> None:
    """Raise SpecError where two Python numbers would make an integer of more than MAX_BITS, which takes for ever."""
    if not (isinstance(left, int) and isinstance(right, int)):
        return
    bits = max(left.bit_length(), 1)
    made = {
        "**": bits * max(right, 0) if abs(left) > 1 else 1,
        "<<": bits + max(right, 0),
        "*": bits + right.bit_length(),
    }.get(sign, 0)
    if made > MAX_BITS:
        raise SpecError(f"{_int(left)} {sign} {_int(right)} is a number of more than {MAX_BITS // 4} digits.")


def _int(number: int) -> str:
    return str(number) if abs(number) < 10**12 else f"{float(number):.0e}" if abs(number) < 10**300 else "…"


def _count(count: int) -> str:
    return f"{count:,}" if count < 10**16 else f"about 10^{len(str(count)) - 1}"


def _bytes(size: int) -> str:
    return format_bytes(size) if size < 10**12 else f"{_count(size // 10**12)} TB"


def _shape(shape: Sequence[int]) -> str:
    return shape_words(shape) if all(size < 10**16 for size in shape) else " × ".join(map(_count, shape))
