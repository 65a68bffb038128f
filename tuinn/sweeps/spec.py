"""A sweep as one value: a draft, what is tried of some of its fields, how often, and what is to improve."""

import json
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from tuinn.data.paths import expand_home
from tuinn.errors import SpecError
from tuinn.spec.options import Choice, Int, Option, check_options, did_you_mean
from tuinn.spec.run import RunSpec
from tuinn.spec.training import metrics
from tuinn.sweeps.ranges import Range, Setting, as_text, check_ranges, read_range

MOST_POINTS = 10_000
"""Trials that one sweep may have: a grid of more would never end."""

MOST_CORNERS = 4096

Values = dict[str, Setting]
"""What one trial tries, by the field's path."""

DEFAULT_TRIALS = 12
TRIALS = Int(
    "trials",
    DEFAULT_TRIALS,
    high=MOST_POINTS,
    help="at most so many networks are trained; a grid has as many as it has points",
)
PARALLEL = Int("parallel", 1, high=64, help="how many of them at a time")
METRIC = Choice("metric", "val_loss", help="what is to improve; a trial counts by its best epoch")
SAMPLER = Choice(
    "sampler",
    "auto",
    choices=("auto", "grid", "random", "tpe"),
    help="tpe tries more near what went well; auto: a grid where it isn't larger than trials, else tpe",
)
PRUNER = Choice(
    "pruner",
    "median",
    choices=("median", "halving", "none"),
    help="median stops a trial that is worse than half of the others were at its epoch",
)
SEED = Int("seed", 7, low=0, high=2**31 - 1, help="the same seed tries the same values")

SWEEP_OPTIONS: tuple[Option, ...] = (TRIALS, PARALLEL, METRIC, SAMPLER, PRUNER, SEED)


@dataclass(frozen=True)
class SweepSpec:
    """What a runner must know. Made by `of`, which checks it."""

    base: RunSpec
    ranges: tuple[Range, ...]
    trials: int
    parallel: int
    metric: str
    sampler: str
    """`grid`, `random` or `tpe`."""
    pruner: str
    seed: int

    @classmethod
    def of(cls, base: RunSpec, overs: Sequence[str], **settings: Any) -> "SweepSpec":
        """A checked sweep; what is None, or not given, is the default. Raises SpecError with what to do."""
        base = with_absolute_path(base)
        ranges = tuple(read_range(base, over) for over in overs)
        check_ranges(base, ranges)
        told = {name: value for name, value in settings.items() if value is not None}
        wanted = told.pop("metric", None)
        options = [option for option in SWEEP_OPTIONS if option is not METRIC]
        values = check_options(options, told, "a sweep")
        most = values["trials"] if "trials" in told else None
        values["sampler"] = _sampler(values["sampler"], ranges, most)
        if values["sampler"] == "grid":
            values["trials"] = _points(ranges)
        elif (points := _points(ranges)) is not None:
            values["trials"] = min(values["trials"], points)
        return cls(base=base, ranges=ranges, metric=_metric(base, wanted), **values)

    @property
    def rises(self) -> bool:
        """True when more of the metric is better."""
        return metrics.higher_is_better(self.metric)

    @property
    def points(self) -> int | None:
        """How many different trials there can be; None where a range has no end of values."""
        return _points(self.ranges)

    def better(self, value: float, than: float) -> bool:
        return value > than if self.rises else value < than

    def spec_of(self, values: Mapping[str, Setting]) -> RunSpec:
        """The spec of one trial. Raises SpecError."""
        spec = self.base
        for path, value in values.items():
            spec = spec.with_setting(path, as_text(value))
        return spec

    def grid_point(self, number: int) -> Values:
        """The values of a point of the grid, counted from 1; the last field changes fastest."""
        rest, values = number - 1, {}
        for one in reversed(self.ranges):
            rest, at = divmod(rest, one.countable or 1)
            values[one.path] = one.point(at)
        return {one.path: values[one.path] for one in self.ranges}

    def corners(self) -> Iterator[Values]:
        """Of a grid every point; else each field's bounds with those of the others, as many as can be checked."""
        if self.sampler == "grid":
            yield from (self.grid_point(number) for number in range(1, self.trials + 1))
            return
        ends = [one.corners() for one in self.ranges]
        for number in range(min(math.prod(map(len, ends)), MOST_CORNERS)):
            rest, values = number, {}
            for one, mine in zip(self.ranges, ends, strict=True):
                rest, at = divmod(rest, len(mine))
                values[one.path] = mine[at]
            yield values

    def toml(self) -> str:
        """Without the base, which is a spec of its own."""
        told = {option.name: getattr(self, option.name) for option in SWEEP_OPTIONS}
        lines = ["[sweep]", *(f"{name} = {json.dumps(value)}" for name, value in told.items())]
        lines += ["", "[over]"]
        lines += [
            f"{json.dumps(one.path)} = {json.dumps(one.text, ensure_ascii=False)}" for one in self.ranges
        ]
        return "\n".join(lines) + "\n"

    @classmethod
    def from_toml(cls, text: str, base: RunSpec) -> "SweepSpec":
        """Raises SpecError."""
        try:
            raw = tomllib.loads(text)
            overs = [f"{path}={told}" for path, told in raw["over"].items()]
            settings = dict(raw["sweep"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise SpecError("This is not the description of a sweep.") from None
        return cls.of(base, overs, **settings)


def _points(ranges: tuple[Range, ...]) -> int | None:
    """How many points the grid has; None where a range can't be counted."""
    counts = [one.countable for one in ranges]
    return None if None in counts else math.prod(count for count in counts if count)


def _sampler(wanted: str, ranges: tuple[Range, ...], trials: int | None) -> str:
    count = _points(ranges)
    if wanted == "grid":
        if count is None:
            endless = next(one for one in ranges if one.countable is None)
            raise SpecError(
                f"{endless.text} has no end of values for a grid. Name the values, give steps "
                "(LOW..HIGH/STEP), or take sampler random or tpe.",
                endless.path,
            )
        if count > MOST_POINTS:
            raise SpecError(
                f"The grid has {count:,} points, more than {MOST_POINTS:,}. Sweep over fewer values, or take "
                "sampler random or tpe with a number of trials."
            )
        if trials is not None and trials < count:
            raise SpecError(
                f"the grid has {count:,} points, and each is tried once. Raise trials to {count:,}, or take "
                "sampler random or tpe.",
                "trials",
            )
        return "grid"
    if wanted == "auto":
        named = all(one.countable is not None and not one.log for one in ranges)
        fits = count is not None and count <= (DEFAULT_TRIALS if trials is None else trials)
        return "grid" if named and fits else "tpe"
    return wanted


def metrics_of(base: RunSpec) -> tuple[str, ...]:
    """What can be swept for: what a training of this draft reports, validated first."""
    names = ("loss", *base.fit.metrics)
    validated = tuple(f"val_{name}" for name in names) if base.dataset.validation > 0 else ()
    return (*validated, *names)


def _metric(base: RunSpec, wanted: str | None) -> str:
    known = metrics_of(base)
    if wanted is None:
        return known[0]
    if wanted not in known:
        raise SpecError(f"{wanted!r} is not reported by this draft. {did_you_mean(wanted, known)}", "metric")
    return wanted


def with_absolute_path(spec: RunSpec) -> RunSpec:
    """The spec with the whole path of its data: a runner works from another folder. Raises SpecError."""
    if not spec.dataset.path:
        return spec
    whole = str(expand_home(spec.dataset.path).absolute())
    return replace(spec, dataset=msgspec.structs.replace(spec.dataset, path=whole))
