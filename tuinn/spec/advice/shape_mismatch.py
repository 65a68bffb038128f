"""A layer that cannot take what it gets, and what would make it fit."""

from collections.abc import Iterator

from tuinn.errors import SpecError
from tuinn.spec.advice.fix import Fix, Problem, change_fix, insert_fix, layer_text, remove_fix
from tuinn.spec.layers.catalog import LayerSpec, Shape, format_shape
from tuinn.spec.layers.shapes import Summary, measure_layer, summarize
from tuinn.spec.options import REQUIRED, Ints, Value
from tuinn.spec.run import RunSpec

MAX_FIXES = 4
"""At most so many fixes are offered."""


def shape_fixes(spec: RunSpec, summary: Summary, at: int) -> Iterator[Fix]:
    """Changes after which the layer at `at` fits, the least first; the last one removes it."""
    found = 0
    for fix in (
        *_rewired(spec, summary, at),
        *_matched(spec, summary, at),
        *_refitted(spec, summary, at),
    ):
        if found < MAX_FIXES - 1:
            found += 1
            yield fix
    yield remove_fix(spec, at)


def crop_problems(spec: RunSpec, summary: Summary) -> Iterator[Problem]:
    """A RandomCrop after which a layer needs the size that it gives in training only.

    Keras 3 crops in training, and passes pictures on as they are in validation and prediction, whatever its
    documentation says.
    """
    model = spec.model
    for at, layer in enumerate(model.layers):
        if layer.type_name != "RandomCrop" or layer.disabled:
            continue
        model = model.change(at, layer.with_options(disabled=True))
        passed = summarize(model, summary.input_shape)
        if _alike(passed, summary):
            continue
        trained, given = summary.rows[at].shape, passed.rows[at].shape
        assert trained is not None
        assert given is not None
        yield Problem(
            f"RandomCrop crops in training only: the layers after it, made for {format_shape(trained)}, "
            f"would get {format_shape(given)} in validation and prediction.",
            at,
            fixes=tuple(_crop_fixes(spec, at)),
        )
        return


def _alike(one: Summary, other: Summary) -> bool:
    """Whether both give the same output with the same parameters."""
    return (
        one.mismatch is None
        and one.output == other.output
        and [row.params for row in one.rows] == [row.params for row in other.rows]
    )


def _crop_fixes(spec: RunSpec, at: int) -> Iterator[Fix]:
    """The middle in validation and prediction; or always the middle."""
    layer = spec.model.layers[at]
    centre = LayerSpec.of("CenterCrop", height=layer.options["height"], width=layer.options["width"])
    names = spec.model.names()
    if not any(names[at] in other.sources for other in spec.model.layers):
        yield insert_fix(spec, f"put {layer_text(centre)} after layer {at + 1}", at + 1, centre)
    kept = centre.with_options(name=layer.name, **{"from": layer.sources or None})
    yield Fix(f"make layer {at + 1} {layer_text(centre)}", spec.with_model(spec.model.change(at, kept)))


def _rewired(spec: RunSpec, summary: Summary, at: int) -> Iterator[Fix]:
    """Another name, or other sources, where that heals it."""
    layer, names = spec.model.layers[at], spec.model.names()
    if names.index(names[at]) < at:
        yield change_fix(spec, f"drop the name of layer {at + 1}", at, name=None)
        return
    given = _given(summary, at)
    if not spec.model.links[at].problem and (None in given or _fits(layer, given)):
        return
    if layer.layer_type.merges:
        yield from _joined(spec, summary, at)
    plain = layer.with_options(**{"from": None})
    above = at - 1
    while above >= 0 and spec.model.layers[above].disabled:
        above -= 1
    shape = summary.rows[above].shape if above >= 0 else summary.input_shape
    if layer.sources and shape is not None and _fits(plain, (shape,)):
        yield change_fix(spec, f"let layer {at + 1} take the layer above", at, **{"from": None})


def _matched(spec: RunSpec, summary: Summary, at: int) -> Iterator[Fix]:
    """A source of a merge made as wide as another one."""
    given = _given(summary, at)
    if not spec.model.layers[at].layer_type.merges or None in given or spec.model.links[at].problem:
        return
    for place, shape in reversed(list(zip(summary.rows[at].source_indices, given, strict=True))):
        widths = {other[-1] for other in given if other} - {shape[-1] if shape else 0}
        for option in ("units", "filters"):
            if place < 0 or option not in spec.model.layers[place].options:
                continue
            for width in sorted(widths):
                fix = change_fix(spec, f"make layer {place + 1} {width:,} wide", place, **{option: width})
                if not summarize(fix.spec.model, summary.input_shape).rows[at].mismatch:
                    yield fix


