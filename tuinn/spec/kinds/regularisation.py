"""What keeps a network from learning its samples by heart."""

from tuinn.spec.kind import LayerKind, same
from tuinn.spec.kinds.rows import required
from tuinn.spec.layer_options import Reals
from tuinn.spec.options import Choice, Real

_RATE = Real(
    "rate",
    0.5,
    low=0.0,
    high=1.0,
    below=True,
    told=True,
    help="share set to zero; the rest grows by 1 / (1 − rate)",
)
_OPEN_END = {"low": 0.0, "high": 1000.0}

_NAMES = {1: "sequence", 2: "image", 3: "volume"}

REGULARISATION = (
    LayerKind(
        "Dropout",
        "regularisation",
        "drop a share of the values while training",
        same,
        (_RATE,),
        "y = x · mask / (1 − rate), with a new random mask each step; prediction drops nothing.",
    ),
    *(
        LayerKind(
            f"SpatialDropout{rank}D",
            "regularisation",
            f"drop whole channels of {'an' if rank == 2 else 'a'} {_NAMES[rank]}",
            same,
            (_RATE,),
            "Neighbours in a channel tell the same, so dropping single values would hide nothing.",
            axes=rank + 1,
        )
        for rank in (2, 1, 3)
    ),
    LayerKind(
        "GaussianNoise",
        "regularisation",
        "add noise while training",
        same,
        (required(Real("stddev", 0.1, low=0, high=1, help="spread of the noise")),),
        "y = x + N(0, stddev²).",
    ),
    LayerKind(
        "GaussianDropout",
        "regularisation",
        "multiply by noise around 1 while training",
        same,
        (_RATE,),
        "y = x · N(1, rate / (1 − rate)).",
    ),
    LayerKind(
        "AlphaDropout",
        "regularisation",
        "dropout that keeps mean and variance, for selu",
        same,
        (_RATE,),
        "Dropped values become selu's lowest, and the result is scaled back to mean 0 and variance 1.",
    ),
    LayerKind(
        "ActivityRegularization",
        "regularisation",
        "charge the loss for large values",
        same,
        (
            Real("l1", 0.0, low=0, high=1000, help="times Σ|x|"),
            Real("l2", 0.0, low=0, high=1000, help="times Σx²"),
        ),
        "loss + l1 · Σ|x| + l2 · Σx²; the values themselves pass unchanged.",
    ),
)

_FACTOR = Real("factor", 0.1, low=0, high=1, told=True, help="largest change, as a share")
_HEIGHT = Real("height_factor", 0.1, low=0, high=1, told=True, help="largest change in height, as a share")
_FILL = Choice(
    "fill_mode",
    "reflect",
    choices=("reflect", "constant", "wrap", "nearest"),
    help="what stands where the picture ends",
)
_BLEND = Choice(
    "interpolation", "bilinear", choices=("bilinear", "nearest"), help="how values between are found"
)
_VALUES = Reals("value_range", (0.0, 255.0), count=2, help="lowest and highest value: 0, 1 after Rescaling")
_WHEN = "Only while training; prediction sees the picture as it is."


def _augmenting(name: str, help: str, options: tuple[object, ...], more: str = "") -> LayerKind:  # noqa: A002
    return LayerKind(name, "augmentation", help, same, options, f"{more} {_WHEN}".strip(), axes=3)  # type: ignore[arg-type]


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
    ),
    _augmenting(
        "RandomRotation",
        "turn pictures at random",
        (_FACTOR, _FILL, _BLEND),
        "A factor of 0.1 is 36° either way.",
    ),
    _augmenting(
        "RandomZoom",
        "zoom in and out at random",
        (
            _HEIGHT,
            Real("width_factor", None, low=0, high=1, optional=True, help="nothing: keep the proportions"),
            _FILL,
            _BLEND,
        ),
    ),
    _augmenting(
        "RandomTranslation",
        "shift pictures at random",
        (
            _HEIGHT,
            Real("width_factor", 0.1, low=0, high=1, told=True, help="largest shift sideways, as a share"),
            _FILL,
            _BLEND,
        ),
    ),
    _augmenting(
        "RandomContrast", "more or less contrast at random", (_FACTOR, _VALUES), "y = (x − mean) · f + mean."
    ),
    _augmenting("RandomBrightness", "lighter or darker at random", (_FACTOR, _VALUES), "y = x + f · range."),
)
