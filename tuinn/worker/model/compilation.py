"""FitSpec → optimizer, loss and metrics of a network. Option names in a spec are Keras' own, so little is said twice."""

import keras
import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices
from tuinn.spec.calls import loss_call, metric_call, optimizer_call, training_loss
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.learning_rate import schedule_call
from tuinn.spec.run import RunSpec
from tuinn.spec.training.losses import Loss
from tuinn.worker.keras_types import Array, Metric, Model, Optimizer, Schedule
from tuinn.worker.model.fused_optimizers import fuse
from tuinn.worker.model.learning_rate import inner_optimizer


def set_precision(fit: FitSpec) -> None:
    """Make layers with this precision from now on. Call it before the network is built."""
    keras.config.set_dtype_policy(fit.precision)


def loss_of(spec: RunSpec, facts: DataFacts, outputs: int) -> Loss:
    """The loss of the run, such that every metric asked for can be computed from the same targets."""
    return training_loss(spec.fit, spec.model, facts, outputs)


def targets(raw: Array, loss: Loss, outputs: int) -> Array:
    """Targets as the loss wants them: (n,) int64 for labels, else (n, outputs) float32."""
    match loss.targets:
        case "label":
            return raw.astype(np.int64)
        case "one_hot":
            return np.eye(outputs, dtype=np.float32)[raw.astype(np.int64)]
        case "number":
            return raw.astype(np.float32).reshape(len(raw), *(raw.shape[1:] or (1,)))


def compile_model(
    model: Model, fit: FitSpec, loss: Loss, task: Task, steps_per_execution: int, steps_per_epoch: int = 1
) -> None:
    """Compile with optimizer, loss and metrics as the spec asks, the optimizer's steps fused. XLA stays off; on a CPU it slows training down.

    `steps_per_epoch`: steps of the optimizer, by which a schedule counts its epochs.
    """
    model.compile(
        optimizer=optimizer(fit, steps_per_epoch),
        loss=loss_function(fit, loss),
        metrics=[metric(name, loss, task) for name in fit.metrics],
        steps_per_execution=steps_per_execution,
        jit_compile=False,
    )
    fuse(model.optimizer)


def optimizer(fit: FitSpec, steps_per_epoch: int) -> Optimizer:
    """Keras' optimizer with its own options, clipping and the schedule of the rate."""
    call = optimizer_call(fit)
    made: Optimizer = getattr(keras.optimizers, call.name)(rate(fit, steps_per_epoch), **call.config)
    return made


def rate(fit: FitSpec, steps_per_epoch: int) -> float | Schedule:
    """A number, or Keras' schedule of it."""
    decay = schedule_call(fit, steps_per_epoch)
    if decay is None:
        return float(fit.learning_rate)
    schedule: Schedule = getattr(keras.optimizers.schedules, decay.name)(**decay.config)
    return schedule


def rate_in_use(optimizer: Optimizer) -> float:
    """The learning rate of the last step that was taken; before the first, of that one."""
    inner = inner_optimizer(optimizer)
    schedule = getattr(inner, "_learning_rate", None)
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        value = float(schedule(max(0, steps_taken(inner) - 1)))
    else:
        value = float(np.asarray(inner.learning_rate))
    # Keras keeps it as float32, which has 7 digits: 0.001 and not 0.0010000000474974513.
    return float(f"{value:.7g}")


def steps_taken(optimizer: Optimizer) -> int:
    """Updates of the weights so far."""
    return int(np.asarray(inner_optimizer(optimizer).iterations))


def loss_function(fit: FitSpec, loss: Loss) -> object:
    """Keras' loss, label smoothing included where it takes it."""
    call = loss_call(fit, loss)
    made: object = getattr(keras.losses, call.name)(**call.config)
    return made


def metric(name: str, loss: Loss, task: Task) -> Metric:
    """A Keras metric that reports under the name in the spec."""
    call = metric_call(name, loss, task)
    made: Metric = getattr(keras.metrics, call.name)(**call.config)
    return made


def sample_weights(fit: FitSpec, raw: Array, training: Indices) -> NDArray[np.float32] | None:
    """The weight of each sample in training, (n,); None where all weigh the same.

    Balanced: n / (classes × samples of its class), both of the training part, so that every class weighs the same.
    `raw` are the class numbers of all samples.
    """
    if fit.class_weights != "balanced":
        return None
    classes = raw.astype(np.int64)
    counts = np.bincount(classes[training], minlength=int(classes.max(initial=0)) + 1)
    present = np.maximum(counts, 1)
    weights = len(training) / (np.count_nonzero(counts) * present)
    return weights[classes].astype(np.float32)
