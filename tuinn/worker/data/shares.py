"""The steps of a training on several devices: each takes a share of a batch, and all apply the gradient of the whole.

The loss of a share weighs as much as it has samples, so that losses and gradients are those of the whole batch, whatever is left
over in the last one.
"""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tuinn.worker.data.batches import InputPipeline
from tuinn.worker.distribution import Replicas, at_device, summed
from tuinn.worker.keras_internals import take_summed_gradients
from tuinn.worker.keras_types import Element, Model, Tensor, Variable
from tuinn.worker.model.seeds import seed_states

SEED_STEP = 0x9E3779B9
"""Between the seeds of two devices, which else would drop out the same units."""


class ShareSteps:
    """`train_step` and `test_step` of a model whose variables have a copy on each device. They take an element of the pipeline."""

    def __init__(
        self, model: Model, pipeline: InputPipeline, replicas: Replicas, batches: Sequence[int]
    ) -> None:
        """`batches`: sizes of those that will be taken; the last one of a part may be smaller."""
        self.model, self.replicas = model, replicas
        self.pipelines = [pipeline, *(pipeline.on(name) for name in replicas.names[1:])]
        last = [count % batch or batch for count in pipeline.counts.values() if count for batch in batches]
        self.may_be_empty = min(last, default=1) < replicas.count
        take_summed_gradients(model.optimizer)

    def attach(self) -> None:
        """From now on a step of the model is taken by all devices."""
        self.model.train_step = lambda element: self.replicas.run(self._train, element)
        self.model.test_step = lambda element: self.replicas.run(self._test, element)

    def _share(self, element: Element) -> tuple[InputPipeline, Element, Any, Any]:
        """The pipeline of this device, its share of a batch, how many samples that has, and how many the batch.

        A device for which there is none gets one that counts for nothing.
        """
        at, count = at_device(), self.replicas.count
        pipeline = self.pipelines[at]
        size: Any = pipeline.size(element)
        first, stop = size * at // count, size * (at + 1) // count
        share = pipeline.cut(element, first, tf.maximum(stop, first + 1))
        return pipeline, share, stop - first, size

    def _train(self, element: Element) -> None:
        model: Any = self.model
        pipeline, share, own, size = self._share(element)
        (x, y), weights = pipeline.take(share), pipeline.take_weights(share)
        sample_weight = weights[0] if weights else None
        share_of_whole = tf.cast(own, tf.float32) / tf.cast(size, tf.float32)
        states, statistics = seed_states(model), _moving_statistics(model)
        before = [tf.identity(variable.value) for variable in statistics]
        _move_seeds(states, at_device())
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = self._loss(x, y, outputs, sample_weight, own, training=True)
            scaled = model.optimizer.scale_loss(loss * tf.cast(share_of_whole, loss.dtype))
        _move_seeds(states, -at_device())
        changes = [
            (variable.value - old) * tf.cast(share_of_whole, old.dtype)
            for variable, old in zip(statistics, before, strict=True)
        ]
        variables = model.trainable_variables
        gradients = tape.gradient(scaled, variables) if variables else []
        sums = summed([*gradients, *changes])
        if variables:
            model.optimizer.apply(sums[: len(variables)], variables)
        for variable, old, change in zip(statistics, before, sums[len(variables) :], strict=True):
            variable.assign(old + change)
        self._measure(x, y, outputs, sample_weight, own)

    def _test(self, element: Element) -> None:
        pipeline, share, own, _ = self._share(element)
        x, y = pipeline.take(share)
        outputs = self.model(x, training=False)
        self._loss(x, y, outputs, None, own, training=False)
        self._measure(x, y, outputs, None, own)

    def _loss(self, x: Tensor, y: Tensor, outputs: Tensor, weights: Any, own: Any, training: bool) -> Any:
        """The mean over this share, added to the running one."""
        model: Any = self.model
        # Keras divides a loss by the number of devices.
        loss = model.compute_loss(x, y, outputs, weights, training=training) * self.replicas.count
        model.metrics[0].update_state(loss, sample_weight=own)
        return loss

    def _measure(self, x: Tensor, y: Tensor, outputs: Tensor, weights: Any, own: Any) -> None:
        model: Any = self.model
        if not self.may_be_empty:
            model.compute_metrics(x, y, outputs, weights)
            return
        sums = [variable for metric in model.metrics[1:] for variable in metric.variables]
        before = [tf.identity(variable.value) for variable in sums]
        model.compute_metrics(x, y, outputs, weights)
        for variable, value in zip(sums, before, strict=True):
            variable.assign(tf.where(own > 0, tf.identity(variable.value), value))


def _moving_statistics(model: Any) -> list[Any]:
    """What BatchNormalization remembers of batches: each device has seen its share alone."""
    endings = ("/moving_mean", "/moving_variance")
    return [variable for variable in model.non_trainable_weights if variable.path.endswith(endings)]


def _move_seeds(states: Sequence[Variable], devices: int) -> None:
    """Give each seed so many steps of distance from those of the first device."""
    if not devices:
        return
    for state in states:
        seed: Any = tf.identity(state.value)
        step = tf.cast(tf.constant([devices * SEED_STEP, 0], tf.int64), seed.dtype)
        state.assign(seed + step)
