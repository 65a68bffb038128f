"""Layers for sequences: recurrent ones, attention, and the two that wrap another layer."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

from tuinn.spec.kind import LayerKind, Measure, Options, Shape, by_text
from tuinn.spec.kinds.convolution import CONVOLUTION
from tuinn.spec.kinds.core import CORE
from tuinn.spec.kinds.pooling import POOLING
from tuinn.spec.kinds.rows import ACTIVATION, ACTIVITY, KERNEL_AND_BIAS, USE_BIAS, weights
from tuinn.spec.options import REQUIRED, Choice, Flag, Int, Option, Real, check_all
from tuinn.spec.problem import SpecProblem


def _recurrent(gates: int) -> Any:
    def measure(options: Options, shape: Shape) -> Measure:
        (steps, features), units = shape, options["units"]
        # GRU with reset_after keeps the recurrent part's bias apart.
        biases = 2 if options.get("reset_after") else 1
        kernels = gates * units * (features + units)
        bias = gates * units * biases if options["use_bias"] else 0
        out = (steps, units) if options["return_sequences"] else (units,)
        return Measure(out, kernels + bias, macs=steps * kernels)

    return measure


def _attention(options: Options, shape: Shape) -> Measure:
    if len(shape) < 2:
        raise SpecProblem(
            f"MultiHeadAttention needs steps × features, but the layer above gives {by_text(shape)}."
        )
    features, heads, key = shape[-1], options["num_heads"], options["key_dim"]
    value, steps = options["value_dim"] or key, prod(shape[:-1])
    kernels = features * heads * (2 * key + 2 * value)
    bias = heads * (2 * key + value) + features if options["use_bias"] else 0
    return Measure(shape, kernels + bias, macs=steps * kernels + steps * steps * heads * (key + value))


_UNITS = Int("units", high=1_000_000, help="width of the state")
_TANH = replace(ACTIVATION, default="tanh", help="applied to the state")
_GATES = replace(ACTIVATION, name="recurrent_activation", default="sigmoid", help="applied to the gates")
_RETURN = Flag(
    "return_sequences", False, help="give every step's state, for another recurrent layer; else the last"
)
_BACKWARDS = Flag("go_backwards", False, help="read the sequence from its end", rare=True)
_SHARES = (
    Real("dropout", 0.0, low=0, high=1, below=True, help="share of the inputs dropped while training"),
    Real(
        "recurrent_dropout", 0.0, low=0, high=1, below=True, help="share of the state dropped while training"
    ),
)
_WEIGHTS = (
    *weights("kernel", "glorot_uniform"),
    *weights("recurrent", "orthogonal"),
    *weights("bias", "zeros"),
)

RECURRENT = (
    LayerKind(
        "LSTM",
        "sequence",
        "reads a sequence with a memory that gates guard",
        _recurrent(4),
        (_UNITS, _TANH, _GATES, _RETURN, *_SHARES, USE_BIAS, _BACKWARDS, *_WEIGHTS, *ACTIVITY),
        "c = f · c + i · tanh(W·[x, h]), h = o · tanh(c). Parameters: 4 · units · (features + units + 1).",
        axes=2,
    ),
    LayerKind(
        "GRU",
        "sequence",
        "like LSTM with one gate less",
        _recurrent(3),
        (
            _UNITS,
            _TANH,
            _GATES,
            _RETURN,
            *_SHARES,
            USE_BIAS,
            Flag("reset_after", True, help="reset the state after the product, as GPUs do", rare=True),
            _BACKWARDS,
            *_WEIGHTS,
            *ACTIVITY,
        ),
        "h = z · h + (1 − z) · tanh(W·[x, r · h]). Parameters: 3 · units · (features + units + 2).",
        axes=2,
    ),
    LayerKind(
        "SimpleRNN",
        "sequence",
        "reads a sequence, and soon forgets its start",
        _recurrent(1),
        (_UNITS, _TANH, _RETURN, *_SHARES, USE_BIAS, _BACKWARDS, *_WEIGHTS, *ACTIVITY),
        "h = tanh(W · [x, h] + b). Parameters: units · (features + units + 1).",
        axes=2,
    ),
)

_IN_TIME = (
    "Dense",
    "Flatten",
    "Conv2D",
    "Conv1D",
    "MaxPooling2D",
    "AveragePooling2D",
    "GlobalAveragePooling2D",
    "Embedding",
)
_WRAPPABLE = {kind.name: kind for kind in (*RECURRENT, *CORE, *CONVOLUTION, *POOLING)}


WRAPPERS_OWN = ("merge_mode", "name", "trainable")
"""What is a wrapper's own; all its other options are the inner layer's."""


def inner_of(wrapper: LayerKind, options: Options) -> tuple[LayerKind, dict[str, Any]]:
    """The kind inside a wrapper and all its options. Raises SpecProblem for one that the inner kind doesn't have."""
    kind = _WRAPPABLE[options["layer"]]
    theirs = {option.name for option in kind.options}
    told = {}
    for option in wrapper.options:
        if option.own or option.name in ("layer", *WRAPPERS_OWN):
            continue
        value = options[option.name]
        if option.name in theirs:
            if value is not None:
                told[option.name] = value
        elif value != option.default:
            raise SpecProblem(
                f"{kind.name} has no {option.name}. Leave it at {option.show(option.default) or 'nothing'}."
            )
    try:
        return kind, check_all(kind.options, told, kind.name)
    except SpecProblem as problem:
        raise SpecProblem(f"{wrapper.name} {kind.name}: {problem}") from None


