"""Values brought to a common scale."""

from math import prod

from tuinn.errors import SpecError
from tuinn.spec.layers.layer_type import LayerType, Measure, Options, Shape, resolve_axis, same_shape
from tuinn.spec.layers.types.common_options import AXIS_OPTION, weight_options
from tuinn.spec.options import Bool, Choice, Float, Int


def _features(options: Options, shape: Shape, type_name: str) -> int:
    return shape[resolve_axis(options["axis"], shape, type_name)]


def _batch_normalization(options: Options, shape: Shape) -> Measure:
    features = _features(options, shape, "BatchNormalization")
    return Measure(shape, features * (options["center"] + options["scale"]), 2 * features)


def _layer_normalization(options: Options, shape: Shape) -> Measure:
    features = _features(options, shape, "LayerNormalization")
    return Measure(shape, features * (options["center"] + options["scale"]))


def _group_normalization(options: Options, shape: Shape) -> Measure:
    features = _features(options, shape, "GroupNormalization")
    groups = features if options["groups"] == -1 else options["groups"]
    if groups < 1 or features % groups:
        raise SpecError(
            f"{groups} groups don't divide {features} channels. Take a number that does, or -1 for a group each."
        )
    return Measure(shape, features * (options["center"] + options["scale"]))


def _unit_normalization(options: Options, shape: Shape) -> Measure:
    _features(options, shape, "UnitNormalization")
    return Measure(shape)


def _normalization(_options: Options, shape: Shape) -> Measure:
    if not shape:
        raise SpecError("Normalization needs at least one axis of features.")
    # Keras keeps mean and variance per feature, and one count of the samples seen.
    return Measure(shape, 0, 2 * shape[-1] + 1)


def _resizing(options: Options, shape: Shape) -> Measure:
    if options.get("crop_to_aspect_ratio") and options.get("pad_to_aspect_ratio"):
        raise SpecError("Resizing crops or pads to keep the proportions, not both. Set one of them to false.")
    return Measure((options["height"], options["width"], shape[-1]), macs=prod(shape))


_EPSILON = Float("epsilon", 1e-3, low=0, exclude_low=True, high=1, help="keeps the division finite")
_CENTER = Bool("center", True, help="train an offset")
_SCALE = Bool("scale", True, help="train a factor")
_BETA_AND_GAMMA = (*weight_options("beta", "zeros"), *weight_options("gamma", "ones"))
_HEIGHT = Int("height", high=8192, help="rows of the picture that comes out")
_WIDTH = Int("width", high=8192, help="columns of the picture that comes out")

NORMALIZATION = (
    LayerType(
        "Rescaling",
        "scaling",
        "multiply and shift: x · scale + offset",
        same_shape,
        (
            Float("scale", help="1/255 takes bytes to 0..1"),
            Float("offset", 0.0, help="added after scaling"),
        ),
        "y = x · scale + offset.",
        "Stays in the network, so that a picture of your own is scaled as the training data was.",
    ),
    LayerType(
        "Normalization",
        "scaling",
        "each feature to mean 0 and variance 1",
        _normalization,
        formula="y = (x − mean) / √variance, for each feature. Both are measured on the training data before the first epoch.",
        use="The first layer for tables whose columns have very different sizes; it stays in the network.",
        adapts=True,
    ),
    LayerType(
        "BatchNormalization",
        "scaling",
        "normalise each channel over the batch",
        _batch_normalization,
        (
            Float("momentum", 0.99, low=0, high=1, help="of the moving mean and variance"),
            _EPSILON,
            _CENTER,
            _SCALE,
            AXIS_OPTION,
            *_BETA_AND_GAMMA,
        ),
        "y = γ · (x − mean) / √(variance + ε) + β, of the batch in training, moving ones in prediction. Parameters: 4 per channel.",
        "Between a convolution and its activation: deeper networks train, faster and at larger rates.",
    ),
    LayerType(
        "LayerNormalization",
        "scaling",
        "normalise each sample over its features",
        _layer_normalization,
        (_EPSILON, _CENTER, _SCALE, AXIS_OPTION, *_BETA_AND_GAMMA),
        "y = γ · (x − mean) / √(variance + ε) + β, with mean and variance of the one sample.",
        "In recurrent networks and transformers, where the batch must play no part.",
    ),
    LayerType(
        "GroupNormalization",
        "scaling",
        "normalise each sample over groups of channels",
        _group_normalization,
        (
            Int("groups", 32, low=-1, high=65_536, help="they must divide the channels; -1: a group each"),
            _EPSILON,
            _CENTER,
            _SCALE,
            AXIS_OPTION,
            *_BETA_AND_GAMMA,
        ),
        "y = γ · (x − mean) / √(variance + ε) + β, over each group of channels of one sample.",
        "In place of BatchNormalization where batches are small.",
    ),
    LayerType(
        "UnitNormalization",
        "scaling",
        "each sample to length 1",
        _unit_normalization,
        (AXIS_OPTION,),
        "y = x / √Σx².",
        "Where only the direction counts, as before a Dot.",
    ),
    LayerType(
        "Resizing",
        "size",
        "a picture of another size",
        _resizing,
        (
            _HEIGHT,
            _WIDTH,
            Choice(
                "interpolation",
                "bilinear",
                choices=("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"),
                help="how the values between are found",
            ),
            Bool("crop_to_aspect_ratio", False, help="crop to keep the proportions"),
            Bool("pad_to_aspect_ratio", False, help="pad to keep the proportions"),
        ),
        "height × width → the height and width you give; values between are interpolated.",
        "So pictures of all sizes fit one network.",
        axes=3,
    ),
    LayerType(
        "CenterCrop",
        "size",
        "the middle of a picture",
        _resizing,
        (_HEIGHT, _WIDTH),
        "out = the middle height × width; a smaller picture is enlarged first.",
        "Where what matters is in the middle.",
        axes=3,
    ),
    LayerType(
        "RandomCrop",
        "augmentation",
        "another part of the picture each time",
        _resizing,
        (_HEIGHT, _WIDTH),
        "out = height × width, somewhere in the picture, in training; in validation and prediction the picture as it is.",
        "Teaches that the place doesn't matter. Put CenterCrop of the same size after it, for validation and prediction.",
        axes=3,
    ),
)
