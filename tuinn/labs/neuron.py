"""One neuron, then several: y = Σ outᵢ · f(wᵢ·x + bᵢ) + bias, its mean squared error, gradients and gradient descent.

Plain NumPy. Activations are those of Keras, with their usual settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import erf, isfinite, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from tuinn.errors import SpecError

Array = NDArray[np.float64]

LOW, HIGH, POINTS = -5.0, 5.0, 500
"""The x axis of the lesson."""

MOST_NEURONS = 8
MOST_WEIGHT, LEAST_RATE, MOST_RATE = 1e6, 1e-6, 100.0
"""What a weight may be, either way, and a rate."""

RATE = 0.1

SLOPE = 0.2
"""Of the leaky ReLU below 0, as in Keras."""


def xs() -> Array:
    """The 500 points from −5 to 5."""
    return np.linspace(LOW, HIGH, POINTS)


@dataclass(frozen=True)
class Activation:
    """A function of the sum of a neuron, and its derivative."""

    name: str
    """As Keras calls it."""
    formula: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    words: str
    """What one sees of it."""
    scale: float = 1.0
    """What (x − c) / a is multiplied by where the function is drawn with a and c: the sigmoid of the lesson has 2."""


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^(−z)), without overflow."""
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1, small) / (1 + small))


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _normal_cdf(z: Array) -> Array:
    """Φ(z): the share of a normal distribution below z."""
    return 0.5 * (1 + np.array([erf(value / sqrt(2)) for value in z.ravel()]).reshape(z.shape))


def _normal(z: Array) -> Array:
    return np.asarray(np.exp(-0.5 * np.clip(z, -40, 40) ** 2) / sqrt(2 * pi))


def _negative_exp(z: Array) -> Array:
    return np.asarray(np.exp(np.minimum(z, 0)))


ACTIVATIONS: tuple[Activation, ...] = (
    Activation(
        "sigmoid",
        "1 / (1 + e^(−z))",
        sigmoid,
        lambda z: sigmoid(z) * (1 - sigmoid(z)),
        "A soft step from 0 to 1. Far from it the slope is almost 0: there nothing is learned.",
        scale=2.0,
    ),
    Activation(
        "tanh",
        "tanh z",
        np.tanh,
        lambda z: 1 - np.tanh(z) ** 2,
        "A soft step from −1 to 1, twice as steep as the sigmoid, and 0 at 0.",
    ),
    Activation(
        "relu",
        "max(0, z)",
        lambda z: np.maximum(z, 0),
        lambda z: (z > 0).astype(np.float64),
        "Nothing below 0, the sum itself above. The slope is 0 or 1: below 0 nothing is learned.",
    ),
    Activation(
        "leaky_relu",
        f"z, below 0 {SLOPE}·z",
        lambda z: np.where(z > 0, z, SLOPE * z),
        lambda z: np.where(z > 0, 1.0, SLOPE),
        f"As relu, with a slope of {SLOPE} below 0, so that no neuron is dead.",
    ),
    Activation(
        "elu",
        "z, below 0 e^z − 1",
        lambda z: np.where(z > 0, z, _negative_exp(z) - 1),
        lambda z: np.where(z > 0, 1.0, _negative_exp(z)),
        "As relu, with a soft bend down to −1.",
    ),
    Activation(
        "softplus",
        "ln(1 + e^z)",
        _softplus,
        sigmoid,
        "A relu without a corner. Its slope is the sigmoid.",
    ),
    Activation(
        "gelu",
        "z · Φ(z)",
        lambda z: z * _normal_cdf(z),
        lambda z: _normal_cdf(z) + np.clip(z, -40, 40) * _normal(z),
        "Nearly relu; a little below 0 it dips. Transformers use it.",
    ),
    Activation(
        "linear",
        "z",
        lambda z: z,
        np.ones_like,
        "No activation: however many neurons there are, their sum is a straight line.",
    ),
)

BY_NAME: Mapping[str, Activation] = {one.name: one for one in ACTIVATIONS}


def plotted(activation: Activation, a: float, c: float) -> tuple[Array, Array]:
    """The function of (x − c) / a over the 500 points, and its derivative by x."""
    inner = activation.scale / a
    z = inner * (xs() - c)
    return activation.function(z), inner * activation.derivative(z)


