"""Regularization: dropout, noise, penalties and image augmentation."""

from tuinn.spec.layers.layer_options import Floats
from tuinn.spec.layers.layer_type import LayerType, same_shape
from tuinn.spec.layers.types.common_options import always_written
from tuinn.spec.options import Choice, Float, Option

_RATE = Float(
    "rate",
    0.5,
    low=0.0,
    high=1.0,
    exclude_high=True,
    always_written=True,
    help="share set to zero; the rest grows by 1 / (1 − rate)",
)

_NAMES = {1: "sequence", 2: "image", 3: "volume"}

REGULARIZATION = (
    LayerType(
        "Dropout",
        "regularisation",
        "drop a share of the values while training",
        same_shape,
        (_RATE,),
        "y = x · mask / (1 − rate), with a new random mask each step; prediction drops nothing.",
        "Against overfitting: 0.2 to 0.5 between wide Dense layers, never after the last one.",
    ),
    *(
        LayerType(
            f"SpatialDropout{rank}D",
            "regularisation",
            f"drop whole channels of {'an' if rank == 2 else 'a'} {_NAMES[rank]}",
            same_shape,
            (_RATE,),
            "y = x · mask / (1 − rate), with one mask for each whole channel.",
            "After convolutions: neighbours in a channel tell the same, so dropping single values would hide nothing.",
            axes=rank + 1,
        )
        for rank in (2, 1, 3)
    ),
    LayerType(
        "GaussianNoise",
        "regularisation",
        "add noise while training",
        same_shape,
        (always_written(Float("stddev", 0.1, low=0, high=1, help="spread of the noise")),),
        "y = x + N(0, stddev²), only while training.",
        "Against overfitting, most often right after the input; the values should be scaled.",
    ),
    LayerType(
        "GaussianDropout",
        "regularisation",
        "multiply by noise around 1 while training",
        same_shape,
        (_RATE,),
        "y = x · N(1, rate / (1 − rate)), only while training.",
        "Like Dropout, without setting anything to 0.",
    ),
    LayerType(
        "AlphaDropout",
        "regularisation",
        "dropout that keeps mean and variance, for selu",
        same_shape,
        (_RATE,),
        "y = a · (x · mask + α′ · (1 − mask)) + b, with a and b such that mean 0 and variance 1 stay.",
        "The dropout for networks of selu, which live on those two.",
    ),
    LayerType(
        "ActivityRegularization",
        "regularisation",
        "charge the loss for large values",
        same_shape,
        (
            Float("l1", 0.0, low=0, high=1000, help="times Σ|x|"),
            Float("l2", 0.0, low=0, high=1000, help="times Σx²"),
        ),
        "loss + l1 · Σ|x| + l2 · Σx²; y = x.",
        "Drives the values towards 0, for sparse codes.",
    ),
)

_FACTOR = Float("factor", 0.1, low=0, high=1, always_written=True, help="largest change, as a share")
_HEIGHT = Float(
    "height_factor", 0.1, low=0, high=1, always_written=True, help="largest change in height, as a share"
)
_FILL = Choice(
    "fill_mode",
    "reflect",
    choices=("reflect", "constant", "wrap", "nearest"),
    help="what stands where the picture ends",
)
_BLEND = Choice(
    "interpolation", "bilinear", choices=("bilinear", "nearest"), help="how values between are found"
)
_VALUES = Floats("value_range", (0.0, 255.0), count=2, help="lowest and highest value: 0, 1 after Rescaling")
_WHEN = "Only while training; prediction sees the picture as it is."


def _augmenting(name: str, help: str, options: tuple[Option, ...], formula: str, use: str) -> LayerType:  # noqa: A002
    return LayerType(name, "augmentation", help, same_shape, options, f"{formula} {_WHEN}", use, axes=3)


AUGMENTATION = (
    _augmenting(
        "RandomFlip",
        "mirror pictures at random",
        (
            Choice(
                "mode",
                "horizontal_and_vertical",
                choices=("horizontal_and_vertical", "horizontal", "vertical"),
                help="horizontal swaps left and right",
            ),
        ),
        "y[row, column] = x[row, width − 1 − column], for every other picture or so.",
        "Twice the pictures where left and right don't matter: cats, clothes; not letters.",
    ),
    _augmenting(
        "RandomRotation",
        "turn pictures at random",
        (_FACTOR, _FILL, _BLEND),
        "Turned by up to factor · 360° either way: 0.1 is 36°.",
        "For things that are seen at a slant; not where up and down matter, such as 6 and 9.",
    ),
    _augmenting(
        "RandomZoom",
        "zoom in and out at random",
        (
            _HEIGHT,
            Float("width_factor", None, low=0, high=1, optional=True, help="nothing: keep the proportions"),
            _FILL,
            _BLEND,
        ),
        "Zoomed by up to ± height_factor, and width_factor in width.",
        "For things at any distance.",
    ),
    _augmenting(
        "RandomTranslation",
        "shift pictures at random",
        (
            _HEIGHT,
            Float(
                "width_factor",
                0.1,
                low=0,
                high=1,
                always_written=True,
                help="largest shift sideways, as a share",
            ),
            _FILL,
            _BLEND,
        ),
        "Shifted by up to ± height_factor · height and ± width_factor · width.",
        "For things that are not always in the middle.",
    ),
    _augmenting(
        "RandomContrast",
        "more or less contrast at random",
        (_FACTOR, _VALUES),
        "y = (x − mean) · f + mean, with f random from 1 − factor to 1 + factor.",
        "For photos in other light.",
    ),
    _augmenting(
        "RandomBrightness",
        "lighter or darker at random",
        (_FACTOR, _VALUES),
        "y = x + f · range, with f random from −factor to factor.",
        "For photos in other light.",
    ),
)
