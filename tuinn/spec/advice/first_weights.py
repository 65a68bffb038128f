"""Layers that start with weights of a saved network: whether the file is there, is the same, and has what fits."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tuinn.errors import SpecError
from tuinn.spec.advice.fix import Fix, Problem, layer_text
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import LayerRow, Summary
from tuinn.spec.layers.types.common_options import COMMON_OPTIONS
from tuinn.spec.run import RunSpec
from tuinn.spec.saved_network.saved_stack import SavedStack, read_saved_stack
from tuinn.spec.weights import WeightsSpec
from tuinn.text import plural, printable, shorten

_COMMON = {option.name for option in COMMON_OPTIONS}
_SHAPING = ("kernel_size", "depth_multiplier", "groups", "num_heads", "key_dim", "layer")
"""Options that shape weights, beside the number of inputs and outputs."""


def starting_layers(model: ModelSpec) -> list[int]:
    """The places of the layers that start with weights of a saved network."""
    return [at for at, layer in enumerate(model.layers) if layer.weights and not layer.disabled]


def first_weights_problems(spec: RunSpec, summary: Summary) -> Iterator[Problem]:
    """What keeps layers from starting as they are to. The file is looked at, and never run."""
    asking = starting_layers(spec.model)
    if not asking:
        return
    path = spec.weights.path
    fresh = fresh_fix(spec, asking)
    if not path:
        why = f"{plural(len(asking), 'layer')} should start with the weights of a saved network, and none is named. "
        yield Problem(f"{why}Name it as weights.path.", fixes=(fresh,))
        return
    try:
        saved = read_saved_stack(path)
    except SpecError as problem:
        which = f"{plural(len(asking), 'layer')} should start with its weights."
        yield Problem(f"{shorten(path, 200)} {problem.message} {which}", fixes=(fresh,))
        return
    name = printable(saved.file.name)
    if spec.weights.fingerprint not in ("", saved.fingerprint):
        now = spec.with_weights(WeightsSpec(path, saved.fingerprint))
        yield Problem(
            f"{name} has changed since its layers were taken.",
            fixes=(Fix(f"take the weights of {name} as they are now", now), fresh),
        )
        return
    for at in asking:
        if why := _misfit(summary.rows[at], saved, name):
            yield Problem(why, at, fixes=(fresh_fix(spec, [at]), fresh))


def fresh_fix(spec: RunSpec, places: Iterable[int]) -> Fix:
    """These layers start as their initializers say, and are trained."""
    chosen = list(places)
    layers = tuple(_fresh(layer) if at in chosen else layer for at, layer in enumerate(spec.model.layers))
    changed = spec.with_model(ModelSpec(layers))
    if not starting_layers(changed.model):
        changed = changed.with_weights(WeightsSpec())
    whose = f"layer {chosen[0] + 1}" if len(chosen) == 1 else plural(len(chosen), "layer")
    return Fix(f"start {whose} with fresh weights, and train them", changed)


def _fresh(layer: LayerSpec) -> LayerSpec:
    options = {"weights": None, **({"trainable": True} if "trainable" in layer.options else {})}
    return layer.with_options(**options)


def _misfit(row: LayerRow, saved: SavedStack, name: str) -> str:
    """Why this layer can't start as it is to; empty where it can, or where nothing tells."""
    layer, path = row.layer, row.layer.weights or ""
    if path not in saved.rows:
        return f"{name} has no layer {path} with whose weights {layer.type_name} could start."
    known = saved.rows[path]
    if known is None or row.shape is None or known.shape is None:
        return ""
    theirs = known.layer
    if theirs.type_name != layer.type_name:
        return f"{layer.type_name} can't start with the weights of {path} in {name}, which is {theirs.type_name}."
    options = [option.name for option in layer.layer_type.options if option.name not in _COMMON]
    counted = options if layer.layer_type.adapts else [word for word in _SHAPING if word in options]
    same = all(layer.options[option] == theirs.options[option] for option in counted)
    widths = row.shape[-1:] == known.shape[-1:] or not row.params
    if same and widths and row.params == known.params:
        return ""
    if row.params == known.params:
        return f"{path} in {name} is {layer_text(_bare(theirs))}, and its weights don't fit this layer."
    return (
        f"{path} in {name} has {known.params:,} parameters, and this layer {row.params:,}: "
        "what it takes, or its sizes, are others."
    )


def _bare(layer: LayerSpec) -> LayerSpec:
    return layer.with_options(name=None, **{"from": None})


def file_name(spec: RunSpec) -> str:
    """The saved network of [weights], in a few words."""
    path = Path(spec.weights.path)
    return printable(path.name if path.suffix else f"the run {path.name}")
