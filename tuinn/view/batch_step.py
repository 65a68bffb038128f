"""One update of a training that is written out: its numbers, the arithmetic with them, and the lines of code that made them."""

import re
from dataclasses import dataclass

from tuinn.runs.commands import StepBatch
from tuinn.runs.events import BatchStepped
from tuinn.spec.fit import FitSpec
from tuinn.text import format_count, format_metric, plural, printable

ABOUT = {
    "mean": "the mean gradient, in which the past fades away",
    "square": "the mean squared gradient, likewise",
    "step": "the step that the momentum carries on",
}
"""What an optimizer keeps for a number."""

LINES = {
    "batch": r"def one_training_step\(",
    "loss": r" loss = ",
    "weight": r"    for weight, ",
    "gradient": r"gradients = tape",
    "rate": r"^LEARNING_RATE|rate = optimizer",
    "mean": r"mean\.assign\(",
    "square": r"square\.assign\(",
    "step": r"step\.assign\(",
    "new": r"weight\.assign_(sub|add)\(",
}
"""Name of a quantity → what the line of code has that makes it."""


@dataclass(frozen=True)
class Quantity:
    """A row: what a number is called, the number, and what it is."""

    name: str
    title: str
    value: str
    about: str


def number(value: float | None, digits: int = 7) -> str:
    """A weight or a gradient, so that two that differ by a small step look different."""
    return "not finite" if value is None else f"{value:.{digits}g}".replace("-", "−")


def place(index: tuple[int, ...]) -> str:
    """`[401, 17]`; nothing for a single number."""
    return f"[{', '.join(map(str, index))}]" if index else ""


def quantities(told: BatchStepped, steps: int) -> list[Quantity]:
    """The rows, in the order in which the code makes them. `steps`: batches of an epoch."""
    where = f"{format_count(told.step)} of {format_count(steps)} in epoch {told.epoch}"
    labels = ", ".join(printable(label) for label in told.labels)
    more = ", …" if told.samples > len(told.labels) else ""
    name = f"{printable(told.weight)} {place(told.index)}".strip()
    return [
        Quantity("batch", "batch", where, f"{plural(told.samples, 'sample')}: {labels}{more}"),
        Quantity("loss", "loss", format_metric(told.loss), "the mean over the batch, before the update"),
        Quantity("weight", "weight", number(told.before), name),
        Quantity("gradient", "gradient", number(told.gradient), "of the loss, by this weight"),
        Quantity(
            "rate", "learning rate", f"{told.learning_rate:.6g}", f"at update {format_count(told.updates)}"
        ),
        *(
            Quantity(word, word, number(value), ABOUT.get(word, "kept by the optimizer"))
            for word, value in told.kept.items()
        ),
        Quantity("new", "new weight", number(told.after), ""),
    ]


def arithmetic(told: BatchStepped, fit: FitSpec) -> str:
    """The update of this weight with its numbers, as one line."""
    rate, gradient, kept = f"{told.learning_rate:.4g}", _in_sum(told.gradient), told.kept
    match fit.optimizer:
        case "sgd" if not kept:
            step = f"− {rate} · {gradient}"
        case "sgd" if fit.value("nesterov"):
            step = f"+ {fit.value('momentum'):g} · {_in_sum(kept.get('step'))} − {rate} · {gradient}"
        case "sgd":
            step = f"+ {_in_sum(kept.get('step'))}"
        case "rmsprop" if "step" in kept:
            step = f"− {_in_sum(kept['step'])}"
        case "rmsprop":
            step = f"− {rate} · {gradient} / √({_in_sum(kept.get('square'))} + {fit.value('epsilon'):g})"
        case _:
            ones = (1 - fit.value("beta_2") ** told.updates) ** 0.5, 1 - fit.value("beta_1") ** told.updates
            size, mean, square = (
                f"{ones[0] / ones[1]:.4g}",
                _in_sum(kept.get("mean")),
                _in_sum(kept.get("square")),
            )
            step = f"− {rate} · {size} · {mean} / (√{square}+{fit.value('epsilon'):g})"
    step = step.replace("e-", "e−")
    return f"{number(told.before, 6)} {step} = {number(told.after, 6)}"


def _in_sum(value: float | None) -> str:
    """With four digits, in brackets where it is negative."""
    if value is None:
        return "not finite"
    words = f"{value:.4g}".replace("-", "−")
    return f"({words})" if value < 0 else words


def kept_numbers(fit: FitSpec) -> int:
    """How many numbers the optimizer keeps for each weight."""
    momentum = int(bool(fit.value("momentum")))
    return {"sgd": momentum, "rmsprop": 1 + momentum}.get(fit.optimizer, 2)


def line_of(code: list[str], name: str) -> int:
    """The place of the line that makes this quantity; -1 where there is none."""
    found = [at for at, line in enumerate(code) if re.search(LINES.get(name, "$^"), line)]
    return found[0] if found else -1


def moved(told: BatchStepped, by: int) -> StepBatch:
    """The question about another number of the same array, so many places on."""
    shape = told.weights.get(told.weight, ())
    flat, size = 0, 1
    for at, width in zip(told.index, shape, strict=False):
        flat, size = flat * width + at, size * width
    index: list[int] = []
    flat = (flat + by) % max(size, 1)
    for width in reversed(shape):
        flat, at = divmod(flat, width)
        index.insert(0, at)
    return StepBatch(batches=0, weight=told.weight, index=tuple(index))


def other_array(told: BatchStepped, by: int) -> StepBatch:
    """The question about the next array of weights, or the one before."""
    names = list(told.weights)
    at = names.index(told.weight) if told.weight in names else 0
    return StepBatch(batches=0, weight=names[(at + by) % len(names)] if names else "")
