"""What people call a setting, and a run by its settings: `dense units`, `fashion-lab, units 308`."""

import hashlib
from collections.abc import Mapping
from difflib import SequenceMatcher

import msgspec

from tuinn.spec.dataset import DATASET_OPTIONS
from tuinn.spec.fit import FIT_OPTIONS, FitSpec, fit_options
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import SIZE_OPTIONS, ModelSpec, describe_network
from tuinn.spec.options import Bool, Required
from tuinn.spec.run import LAYER_PATH, RunSpec

NOT_NAMED = ("seed", "device", "metrics")
"""Settings of the training by which no run is named: chance, the machine, and what is only reported."""

MOST_PARTS = 3
"""Differences that a title names; further ones are counted."""

FAR = 3
"""From so many differences between the networks on a run is not named after a preset any more."""


def setting_label(name: str) -> str:
    """What people call a setting of the training or the data: `learning rate`."""
    return name.replace("_", " ")


DEFAULTS = {
    setting_label(option.name): option.show(option.default)
    for option in FIT_OPTIONS
    if option.default is not None and not isinstance(option.default, Required)
}
"""What people call each setting that every training has → its default as text."""


def field_label(base: RunSpec, path: str) -> str:
    """What people call the field at this path. Layers of one type are told apart by their number."""
    match = LAYER_PATH.fullmatch(path)
    if match is None:
        return setting_label(path.partition(".")[2] or path)
    at, name = int(match[1]), setting_label(match[2])
    if not 1 <= at <= len(base.model.layers):
        return f"{name} of layer {at}"
    kinds = [layer.type_name for layer in base.model.layers]
    kind = kinds[at - 1]
    label = f"{kind.lower()} {name}"
    return f"{label}, layer {at}" if kinds.count(kind) > 1 else label


def settings_of(spec: RunSpec) -> dict[str, str]:
    """Every setting that tells something, by what people call it, with its value as text.

    Left out are those in DEFAULTS that stand at their default there, and a layer's rarer options at theirs.
    """
    found = {
        setting_label(option.name): option.show(spec.fit.value(option.name))
        for option in fit_options(spec.fit)
    }
    found = {label: text for label, text in found.items() if DEFAULTS.get(label) != text}
    for at, layer in enumerate(spec.model.layers, start=1):
        for option in layer.layer_type.options:
            value = layer.options[option.name]
            rare = option.advanced or isinstance(option, Bool)
            if not option.tuinn_only and (value != option.default or not rare):
                found[field_label(spec, f"layers[{at}].{option.name}")] = option.show(value)
    if spec.weights.path:
        found["first weights"] = spec.weights.path
    written = spec.dataset.raw()
    for option in DATASET_OPTIONS:
        if option.name in written and option.name not in ("name", "path"):
            # Beside the results of runs, "test" is a result.
            label = "test share" if option.name == "test" else setting_label(option.name)
            found[label] = option.show(getattr(spec.dataset, option.name))
    return found


def recipe_of(spec: RunSpec) -> str:
    """The same for two specs that differ in their seed and device alone: their runs are repeats of one another."""
    fit = msgspec.structs.replace(spec.fit, seed=FitSpec().seed, device=FitSpec().device)
    return hashlib.sha1(spec.replace_fit(fit).toml().encode(), usedforsecurity=False).hexdigest()[:16]


def title_of(spec: RunSpec, presets: Mapping[str, RunSpec]) -> str:
    """A title for a run: the preset that it is nearest to, or its data and network, and what is different there.

    `presets`: those that it may be named after; only ones for the same dataset are.
    """
    near = [
        (changed, preset, name)
        for name, preset in presets.items()
        if preset.dataset.label == spec.dataset.label
        and len(changed := _stack_differences(preset.model, spec.model)) < FAR
    ]
    if near:
        least = min(len(changed) for changed, _, _ in near)
        found = [
            ([*changed, *_other_differences(preset, spec)], name)
            for changed, preset, name in near
            if len(changed) == least
        ]
        parts, name = min(found, key=lambda one: len(one[0]))
    else:
        name = f"{spec.dataset.label}, {describe_network(spec.model)}"
        parts = _fit_differences(FitSpec(), spec.fit)
    more = [f"{len(parts) - MOST_PARTS} more"] if len(parts) > MOST_PARTS else []
    return ", ".join([name, *parts[:MOST_PARTS], *more])


def _other_differences(base: RunSpec, spec: RunSpec) -> list[str]:
    data = [
        f"{setting_label(option.name)} {option.show(getattr(spec.dataset, option.name)) or 'nothing'}"
        for option in DATASET_OPTIONS
        if getattr(base.dataset, option.name) != getattr(spec.dataset, option.name)
    ]
    return [*_fit_differences(base.fit, spec.fit), *data]


def _fit_differences(before: FitSpec, after: FitSpec) -> list[str]:
    """The number of epochs comes last: it says least about a run."""
    options = [option for option in fit_options(after) if option.name not in NOT_NAMED]
    options += [option for option in FIT_OPTIONS if option.name == "schedule" and option not in options]
    options.sort(key=lambda option: option.name == "epochs")
    return [
        f"{setting_label(option.name)} {option.show(after.value(option.name)) or 'nothing'}"
        for option in options
        if before.value(option.name) != after.value(option.name)
        and not (before.value(option.name) is None and after.value(option.name) == option.default)
    ]


def _stack_differences(base: ModelSpec, model: ModelSpec) -> list[str]:
    """What is otherwise in a stack: `units 308`, `with Dropout 0.5`, `without Dropout`."""
    old = [layer for layer in base.layers if not layer.disabled]
    new = [layer for layer in model.layers if not layer.disabled]
    steps = SequenceMatcher(
        None, [layer.type_name for layer in old], [layer.type_name for layer in new], autojunk=False
    ).get_opcodes()
    parts: list[str] = []
    values: dict[str, list[str]] = {}
    for tag, i1, i2, j1, j2 in steps:
        if tag == "equal":
            for before, after in zip(old[i1:i2], new[j1:j2], strict=True):
                _note_options(before, after, values)
            continue
        parts += [f"with {layer.type_name} {layer.options_text()}".strip() for layer in new[j1:j2]]
        parts += [f"without {layer.type_name}" for layer in old[i1:i2]]
    return [*(f"{name} {'-'.join(dict.fromkeys(shown))}" for name, shown in values.items()), *parts]


def _note_options(before: LayerSpec, after: LayerSpec, values: dict[str, list[str]]) -> None:
    """Write down each option of a layer that is otherwise; sizes go by their own name."""
    for option in after.layer_type.options:
        value = after.options[option.name]
        if option.tuinn_only or before.options[option.name] == value:
            continue
        kind = "" if option.name in SIZE_OPTIONS else f"{after.type_name.lower()} "
        values.setdefault(f"{kind}{setting_label(option.name)}", []).append(option.show(value) or "nothing")
