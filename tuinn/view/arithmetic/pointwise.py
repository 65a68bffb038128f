"""A function of one value and a few numbers: scaling, normalization, activations."""

from collections.abc import Callable
from math import erf, sqrt

import numpy as np

from tuinn.data.inspection import Plain
from tuinn.view.arithmetic.unit import Arithmetic, Place, Term, Unit


def scaled(unit: Unit) -> Arithmetic:
    scale = _number(unit.option("scale"), 1.0, unit.place)
    offset = _number(unit.option("offset"), 0.0, unit.place)
    value = float(unit.x[unit.place])
    term = Term(unit.label(unit.place), value, scale)
    return Arithmetic("x · scale + offset", (term,), (("offset", offset),), value * scale + offset)


def _number(told: Plain, default: float, place: Place) -> float:
    if isinstance(told, list):
        part = told[place[-1] % len(told)]
        return float(part) if isinstance(part, int | float) else default
    return float(told) if isinstance(told, int | float) else default


def normalised(unit: Unit) -> Arithmetic:
    """(x − mean) / √(variance + ε), then γ and β where the layer has them."""
    value, at = float(unit.x[unit.place]), unit.place[-1]
    epsilon = _number(unit.option("epsilon"), 0.0, unit.place)
    mean, variance = _moments(unit, at)
    if unit.step.kind == "Normalization":
        scaled = (value - mean) / max(np.sqrt(variance), 1e-7)
    else:
        scaled = (value - mean) / np.sqrt(variance + epsilon)
    closing, result = [("mean", mean), ("variance", variance)], float(scaled)
    for name, do in (("gamma", np.multiply), ("beta", np.add)):
        if (weight := unit.weight(name)) is not None:
            closing.append((name, float(weight[at])))
            result = float(do(result, weight[at]))
    head = "(x − mean) / √variance" if unit.step.kind == "Normalization" else "(x − mean) / √(variance + ε)"
    return Arithmetic(head, (Term(unit.label(unit.place), value),), tuple(closing), result, is_sum=False)


def _moments(unit: Unit, at: int) -> tuple[float, float]:
    x = unit.x.astype(np.float64)
    axis = unit.option("axis", -1)
    if unit.step.kind != "GroupNormalization" and axis not in (-1, x.ndim, [-1], [x.ndim], None):
        raise ValueError(f"axis {axis}")
    match unit.step.kind:
        case "BatchNormalization":
            return float(unit.needs("moving_mean")[at]), float(unit.needs("moving_variance")[at])
        case "Normalization":
            return float(unit.needs("mean").ravel()[at]), float(unit.needs("variance").ravel()[at])
        case "LayerNormalization":
            row = x[unit.place[:-1]]
        case _:
            groups, channels = _number(unit.option("groups"), 1, (0,)), x.shape[-1]
            size = channels // (int(groups) if groups > 0 else channels)
            row = x[..., at // size * size : (at // size + 1) * size]
    return float(row.mean()), float(row.var())


def unit_length(unit: Unit) -> Arithmetic:
    if unit.option("axis", -1) not in (-1, [-1], unit.x.ndim):
        raise ValueError("axis")
    value = float(unit.x[unit.place])
    length = float(np.sqrt((unit.x[unit.place[:-1]].astype(np.float64) ** 2).sum()))
    terms = (Term(unit.label(unit.place), value),)
    return Arithmetic("x / length", terms, (("length", length),), value / (length or 1.0), is_sum=False)


def activated(unit: Unit) -> Arithmetic | None:
    name = "softmax" if unit.step.kind == "Softmax" else str(unit.option("activation", "linear"))
    if name == "softmax":
        return _softmax(unit)
    function = FUNCTIONS.get(name)
    if function is None:
        return None
    value = float(unit.x[unit.place])
    term = (Term(unit.label(unit.place), value),)
    return Arithmetic(f"{name}(x)", term, (), float(function(value)), is_sum=False)


def rectified(unit: Unit) -> Arithmetic:
    value, kind = float(unit.x[unit.place]), unit.step.kind
    slope = _number(unit.option("negative_slope"), 0.0, (0,))
    closing: tuple[tuple[str, float], ...] = ()
    if kind == "ELU":
        slope = _number(unit.option("alpha"), 1.0, (0,))
        result = value if value > 0 else slope * float(np.expm1(value))
    else:
        if kind == "PReLU":
            alpha = unit.needs("alpha")
            slope = float(alpha[tuple(at % size for at, size in zip(unit.place, alpha.shape, strict=True))])
            closing = (("alpha", slope),)
        threshold = _number(unit.option("threshold"), 0.0, (0,))
        most = _number(unit.option("max_value"), float("inf"), (0,))
        result = min(value, most) if value >= threshold else slope * (value - threshold)
    head = "x above 0, else less" if slope else "x where above 0, else 0"
    return Arithmetic(head, (Term(unit.label(unit.place), value),), closing, result, is_sum=False)


def _softmax(unit: Unit) -> Arithmetic:
    if unit.option("axis", -1) not in (-1, unit.x.ndim):
        raise ValueError("axis")
    row = unit.x[unit.place[:-1]].astype(np.float64)
    # Keras subtracts the largest first, too: the shares are the same, and nothing overflows.
    powers = np.exp(row - row.max())
    labels = unit.step.labels
    terms = tuple(
        Term(labels[at] if at < len(labels) else str(at), float(value), share=float(power))
        for at, (value, power) in enumerate(zip(row, powers, strict=True))
    )
    total = float(powers.sum())
    closing = (("largest x", float(row.max())), ("sum of exp(x − largest)", total))
    return Arithmetic("exp(x − largest) / sum", terms, closing, float(powers[unit.place[-1]] / total))


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "linear": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "sigmoid": lambda x: float(1 / (1 + np.exp(-x))),
    "tanh": lambda x: float(np.tanh(x)),
    "elu": lambda x: x if x > 0 else float(np.expm1(x)),
    "selu": lambda x: 1.05070098 * (x if x > 0 else 1.67326324 * float(np.expm1(x))),
    "gelu": lambda x: x * (1 + erf(x / sqrt(2))) / 2,
    "silu": lambda x: float(x / (1 + np.exp(-x))),
    "leaky_relu": lambda x: x if x > 0 else 0.2 * x,
    "relu6": lambda x: min(max(x, 0.0), 6.0),
    "softplus": lambda x: float(np.logaddexp(x, 0)),
    "softsign": lambda x: x / (1 + abs(x)),
    "hard_sigmoid": lambda x: min(max(x / 6 + 0.5, 0.0), 1.0),
    "exponential": lambda x: float(np.exp(x)),
}
