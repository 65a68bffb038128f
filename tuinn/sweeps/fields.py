"""The fields of a draft that a sweep may vary, by the names that people use: `learning rate`, `dense units`."""

from dataclasses import dataclass

from tuinn.spec.dataset import DATASET_OPTIONS
from tuinn.spec.fit import Choices, fit_options
from tuinn.spec.naming import field_label, setting_label
from tuinn.spec.options import Bool, Choice, Float, Int, Option, Value
from tuinn.spec.run import RunSpec

NEVER = ("metrics", "device", "monitor")
"""Settings of the training that don't change how well it goes."""

MOST_WORDS = 4
"""Words of a choice that are tried, where nobody says which."""


@dataclass(frozen=True)
class Field:
    """A field with its value in the draft."""

    path: str
    label: str
    option: Option
    value: Value

    @property
    def suggested(self) -> str:
        """A range worth trying, as typed."""
        return suggested_values(self.option, self.value)


def sweepable_fields(base: RunSpec) -> tuple[Field, ...]:
    """Numbers, choices and yes or no: those of the training first, then those of the layers, top to bottom."""
    fields = [
        Field(f"fit.{option.name}", setting_label(option.name), option, base.fit.value(option.name))
        for option in fit_options(base.fit)
        if _is_sweepable(option) and option.name not in NEVER
    ]
    share = next(option for option in DATASET_OPTIONS if option.name == "validation")
    fields.append(Field("dataset.validation", "validation", share, base.dataset.validation))
    for at, layer in enumerate(base.model.layers, start=1):
        for option in layer.layer_type.options:
            if _is_sweepable(option) and not option.advanced and not option.tuinn_only:
                path = f"layers[{at}].{option.name}"
                value = layer.options.get(option.name)
                fields.append(Field(path, field_label(base, path), option, value))
    return tuple(fields)


def suggested_values(option: Option, value: Value) -> str:
    """Values around the one that the draft has, as a range is typed."""
    match option:
        case Bool():
            return "true,false"
        case Choice():
            words = [str(value), *(word for word in option.choices if word != value)]
            return ",".join(words[:MOST_WORDS])
        case Int() if isinstance(value, int) and value > 0:
            sizes = (max(value // 2, option.low), value, min(2 * value, option.high))
            return ",".join(str(size) for size in dict.fromkeys(sizes))
        case Float() if option.name == "weight_decay":
            return "log:1e-5..1e-2"
        case Float() if isinstance(value, float) and value > 0 and (option.high > 1 or value < 0.01):
            return f"log:{value / 30:.1g}..{min(value * 30, option.high):.1g}"
        case Float() if isinstance(value, float) and 0.5 <= value < 1:
            # Near 1 it is the distance from 1 that matters.
            return ",".join(
                f"{1 - factor * (1 - value):.4g}" for factor in (2, 1, 0.5) if factor * (1 - value) < 1
            )
        case Float() if isinstance(value, float):
            low = 0.1 if option.exclude_low or value > 0 else max(option.low, 0.0)
            return f"{low:g}..{min(0.5, option.high):g}"
        case Int():
            return f"{max(option.low, 0)}..{min(option.high, max(option.low, 0) + 10)}"
    return ""


def _is_sweepable(option: Option) -> bool:
    return isinstance(option, Int | Float | Choice | Bool) and not isinstance(option, Choices)
