"""Optimizers of Keras whose step for a variable is one kernel of TensorFlow, which passes over the memory once.

Keras writes a step as six to ten operations, each of which reads and writes the whole variable. The kernels compute the
same formulas on the same state; results differ by the rounding of float32. The optimizer stays Keras' own: only
its `update_step` is another, so it is saved, loaded and resumed as ever.
"""

import os
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tuinn.worker.distribution import is_distributed
from tuinn.worker.keras_internals import slot_of
from tuinn.worker.keras_types import Optimizer, Tensor
from tuinn.worker.model.learning_rate import inner_optimizer

Kernel = Callable[[Any, Any, Tensor, Tensor], None]
"""Optimizer, variable, gradient and learning rate, both of the variable's type."""


def fuse(optimizer: Optimizer) -> None:
    """Give the optimizer a step of one kernel, where TensorFlow has one for its formula."""
    inner: Any = inner_optimizer(optimizer)
    kernel = None if os.environ.get("TUINN_KERAS_STEPS") else _kernel_of(inner)
    if kernel is None:
        return
    in_parts = inner.update_step

    def update_step(gradient: object, variable: tf.Variable, learning_rate: Tensor) -> None:
        if isinstance(gradient, tf.IndexedSlices):  # of an Embedding: a few rows
            in_parts(gradient, variable, learning_rate)
        else:
            dtype = variable.dtype
            kernel(inner, variable, tf.cast(gradient, dtype), tf.cast(learning_rate, dtype))

    inner.update_step = update_step
    if isinstance(kernel, _RMSpropWithoutMomentum):
        inner.build = kernel.build_after(inner.build)


def _kernel_of(optimizer: Any) -> Kernel | None:
    """None where TensorFlow computes something else, such as Adagrad's epsilon outside of the root."""
    match type(optimizer).__name__:
        case "SGD":
            return _momentum if optimizer.momentum else _descent
        case "Adam" | "AdamW":
            return None if optimizer.amsgrad else _adam
        case "Adamax":
            return _adamax
        case "RMSprop":
            return _kernel_of_rmsprop(optimizer)
        case "Adadelta":
            return _adadelta
    return None


def _kernel_of_rmsprop(optimizer: Any) -> Kernel | None:
    if optimizer.momentum:
        return None if optimizer.centered else _rmsprop
    # Its zeros belong to one device.
    return None if optimizer.centered or is_distributed() else _RMSpropWithoutMomentum()


def _descent(optimizer: Any, variable: Any, gradient: Tensor, rate: Tensor) -> None:
    tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=rate, delta=gradient)


def _momentum(optimizer: Any, variable: Any, gradient: Tensor, rate: Tensor) -> None:
    tf.raw_ops.ResourceApplyKerasMomentum(
        var=variable.handle,
        accum=slot_of(optimizer, "momentums", variable).handle,
        lr=rate,
        grad=gradient,
        momentum=tf.cast(optimizer.momentum, variable.dtype),
        use_nesterov=optimizer.nesterov,
    )


def _adam(optimizer: Any, variable: Any, gradient: Tensor, rate: Tensor) -> None:
    first, second = _powers(optimizer, variable)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=slot_of(optimizer, "_momentums", variable).handle,
        v=slot_of(optimizer, "_velocities", variable).handle,
        beta1_power=first,
        beta2_power=second,
        lr=rate,
        beta1=tf.cast(optimizer.beta_1, variable.dtype),
        beta2=tf.cast(optimizer.beta_2, variable.dtype),
        epsilon=tf.cast(optimizer.epsilon, variable.dtype),
        grad=gradient,
    )


def _adamax(optimizer: Any, variable: Any, gradient: Tensor, rate: Tensor) -> None:
    first, _ = _powers(optimizer, variable)
    tf.raw_ops.ResourceApplyAdaMax(
        var=variable.handle,
        m=slot_of(optimizer, "_m", variable).handle,
        v=slot_of(optimizer, "_u", variable).handle,
        beta1_power=first,
        lr=rate,
        beta1=tf.cast(optimizer.beta_1, variable.dtype),
        beta2=tf.cast(optimizer.beta_2, variable.dtype),
        epsilon=tf.cast(optimizer.epsilon, variable.dtype),
        grad=gradient,
    )


def _rmsprop(optimizer: Any, variable: Any, gradient: Tensor, rate: Tensor) -> None:
    momentum = slot_of(optimizer, "_momentums", variable)
    _apply_rmsprop(optimizer, variable, gradient, rate, momentum)


class _RMSpropWithoutMomentum:
    """The kernel wants a momentum, which Keras doesn't keep: it gets zeros at each step."""

    def __init__(self) -> None:
        self.zeros: dict[object, tf.Variable] = {}
        """By variable."""

    def build_after(self, build: Callable[[Any], None]) -> Callable[[Any], None]:
        """The optimizer's own `build`, and then the zeros: a function that makes variables is traced twice."""

        def build_both(variables: Any) -> None:
            build(variables)
            for variable in variables:
                self._zeros_of(variable.value)

        return build_both

    def _zeros_of(self, variable: Any) -> Any:
        if variable.ref() not in self.zeros:
            with tf.init_scope():
                self.zeros[variable.ref()] = tf.Variable(tf.zeros_like(variable), trainable=False)
        return self.zeros[variable.ref()]

    def __call__(self, optimizer: Any, variable: Any, gradient: Tensor, rate: Tensor) -> None:
        momentum = self._zeros_of(variable)
        momentum.assign(tf.zeros(variable.shape, variable.dtype))
        _apply_rmsprop(optimizer, variable, gradient, rate, momentum)


def _apply_rmsprop(optimizer: Any, variable: Any, gradient: Tensor, rate: Tensor, momentum: Any) -> None:
    tf.raw_ops.ResourceApplyRMSProp(
        var=variable.handle,
        ms=slot_of(optimizer, "_velocities", variable).handle,
        mom=momentum.handle,
        lr=rate,
        rho=tf.cast(optimizer.rho, variable.dtype),
        momentum=tf.cast(optimizer.momentum, variable.dtype),
        epsilon=tf.cast(optimizer.epsilon, variable.dtype),
        grad=gradient,
    )


def _adadelta(optimizer: Any, variable: Any, gradient: Tensor, rate: Tensor) -> None:
    tf.raw_ops.ResourceApplyAdadelta(
        var=variable.handle,
        accum=slot_of(optimizer, "_accumulated_grads", variable).handle,
        accum_update=slot_of(optimizer, "_accumulated_delta_vars", variable).handle,
        lr=rate,
        rho=tf.cast(optimizer.rho, variable.dtype),
        epsilon=tf.cast(optimizer.epsilon, variable.dtype),
        grad=gradient,
    )


def _powers(optimizer: Any, variable: Any) -> tuple[Tensor, Tensor]:
    """beta_1 and, where it has one, beta_2, to the number of this step."""
    step = tf.cast(optimizer.iterations + 1, variable.dtype)
    betas = (optimizer.beta_1, optimizer.beta_2)
    first, second = (tf.pow(tf.cast(beta, variable.dtype), step) for beta in betas)
    return first, second
