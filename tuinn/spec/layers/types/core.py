"""Dense, and the layers that only rearrange values."""

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
from tuinn.spec.options import REQUIRED, Bool, Int, Ints


def _flatten(_options: Options, shape: Shape) -> Measure:
    return Measure((prod(shape),))


def _dense(options: Options, shape: Shape) -> Measure:
    if not shape:
        raise SpecError("Dense needs at least one axis of features.")
    units, kernel = options["units"], shape[-1] * options["units"]
    bias = units if options["use_bias"] else 0
    return Measure((*shape[:-1], units), kernel + bias, macs=prod(shape[:-1]) * kernel)


def _reshape(options: Options, shape: Shape) -> Measure:
    target, total = options["target_shape"], prod(shape)
    known = prod(size for size in target if size != -1)
    fits = total % known == 0 if -1 in target else total == known
    if not fits:
        raise SpecError(
            f"Reshape to {format_shape(target)} needs {known:,} values, but the layer above gives {format_shape(shape)} = {total:,}."
        )
    return Measure(tuple(total // known if size == -1 else size for size in target))


def _permute(options: Options, shape: Shape) -> Measure:
    dims = options["dims"]
    if sorted(dims) != list(range(1, len(shape) + 1)):
        raise SpecError(
            f"Permute names each axis of {format_shape(shape)} once, as 1 to {len(shape)}, in the order you want them."
        )
    return Measure(tuple(shape[dim - 1] for dim in dims))


def _repeat(options: Options, shape: Shape) -> Measure:
    return Measure((options["n"], *shape))


def _embedding(options: Options, shape: Shape) -> Measure:
    width = options["output_dim"]
    return Measure((*shape, width), options["input_dim"] * width)


CORE = (
    LayerType(
        "Dense",
        "core",
        "every output sees every input",
        _dense,
        (
            Int("units", high=1_000_000, help="outputs of the layer"),
            ACTIVATION_OPTION,
            USE_BIAS_OPTION,
            *KERNEL_AND_BIAS_OPTIONS,
            *ACTIVITY_REGULARIZER,
        ),
        "y = activation(x · W + b), with W of shape inputs × units. Parameters: inputs · units + units.",
        "The everyday layer for tables, and the last one of nearly every network. An image goes through Flatten first.",
    ),
    LayerType(
        "Flatten",
        "core",
        "any shape becomes one row",
        _flatten,
        formula="height × width × channels → height · width · channels; the values keep their order.",
        use="Needed between an image and a Dense layer.",
    ),
    LayerType(
        "Activation",
        "core",
        "a non-linear function of each value",
        same_shape,
        (replace(ACTIVATION_OPTION, default=REQUIRED),),
        "relu(x) = max(0, x); sigmoid(x) = 1 / (1 + e⁻ˣ); tanh(x) from −1 to 1; softmax makes probabilities that sum to 1.",
        "Without one between them, two Dense layers are no more than one. On its own where BatchNormalization stands before it.",
    ),
    LayerType(
        "Reshape",
        "core",
        "the same values in another shape",
        _reshape,
        (Ints("target_shape", allow_rest=True, help="such as 28 × 28 × 1; one -1 takes what is left"),),
        "y[…] = x[…], with the product of the sizes the same before and after.",
        "Gives a grey image its channel: 28 × 28 × 1. One size may be −1.",
    ),
    LayerType(
        "Permute",
        "core",
        "the axes in another order",
        _permute,
        (Ints("dims", high=8, help="the old axes in their new order, counted from 1: 2, 1 swaps two"),),
        "y[j, i] = x[i, j] for dims 2, 1.",
        "Such as channels first to channels last, or steps and features of a sequence swapped.",
    ),
    LayerType(
        "RepeatVector",
        "core",
        "one row of values, n times",
        _repeat,
        (Int("n", high=1_000_000, help="how often"),),
        "features → n × features: y[t] = x for each of n steps.",
        "Hands one row to a recurrent layer at every step, as in an autoencoder for sequences.",
        axes=1,
    ),
    LayerType(
        "Embedding",
        "core",
        "a trained row of numbers for each whole number",
        _embedding,
        (
            Int("input_dim", high=100_000_000, help="how many different numbers there are, 0 included"),
            Int("output_dim", high=1_000_000, help="width of a row"),
            *weight_options("embeddings", "uniform"),
            Bool("mask_zero", False, help="0 is padding, and later layers skip it", advanced=True),
        ),
        "y = E[x], with E of shape input_dim × output_dim. Parameters: input_dim · output_dim.",
        "After TextVectorization: each word gets a row that is trained, and words of like meaning come to lie close together.",
    ),
)
