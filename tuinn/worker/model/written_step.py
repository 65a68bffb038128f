"""One training step in plain TensorFlow operations: outputs, loss, GradientTape, and the update of each weight.

It takes the place of Keras' `train_step`, with the optimizer's own rate, count and variables: a run is saved, resumed and steered as
ever, and its numbers are those of Keras to the rounding of float32.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from tuinn.worker.keras_internals import slot_of
from tuinn.worker.keras_types import Model, Tensor

Slots = dict[str, Any]
"""The optimizer's TensorFlow variables that belong to one weight, by a word for each."""

Update = Callable[[Any, Any, Slots, "Gradient", Tensor], None]
"""Optimizer, weight, its slots, gradient and learning rate."""


class Gradient(NamedTuple):
    """Of one weight, and each of its numbers squared."""

    value: Any
    squared: Any

    @classmethod
    def of(cls, found: Any) -> "Gradient":
        """From what the tape gave. Where a word comes twice in a batch, Keras squares each of its rows by itself."""
        if isinstance(found, tf.IndexedSlices):
            squares = tf.IndexedSlices(found.values**2, found.indices, found.dense_shape)
            return cls(tf.convert_to_tensor(found), tf.convert_to_tensor(squares))
        return cls(found, found**2)


def _sgd(optimizer: Any, weight: Any, slots: Slots, gradient: Gradient, rate: Any) -> None:
    if not optimizer.momentum:
        weight.assign_sub(rate * gradient.value)
        return
    step = slots["step"]
    step.assign(optimizer.momentum * step - rate * gradient.value)
    weight.assign_add(optimizer.momentum * step - rate * gradient.value if optimizer.nesterov else step)


def _rmsprop(optimizer: Any, weight: Any, slots: Slots, gradient: Gradient, rate: Any) -> None:
    square = slots["square"]
    square.assign(optimizer.rho * square + (1 - optimizer.rho) * gradient.squared)
    step = rate * gradient.value / tf.sqrt(square + optimizer.epsilon)
    if optimizer.momentum:
        step = slots["step"].assign(optimizer.momentum * slots["step"] + step)
    weight.assign_sub(step)


def _adam(optimizer: Any, weight: Any, slots: Slots, gradient: Gradient, rate: Any) -> None:
    mean, square = slots["mean"], slots["square"]
    count = tf.cast(optimizer.iterations + 1, tf.float32)
    mean.assign(optimizer.beta_1 * mean + (1 - optimizer.beta_1) * gradient.value)
    square.assign(optimizer.beta_2 * square + (1 - optimizer.beta_2) * gradient.squared)
    size = tf.sqrt(1 - optimizer.beta_2**count) / (1 - optimizer.beta_1**count)
    weight.assign_sub(rate * size * mean / (tf.sqrt(square) + optimizer.epsilon))


UPDATES: dict[str, tuple[Update, dict[str, str]]] = {
    "SGD": (_sgd, {"step": "momentums"}),
    "RMSprop": (_rmsprop, {"square": "_velocities", "step": "_momentums"}),
    "Adam": (_adam, {"mean": "_momentums", "square": "_velocities"}),
}
"""Keras' optimizer → its update, and the lists in which it keeps what belongs to each weight."""


class WrittenStep:
    """A `train_step` for a compiled model. It keeps loss and gradients of the last batch."""

    def __init__(self, model: Model) -> None:
        self.model: Any = model
        self.loss = tf.Variable(0.0, trainable=False)
        """The mean over the last batch, before its update."""
        self.gradients: dict[int, tf.Variable] = {}
        """Of the last batch, by the weight's place among the trainable ones; none where the loss doesn't depend on it."""

    def __call__(self, data: Any) -> object:
        """Train on one batch: samples, targets and, where samples weigh differently, their weights."""
        x, y, weights = (*data, None)[:3]
        model = self.model
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=weights, training=True)
        gradients = tape.gradient(loss, [weight.value for weight in model.trainable_variables])
        self._keep(loss, gradients)
        self._update_weights(gradients)
        model.metrics[0].update_state(loss, sample_weight=tf.shape(y)[0])
        return model.compute_metrics(x, y, outputs, sample_weight=weights)

    def _update_weights(self, gradients: list[Any]) -> None:
        optimizer = self.model.optimizer
        update, _ = UPDATES[type(optimizer).__name__]
        rate = tf.cast(optimizer.learning_rate, tf.float32)
        for weight, gradient in zip(self.model.trainable_variables, gradients, strict=True):
            if gradient is None:
                continue
            update(optimizer, weight.value, self.slots(weight), Gradient.of(gradient), rate)
            if weight.constraint is not None:
                weight.assign(weight.constraint(weight))
        optimizer.iterations.assign_add(1)

    def slots(self, weight: object) -> Slots:
        """What the optimizer keeps of this weight of the model."""
        optimizer = self.model.optimizer
        _, lists = UPDATES[type(optimizer).__name__]
        return {
            word: slot_of(optimizer, name, weight) for word, name in lists.items() if _has(optimizer, name)
        }

    def _keep(self, loss: Any, gradients: list[Any]) -> None:
        self.loss.assign(loss)
        for at, gradient in enumerate(gradients):
            if gradient is None:
                continue
            if at not in self.gradients:
                with tf.init_scope():
                    shape = self.model.trainable_variables[at].shape
                    self.gradients[at] = tf.Variable(tf.zeros(shape), trainable=False)
            self.gradients[at].assign(tf.convert_to_tensor(gradient))


def _has(optimizer: Any, name: str) -> bool:
    """Whether it keeps this list: some are made with a momentum only."""
    return bool(getattr(optimizer, name, None))


def write_out(model: Model) -> WrittenStep:
    """Train this compiled model by a written out step from now on, which comes back. Its settings are checked before."""
    step = WrittenStep(model)
    model.train_step = step
    return step
