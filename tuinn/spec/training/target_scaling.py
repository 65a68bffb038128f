"""How the target of a regression is scaled for the training, and how losses and metrics are scaled back.

A network learns best from targets around 0 and about 1 large. So the target of a regression is standardized for the
training; the saved network predicts in the target's unit (dollars, degrees, years), and losses and metrics are
reported in it.
"""

from typing import Literal

from tuinn.spec.dataset import Task
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.training.losses import Loss, last_activation

Scaling = Literal["standard", "scale", "none"]

UNSCALING_LAYER = "tuinn_own_unit"
"""The last layer of a saved network whose target was scaled for the training."""
STACK_LAYER, ENCODER_LAYER = "tuinn", "tuinn_encode"
"""The user's layers, and what encodes columns, as layers of a saved network that takes raw rows."""

UNIT_POWERS = {
    "mean_squared_error": 2,
    "root_mean_squared_error": 1,
    "mean_absolute_error": 1,
    "huber": 2,
    "log_cosh": 2,
    "r2_score": 0,
}
"""Loss or metric → the power of the target's unit it is in. With e = σ·ε: mean e² = σ²·mean ε², and so on.

Huber's δ and the width of log cosh are one standard deviation: σ²·huber(ε; 1) = huber(e; σ). The losses that
aren't here, such as errors in percent, only make sense for the target itself."""


def target_scaling(model: ModelSpec, loss: Loss, task: Task) -> Scaling:
    """What is done to the target for the training.

    `standard`: its mean is taken away, and it is divided by its standard deviation. `scale`: it is only divided, as the
    last activation gives no negative number. `none`: it is left alone.
    """
    if task is not Task.REGRESSION or loss.name not in UNIT_POWERS:
        return "none"
    last = last_activation(model)
    if last == "linear":
        return "standard"
    return "scale" if last in ("relu", "softplus") else "none"


def unit_powers(loss: Loss, metrics: tuple[str, ...], several: bool = False) -> dict[str, int]:
    """Name in Keras' logs → the power of the unit. Metrics of a regression are all in POWERS.

    `several` targets have no unit in common: nothing is scaled back, and losses and metrics count in standard deviations.
    """
    if several:
        return {}
    return {"loss": UNIT_POWERS.get(loss.name, 0), **{name: UNIT_POWERS.get(name, 0) for name in metrics}}
