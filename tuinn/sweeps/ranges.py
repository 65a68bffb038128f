"""What a sweep tries of one field: a few values, or all between two bounds. Written as `--over FIELD=RANGE`."""

import itertools
import math
import re
from dataclasses import dataclass

from tuinn.errors import SpecError
from tuinn.spec.fit import fit_options
from tuinn.spec.options import Float, Int, Option, Value
from tuinn.spec.run import RunSpec
from tuinn.text import shorten

Setting = bool | int | float | str
"""A value of a field as a journal keeps it. Whatever is neither number nor truth value is text as typed."""

HOW = "Write LOW..HIGH, LOW..HIGH/STEP, log:LOW..HIGH, or values with commas between them"


@dataclass(frozen=True)
class Choices:
    """A few values."""

    path: str
    values: tuple[Setting, ...]
    log: bool = False

    @property
    def text(self) -> str:
        return "|".join(as_text(value) for value in self.values)

    @property
    def countable(self) -> int | None:
        """How many values there are; None: too many to count."""
        return len(self.values)

    def point(self, number: int) -> Setting:
        """The value of this number, counted from 0."""
        return self.values[number]

    def corners(self) -> tuple[Setting, ...]:
        """The values that are most likely not to fit: here all of them."""
        return self.values


@dataclass(frozen=True)
class Between:
    """Every number from `low` to `high`, both included; in steps, where there are any."""

    path: str
    low: float
    high: float
    whole: bool = False
    log: bool = False
    step: float | None = None

    @property
    def text(self) -> str:
        step = f"/{_number(self.step, self.whole)}" if self.step else ""
        low, high = _number(self.low, self.whole), _number(self.high, self.whole)
        return f"{'log:' * self.log}{low}..{high}{step}"

    @property
    def countable(self) -> int | None:
        if not self.whole and self.step is None:
            return None
        return math.floor((self.high - self.low) / (self.step or 1) + 1e-9) + 1

    def point(self, number: int) -> Setting:
        return self.rounded(self.low + number * (self.step or 1))

    def corners(self) -> tuple[Setting, ...]:
        return (self.rounded(self.low), self.rounded(self.high))

    def rounded(self, value: float) -> Setting:
        """As a person would write it: four digits that count, and never beyond the bounds."""
        if self.whole:
            return int(value)
        return min(max(float(f"{value:.{12 if self.step else 4}g}"), self.low), self.high)


Range = Choices | Between


def read_range(base: RunSpec, over: str) -> Range:
    """`fit.learning_rate=log:1e-4..1e-1`, or `layers[3].units=32,64`. Raises SpecError with what to do."""
    path, equals, text = over.partition("=")
    path, text = path.strip(), text.strip()
    if not equals or not text:
        raise SpecError(f"{shorten(over)} names no values. {HOW}, such as fit.learning_rate=log:1e-4..1e-1.")
    option = base.option_at(path)
    match = re.fullmatch(r"(log:)?([^,|]+?)\.\.([^,|/]+?)(?:/([^,|]+))?", text)
    if match is None:
        return _choices(path, option, text)
    log, low, high, step = match.groups()
    if not isinstance(option, Int | Float):
        raise SpecError(f"has no lowest and highest. Name the values, such as {path}=A,B.", path)
    return _between(path, option, low, high, step, bool(log))


def _choices(path: str, option: Option, text: str) -> Choices:
    if text.startswith("log:"):
        raise SpecError("a logarithmic range needs two bounds, such as log:1e-4..1e-1.", path)
    words = text.split("|") if "|" in text else text.split(",")
    values = tuple(dict.fromkeys(_setting(option, _parsed(path, option, word)) for word in words))
    if len(values) < 2:
        raise SpecError(f"{shorten(text)} is one value, and a sweep tries several. {HOW}.", path)
    return Choices(path, values)