def _bidirectional(options: Options, shape: Shape) -> Measure:
    kind, inside = inner_of(BIDIRECTIONAL, options)
    one = kind.measured(inside, (shape,))
    doubled = one.shape[-1] * (2 if options["merge_mode"] == "concat" else 1)
    return Measure((*one.shape[:-1], doubled), 2 * one.trainable, 2 * one.non_trainable, 2 * one.macs)


def _time_distributed(options: Options, shape: Shape) -> Measure:
    if len(shape) < 2:
        raise SpecProblem(
            f"TimeDistributed needs steps and what a step holds, but the layer above gives {by_text(shape)}."
        )
    kind, inside = inner_of(TIME_DISTRIBUTED, options)
    one = kind.measured(inside, (shape[1:],))
    return Measure((shape[0], *one.shape), one.trainable, one.non_trainable, shape[0] * one.macs)


def _union(names: tuple[str, ...]) -> tuple[Option, ...]:
    """The options of all these kinds, each once; none is required, because not every kind has it."""
    found: dict[str, Option] = {}
    for name in names:
        for option in _WRAPPABLE[name].options:
            found.setdefault(option.name, _optional(option))
    return tuple(found.values())


def _optional(option: Option) -> Option:
    if option.default is REQUIRED or option.name == "pool_size":
        changes: Mapping[str, Any] = {"told": False, "default": None, "optional": True}
        return replace(option, **changes)
    return replace(option, told=False) if option.told else option


BIDIRECTIONAL = LayerKind(
    "Bidirectional",
    "sequence",
    "a recurrent layer that reads both ways",
    _bidirectional,
    (
        Choice("layer", "LSTM", choices=tuple(kind.name for kind in RECURRENT), help="the layer that reads"),
        *(o for o in _union(tuple(kind.name for kind in RECURRENT)) if o is not _BACKWARDS),
        Choice(
            "merge_mode",
            "concat",
            choices=("concat", "sum", "mul", "ave"),
            help="how both readings become one",
        ),
    ),
    "One layer reads forward, its twin backward; concat doubles the width.",
    axes=2,
    wraps=tuple(kind.name for kind in RECURRENT),
)
TIME_DISTRIBUTED = LayerKind(
    "TimeDistributed",
    "sequence",
    "the same layer at every step of a sequence",
    _time_distributed,
    (Choice("layer", "Dense", choices=_IN_TIME, help="the layer for each step"), *_union(_IN_TIME)),
    "y[t] = layer(x[t]), with the same weights for every t.",
    wraps=_IN_TIME,
)
ATTENTION = LayerKind(
    "MultiHeadAttention",
    "sequence",
    "every step looks at every other step",
    _attention,
    (
        Int("num_heads", high=1024, help="how many look at once"),
        Int("key_dim", high=65_536, help="width of what is compared"),
        Int(
            "value_dim",
            None,
            high=65_536,
            optional=True,
            help="width of what is passed on; nothing: as key_dim",
        ),
        Real("dropout", 0.0, low=0, high=1, below=True, help="share of the looks dropped while training"),
        USE_BIAS,
        *KERNEL_AND_BIAS,
        *ACTIVITY,
    ),
    "softmax(Q · Kᵀ / √key_dim) · V, with Q, K and V all from the same layer (self-attention).",
)
SEQUENCE = (*RECURRENT, BIDIRECTIONAL, TIME_DISTRIBUTED, ATTENTION)