# -------------------------------------------------------------------------------------------------- targets


@dataclass(frozen=True)
class Target:
    """What is to be learned: points with x and the value wanted there."""

    name: str
    x: Array
    y: Array
    is_points: bool = False
    """It is drawn as points: it comes from data."""
    note: str = ""


TARGETS: Mapping[str, Callable[[Array], Array]] = {
    "e^(−x²)": lambda x: np.exp(-(x**2)),
    "sine": np.sin,
    "step": lambda x: (x > 0).astype(np.float64),
    "polynomial": lambda x: 0.02 * x**3 - 0.25 * x + 0.3,
    "two bumps": lambda x: np.exp(-((x + 2) ** 2)) + 0.6 * np.exp(-((x - 2) ** 2)),
}


def target(name: str) -> Target:
    """One of TARGETS over the 500 points."""
    x = xs()
    return Target(name, x, TARGETS[name](x))


# -------------------------------------------------------------------------------------------------- network


@dataclass(frozen=True)
class Weights:
    """Of n neurons: w, b and out have one value each; and the bias of the output."""

    w: Array
    b: Array
    out: Array
    bias: float

    @property
    def count(self) -> int:
        return len(self.w)

    @property
    def all_finite(self) -> bool:
        """Whether no value has left all bounds."""
        return bool(np.isfinite(np.concatenate([self.w, self.b, self.out, [self.bias]])).all())

    def get(self, neuron: int, which: str) -> float:
        """`which`: w, b or out; neuron `count` is the bias of the output."""
        return self.bias if neuron == self.count else float(getattr(self, which)[neuron])

    def put(self, neuron: int, which: str, value: float) -> "Weights":
        """With one value changed. Raises SpecError for one that is too large."""
        check_weight(value)
        if neuron == self.count:
            return replace(self, bias=value)
        changed = getattr(self, which).copy()
        changed[neuron] = value
        return replace(self, **{which: changed})

    def added(self) -> "Weights":
        """With one more neuron, which adds nothing yet. Raises SpecError where there are enough."""
        if self.count >= MOST_NEURONS:
            raise SpecError(f"{MOST_NEURONS} neurons are the most that can be told apart here.")
        place = START_B[self.count % len(START_B)]
        return Weights(np.append(self.w, 1.0), np.append(self.b, place), np.append(self.out, 0.1), self.bias)

    def removed(self, neuron: int) -> "Weights":
        """Without this neuron. Raises SpecError for the last one."""
        if self.count == 1:
            raise SpecError("One neuron is the least.")
        at = min(neuron, self.count - 1)
        return Weights(np.delete(self.w, at), np.delete(self.b, at), np.delete(self.out, at), self.bias)


START_B = (3.0, 3.0, -2.0, 2.0, 0.0, -3.0, 1.0, -1.0)
"""Where new neurons stand."""


def check_weight(value: float) -> None:
    """Raise SpecError for what no weight may be."""
    if not isfinite(value) or abs(value) > MOST_WEIGHT:
        raise SpecError(f"A weight lies between −1,000,000 and 1,000,000, not {value:.4g}.")


def check_rate(value: float) -> None:
    """Raise SpecError for what no rate may be."""
    if value == 0:
        raise SpecError("With a rate of 0 no step changes anything. Try 0.1.")
    if not LEAST_RATE <= value <= MOST_RATE:
        raise SpecError(f"A rate is a number from 0.000001 to 100; {value:.4g} is none. Try 0.1.")


def two_neurons() -> Weights:
    """The bump of the lesson: σ(2x + 3) + σ(−2x + 3) − 1."""
    return Weights(np.array([2.0, -2.0]), np.array([3.0, 3.0]), np.array([1.0, 1.0]), -1.0)


def one_neuron() -> Weights:
    """σ(2x + 3)."""
    return Weights(np.array([2.0]), np.array([3.0]), np.array([1.0]), 0.0)


def hidden(weights: Weights, activation: Activation, x: Array) -> Array:
    """What each neuron gives, n × points."""
    return activation.function(np.outer(weights.w, x) + weights.b[:, None])


