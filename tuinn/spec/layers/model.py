"""A stack of layers as a graph: which layer takes which, the names of all, and edits that keep the links whole."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.spec.options import REQUIRED, did_you_mean


@dataclass(frozen=True)
class Link:
    """What one layer takes."""

    sources: tuple[int, ...]
    """Places in the stack, counted from 0; -1 is the input. A disabled layer is passed by."""
    problem: str = ""
    """Why it cannot take what it names; empty when it can."""


def resolve_links(model: "ModelSpec") -> tuple[Link, ...]:
    """Resolve what each layer takes, in the order of the stack."""
    names = model.names()
    place = {name: at for at, name in reversed(list(enumerate(names)))}
    place[INPUT_NAME] = -1
    links: list[Link] = []
    through = {-1: -1}
    """What one really takes who takes this layer."""
    for at, layer in enumerate(model.layers):
        problem = "" if place[names[at]] == at else _twice(names[at], place[names[at]])
        taken = []
        for name in layer.sources:
            if why := _refused(name, at, place):
                problem = problem or why
            else:
                taken.append(through[place[name]])
        sources = tuple(taken) or (through[at - 1],)
        through[at] = sources[0] if layer.disabled else at
        links.append(Link(sources, problem))
    return tuple(links)


def _twice(name: str, first: int) -> str:
    return f"Layer {first + 1} is called {name} too. Give one of them another name."


def _refused(name: str, at: int, place: dict[str, int]) -> str:
    if name not in place:
        return f"It takes from '{name}', and no layer is called that. {did_you_mean(name, place)}"
    if place[name] == at:
        return f"It takes from '{name}', and that is itself. A layer takes from layers above it."
    if place[name] > at:
        return (
            f"It takes from '{name}', and that is layer {place[name] + 1}, below it. "
            "A layer takes from layers above it."
        )
    return ""


MAX_LAYERS = 1000


@dataclass(frozen=True)
class ModelSpec:
    """Layers from input to output; each takes the one above, or those that its `from` names.

    An edit that gives a layer another name, or another number in its name, carries the references along.
    """

    layers: tuple[LayerSpec, ...] = ()

    @classmethod
    def from_dict(cls, raw: object) -> "ModelSpec":
        """From TOML's `[[layers]]`. Raises SpecError with the layer's position, counted from 1."""
        if not isinstance(raw, list):
            raise SpecError("must be a list of tables, each written [[layers]].", "layers")
        if len(raw) > MAX_LAYERS:
            raise SpecError(f"are {len(raw):,}; at most {MAX_LAYERS:,} fit in one network.", "layers")
        layers = []
        for at, table in enumerate(raw, start=1):
            try:
                layers.append(LayerSpec.from_dict(table))
            except SpecError as problem:
                raise problem.under(f"layers[{at}]") from None
        return cls(tuple(layers))

    def raw(self) -> list[dict[str, object]]:
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
        now = {INPUT_NAME: INPUT_NAME}
        for at, (name, place) in enumerate(zip(self.names(), places, strict=True)):
            if name in now:
                continue
            if place is not None:
                now[name] = names[place]
            else:
                source = self.links[at].sources[0]
                now[name] = now.get(self.names()[source], INPUT_NAME) if source >= 0 else INPUT_NAME
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
            stem = to_snake_case(layer.type_name)
            while True:
                count = seen.get(stem, 0)
                seen[stem] = count + 1
                name = f"{stem}_{count}" if count else stem
                if name not in given:
                    break
            names.append(name)
        return tuple(names)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """What each layer takes."""
        return resolve_links(self)


def _renamed(layer: LayerSpec, now: dict[str, str]) -> LayerSpec:
    sources = tuple(now.get(name, name) for name in layer.sources)
    return layer if sources == layer.sources else layer.with_options(**{"from": sources})


@cache
def to_snake_case(type_name: str) -> str:
    """`GlobalAveragePooling2D` → `global_average_pooling2d`, by Keras' own rule."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", type_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()


SIZE_OPTIONS = ("units", "filters", "output_dim", "depth_multiplier", "num_heads")
"""Options that say how large a layer is, the one that counts first."""


def describe_network(model: ModelSpec) -> str:
    """Describe a network by its layers that have a size, such as `Dense 154-64-10`; without any, by all its layer types."""
    parts: list[tuple[str, list[str]]] = []
    for layer in model.layers:
        size = _size(layer)
        if layer.disabled or size is None:
            continue
        if parts and parts[-1][0] == layer.type_name:
            parts[-1][1].append(size)
        else:
            parts.append((layer.type_name, [size]))
    if parts:
        return " ".join(f"{type_name} {'-'.join(sizes)}" for type_name, sizes in parts)
    return " ".join(layer.type_name for layer in model.layers if not layer.disabled) or "empty"


def _size(layer: LayerSpec) -> str | None:
    required = {option.name for option in layer.layer_type.options if option.default is REQUIRED}
    name = next((name for name in SIZE_OPTIONS if name in layer.options and name in required), None)
    return None if name is None else str(layer.options[name])
