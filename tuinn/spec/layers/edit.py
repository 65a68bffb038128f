"""Layers cut out of one stack and put into another, or twice into the same: names stay unique, links stay whole."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.spec.layers.model import MAX_LAYERS, ModelSpec


@dataclass(frozen=True)
class CopiedLayers:
    """Layers away from their stack, each with the name by which the others among them may take it."""

    layers: tuple[LayerSpec, ...] = ()
    names: tuple[str, ...] = ()
    above: str | None = None
    """The name of what the first of them took; a skip link from there starts at what they are put under."""

    @classmethod
    def of(cls, layers: Iterable[LayerSpec], above: str | None = None) -> "CopiedLayers":
        """A stack of its own, such as what was typed. With `above` the input, all that takes the input moves along."""
        whole = tuple(layers)
        return cls(whole, ModelSpec(whole).names(), above)


def copy_layers(model: ModelSpec, places: Iterable[int]) -> CopiedLayers:
    """The layers at these places, counted from 0, in the stack's order. The stack keeps them."""
    chosen = sorted(set(places))
    names = model.names()
    first = model.links[chosen[0]].sources[0] if chosen else -1
    return CopiedLayers(
        tuple(model.layers[at] for at in chosen),
        tuple(names[at] for at in chosen),
        names[first] if first >= 0 else INPUT_NAME,
    )


def duplicate_layers(model: ModelSpec, places: Iterable[int]) -> tuple[ModelSpec, int]:
    """These layers once more, below the last of them, and where the last copy stands.

    Original and copy stand in a row: who took the end of the original by name takes the end of the copy.
    """
    chosen = sorted(set(places))
    at = chosen[-1] + 1
    grown, end = paste_layers(model, at, copy_layers(model, chosen)), at + len(chosen) - 1
    names = grown.names()
    follow = {names[chosen[-1]]: names[end]}
    below = tuple(_taking(layer, follow) for layer in grown.layers[end + 1 :])
    return ModelSpec((*grown.layers[: end + 1], *below)), end


def paste_layers(model: ModelSpec, at: int, cutting: CopiedLayers) -> ModelSpec:
    """The stack with the cutting's layers before the one at `at`.

    A name that is taken already gets a number behind it. Who took a layer of the cutting by name takes its copy; who
    took what the cutting stood under takes what it stands under now; who took another takes the one of that name here. Raises SpecError where the stack would be too long.
    """
    total = len(model.layers) + len(cutting.layers)
    if total > MAX_LAYERS:
        raise SpecError(f"That would make {total:,} layers; at most {MAX_LAYERS:,} fit in one network.")
    fresh = _with_free_names(model, cutting.layers)
    layers = (*model.layers[:at], *fresh, *model.layers[at:])
    names = ModelSpec(layers).names()
    count = len(fresh)
    now = _now(model, names, [place if place < at else place + count for place in range(len(model.layers))])
    inside = now | dict(zip(cutting.names, names[at : at + count], strict=True))
    if cutting.above:
        inside[cutting.above] = names[at - 1] if at else INPUT_NAME
    new = range(at, at + count)
    return ModelSpec(
        tuple(_taking(layer, inside if place in new else now) for place, layer in enumerate(layers))
    )


def move_layers(model: ModelSpec, places: Sequence[int], by: int) -> tuple[ModelSpec, tuple[int, ...]]:
    """These layers one place up (`by` -1) or down (1), and where they are then; as they were where the first is at the end."""
    order = sorted(places, reverse=by > 0)
    if not order or not 0 <= order[0] + by < len(model.layers):
        return model, tuple(sorted(places))
    for at in order:
        model = model.move(at, at + by)
    return model, tuple(at + by for at in sorted(places))


def _with_free_names(model: ModelSpec, layers: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
    taken = {INPUT_NAME, *model.names(), *(layer.name for layer in layers if layer.name)}
    mine = {layer.name for layer in model.layers if layer.name} | set(model.names())
    done = []
    for layer in layers:
        if layer.name and layer.name in mine:
            stem = re.sub(r"_\d+$", "", layer.name)
            number = 1
            while f"{stem}_{number}" in taken:
                number += 1
            layer = layer.with_options(name=f"{stem}_{number}")
        if layer.name:
            taken.add(layer.name)
            mine.add(layer.name)
        done.append(layer)
    return tuple(done)


def _now(model: ModelSpec, names: Sequence[str], places: Sequence[int]) -> dict[str, str]:
    """Each old layer's name → its name in the new stack."""
    now = {INPUT_NAME: INPUT_NAME}
    for name, place in zip(model.names(), places, strict=True):
        now.setdefault(name, names[place])
    return now


def _taking(layer: LayerSpec, now: dict[str, str]) -> LayerSpec:
    sources = tuple(now.get(name, name) for name in layer.sources)
    return layer if sources == layer.sources else layer.with_options(**{"from": sources})
