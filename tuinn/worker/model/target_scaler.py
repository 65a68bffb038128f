"""The target of a regression as it is trained on ↔ in its own unit."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices
from tuinn.spec.dataset import Task
from tuinn.spec.run import RunSpec
from tuinn.spec.training import target_scaling
from tuinn.spec.training.losses import Loss


@dataclass(frozen=True)
class TargetScaler:
    """own = scale × trained + offset."""

    scale: float = 1.0
    offset: float = 0.0
    powers: dict[str, int] = field(default_factory=dict)
    """Name in Keras' logs → the power of `scale` it grows with."""

    @property
    def is_own(self) -> bool:
        """The network is trained on the target itself."""
        return (self.scale, self.offset) == (1.0, 0.0)

    def trained(self, own: NDArray[Any]) -> NDArray[Any]:
        """Targets as they are trained on. Worked out in float64; the mean may be large against the differences."""
        return own if self.is_own else (own.astype(np.float64) - self.offset) / self.scale

    def own(self, trained: NDArray[np.float32]) -> NDArray[np.float32]:
        """Outputs in the target's own unit."""
        return trained if self.is_own else (trained * self.scale + self.offset).astype(np.float32)

    def tell_own(self, model: Any) -> None:
        """From now on the logs of this model, those of each batch included, are in the own unit.

        What callbacks watch, too: nobody ever sees another number.
        """
        if self.is_own:
            return
        result, factors = model.get_metrics_result, {name: self.scale**n for name, n in self.powers.items()}
        model.get_metrics_result = lambda: {
            name: value * factors.get(name, 1.0) for name, value in result().items()
        }


def target_scaler(
    spec: RunSpec, task: Task, loss: Loss, own: NDArray[Any], training: Indices
) -> TargetScaler:
    """Measured on the training part of the targets `own`."""
    scaling = target_scaling.target_scaling(spec.model, loss, task)
    if scaling == "none":
        return TargetScaler()
    seen = own[training].astype(np.float64)
    offset = float(seen.mean()) if scaling == "standard" else 0.0
    scale = float(np.sqrt(np.mean((seen - offset) ** 2)))
    if not (np.isfinite(scale) and scale > 0 and np.isfinite(offset)):
        return TargetScaler()
    return TargetScaler(scale, offset, target_scaling.powers(loss, spec.fit.metrics))
