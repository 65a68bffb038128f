"""Dense layers by hand: forward, losses, and the gradient of every weight by the chain rule.

Activations, losses and penalties are those of Keras with their usual settings; all numbers are float64.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from tuinn.labs.playground.clouds import Array

Kind = Literal["binary", "classes", "number"]
"""What the last layer gives: one probability, one for each class, or a number."""

SLOPE = 0.2
"""Of the leaky ReLU below 0, as in Keras."""


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^(−z)), without overflow."""
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1, small) / (1 + small))


def softmax(z: Array) -> Array:
    """Return each row's shares: e^z over the sum of the row."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


Function = tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]
"""A function of z, and its derivative from z and its value."""

ACTIVATIONS: dict[str, Function] = {
    "tanh": (np.tanh, lambda z, a: 1 - a**2),
    "relu": (lambda z: np.maximum(z, 0), lambda z, a: (z > 0).astype(float)),
    "sigmoid": (sigmoid, lambda z, a: a * (1 - a)),
    "elu": (
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z, a: np.where(z > 0, 1, a + 1),
    ),
    "leaky_relu": (lambda z: np.where(z > 0, z, SLOPE * z), lambda z, a: np.where(z > 0, 1, SLOPE)),
    "linear": (lambda z: z, lambda z, a: np.ones_like(z)),
}
"""Keras' name → the function."""

OUTPUTS: dict[Kind, str] = {"binary": "sigmoid", "classes": "softmax", "number": "linear"}
"""The activation of the last layer."""

LOSSES: dict[Kind, tuple[str, ...]] = {
    "binary": ("binary_crossentropy", "mean_squared_error"),
    "classes": ("categorical_crossentropy", "mean_squared_error"),
    "number": ("mean_squared_error", "mean_absolute_error"),
}
"""Which losses fit, the usual one first."""

PENALTIES = ("none", "L1", "L2")

MOST_WEIGHT = 1e6
"""Beyond this a network has left all bounds: soon its sums would be infinite."""


@dataclass(frozen=True)
class Penalty:
    """What is added to the loss for large kernels; biases are free."""

    kind: str = "none"
    strength: float = 0.0

    def gradient(self, kernel: Array) -> Array | float:
        """Of strength · Σ|w| or of strength · Σw²."""
        if self.kind == "L1":
            return self.strength * np.sign(kernel)
        return 2 * self.strength * kernel if self.kind == "L2" else 0.0

    def value(self, kernels: Sequence[Array]) -> float:
        """What is added."""
        if self.kind == "L1":
            return self.strength * float(sum(np.abs(kernel).sum() for kernel in kernels))
        return (
            self.strength * float(sum((kernel**2).sum() for kernel in kernels)) if self.kind == "L2" else 0.0
        )


@dataclass
class Network:
    """Kernels of shape (from, to) and biases of shape (to,), layer by layer; the last is the output."""

    kernels: list[Array]
    biases: list[Array]
    activation: str
    kind: Kind

    @classmethod
    def of(
        cls, features: int, units: Sequence[int], outputs: int, activation: str, kind: Kind, seed: int
    ) -> "Network":
        """Begin as Keras does: kernels Glorot-uniform, biases 0."""
        rng, sizes = np.random.default_rng(seed), [features, *units, outputs]
        kernels = []
        for into, out in pairwise(sizes):
            limit = (6 / (into + out)) ** 0.5
            kernels.append(rng.uniform(-limit, limit, (into, out)))
        return cls(kernels, [np.zeros(out) for out in sizes[1:]], activation, kind)

    def copy(self) -> "Network":
        return Network(
            [kernel.copy() for kernel in self.kernels],
            [bias.copy() for bias in self.biases],
            self.activation,
            self.kind,
        )

    @property
    def parameters(self) -> int:
        return sum(kernel.size + bias.size for kernel, bias in zip(self.kernels, self.biases, strict=True))

    @property
    def is_finite(self) -> bool:
        """Whether no weight has left all bounds."""
        return all(bool((np.abs(array) < MOST_WEIGHT).all()) for array in (*self.kernels, *self.biases))

    def sums(self, x: Array) -> tuple[list[Array], list[Array]]:
        """Return what each layer sums up, and what it gives: x first, the output last; (samples, units) each."""
        function, sums, given = ACTIVATIONS[self.activation][0], [], [x]
        for at, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            sums.append(given[-1] @ kernel + bias)
            given.append(function(sums[-1]) if at < len(self.kernels) - 1 else self._output(sums[-1]))
        return sums, given

    def layers(self, x: Array) -> list[Array]:
        """Return what each layer gives: x first, the output last."""
        return self.sums(x)[1]

    def _output(self, z: Array) -> Array:
        if self.kind == "number":
            return z
        return sigmoid(z) if self.kind == "binary" else softmax(z)

    def gradients(self, x: Array, y: Array, loss: str, penalty: Penalty) -> tuple[list[Array], list[Array]]:
        """Return the gradient of the mean loss, the penalty included, for each kernel and each bias.

        `y`: (samples, outputs).
        """
        sums, given = self.sums(x)
        slope = output_slope(self.kind, loss, given[-1], y)
        derivative = ACTIVATIONS[self.activation][1]
        kernels: list[Array] = []
        biases: list[Array] = []
        for at in range(len(self.kernels) - 1, -1, -1):
            kernels.insert(0, given[at].T @ slope + penalty.gradient(self.kernels[at]))
            biases.insert(0, slope.sum(axis=0))
            if at:
                slope = (slope @ self.kernels[at].T) * derivative(sums[at - 1], given[at])
        return kernels, biases

    def step(self, x: Array, y: Array, loss: str, penalty: Penalty, rate: float) -> None:
        """One step of gradient descent on these samples."""
        kernels, biases = self.gradients(x, y, loss, penalty)
        for weights, slopes in ((self.kernels, kernels), (self.biases, biases)):
            for weight, slope in zip(weights, slopes, strict=True):
                weight -= rate * slope

    def loss(self, x: Array, y: Array, loss: str) -> float:
        """Return the mean loss on these samples, without the penalty; 0 without samples."""
        if not len(x):
            return 0.0
        return loss_value(loss, self.layers(x)[-1], y)


def loss_value(loss: str, output: Array, y: Array) -> float:
    """Return the mean over the samples, as Keras gives it."""
    if loss == "mean_squared_error":
        return float(((output - y) ** 2).mean())
    if loss == "mean_absolute_error":
        return float(np.abs(output - y).mean())
    safe = np.clip(output, 1e-7, 1 - 1e-7)
    if loss == "binary_crossentropy":
        return float(-(y * np.log(safe) + (1 - y) * np.log(1 - safe)).mean())
    return float(-(y * np.log(safe)).sum(axis=1).mean())


def output_slope(kind: Kind, loss: str, output: Array, y: Array) -> Array:
    """Return the gradient of the mean loss for the sums of the last layer."""
    count = len(y)
    if loss.endswith("crossentropy"):
        return np.asarray((output - y) / count)  # of sigmoid and softmax alike
    each = np.sign(output - y) if loss == "mean_absolute_error" else 2 * (output - y)
    each = each / output.size
    if kind == "binary":
        return np.asarray(each * output * (1 - output))
    if kind == "classes":
        return np.asarray(output * (each - (each * output).sum(axis=1, keepdims=True)))
    return np.asarray(each)
