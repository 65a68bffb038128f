"""The stack of layers. Every edit returns a new stack; the old one is still good."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from tuinn.spec.layer_options import INPUT
from tuinn.spec.layers import LayerSpec
from tuinn.spec.problem import SpecProblem
from tuinn.spec.wiring import Wire, wire

MOST_LAYERS = 1000


@dataclass(frozen=True)
class ModelSpec:
    """Layers from input to output; each takes the one above, or those that its `from` names.

    An edit that gives a layer another name, or another number in its name, carries the references along.
    """

    layers: tuple[LayerSpec, ...] = ()

    @classmethod
    def of_raw(cls, raw: Iterable[Mapping[str, Any]]) -> "ModelSpec":
        """From TOML's `[[layers]]`. Raises SpecProblem with the layer's position, counted from 1."""
        if not isinstance(raw, list):
            raise SpecProblem("must be a list of tables, each written [[layers]].", "layers")
        if len(raw) > MOST_LAYERS:
            raise SpecProblem(f"are {len(raw):,}; at most {MOST_LAYERS:,} fit in one network.", "layers")
        layers = []
        for at, table in enumerate(raw, start=1):
            try:
                layers.append(LayerSpec.of_raw(table))
            except SpecProblem as problem:
                raise problem.under(f"layers[{at}]") from None
        return cls(tuple(layers))

    def raw(self) -> list[dict[str, Any]]:
        return [layer.raw() for layer in self.layers]

    def insert(self, at: int, layer: LayerSpec) -> "ModelSpec":
        places = [*range(at), *range(at + 1, len(self.layers) + 1)]
        return self._edited((*self.layers[:at], layer, *self.layers[at:]), places)

    def remove(self, at: int) -> "ModelSpec":
        """Who took from that layer takes from its source instead."""
        places = [*range(at), None, *range(at, len(self.layers) - 1)]
        return self._edited((*self.layers[:at], *self.layers[at + 1 :]), places)

    def change(self, at: int, layer: LayerSpec) -> "ModelSpec":
        layers = (*self.layers[:at], layer, *self.layers[at + 1 :])
        return self._edited(layers, list(range(len(layers))))

    def move(self, at: int, to: int) -> "ModelSpec":
        """The layer at `at` ends up at `to`; both count from 0."""
        order = [place for place in range(len(self.layers)) if place != at]
        order.insert(to, at)
        places = [order.index(place) for place in range(len(order))]
        return self._edited(tuple(self.layers[place] for place in order), places)

    def _edited(self, layers: tuple[LayerSpec, ...], places: Sequence[int | None]) -> "ModelSpec":
        """The new stack with its references carried along; `places` says where each old layer is now."""
        edited = replace(self, layers=layers)
        if not any(layer.sources for layer in layers):
            return edited
        now = self._now(edited.names(), places)
        return replace(self, layers=tuple(_renamed(layer, now) for layer in layers))

    def _now(self, names: tuple[str, ...], places: Sequence[int | None]) -> dict[str, str]:
        now = {INPUT: INPUT}
        for at, (name, place) in enumerate(zip(self.names(), places, strict=True)):
            if name in now:
                continue
            if place is not None:
                now[name] = names[place]
            else:
                source = self.wires[at].sources[0]
                now[name] = now.get(self.names()[source], INPUT) if source >= 0 else INPUT
        return now

    def names(self) -> tuple[str, ...]:
        """The names given, and for the others those of Keras in a fresh session: `dense`, `dense_1`, …"""
        return self._names

    @cached_property
    def _names(self) -> tuple[str, ...]:
        seen: dict[str, int] = {}
        given = {layer.name for layer in self.layers}
        names = []
        for layer in self.layers:
            if layer.name is not None:
                names.append(layer.name)
                continue
            stem = snake(layer.kind)
            while True:
                count = seen.get(stem, 0)
                seen[stem] = count + 1
                name = f"{stem}_{count}" if count else stem
                if name not in given:
                    break
            names.append(name)
        return tuple(names)

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        """What each layer takes."""
        return wire(self)


def _renamed(layer: LayerSpec, now: dict[str, str]) -> LayerSpec:
    sources = tuple(now.get(name, name) for name in layer.sources)
    return layer if sources == layer.sources else layer.with_options(**{"from": sources})


@cache
def snake(kind: str) -> str:
    """`GlobalAveragePooling2D` → `global_average_pooling2d`, by Keras' own rule."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()
