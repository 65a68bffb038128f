"""The functions, methods and attributes that an expression may name."""

from typing import Any

import numpy as np

from tuinn.errors import SpecError
from tuinn.labs.tensors import functions as size
from tuinn.labs.tensors.functions import DTYPES, Function, Kind, Size
from tuinn.labs.tensors.limits import Budget, shape_of
from tuinn.spec.options import did_you_mean


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TWO = _words(
    """maximum minimum add subtract multiply floor_divide mod remainder power equal not_equal greater greater_equal less
    less_equal logical_and logical_or logical_xor divide true_divide"""
)
"""Functions, value by value, of two tensors."""

ONE = _words("logical_not abs absolute negative sign square floor ceil rint isnan isfinite isinf")
FLOATS = _words("exp expm1 log log1p log2 log10 sqrt sin cos tan sinh cosh tanh arctan divide true_divide")
"""Functions that make floats of whole numbers."""

REDUCE = {
    **dict.fromkeys(("sum", "prod", "mean"), (2, "axis keepdims dtype")),
    **dict.fromkeys(("max", "min", "any", "all", "argmax", "argmin"), (1, "axis keepdims")),
    **dict.fromkeys(("std", "var"), (1, "axis keepdims ddof")),
}
"""Name → arguments without a name after the tensor, and options. Functions and methods have the same."""


def _reduction(name: str) -> Size:
    return size.spread if name in ("std", "var", "median") else size.reduced


def _functions() -> dict[str, Function]:
    table: dict[str, Function] = {}

    def add(name: str, kind: Kind, most: int, keywords: str, taken: Size, call: Any = None) -> None:
        table[name] = Function(
            f"np.{name}", call or getattr(np, name), kind, most, tuple(keywords.split()), taken
        )

    for name in {*TWO, *ONE, *FLOATS}:
        add(name, "each", 2 if name in TWO else 1, "", size.each_float if name in FLOATS else size.each)
    for name, (most, words) in REDUCE.items():
        add(name, "reduce", most + 1, words, _reduction(name))
    add("amax", "reduce", 2, "axis keepdims", size.reduced)
    add("amin", "reduce", 2, "axis keepdims", size.reduced)
    add("median", "reduce", 2, "axis keepdims", size.spread)
    add("where", "each", 3, "", size.each)
    add("clip", "each", 3, "", size.each)
    add("round", "each", 2, "decimals", size.copied)
    for name, most, keywords in (
        *(("transpose", 2, "axes"), ("ravel", 1, ""), ("squeeze", 2, "axis"), ("expand_dims", 2, "axis")),
        *(("reshape", 2, "shape"), ("swapaxes", 3, ""), ("moveaxis", 3, ""), ("flip", 2, "axis")),
        *(("copy", 1, ""), ("roll", 3, "axis")),
    ):
        add(name, "rearrange", most, keywords, size.copied)
    for name in ("sort", "argsort", "cumsum"):
        add(name, "other", 2, "axis", size.spread)
    add("unique", "other", 1, "", size.spread)
    for name in ("shape", "ndim", "size"):
        add(name, "other", 1, "", size.copied)
    add("zeros", "make", 2, "shape dtype", size.shaped)
    add("ones", "make", 2, "shape dtype", size.shaped)
    add("full", "make", 3, "shape fill_value dtype", size.shaped)
    for name in ("zeros_like", "ones_like"):
        add(name, "make", 1, "dtype", size.copied)
    add("arange", "make", 3, "dtype", size.stepped)
    add("linspace", "make", 3, "num", size.counted)
    add("eye", "make", 2, "dtype", size.squared)
    add("identity", "make", 1, "dtype", size.squared)
    add("array", "make", 1, "dtype", size.joined)
    add("asarray", "make", 1, "dtype", size.joined)
    for name in ("concatenate", "stack"):
        add(name, "join", 2, "axis", size.joined)
    for name in ("vstack", "hstack"):
        add(name, "join", 1, "", size.joined)
    add("tile", "other", 2, "reps", size.tiled)
    add("repeat", "other", 3, "repeats axis", size.repeated)
    add("broadcast_to", "other", 2, "shape", size.spread_to)
    add("outer", "product", 2, "", size.outer)
    add("dot", "product", 2, "", size.dot)
    add("matmul", "product", 2, "", size.product)
    add("linalg.norm", "reduce", 1, "", size.spread, np.linalg.norm)
    add("random.random", "make", 1, "size", size.shaped, np.random.default_rng().random)
    return table


