"""The target of a regression, or several, scaled for the training ↔ in its own unit."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices
from tuinn.spec.dataset import Task
from tuinn.spec.run import RunSpec
from tuinn.spec.training import target_scaling
from tuinn.spec.training.losses import Loss
from tuinn.worker.keras_types import Array, Model

Numbers = float | tuple[float, ...]
"""Of one target, or of each of several."""


@dataclass(frozen=True)
class TargetScaler:
    """target = scale × scaled + offset."""

    scale: Numbers = 1.0
    offset: Numbers = 0.0
    powers: dict[str, int] = field(default_factory=dict)
    """Name in Keras' logs → the power of `scale` it grows with; empty for several targets, whose logs stay scaled."""

    @property
    def is_identity(self) -> bool:
        """The network is trained on the target itself."""
        return bool(np.all(np.equal(self.scale, 1.0)) and np.all(np.equal(self.offset, 0.0)))

    def scaled(self, targets: Array) -> Array:
        """Targets as they are trained on. Worked out in float64; the mean may be large against the differences."""
        if self.is_identity:
            return targets
        offset, scale = np.asarray(self.offset, np.float64), np.asarray(self.scale, np.float64)
        return (targets.astype(np.float64) - offset) / scale

    def unscaled(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Outputs in the target's own unit."""
        if self.is_identity:
            return outputs
        scale, offset = np.asarray(self.scale, np.float32), np.asarray(self.offset, np.float32)
        return (outputs * scale + offset).astype(np.float32)

    def unscale_logs(self, model: Model) -> None:
        """From now on the logs of this model, those of each batch included, are in the target's own unit.

        What callbacks watch, too: no other number is ever shown.
        """
        if self.is_identity or isinstance(self.scale, tuple):
            return
        scale = self.scale
        result, factors = model.get_metrics_result, {name: scale**n for name, n in self.powers.items()}
        model.get_metrics_result = lambda: {
            name: value * factors.get(name, 1.0) for name, value in result().items()
        }


def target_scaler(spec: RunSpec, task: Task, loss: Loss, targets: Array, training: Indices) -> TargetScaler:
    """Measured on the training part of the targets."""
    scaling = target_scaling.target_scaling(spec.model, loss, task)
    if scaling == "none":
        return TargetScaler()
    measured = targets[training].astype(np.float64)
    if measured.ndim == 2:
        means = measured.mean(axis=0) if scaling == "standard" else np.zeros(measured.shape[1])
        spreads = np.sqrt(np.mean((measured - means) ** 2, axis=0))
        usable = np.isfinite(spreads) & (spreads > 0)
        return TargetScaler(
            tuple(np.where(usable, spreads, 1.0).tolist()), tuple(np.where(usable, means, 0.0).tolist())
        )
    offset = float(measured.mean()) if scaling == "standard" else 0.0
    scale = float(np.sqrt(np.mean((measured - offset) ** 2)))
    if not (np.isfinite(scale) and scale > 0 and np.isfinite(offset)):
        return TargetScaler()
    return TargetScaler(scale, offset, target_scaling.unit_powers(loss, spec.fit.metrics))
