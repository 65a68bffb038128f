"""Options that many layer types share."""

from dataclasses import replace

from tuinn.spec.layers.layer_options import CallOption, NameOption, SavedLayer, Sources
from tuinn.spec.options import Bool, Choice, Int, Ints, Option, Required

ACTIVATIONS = (
    "linear",
    "relu",
    "sigmoid",
    "tanh",
    "softmax",
    "elu",
    "selu",
    "gelu",
    "silu",
    "leaky_relu",
    "relu6",
    "softplus",
    "softsign",
    "hard_sigmoid",
    "exponential",
    "mish",
    "log_softmax",
)
MATRIX_INITIALIZERS = (
    "glorot_uniform",
    "glorot_normal",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "zeros",
    "ones",
)
VECTOR_INITIALIZERS = tuple(word for word in MATRIX_INITIALIZERS if word != "orthogonal")

ACTIVATION_OPTION = Choice(
    "activation", "linear", choices=ACTIVATIONS, help="applied to the output; linear is none"
)
USE_BIAS_OPTION = Bool("use_bias", True, help="add a trained offset to each output")
AXIS_OPTION = Int("axis", -1, low=-8, high=8, help="the axis it works on; -1 is the last, the channels")

REGULARIZERS = {
    "l1": ("L1", {"l1": 0.01}),
    "l2": ("L2", {"l2": 0.01}),
    "l1_l2": ("L1L2", {"l1": 0.01, "l2": 0.01}),
}
CONSTRAINTS = {
    "max_norm": ("MaxNorm", {"max_value": 2.0}),
    "min_max_norm": ("MinMaxNorm", {"min_value": 0.0, "max_value": 1.0}),
    "non_neg": ("NonNeg", {}),
    "unit_norm": ("UnitNorm", {}),
}


def weight_options(name: str, initializer: str) -> tuple[Option, ...]:
    """How a weight starts, what is charged for its size, and where it is held."""
    words = (
        MATRIX_INITIALIZERS
        if name in ("kernel", "recurrent", "depthwise", "pointwise")
        else VECTOR_INITIALIZERS
    )
    return (
        Choice(
            f"{name}_initializer", initializer, choices=words, help=f"how the {name} starts", advanced=True
        ),
        CallOption(
            f"{name}_regularizer",
            module="regularizers",
            calls=REGULARIZERS,
            help=f"added to the loss for the size of the {name}",
            advanced=True,
        ),
        CallOption(
            f"{name}_constraint",
            module="constraints",
            calls=CONSTRAINTS,
            help=f"holds the {name} after each step",
            advanced=True,
        ),
    )


KERNEL_AND_BIAS_OPTIONS = (*weight_options("kernel", "glorot_uniform"), *weight_options("bias", "zeros"))
ACTIVITY_REGULARIZER = (
    CallOption(
        "activity_regularizer",
        module="regularizers",
        calls=REGULARIZERS,
        help="added to the loss for the size of the output",
        advanced=True,
    ),
)

NAME_OPTION = NameOption("name", help="to take from it by name; nothing: as Keras names it", advanced=True)
TRAINABLE_OPTION = Bool("trainable", True, help="false: training leaves its weights alone", advanced=True)
FROM_OPTION = Sources(
    "from", help="layers it takes, by name; nothing: the one above", advanced=True, tuinn_only=True
)
DISABLED_OPTION = Bool(
    "disabled", False, help="true: left out of the network, kept in the stack", advanced=True, tuinn_only=True
)
WEIGHTS_OPTION = SavedLayer(
    "weights",
    help="the layer of the network in [weights] with whose weights it starts",
    advanced=True,
    tuinn_only=True,
)
COMMON_OPTIONS: tuple[Option, ...] = (
    NAME_OPTION,
    TRAINABLE_OPTION,
    FROM_OPTION,
    DISABLED_OPTION,
    WEIGHTS_OPTION,
)
"""Every layer type has these."""


def axis_sizes(
    name: str,
    default: int | Required | None,
    axes: int,
    help: str,  # noqa: A002
    optional: bool = False,
) -> Ints:
    """A size per axis; one number stands for all."""
    each_axis = (default,) * axes if isinstance(default, int) else default
    return Ints(name, each_axis, high=1024, length=axes, help=help, optional=optional)


def padding_option(*more: str) -> Choice:
    """Valid or same, and what else this layer type knows."""
    return Choice(
        "padding",
        "valid",
        choices=("valid", "same", *more),
        help="same: pad with zeros to keep the size; valid: don't",
    )


def always_written(option: Option) -> Option:
    """The same option, always written out because Keras has no default for it."""
    return replace(option, always_written=True)