FUNCTIONS = _functions()
"""Name after `np.` → what it is."""

CONSTANTS: dict[str, Any] = {
    "pi": float(np.pi),
    "e": float(np.e),
    "inf": float("inf"),
    "nan": float("nan"),
    "newaxis": None,
}


def _method(name: str, kind: Kind, most: int, keywords: str, taken: Size) -> Function:
    def call(tensor: Any, *args: Any, **options: Any) -> Any:
        return getattr(tensor, name)(*args, **options)

    return Function(f".{name}", call, kind, most + 1, tuple(keywords.split()), taken)


def _astype_size(budget: Budget, args: Any, options: Any) -> None:
    dtype = size.dtype_of(args[1] if len(args) > 1 else options.get("dtype", "float64"))
    budget.take(shape_of(args[0]), dtype.itemsize)


METHODS: dict[str, Function] = {
    **{
        name: _method(name, "reduce", most, words, _reduction(name)) for name, (most, words) in REDUCE.items()
    },
    "reshape": _method("reshape", "rearrange", 32, "", size.copied),
    "transpose": _method("transpose", "rearrange", 32, "", size.copied),
    "swapaxes": _method("swapaxes", "rearrange", 2, "", size.copied),
    "flatten": _method("flatten", "rearrange", 0, "", size.copied),
    "ravel": _method("ravel", "rearrange", 0, "", size.copied),
    "squeeze": _method("squeeze", "rearrange", 1, "axis", size.copied),
    "copy": _method("copy", "rearrange", 0, "", size.copied),
    "astype": _method("astype", "dtype", 1, "dtype", _astype_size),
    "clip": _method("clip", "each", 2, "", size.each),
    "round": _method("round", "each", 1, "decimals", size.copied),
    "dot": _method("dot", "product", 1, "", size.dot),
    "cumsum": _method("cumsum", "other", 1, "axis", size.spread),
    "argsort": _method("argsort", "other", 1, "axis", size.spread),
    "repeat": _method("repeat", "other", 2, "repeats axis", size.repeated),
    "item": _method("item", "other", 0, "", size.copied),
}
"""Name after the dot of a tensor → what it is; the tensor itself is the first argument."""

ATTRIBUTES = ("shape", "ndim", "dtype", "size", "T", "nbytes", "itemsize")


def _length(value: Any) -> int:
    if not isinstance(value, np.ndarray | list | tuple) or (isinstance(value, np.ndarray) and not value.ndim):
        raise SpecError("A number has no length: len() counts along axis 0.")
    return len(value)


def _printed(value: Any) -> Any:
    return value


def _nothing(_budget: Budget, _args: Any, _options: Any) -> None:
    """It makes nothing that is large."""


def _plain(
    name: str, call: Any, kind: Kind = "other", taken: Size = _nothing, words: str = "", most: int = 1
) -> Function:
    return Function(name, call, kind, most, tuple(words.split()), taken)


TO_CATEGORICAL = _plain("to_categorical", size.one_hot, "one_hot", size.one_hot_size, "num_classes", 2)

NAMES: dict[str, Any] = {
    "to_categorical": TO_CATEGORICAL,
    "len": _plain("len", _length),
    "print": _plain("print", _printed),
    "abs": _plain("abs", abs, "each", size.copied),
    "round": _plain("round", np.round, "each", size.copied, "decimals", 2),
    "int": DTYPES["int"],
    "float": DTYPES["float"],
    "bool": DTYPES["bool"],
}
"""What can be named without `np.`, beside the tensors."""


def numpy_name(path: str) -> Any:
    """What `np.path` is: a function, a constant or a type. Raises SpecError for what isn't here."""
    if path in FUNCTIONS:
        return FUNCTIONS[path]
    if path in CONSTANTS:
        return CONSTANTS[path]
    if path in DTYPES and path not in ("int", "float"):
        return DTYPES[path]
    known = [*FUNCTIONS, *CONSTANTS, *DTYPES]
    raise SpecError(f"np.{path} is not among the functions here. {did_you_mean(path, known)}")
