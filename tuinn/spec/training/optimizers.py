"""The optimizers: a row each, with Keras' name, what it is good for, and the options that only it has."""

from dataclasses import dataclass, replace

from tuinn.spec.options import Bool, Float, Option


@dataclass(frozen=True)
class Optimizer:
    """A row of the table."""

    name: str
    """As it stands in a spec."""
    keras: str
    """The class in `keras.optimizers`."""
    help: str
    slots: int
    """Numbers it keeps for each trained weight, with its options at their defaults."""
    options: tuple[Option, ...]
    """With Keras' names and defaults, except that 0 stands for Keras' None."""


_MOMENTUM = Float(
    "momentum",
    0.0,
    low=0,
    high=1,
    help="share of the last step that goes on; 0.9 is usual",
    formula="step ← momentum · step − learning_rate · gradient; weight ← weight + step",
)
_RHO = Float(
    "rho",
    0.9,
    low=0,
    high=1,
    help="how much of the mean of squared gradients is kept each step",
    formula="v ← rho · v + (1 − rho) · gradient²; the step is divided by √v",
)
_BETA_1 = Float(
    "beta_1",
    0.9,
    low=0,
    high=1,
    exclude_high=True,
    help="how much of the mean gradient is kept",
    formula="m ← beta_1 · m + (1 − beta_1) · gradient",
)
_BETA_2 = Float(
    "beta_2",
    0.999,
    low=0,
    high=1,
    exclude_high=True,
    help="how much of the mean squared gradient is kept",
    formula="v ← beta_2 · v + (1 − beta_2) · gradient²; the step is divided by √v",
)
_BETA_2_MAX = replace(_BETA_2, formula="u ← max(beta_2 · u, |gradient|); the step is divided by u")
_EPSILON = Float(
    "epsilon",
    1e-7,
    low=0,
    exclude_low=True,
    high=1,
    help="keeps the division finite",
)
_AMSGRAD = Bool("amsgrad", False, help="divide by the largest mean squared gradient so far")
_DECAY = Float(
    "weight_decay",
    0.0,
    low=0,
    high=1,
    help="pull each weight towards 0 by this × learning rate; 0: off",
    formula="weight ← weight − learning_rate · weight_decay · weight",
)
_START = Float(
    "initial_accumulator_value", 0.1, low=0, high=1e6, help="sum of squared gradients to begin with"
)

OPTIMIZERS: tuple[Optimizer, ...] = (
    Optimizer(
        "adam",
        "Adam",
        "momentum and a step size for each weight; suits most",
        2,
        (_BETA_1, _BETA_2, _EPSILON, _AMSGRAD, _DECAY),
    ),
    Optimizer(
        "sgd",
        "SGD",
        "plain gradient descent; with momentum it often generalises best",
        0,
        (_MOMENTUM, Bool("nesterov", False, help="look ahead along the momentum"), _DECAY),
    ),
    Optimizer(
        "rmsprop",
        "RMSprop",
        "divides by the recent size of the gradient; for recurrent networks",
        1,
        (
            _RHO,
            replace(_MOMENTUM, formula=""),
            _EPSILON,
            Bool("centered", False, help="divide by the variance instead"),
            _DECAY,
        ),
    ),
    Optimizer(
        "adamw",
        "AdamW",
        "Adam with weights pulled towards 0; for larger networks",
        2,
        (replace(_DECAY, default=0.004), _BETA_1, _BETA_2, _EPSILON, _AMSGRAD),
    ),
    Optimizer("nadam", "Nadam", "Adam with Nesterov's look ahead", 2, (_BETA_1, _BETA_2, _EPSILON, _DECAY)),
    Optimizer("adagrad", "Adagrad", "ever smaller steps; for rare features", 1, (_START, _EPSILON, _DECAY)),
    Optimizer(
        "adadelta",
        "Adadelta",
        "needs no learning rate: give it 1.0",
        2,
        (replace(_RHO, default=0.95), _EPSILON, _DECAY),
    ),
    Optimizer(
        "adamax", "Adamax", "Adam by the largest gradient", 2, (_BETA_1, _BETA_2_MAX, _EPSILON, _DECAY)
    ),
    Optimizer(
        "lion",
        "Lion",
        "the sign of the momentum; wants a tenth of Adam's learning rate",
        1,
        (
            replace(
                _BETA_1,
                exclude_low=True,
                formula="step = learning_rate · sign(beta_1 · m + (1 − beta_1) · gradient)",
            ),
            replace(_BETA_2, default=0.99, formula="m ← beta_2 · m + (1 − beta_2) · gradient"),
            _DECAY,
        ),
    ),
    Optimizer(
        "ftrl",
        "Ftrl",
        "for wide, sparse linear models",
        2,
        (
            Float("learning_rate_power", -0.5, low=-10, high=0, help="how the rate falls; 0: it stays"),
            _START,
            Float("l1_regularization_strength", 0.0, low=0, high=1e6, help="drives weights to exactly 0"),
            Float("l2_regularization_strength", 0.0, low=0, high=1e6, help="pulls weights towards 0"),
            Float(
                "l2_shrinkage_regularization_strength", 0.0, low=0, high=1e6, help="likewise, on the gradient"
            ),
            Float("beta", 0.0, low=0, high=1e6, help="added to the rate's divisor"),
            _DECAY,
        ),
    ),
)

BY_NAME = {row.name: row for row in OPTIMIZERS}

WRITTEN_OUT = ("adam", "sgd", "rmsprop")
"""Those whose update stands in plain operations, too: `fit.train_step = "written_out"`."""
