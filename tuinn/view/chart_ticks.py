"""Where the axes of a chart have ticks, and what stands at them."""

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10

LABEL_WIDTH = 6
"""Cells of a y label; constant, or the axis would jump."""

FEWEST, MOST = 3, 6
"""Ticks of a y axis."""

Tick = tuple[float, str]
"""Its place on the axis, and its label."""

Axis = tuple[tuple[float, float], list[Tick]]
"""First and last value, and the ticks between."""

MOST_POWERS = 5
"""Powers of ten beyond which not each has a tick."""


def value_axis(low: float, high: float, rows: int = 20) -> Axis:
    """Return the bounds of a y axis of so many rows for these values, and three to six ticks at round ones.

    The bounds lie at quarters of a step, so that they change seldom while a run goes on; zero is one where it is near.
    """
    axes = [_axis(low, high, step) for step in _steps(high - low)]
    return _fullest(axes, rows)


def log_axis(low: float, high: float, rows: int = 20) -> Axis:
    """Return the bounds of a y axis in powers of ten, and its ticks: at 1, 2 and 5, at powers alone where the values
    span many, and at other round numbers where they span less than one."""
    if high - low > MOST_POWERS:
        widest, narrowest = ceil((high - low) / 2), int((high - low) / MOST)
        return _fullest([_powers(low, high, step) for step in range(widest, max(narrowest, 1) - 1, -1)], rows)
    powers = range(floor(low), ceil(high) + 1)
    axes = []
    for factors in ((1,), (1, 5), (1, 2, 5)):
        values = [factor * 10.0**power for power in powers for factor in factors]
        ticks = [value for value in values if low - 1e-9 <= log10(value) <= high + 1e-9]
        axes.append(((low, high), [(log10(value), tick_label(value)) for value in ticks]))
    if any(FEWEST <= len(ticks) <= MOST for _, ticks in axes):
        return _fullest(axes, rows)
    linear = [_axis(10.0**low, 10.0**high, step) for step in _steps(10.0**high - 10.0**low)]
    positive = [(bounds, [tick for tick in ticks if tick[0] > 0]) for bounds, ticks in linear]
    (first, last), chosen = _fullest(positive, rows)
    bounds = (low if first <= 0 else log10(first), log10(last))
    return bounds, [(log10(value), label) for value, label in chosen]


def _fullest(axes: Sequence[Axis], rows: int) -> Axis:
    """Of axes with more and more ticks the last for which the rows suffice, with three ticks at least."""
    most = min(max((rows + 1) // 2, FEWEST), MOST)
    fitting = [axis for axis in axes if FEWEST <= len(axis[1]) <= most]
    enough = [axis for axis in axes if FEWEST <= len(axis[1]) <= MOST]
    return fitting[-1] if fitting else (enough or axes)[0]


def _powers(low: float, high: float, step: int) -> Axis:
    powers = multiples(low, high, step)
    return (low, high), [(power, tick_label(10.0 ** min(max(power, -300), 300))) for power in powers]


def _axis(low: float, high: float, step: float) -> Axis:
    quarter = step / 4
    first = 0.0 if 0 <= low < step else floor(low / quarter + 1e-9) * quarter
    last = ceil(high / quarter - 1e-9) * quarter
    bounds = (min(first, low), max(last, high))
    return bounds, _labelled(multiples(*bounds, step), step)


def _steps(span: float) -> list[float]:
    """Round steps for values that span so much, the largest first."""
    if span <= 0 or not isfinite(span):
        return [1.0]
    power = 10.0 ** floor(log10(span) + 1e-9)
    steps = [power * nice for nice in (5, 2.5, 2, 1, 0.5, 0.25, 0.2, 0.1)]
    return [step for step in steps if span / MOST <= step <= span]


def multiples(low: float, high: float, step: float) -> list[float]:
    """The multiples of `step` from low to high."""
    first, last = ceil(low / step - 1e-6), floor(high / step + 1e-6)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def _labelled(ticks: Sequence[float], step: float) -> list[Tick]:
    """All with as many decimals as the step needs; where that has no room, those whose label is no other number."""
    decimals = len(f"{step:.12f}".rstrip("0").split(".")[1])
    labels = [f"{tick:.{decimals}f}".rjust(LABEL_WIDTH) for tick in ticks]
    if all(len(label) == LABEL_WIDTH for label in labels) and 1e-6 < step < 1e6:
        return list(zip(ticks, labels, strict=True))
    short = [(tick, tick_label(tick)) for tick in ticks]
    true = [(tick, label) for tick, label in short if abs(float(label) - tick) < step / 100]
    return true if len(true) > 1 else short


def tick_label(value: float) -> str:
    """At most six characters, right-aligned."""
    text = f"{value:.6g}"
    if len(text) > LABEL_WIDTH:
        text = f"{value:.3g}"
    for digits in (1, 0):
        if len(text) > LABEL_WIDTH:
            text = f"{value:.{digits}e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    return text[:LABEL_WIDTH].rjust(LABEL_WIDTH)


def epoch_ticks(low: float, high: float, columns: int) -> list[int]:
    """Whole epochs from low to high, counted from 1, as many as have room; about ten at most."""
    room = max(2, min(11, columns // (len(str(ceil(high))) + 3)))
    step = _whole_step((high - low) / (room - 1))
    ticks = [tick for tick in range(ceil(low / step) * step, floor(high) + 1, step) if tick >= max(low, 1)]
    # The first epoch has a tick of its own, unless the next is too near for both labels.
    near = 1 + (high - low) * (len(str(step)) + 2) / max(columns, 1)
    return [1, *ticks] if low <= 1 and 1 not in ticks and (not ticks or ticks[0] > near) else ticks


def _whole_step(least: float) -> int:
    """1, or else 5, 10 or 20 times a power of ten, the smallest that is not below `least`."""
    if least <= 1:
        return 1
    power = int(10.0 ** floor(log10(least)))
    return next(nice * power for nice in (1, 2, 5, 10) if nice * power >= max(least, 5))
