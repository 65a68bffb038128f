"""What is different between two drafts, a line for each change: what a fix would do, what an undo did."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import msgspec

from tuinn.spec.dataset import DATASET_OPTIONS
from tuinn.spec.fit import FIT_OPTIONS
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.learning_rate import schedule_call
from tuinn.spec.options import Option
from tuinn.spec.run import RunSpec


@dataclass(frozen=True)
class Change:
    """One line."""

    sign: Literal["+", "-", "~"]
    """Something new, something gone, or something that is now otherwise."""
    text: str


def list_changes(before: RunSpec, after: RunSpec) -> tuple[Change, ...]:
    """From one draft to the other. Layers count from 1, gone ones in the old stack, new ones in the new."""
    found = []
    if before.dataset.label != after.dataset.label:
        found.append(Change("~", f"dataset: {before.dataset.label} → {after.dataset.label}"))
    else:
        found += _settings(DATASET_OPTIONS, before.dataset, after.dataset)
    found += _stack(before.model.layers, after.model.layers)
    found += _settings(FIT_OPTIONS, before.fit, after.fit)
    if before.weights.path != after.weights.path:
        old, new = (spec.weights.path or "nothing" for spec in (before, after))
        found.append(Change("~", f"first weights: {old} → {new}"))
    elif before.weights != after.weights:
        found.append(Change("~", f"first weights: {after.weights.path} as it is now"))
    return tuple(found)


def changes_of_training(before: RunSpec, after: RunSpec) -> tuple[Change, ...]:
    """The changes through which a training that began with one spec would go on otherwise with the other.

    Harmless are the device, the place of the data and of first weights, and the number of epochs where the learning rate doesn't follow
    from it. So is a default that was written out.
    """
    same = {
        option.name: getattr(before.fit, option.name)
        for option in FIT_OPTIONS
        if before.fit.value(option.name) == after.fit.value(option.name)
    }
    fit = msgspec.structs.replace(after.fit, **{**same, "device": before.fit.device})
    other_epochs = msgspec.structs.replace(before.fit, epochs=fit.epochs)
    if schedule_call(before.fit, 1) == schedule_call(other_epochs, 1):
        fit = msgspec.structs.replace(fit, epochs=before.fit.epochs)
    dataset = after.dataset
    if before.dataset.path and dataset.path:
        dataset = msgspec.structs.replace(dataset, path=before.dataset.path)
    return list_changes(before, RunSpec(dataset, after.model, fit, before.weights))


def _settings(options: Iterable[Option], before: object, after: object) -> list[Change]:
    found = []
    for option in options:
        old, new = getattr(before, option.name), getattr(after, option.name)
        if old != new:
            found.append(Change("~", f"{option.name}: {_shown(option, old)} → {_shown(option, new)}"))
    return found


def first_changed(before: tuple[LayerSpec, ...], after: tuple[LayerSpec, ...]) -> int | None:
    """The place in `after`, counted from 0, where two stacks begin to differ; None where they don't."""
    for at, (old, new) in enumerate(zip(before, after, strict=False)):
        if old is not new and old != new:
            return at
    return None if len(before) == len(after) else min(len(before), len(after))


def _stack(before: tuple[LayerSpec, ...], after: tuple[LayerSpec, ...]) -> list[Change]:
    old, new = [_line(layer) for layer in before], [_line(layer) for layer in after]
    found = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if i2 - i1 == j2 - j1:
            found += [
                Change("~", f"layer {j + 1}: {old[i]} → {new[j]}")
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
            continue
        found += [Change("-", f"layer {at + 1}: {old[at]}") for at in range(i1, i2)]
        found += [Change("+", f"layer {at + 1}: {new[at]}") for at in range(j1, j2)]
    return found


def _line(layer: LayerSpec) -> str:
    return f"{layer.type_name} {layer.options_text()}".strip()


def _shown(option: Option, value: object) -> str:
    return "nothing" if value is None else option.show(value) or "nothing"
