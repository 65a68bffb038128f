"""The two layers that wrap another one: `layer` names it, and its options stand beside theirs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import LayerType, Measure, Options, Shape, format_shape
from tuinn.spec.layers.types.activation import ACTIVATION_LAYERS
from tuinn.spec.layers.types.convolution import CONVOLUTION
from tuinn.spec.layers.types.core import CORE
from tuinn.spec.layers.types.normalization import NORMALIZATION
from tuinn.spec.layers.types.pooling import POOLING, RESIZING
from tuinn.spec.layers.types.recurrent_attention import BACKWARDS, RECURRENT
from tuinn.spec.layers.types.regularization import REGULARIZATION
from tuinn.spec.options import REQUIRED, Choice, Ints, Option, Value, check_options

_IN_TIME = (
    "Dense",
    "Flatten",
    "Conv2D",
    "Conv1D",
    "MaxPooling2D",
    "AveragePooling2D",
    "GlobalAveragePooling2D",
    "Embedding",
    "Activation",
    "Reshape",
    "RepeatVector",
    "SeparableConv2D",
    "DepthwiseConv2D",
    "Conv2DTranspose",
    "SeparableConv1D",
    "GlobalMaxPooling2D",
    "MaxPooling1D",
    "AveragePooling1D",
    "GlobalAveragePooling1D",
    "GlobalMaxPooling1D",
    "UpSampling2D",
    "BatchNormalization",
    "LayerNormalization",
    "Dropout",
    "LeakyReLU",
    "Softmax",
    "LSTM",
    "GRU",
    "SimpleRNN",
)
_ALL = (
    *RECURRENT,
    *CORE,
    *CONVOLUTION,
    *POOLING,
    *RESIZING,
    *NORMALIZATION,
    *REGULARIZATION,
    *ACTIVATION_LAYERS,
)
_WRAPPABLE = {layer_type.name: layer_type for layer_type in _ALL}


WRAPPER_OPTIONS = ("merge_mode", "name", "trainable")
"""Options of the wrapper itself; all others are those of the inner layer."""


def wrapped_layer(wrapper: LayerType, options: Options) -> tuple[LayerType, Options]:
    """Return the inner layer type and all its options. Raises SpecError for an option that it doesn't have."""
    layer_type = _WRAPPABLE[options["layer"]]
    theirs = {option.name: option for option in layer_type.options}
    given = {}
    for option in wrapper.options:
        if option.tuinn_only or option.name in ("layer", *WRAPPER_OPTIONS):
            continue
        value = options[option.name]
        if option.name in theirs:
            if value is not None:
                given[option.name] = _for_inner(theirs[option.name], value)
        elif value != option.default:
            raise SpecError(
                f"{layer_type.name} has no {option.name}. Leave it at {option.show(option.default) or 'nothing'}."
            )
    try:
        return layer_type, check_options(layer_type.options, given, layer_type.name)
    except SpecError as problem:
        raise SpecError(f"{wrapper.name} {layer_type.name}: {problem}") from None


def _for_inner(option: Option, value: Value) -> Value:
    """The value in the inner layer's form: sizes of two axes that are the same are one size for a layer of one axis."""
    one_axis = isinstance(option, Ints) and option.length == 1
    return value[0] if one_axis and isinstance(value, tuple) and len(set(value)) == 1 else value


def _bidirectional(options: Options, shape: Shape) -> Measure:
    layer_type, inside = wrapped_layer(BIDIRECTIONAL, options)
    one = layer_type.measured(inside, (shape,))
    doubled = one.shape[-1] * (2 if options["merge_mode"] == "concat" else 1)
    return Measure((*one.shape[:-1], doubled), 2 * one.trainable, 2 * one.non_trainable, 2 * one.macs)


def _time_distributed(options: Options, shape: Shape) -> Measure:
    if len(shape) < 2:
        raise SpecError(
            f"TimeDistributed needs steps and what a step holds, but the layer above gives {format_shape(shape)}."
        )
    layer_type, inside = wrapped_layer(TIME_DISTRIBUTED, options)
    one = layer_type.measured(inside, (shape[1:],))
    return Measure((shape[0], *one.shape), one.trainable, one.non_trainable, shape[0] * one.macs)


def _union(names: tuple[str, ...]) -> tuple[Option, ...]:
    """The options of all these layer types, each once; none is required, because not every type has it."""
    found: dict[str, Option] = {}
    for name in names:
        for option in _WRAPPABLE[name].options:
            if option.name not in found:
                found[option.name] = _optional(option)
    return tuple(found.values())


_AS_ITS_TYPE = ("pool_size", "strides", "size")
"""Options whose default depends on the layer type; nothing stands for it. A pool's strides are its size."""


def _optional(option: Option) -> Option:
    if option.default is REQUIRED or option.name in _AS_ITS_TYPE:
        changes: Mapping[str, Any] = {"always_written": False, "default": None, "optional": True}
        return replace(option, **changes)
    return replace(option, always_written=False) if option.always_written else option


BIDIRECTIONAL = LayerType(
    "Bidirectional",
    "sequence",
    "a recurrent layer that reads both ways",
    _bidirectional,
    (
        Choice(
            "layer",
            "LSTM",
            choices=tuple(layer_type.name for layer_type in RECURRENT),
            help="the layer that reads",
        ),
        *(o for o in _union(tuple(layer_type.name for layer_type in RECURRENT)) if o is not BACKWARDS),
        Choice(
            "merge_mode",
            "concat",
            choices=("concat", "sum", "mul", "ave"),
            help="how both readings become one",
        ),
    ),
    "y = [forward(x), backward(x)]; concat doubles the width. Parameters: twice the inner layer's.",
    "Where the whole sequence is there before the answer, as in a text.",
    axes=2,
    wraps=tuple(layer_type.name for layer_type in RECURRENT),
)
TIME_DISTRIBUTED = LayerType(
    "TimeDistributed",
    "sequence",
    "the same layer at every step of a sequence",
    _time_distributed,
    (Choice("layer", "Dense", choices=_IN_TIME, help="the layer for each step"), *_union(_IN_TIME)),
    "y[t] = layer(x[t]), with the same weights for every t.",
    "Pictures of a film, each through the same convolution, before an LSTM.",
    wraps=_IN_TIME,
)
WRAPPERS = (BIDIRECTIONAL, TIME_DISTRIBUTED)