def output(weights: Weights, activation: Activation, x: Array) -> Array:
    """The sum over all neurons, and the bias."""
    return np.asarray(weights.out @ hidden(weights, activation, x) + weights.bias)


def error(weights: Weights, activation: Activation, wanted: Target) -> float:
    """The mean squared error; not finite where the weights are too large."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.mean((output(weights, activation, wanted.x) - wanted.y) ** 2))


def gradient(weights: Weights, activation: Activation, wanted: Target) -> Weights:
    """∂E/∂ of each weight, in the same form, by the chain rule."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = np.outer(weights.w, wanted.x) + weights.b[:, None]
        given = activation.function(z)
        slope = 2 * (weights.out @ given + weights.bias - wanted.y) / wanted.x.size  # ∂E/∂y
        inner = slope * weights.out[:, None] * activation.derivative(z)  # ∂E/∂z
        return Weights(inner @ wanted.x, inner.sum(axis=1), given @ slope, float(slope.sum()))


def step(weights: Weights, activation: Activation, wanted: Target, rate: float) -> Weights:
    """One step of gradient descent: each weight minus rate × its gradient."""
    by = gradient(weights, activation, wanted)
    with np.errstate(over="ignore", invalid="ignore"):
        return Weights(
            weights.w - rate * by.w,
            weights.b - rate * by.b,
            weights.out - rate * by.out,
            weights.bias - rate * by.bias,
        )


@dataclass
class Fit:
    """Gradient descent from where the weights were, step by step."""

    rate: float = RATE
    steps: int = 0
    start: Weights | None = None
    """The weights before the first step."""
    errors: list[float] = field(default_factory=list)
    """Before the first step, and after each; the newest MOST_ERRORS."""

    def run(self, weights: Weights, activation: Activation, wanted: Target, count: int) -> Weights:
        """Return the weights after so many steps. Raises SpecError where they leave all bounds; nothing is changed then."""
        if self.start is None:
            self.start, self.errors = weights, [error(weights, activation, wanted)]
        found, errors = weights, []
        for number in range(1, count + 1):
            found = step(found, activation, wanted, self.rate)
            errors.append(error(found, activation, wanted))
            if not found.all_finite or not isfinite(errors[-1]) or errors[-1] > 1e12:
                raise SpecError(
                    f"With the rate {self.rate:g} the error leaves all bounds in step {self.steps + number}. "
                    "A smaller rate helps; 0 takes the steps back."
                )
        self.steps += count
        self.errors = [*self.errors, *errors][-MOST_ERRORS:]
        return found

    def forget(self) -> None:
        """Begin anew: the weights were changed by hand."""
        self.steps, self.start, self.errors = 0, None, []


MOST_ERRORS = 2_000


# ------------------------------------------------------------------------------------------------- as code


def numpy_code(weights: Weights, activation: Activation) -> list[str]:
    """The network by hand, as lines of NumPy."""
    return [
        f"w    = np.array([{_numbers(weights.w)}])",
        f"b    = np.array([{_numbers(weights.b)}])",
        f"out  = np.array([{_numbers(weights.out)}])",
        f"bias = {_number(weights.bias)}",
        f"h = {activation.name}(np.outer(x, w) + b)",
        "y = h @ out + bias",
        "error = np.mean((y - target) ** 2)",
    ]


def keras_code(weights: Weights, activation: Activation, rate: float, digits: int = 4) -> list[str]:
    """The same network as Dense layers, with the weights it has now."""
    out = ", ".join(f"[{_number(value, digits)}]" for value in weights.out)
    return [
        "model = keras.Sequential([",
        "    keras.Input((1,)),",
        f'    layers.Dense({weights.count}, "{activation.name}"),',
        "    layers.Dense(1)])",
        "model.set_weights([",
        f"    np.array([[{_numbers(weights.w, digits)}]]),",
        f"    np.array([{_numbers(weights.b, digits)}]),",
        f"    np.array([{out}]),",
        f"    np.array([{_number(weights.bias, digits)}])])",
        f'model.compile(SGD({rate:g}), "mse")',
    ]


def _numbers(values: Array, digits: int = 4) -> str:
    return ", ".join(_number(value, digits) for value in values)


def _number(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}g}"
