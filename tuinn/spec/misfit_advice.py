"""A layer that cannot take what it gets, and what would make it fit."""

from collections.abc import Iterator

from tuinn.spec.layers import LayerSpec, Shape
from tuinn.spec.options import REQUIRED, Ints
from tuinn.spec.remedy import Remedy, changed, inserted, named, removed
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import Summary, summarise

MOST = 4
"""So many remedies at most; more would be a riddle of their own."""


def misfit_remedies(spec: RunSpec, summary: Summary, at: int) -> Iterator[Remedy]:
    """Changes after which the layer at `at` fits, the least first; the last one removes it."""
    layer = spec.model.layers[at]
    found = 0
    for remedy in _candidates(spec, summary, at):
        if found < MOST - 1 and _heals(remedy.spec, summary, layer, at):
            found += 1
            yield remedy
    yield removed(spec, at)


def _heals(spec: RunSpec, summary: Summary, layer: LayerSpec, at: int) -> bool:
    """True when the layer that stood at `at` fits now, or is gone."""
    rows = summarise(spec.model, summary.input_shape).rows
    moved = at + len(rows) - len(summary.rows)
    return rows[moved].layer.kind == layer.kind and not any(row.misfit for row in rows[: moved + 1])


def _candidates(spec: RunSpec, summary: Summary, at: int) -> Iterator[Remedy]:
    layer, row = spec.model.layers[at], summary.rows[at]
    shapes = [summary.rows[place].shape if place >= 0 else summary.input_shape for place in row.places]
    if layer.name is not None:
        yield changed(spec, f"drop the name of layer {at + 1}", at, name=None)
    if layer.row.merges:
        yield from _joined(spec, summary, at)
    if layer.sources:
        yield changed(spec, f"let layer {at + 1} take the layer above", at, **{"from": None})
    given = shapes[0]
    if given is None:
        return
    yield from _reshaped(spec, at, given)
    if layer.options.get("padding") == "valid":
        yield changed(spec, f"pad layer {at + 1} with “same”", at, padding="same")
    yield from _smaller(spec, at, given)
    yield from _defaults(spec, at)


def _reshaped(spec: RunSpec, at: int, given: Shape) -> Iterator[Remedy]:
    """Another number of axes, by a layer put before this one."""
    layer = spec.model.layers[at]
    wanted = layer.row.axes
    if not wanted or len(given) == wanted or len(layer.sources) > 1:
        return
    if wanted == len(given) + 1:
        between = LayerSpec.of("Reshape", target_shape=[*given, 1])
    elif wanted == 1:
        between = LayerSpec.of("Flatten")
    elif wanted < len(given) and given[0]:
        between = LayerSpec.of("Reshape", target_shape=[*given[: wanted - 1], -1])
    else:
        return
    if layer.sources:
        spec = spec.with_model(spec.model.change(at, layer.with_options(**{"from": None})))
        between = between.with_options(**{"from": layer.sources})
    yield inserted(spec, f"insert {named(between)} before layer {at + 1}", at, between)


def _smaller(spec: RunSpec, at: int, given: Shape) -> Iterator[Remedy]:
    """A kernel or pool no larger than what it slides over."""
    layer = spec.model.layers[at]
    for option in ("kernel_size", "pool_size"):
        sizes = layer.options.get(option)
        if isinstance(sizes, tuple) and len(sizes) == len(given) - 1:
            fitting = tuple(
                min(size, n) for size, n in zip(sizes, given, strict=False) if isinstance(size, int)
            )
            if fitting != sizes:
                shown = Ints(option, each=len(fitting)).show(fitting)
                yield changed(spec, f"set layer {at + 1}’s {option} to {shown}", at, **{option: fitting})


def _defaults(spec: RunSpec, at: int) -> Iterator[Remedy]:
    """An option back at what Keras has."""
    layer = spec.model.layers[at]
    for option in layer.row.options:
        if option.own or option.default is REQUIRED or layer.options[option.name] == option.default:
            continue
        shown = option.show(option.default) or "nothing"
        yield changed(
            spec, f"set layer {at + 1}’s {option.name} to {shown}", at, **{option.name: option.default}
        )


def _joined(spec: RunSpec, summary: Summary, at: int) -> Iterator[Remedy]:
    """The nearest layer above that goes with the one just above."""
    above = summary.rows[at].places[0]
    named_above = summary.rows[at].sources[0]
    shape = summary.rows[above].shape if above >= 0 else summary.input_shape
    for place in reversed(range(-1, above)):
        other = summary.rows[place] if place >= 0 else None
        if other and other.layer.disabled:
            continue
        if (other.shape if other else summary.input_shape) == shape:
            name = other.name if other else "input"
            yield changed(spec, f"let layer {at + 1} take {name} too", at, **{"from": (name, named_above)})
            return
