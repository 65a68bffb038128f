"""Options that many kinds share."""

from dataclasses import replace

from tuinn.spec.layers.layer_options import CallOption, NameOption, Sources
from tuinn.spec.options import Choice, Flag, Int, Ints, Option

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

ACTIVATION = Choice("activation", "linear", choices=ACTIVATIONS, help="applied to the output; linear is none")
USE_BIAS = Flag("use_bias", True, help="add a trained offset to each output")
AXIS = Int("axis", -1, low=-8, high=8, help="the axis it works on; -1 is the last, the channels")

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


def weights(name: str, initializer: str) -> tuple[Option, ...]:
    """How a weight starts, what is charged for its size, and where it is held."""
    words = (
        MATRIX_INITIALIZERS
        if name in ("kernel", "recurrent", "depthwise", "pointwise")
        else VECTOR_INITIALIZERS
    )
    return (
        Choice(f"{name}_initializer", initializer, choices=words, help=f"how the {name} starts", rare=True),
        CallOption(
            f"{name}_regularizer",
            module="regularizers",
            calls=REGULARIZERS,
            help=f"added to the loss for the size of the {name}",
            rare=True,
        ),
        CallOption(
            f"{name}_constraint",
            module="constraints",
            calls=CONSTRAINTS,
            help=f"holds the {name} after each step",
            rare=True,
        ),
    )


KERNEL_AND_BIAS = (*weights("kernel", "glorot_uniform"), *weights("bias", "zeros"))
ACTIVITY = (
    CallOption(
        "activity_regularizer",
        module="regularizers",
        calls=REGULARIZERS,
        help="added to the loss for the size of the output",
        rare=True,
    ),
)

NAME = NameOption("name", help="to take from it by name; nothing: as Keras names it", rare=True)
TRAINABLE = Flag("trainable", True, help="false: training leaves its weights alone", rare=True)
FROM = Sources("from", help="layers it takes, by name; nothing: the one above", rare=True, own=True)
DISABLED = Flag(
    "disabled", False, help="true: left out of the network, kept in the stack", rare=True, own=True
)
COMMON: tuple[Option, ...] = (NAME, TRAINABLE, FROM, DISABLED)
"""Every kind has these."""


def sizes(name: str, default: object, axes: int, help: str, optional: bool = False) -> Ints:  # noqa: A002
    """A size per axis; one number stands for all."""
    value = (default,) * axes if isinstance(default, int) else default
    return Ints(name, value, high=1024, each=axes, help=help, optional=optional)


def padding(*more: str) -> Choice:
    """Valid or same, and what else this kind knows."""
    return Choice(
        "padding",
        "valid",
        choices=("valid", "same", *more),
        help="same: pad with zeros to keep the size; valid: don't",
    )


def required(option: Option) -> Option:
    """The same option, always written out because Keras has no default for it."""
    return replace(option, told=True)