def _between(path: str, option: Int | Float, low: str, high: str, step: str | None, log: bool) -> Between:
    ends = [_parsed(path, option, end) for end in (low, high)]
    first, last = (float(end) if isinstance(end, int | float) else math.nan for end in ends)
    whole = isinstance(option, Int)
    if not first < last:
        raise SpecError(f"{low}..{high} is empty: the second number must be the larger one.", path)
    if log and (first <= 0 or step is not None):
        why = f"begins above 0, not at {low}" if first <= 0 else "has no steps"
        raise SpecError(f"a logarithmic range {why}.", path)
    return Between(path, first, last, whole, log, _step(path, step, last - first, whole))


def _step(path: str, text: str | None, width: float, whole: bool) -> float | None:
    if text is None:
        return None
    try:
        step = float(int(text) if whole else float(text))
    except ValueError:
        step = math.nan
    if not 0 < step <= width:
        kind = "a whole number" if whole else "a number"
        raise SpecError(f"the step must be {kind} above 0 and within the range, not {shorten(text)}.", path)
    return step


def _parsed(path: str, option: Option, text: str) -> Value:
    try:
        return option.parse(text)
    except SpecError as problem:
        raise problem.under(path.rpartition(".")[0]) from None


def _setting(option: Option, value: Value) -> Setting:
    return value if isinstance(value, bool | int | float) else option.show(value)


def as_text(value: Setting) -> str:
    """A value as `RunSpec.with_setting` reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def shown(value: Setting) -> str:
    """A value for a table."""
    return f"{value:.4g}" if isinstance(value, float) else as_text(value)


def _number(value: float, whole: bool) -> str:
    return str(int(value)) if whole else repr(value)


def check_ranges(base: RunSpec, ranges: tuple[Range, ...]) -> None:
    """Raises SpecError for a field that is swept twice, or that has no effect on any trial."""
    paths = [one.path for one in ranges]
    if not paths:
        raise SpecError(f"A sweep needs a field to sweep over: --over FIELD=RANGE. {HOW}.")
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise SpecError("is swept over twice; take one of them away.", twice)
    switches = [one for one in ranges if one.path in SWITCHES]
    fits = [
        _with(base, dict(zip([one.path for one in switches], values, strict=True))).fit
        for values in itertools.product(*(one.corners() for one in switches))
    ]
    known = {option.name for fit in fits for option in fit_options(fit)}
    for path in paths:
        if path.startswith("fit.") and path.removeprefix("fit.") not in known:
            fit = fits[0]
            raise SpecError(
                f"has no effect with optimizer {fit.optimizer}, schedule {fit.schedule} and "
                f"early_stopping_patience {fit.early_stopping_patience}. Sweep over another field, or change those.",
                path,
            )


SWITCHES = ("fit.optimizer", "fit.schedule", "fit.early_stopping_patience")
"""Fields on which it depends which others there are."""


def _with(base: RunSpec, values: dict[str, Setting]) -> RunSpec:
    for path, value in values.items():
        base = base.with_setting(path, as_text(value))
    return base


SIZES = ("units", "filters")


def suggestions(base: RunSpec) -> list[str]:
    """As typed, the most promising first: the learning rate, the width of the first hidden layer, the first dropout."""
    rate = base.fit.learning_rate
    found = [f"fit.learning_rate=log:{rate / 30:.1g}..{min(rate * 30, 100):.1g}"]
    layers = list(enumerate(base.model.layers, start=1))
    for at, layer in layers[:-1]:  # the last one's width follows from the data
        name = next((name for name in SIZES if isinstance(layer.options.get(name), int)), "")
        if name:
            size = layer.options[name]
            assert isinstance(size, int)
            found.append(f"layers[{at}].{name}={max(size // 2, 1)},{size},{2 * size}")
            break
    dropout = next((at for at, layer in layers if layer.type_name == "Dropout"), None)
    if dropout is not None:
        found.append(f"layers[{dropout}].rate=0.1..0.5")
    return found
