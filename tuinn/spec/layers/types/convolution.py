"""Filters that slide: convolutions, their transposes, and the cheap ones taken apart."""

from math import ceil, prod

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import LayerType, Measure, Options, Shape, format_shape
from tuinn.spec.layers.types.common_options import (
    ACTIVATION_OPTION,
    ACTIVITY_REGULARIZER,
    KERNEL_AND_BIAS_OPTIONS,
    USE_BIAS_OPTION,
    axis_sizes,
    padding_option,
    weight_options,
)
from tuinn.spec.options import REQUIRED, Int, Option

RANK_NAMES = {1: "a sequence", 2: "an image", 3: "a volume"}


def window_sizes(sizes: Shape, kernel: Shape, strides: Shape, padding: str, what: str) -> Shape:
    """Output sizes of a sliding window, as TensorFlow counts them."""
    if padding != "valid":
        return tuple(ceil(size / stride) for size, stride in zip(sizes, strides, strict=True))
    for size, reach in zip(sizes, kernel, strict=True):
        if reach > size:
            raise SpecError(
                f"{what} {format_shape(kernel)} is larger than its input {format_shape(sizes)}. "
                "Make it smaller, pad with 'same', or pool less above."
            )
    return tuple((n - k) // s + 1 for n, k, s in zip(sizes, kernel, strides, strict=True))


def _reach(options: Options) -> Shape:
    """The kernel's size with the gaps of its dilation."""
    pairs = zip(options["kernel_size"], options["dilation_rate"], strict=True)
    return tuple((size - 1) * rate + 1 for size, rate in pairs)


def _not_both(options: Options) -> None:
    if max(options["strides"]) > 1 and max(options["dilation_rate"]) > 1:
        raise SpecError("Keras has strides or dilation, not both. Set one of them to 1.")


def _slid(options: Options, shape: Shape) -> Shape:
    return window_sizes(shape[:-1], _reach(options), options["strides"], options["padding"], "The kernel")


def _convolution(options: Options, shape: Shape) -> Measure:
    channels, filters, groups = shape[-1], options["filters"], options["groups"]
    if channels % groups or filters % groups:
        raise SpecError(
            f"{groups} groups need channels and filters that divide by {groups}, not {channels} and {filters}."
        )
    _not_both(options)
    out = _slid(options, shape)
    kernel = prod(options["kernel_size"]) * channels // groups * filters
    bias = filters if options["use_bias"] else 0
    return Measure((*out, filters), kernel + bias, macs=prod(out) * kernel)


def _transpose(options: Options, shape: Shape) -> Measure:
    _not_both(options)
    filters, whole = options["filters"], options["padding"] == "same"
    triples = zip(shape[:-1], _reach(options), options["strides"], strict=True)
    out = tuple(n * s if whole else (n - 1) * s + max(k, s) for n, k, s in triples)
    kernel = prod(options["kernel_size"]) * shape[-1] * filters
    bias = filters if options["use_bias"] else 0
    return Measure((*out, filters), kernel + bias, macs=prod(shape[:-1]) * kernel)


def _separable(options: Options, shape: Shape) -> Measure:
    out, filters = _slid(options, shape), options["filters"]
    between = shape[-1] * options["depth_multiplier"]
    kernels = prod(options["kernel_size"]) * between + between * filters
    bias = filters if options["use_bias"] else 0
    return Measure((*out, filters), kernels + bias, macs=prod(out) * kernels)


def _depthwise(options: Options, shape: Shape) -> Measure:
    out, channels = _slid(options, shape), shape[-1] * options["depth_multiplier"]
    kernel = prod(options["kernel_size"]) * channels
    return Measure(
        (*out, channels), kernel + (channels if options["use_bias"] else 0), macs=prod(out) * kernel
    )


FILTERS = Int("filters", high=65_536, help="channels of the output")
DEPTH = Int("depth_multiplier", 1, high=1024, help="filters for each channel")


def _sliding(rank: int, *more: str) -> tuple[Option, ...]:
    return (
        axis_sizes("kernel_size", REQUIRED, rank, "size of a filter; one number for every axis"),
        axis_sizes("strides", 1, rank, "step of the filter"),
        padding_option(*more),
    )


def _dilation(rank: int) -> Option:
    return axis_sizes("dilation_rate", 1, rank, "gaps between what a filter sees; 1 is none")


def _plain(rank: int) -> LayerType:
    groups = Int(
        "groups", 1, high=65_536, help="channels are split into so many groups, each with its own filters"
    )
    return LayerType(
        f"Conv{rank}D",
        "convolution",
        f"learned filters slide over {RANK_NAMES[rank]}",
        _convolution,
        (
            FILTERS,
            *_sliding(rank, *(["causal"] if rank == 1 else [])),
            ACTIVATION_OPTION,
            USE_BIAS_OPTION,
            _dilation(rank),
            groups,
            *KERNEL_AND_BIAS_OPTIONS,
            *ACTIVITY_REGULARIZER,
        ),
        "y = activation(Σ W · x + b) over each window. Valid: out = ⌊(n − k) / s⌋ + 1; same: out = ⌈n / s⌉. Parameters: k · … · channels · filters + filters.",
        "Finds the same small pattern wherever it is. Usually 3 wide, with more filters further down and pooling between.",
        axes=rank + 1,
    )


def _upwards(rank: int) -> LayerType:
    return LayerType(
        f"Conv{rank}DTranspose",
        "convolution",
        f"a convolution backwards: {RANK_NAMES[rank]} grows",
        _transpose,
        (
            FILTERS,
            *_sliding(rank),
            ACTIVATION_OPTION,
            USE_BIAS_OPTION,
            _dilation(rank),
            *KERNEL_AND_BIAS_OPTIONS,
            *ACTIVITY_REGULARIZER,
        ),
        "Each value paints a window of weights. Valid: out = (n − 1) · s + max(k, s); same: out = n · s.",
        "In the second half of an autoencoder or a segmentation network, where sizes grow again.",
        axes=rank + 1,
    )


_APART = (
    *weight_options("depthwise", "glorot_uniform"),
    *weight_options("pointwise", "glorot_uniform"),
    *weight_options("bias", "zeros"),
)
_DEPTHWISE = (*weight_options("depthwise", "glorot_uniform"), *weight_options("bias", "zeros"))


def _taken_apart(rank: int) -> LayerType:
    return LayerType(
        f"SeparableConv{rank}D",
        "convolution",
        "a convolution in two cheap steps: per channel, then across them",
        _separable,
        (
            FILTERS,
            *_sliding(rank),
            ACTIVATION_OPTION,
            USE_BIAS_OPTION,
            _dilation(rank),
            DEPTH,
            *_APART,
            *ACTIVITY_REGULARIZER,
        ),
        "y = W₂ · (W₁ · x): a filter for each channel, then a 1-wide convolution across them. Parameters: k · … · channels · m + channels · m · filters + filters.",
        "Nearly as good as a full convolution at a fraction of its parameters (Xception, MobileNet).",
        axes=rank + 1,
    )


def _per_channel(rank: int) -> LayerType:
    return LayerType(
        f"DepthwiseConv{rank}D",
        "convolution",
        "each channel has its own filters",
        _depthwise,
        (
            *_sliding(rank),
            DEPTH,
            ACTIVATION_OPTION,
            USE_BIAS_OPTION,
            _dilation(rank),
            *_DEPTHWISE,
            *ACTIVITY_REGULARIZER,
        ),
        "y = W · x over each window, channel by channel. Parameters: k · … · channels · m + channels · m, with m the depth multiplier.",
        "The first half of a separable convolution; a Conv of kernel 1 after it mixes the channels.",
        axes=rank + 1,
    )


CONVOLUTION = (
    *(_plain(rank) for rank in (2, 1, 3)),
    *(_taken_apart(rank) for rank in (2, 1)),
    *(_per_channel(rank) for rank in (2, 1)),
    *(_upwards(rank) for rank in (2, 1, 3)),
)
