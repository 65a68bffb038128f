"""Activations that are layers, with parameters."""

from math import prod

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import (
    LayerType,
    Measure,
    Options,
    Shape,
    format_shape,
    resolve_axis,
    same_shape,
)
from tuinn.spec.layers.types.common_options import AXIS_OPTION, weight_options
from tuinn.spec.options import Float, Ints


def _prelu(options: Options, shape: Shape) -> Measure:
    shared = options["shared_axes"] or ()
    if any(axis > len(shape) for axis in shared):
        raise SpecError(f"PReLU shares axes 1 to {len(shape)} of {format_shape(shape)}.")
    return Measure(shape, prod(1 if at in shared else size for at, size in enumerate(shape, start=1)))


def _softmax(options: Options, shape: Shape) -> Measure:
    resolve_axis(options["axis"], shape, "Softmax")
    return Measure(shape)


_SLOPE = Float("negative_slope", 0.0, low=0, high=1000, help="slope below the threshold")

ACTIVATION_LAYERS = (
    LayerType(
        "ReLU",
        "activation",
        "nothing below zero",
        same_shape,
        (
            Float("max_value", None, low=0, optional=True, help="nothing above this; nothing: no limit"),
            _SLOPE,
            Float("threshold", 0.0, low=0, high=1e6, help="what lies below it is cut"),
        ),
        "y = max(0, x).",
        "The everyday activation: cheap, and its gradient doesn't fade where x is above 0.",
    ),
    LayerType(
        "LeakyReLU",
        "activation",
        "a little below zero",
        same_shape,
        (Float("negative_slope", 0.3, low=0, high=1000, help="slope below zero"),),
        "y = x above 0, negative_slope · x below.",
        "For networks in which many ReLUs have died, giving 0 for every sample.",
    ),
    LayerType(
        "PReLU",
        "activation",
        "a little below zero, and learns how much",
        _prelu,
        (
            Ints(
                "shared_axes",
                None,
                high=8,
                optional=True,
                help="axes with one slope: 1, 2 in an image is one per channel",
            ),
            *weight_options("alpha", "zeros"),
        ),
        "y = x above 0, α · x below; α is trained, one for each value or, with shared_axes, for each channel.",
        "A ReLU that finds its own slope. On small data it may overfit.",
    ),
    LayerType(
        "ELU",
        "activation",
        "smooth below zero",
        same_shape,
        (Float("alpha", 1.0, low=0, high=1000, help="the lowest value is -alpha"),),
        "y = x above 0, α · (eˣ − 1) below.",
        "Smooth, and with a mean near 0; a little slower than ReLU.",
    ),
    LayerType(
        "Softmax",
        "activation",
        "probabilities that sum to 1",
        _softmax,
        (AXIS_OPTION,),
        "yᵢ = eˣⁱ / Σ eˣʲ along the axis.",
        "The last activation where exactly one class is right. A Dense with activation softmax does the same.",
    ),
)