def _given(summary: Summary, at: int) -> tuple[Shape | None, ...]:
    places = summary.rows[at].source_indices
    return tuple(summary.rows[place].shape if place >= 0 else summary.input_shape for place in places)


def _refitted(spec: RunSpec, summary: Summary, at: int) -> Iterator[Fix]:
    """Other options or a layer between, where the layer itself is what doesn't fit."""
    layer, given = spec.model.layers[at], _given(summary, at)
    first = given[0]
    if first is None or _fits(layer, given) or spec.model.links[at].problem:
        return
    yield from _sequenced(spec, summary, at)
    yield from _reshaped(spec, at, first)
    for label, options in (*_padded(layer), *_smaller(layer, first), *_defaults(layer)):
        if _fits(layer.with_options(**options), given):
            yield change_fix(spec, f"{label[0]} layer {at + 1}{label[1]}", at, **options)


def _sequenced(spec: RunSpec, summary: Summary, at: int) -> Iterator[Fix]:
    """Every step instead of the last one, where a recurrent layer feeds another that reads steps."""
    (place, *others) = summary.rows[at].source_indices
    if others or place < 0 or spec.model.layers[place].options.get("return_sequences") is not False:
        return
    fix = change_fix(spec, f"set layer {place + 1}'s return_sequences to true", place, return_sequences=True)
    if not summarize(fix.spec.model, summary.input_shape).rows[at].mismatch:
        yield fix


def _fits(layer: LayerSpec, given: tuple[Shape | None, ...]) -> bool:
    shapes = tuple(shape for shape in given if shape is not None)
    if len(shapes) < len(given):
        return False
    try:
        measure_layer(layer, shapes)
    except SpecError:
        return False
    return True


Change = tuple[tuple[str, str], dict[str, Value]]
"""What stands before and after the layer's number in the label, and the options."""


def _reshaped(spec: RunSpec, at: int, given: Shape) -> Iterator[Fix]:
    """Another number of axes, by a layer put before this one."""
    layer = spec.model.layers[at]
    wanted = layer.layer_type.axes
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
    reshaped = measure_layer(between, (given,)).shape
    if not _fits(layer.with_options(**{"from": None}), (reshaped,)):
        return
    yield insert_fix(spec, f"insert {layer_text(between)} before layer {at + 1}", at, between)


def _padded(layer: LayerSpec) -> Iterator[Change]:
    if layer.options.get("padding") == "valid":
        yield ("pad", " with 'same'"), {"padding": "same"}


def _smaller(layer: LayerSpec, given: Shape) -> Iterator[Change]:
    """A kernel or pool no larger than what it slides over."""
    for option in ("kernel_size", "pool_size"):
        sizes = layer.options.get(option)
        if isinstance(sizes, tuple) and len(sizes) == len(given) - 1:
            fitting = tuple(
                min(size, n) for size, n in zip(sizes, given, strict=False) if isinstance(size, int)
            )
            if fitting != sizes:
                shown = Ints(option, length=len(fitting)).show(fitting)
                yield ("set", f"'s {option} to {shown}"), {option: fitting}


def _defaults(layer: LayerSpec) -> Iterator[Change]:
    """An option back at what Keras has."""
    for option in layer.layer_type.options:
        if option.tuinn_only or option.default is REQUIRED or layer.options[option.name] == option.default:
            continue
        shown = option.show(option.default) or "nothing"
        yield ("set", f"'s {option.name} to {shown}"), {option.name: option.default}


def _joined(spec: RunSpec, summary: Summary, at: int) -> Iterator[Fix]:
    """The nearest layer above that goes with the one just above."""
    above = summary.rows[at].source_indices[0]
    named_above = summary.rows[at].sources[0]
    shape = summary.rows[above].shape if above >= 0 else summary.input_shape
    for place in reversed(range(-1, above)):
        other = summary.rows[place] if place >= 0 else None
        if other and other.layer.disabled:
            continue
        layer = spec.model.layers[at]
        if (other.shape if other else summary.input_shape) == shape and _fits(layer, (shape, shape)):
            name = other.name if other else "input"
            yield change_fix(spec, f"let layer {at + 1} take {name} too", at, **{"from": (name, named_above)})
            return
