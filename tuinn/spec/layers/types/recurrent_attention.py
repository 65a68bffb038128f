"""Layers for sequences: recurrent ones, and attention."""

from collections.abc import Callable
from dataclasses import replace
from math import prod

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import LayerType, Measure, Options, Shape, format_shape, same_shape
from tuinn.spec.layers.types.common_options import (
    ACTIVATION_OPTION,
    ACTIVITY_REGULARIZER,
    KERNEL_AND_BIAS_OPTIONS,
    USE_BIAS_OPTION,
    weight_options,
)
from tuinn.spec.options import Bool, Float, Int


def _recurrent(gates: int) -> Callable[[Options, Shape], Measure]:
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
        raise SpecError(
            f"MultiHeadAttention needs steps × features, but the layer above gives {format_shape(shape)}."
        )
    features, heads, key = shape[-1], options["num_heads"], options["key_dim"]
    value, steps = options["value_dim"] or key, prod(shape[:-1])
    kernels = features * heads * (2 * key + 2 * value)
    bias = heads * (2 * key + value) + features if options["use_bias"] else 0
    return Measure(shape, kernels + bias, macs=steps * kernels + steps * steps * heads * (key + value))


_UNITS = Int("units", high=1_000_000, help="width of the state")
_TANH = replace(ACTIVATION_OPTION, default="tanh", help="applied to the state")
_GATES = replace(
    ACTIVATION_OPTION, name="recurrent_activation", default="sigmoid", help="applied to the gates"
)
_RETURN = Bool(
    "return_sequences", False, help="give every step's state, for another recurrent layer; else the last"
)
BACKWARDS = Bool("go_backwards", False, help="read the sequence from its end", advanced=True)
_SHARES = (
    Float(
        "dropout", 0.0, low=0, high=1, exclude_high=True, help="share of the inputs dropped while training"
    ),
    Float(
        "recurrent_dropout",
        0.0,
        low=0,
        high=1,
        exclude_high=True,
        help="share of the state dropped while training",
    ),
)
_WEIGHTS = (
    *weight_options("kernel", "glorot_uniform"),
    *weight_options("recurrent", "orthogonal"),
    *weight_options("bias", "zeros"),
)

RECURRENT = (
    LayerType(
        "LSTM",
        "sequence",
        "reads a sequence with a memory that gates guard",
        _recurrent(4),
        (
            _UNITS,
            _TANH,
            _GATES,
            _RETURN,
            *_SHARES,
            USE_BIAS_OPTION,
            BACKWARDS,
            *_WEIGHTS,
            *ACTIVITY_REGULARIZER,
        ),
        "c = f · c + i · tanh(W · [x, h]), h = o · tanh(c). Parameters: 4 · units · (features + units + 1).",
        "Sequences with things to remember over many steps: text, series. return_sequences where another recurrent layer follows.",
        axes=2,
    ),
    LayerType(
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
            USE_BIAS_OPTION,
            Bool("reset_after", True, help="reset the state after the product, as GPUs do", advanced=True),
            BACKWARDS,
            *_WEIGHTS,
            *ACTIVITY_REGULARIZER,
        ),
        "h = z · h + (1 − z) · tanh(W · [x, r · h]). Parameters: 3 · units · (features + units + 2).",
        "As good as LSTM on most sequences, with a quarter less to train.",
        axes=2,
    ),
    LayerType(
        "SimpleRNN",
        "sequence",
        "reads a sequence, and soon forgets its start",
        _recurrent(1),
        (_UNITS, _TANH, _RETURN, *_SHARES, USE_BIAS_OPTION, BACKWARDS, *_WEIGHTS, *ACTIVITY_REGULARIZER),
        "h = tanh(W · [x, h] + b). Parameters: units · (features + units + 1).",
        "To see how recurrence works; for more than some ten steps LSTM or GRU.",
        axes=2,
    ),
)

ATTENTION = LayerType(
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
        Float(
            "dropout", 0.0, low=0, high=1, exclude_high=True, help="share of the looks dropped while training"
        ),
        USE_BIAS_OPTION,
        *KERNEL_AND_BIAS_OPTIONS,
        *ACTIVITY_REGULARIZER,
    ),
    "y = softmax(Q · Kᵀ / √key_dim) · V, with Q, K and V all from the same layer (self-attention).",
    "The heart of a transformer: which steps matter to which. With Add and LayerNormalization around it.",
)
MASKING = LayerType(
    "Masking",
    "sequence",
    "steps that hold nothing are skipped further down",
    same_shape,
    (Float("mask_value", 0.0, help="a step all of whose features are this holds nothing"),),
    "mask[t] = any(x[t] ≠ mask_value); recurrent layers further down pass over the steps that are masked.",
    "Sequences of different lengths that are filled up with a value, before LSTM or GRU.",
)
SEQUENCE = (*RECURRENT, MASKING, ATTENTION)
