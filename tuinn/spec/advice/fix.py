"""A problem of a draft and the changes that fix it, as values."""

from dataclasses import dataclass
from typing import Literal

from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.options import Value
from tuinn.spec.run import RunSpec


@dataclass(frozen=True)
class Fix:
    """A change that fixes a problem."""

    label: str
    """The change in words: `insert Flatten before layer 2`."""
    spec: RunSpec
    """The draft with the change made."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong, in one sentence."""

    message: str
    at: int | None = None
    """The layer it is about, counted from 0; None when it is about the data or the fit settings."""
    severity: Literal["error", "warning"] = "error"
    """An error cannot be trained; a warning can, to disappointment."""
    fixes: tuple[Fix, ...] = ()
    about_data: bool = False
    """It is about the data, whatever the network."""

    def __str__(self) -> str:
        return self.message if self.at is None else f"layer {self.at + 1}: {self.message}"


def layer_text(layer: LayerSpec) -> str:
    """The layer in a few words: `Dense 10 softmax`."""
    return f"{layer.type_name} {layer.options_text()}".strip()


def insert_fix(spec: RunSpec, label: str, at: int, layer: LayerSpec) -> Fix:
    """A new layer at this place."""
    return Fix(label, spec.with_model(spec.model.insert(at, layer)))


def change_fix(spec: RunSpec, label: str, at: int, **options: Value) -> Fix:
    """Other options for the layer at this place."""
    layer = spec.model.layers[at].with_options(**options)
    return Fix(label, spec.with_model(spec.model.change(at, layer)))


def remove_fix(spec: RunSpec, at: int) -> Fix:
    """The layer at this place is gone."""
    return Fix(f"remove layer {at + 1}", spec.with_model(spec.model.remove(at)))
