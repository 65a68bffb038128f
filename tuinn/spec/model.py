"""The stack of layers. Every edit returns a new stack; the old one is still good."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tuinn.spec.layers import LayerSpec
from tuinn.spec.problem import SpecProblem

MOST_LAYERS = 1000


@dataclass(frozen=True)
class ModelSpec:
    """Layers from input to output; each takes the one above."""

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
        return replace(self, layers=(*self.layers[:at], layer, *self.layers[at:]))

    def remove(self, at: int) -> "ModelSpec":
        return replace(self, layers=(*self.layers[:at], *self.layers[at + 1 :]))

    def change(self, at: int, layer: LayerSpec) -> "ModelSpec":
        return replace(self, layers=(*self.layers[:at], layer, *self.layers[at + 1 :]))

    def move(self, at: int, to: int) -> "ModelSpec":
        """The layer at `at` ends up at `to`; both count from 0."""
        return self.remove(at).insert(to, self.layers[at])

    def names(self) -> tuple[str, ...]:
        """The names Keras would give in a fresh session: `dense`, `dense_1`, …"""
        seen: dict[str, int] = {}
        names = []
        for layer in self.layers:
            stem = snake(layer.kind)
            names.append(stem if stem not in seen else f"{stem}_{seen[stem]}")
            seen[stem] = seen.get(stem, 0) + 1
        return tuple(names)


def snake(kind: str) -> str:
    """`GlobalAveragePooling2D` → `global_average_pooling2d`, as Keras writes it."""
    out = ""
    for before, letter in zip(" " + kind, kind, strict=False):
        starts_word = letter.isupper() and before.isalpha() and before.islower()
        out += ("_" if starts_word else "") + letter.lower()
    return out
