"""The network must end in what the task asks for."""

from collections.abc import Iterator

from tuinn.spec.advice.fix import Fix, Problem, change_fix, insert_fix, layer_text
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.layers.catalog import LayerSpec, Shape, format_shape
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.spec.run import RunSpec
from tuinn.spec.training.losses import last_activation
from tuinn.spec.training.output_layer import (
    ACTIVATION_RANGES,
    UNIT_INTERVAL,
    covers_targets,
    output_layer_for,
)


def output_layer_problems(spec: RunSpec, facts: DataFacts, summary: Summary) -> Iterator[Problem]:
    """At most one: the shape, the number of outputs, or the last activation."""
    at = max(place for place, layer in enumerate(spec.model.layers) if not layer.disabled)
    shape = summary.output
    if shape is None:
        return
    if len(shape) != 1:
        has = f"{len(facts.target_names)} targets" if facts.target_names else "one target"
        yield Problem(
            f"The network ends in {format_shape(shape)}, but each sample has {has}. Flatten it first.",
            at,
            fixes=tuple(_flatten_fixes(spec, facts, summary)),
        )
        return
    outputs, allowed = shape[0], allowed_outputs(facts)
    if outputs not in allowed:
        each = ", one for each target" * bool(facts.target_names)
        yield Problem(
            f"The network ends in {outputs} output{'s' * (outputs != 1)}, but {facts.task} of this data needs "
            f"{' or '.join(str(n) for n in allowed)}{each}.",
            at,
            fixes=tuple(_output_layer_fixes(spec, facts)),
        )
        return
    yield from _activation(spec, facts, at, outputs)


def _activation(spec: RunSpec, facts: DataFacts, at: int, outputs: int) -> Iterator[Problem]:
    """The last activation against what the targets are."""
    row, last = output_layer_for(facts, outputs), last_activation(spec.model)
    wanted = row.activations[0]
    many = "s" * (outputs != 1)
    if outputs == 1 and last == "softmax":
        why = f"softmax over one output is always 1; {facts.task} with 1 output wants {wanted}."
        yield Problem(why, at, fixes=tuple(_activation_fixes(spec, wanted)))
    elif not covers_targets(last, facts) and facts.targets:
        low, high = ACTIVATION_RANGES[last]
        gives = f"{low:g} or more" if high == float("inf") else f"{low:g} to {high:g}"
        why = f"The network ends in {last}, which gives {gives}, but the targets run from {_range(facts.targets)}."
        yield Problem(why, at, "warning", tuple(_activation_fixes(spec, wanted)))
    elif last not in row.activations and row is UNIT_INTERVAL:
        why = f"The targets run from {_range(facts.targets)}, and {last} may answer outside 0 to 1; {wanted} does not."
        yield Problem(why, at, "warning", tuple(_activation_fixes(spec, wanted)))
    elif last not in row.activations and not (facts.targets and facts.task is Task.REGRESSION):
        why = f"The network ends in {last}; {facts.task} with {outputs} output{many} wants {wanted}."
        yield Problem(why, at, "warning", tuple(_activation_fixes(spec, wanted)))


def _range(targets: tuple[float, float] | None) -> str:
    return "" if targets is None else f"{targets[0]:,.6g} to {targets[1]:,.6g}"


def _flatten_fixes(spec: RunSpec, facts: DataFacts, summary: Summary) -> Iterator[Fix]:
    """Flatten goes before the first Dense that sees more than one axis; to the end where that does not do."""
    flatten = LayerSpec.of("Flatten")
    before: Shape = summary.input_shape
    for at, row in enumerate(summary.rows):
        if (
            row.layer.type_name == "Dense"
            and not row.layer.disabled
            and not row.layer.sources
            and len(before) > 1
        ):
            fix = insert_fix(spec, f"insert Flatten before layer {at + 1}", at, flatten)
            if len(_output_of(fix.spec, facts) or ()) == 1:
                yield fix
                return
            break
        before = row.shape or ()
    yield insert_fix(spec, "add Flatten at the end", len(spec.model.layers), flatten)


def _output_layer_fixes(spec: RunSpec, facts: DataFacts) -> Iterator[Fix]:
    output_layer = default_output_layer(facts)
    layers = spec.model.layers
    working = [at for at, layer in enumerate(layers) if not layer.disabled]
    last = next((at for at in reversed(working) if layers[at].units), None)
    if last is not None:
        # An activation in a layer of its own stays where it is.
        activation = output_layer.activation if last == working[-1] else layers[last].activation
        fix = change_fix(spec, "", last, units=output_layer.units, activation=activation)
        # Below a convolution, the width of a Dense is not the width of the output.
        if _output_of(fix.spec, facts) == (output_layer.units,):
            yield Fix(f"make layer {last + 1} {layer_text(fix.spec.model.layers[last])}", fix.spec)
    yield insert_fix(spec, f"add {layer_text(output_layer)} at the end", len(layers), output_layer)


def _output_of(spec: RunSpec, facts: DataFacts) -> Shape | None:
    """The width of the network, or None where a layer doesn't fit."""
    summary = summarize(spec.model, facts.input_shape, facts.is_text)
    return None if summary.mismatch else summary.output


def _activation_fixes(spec: RunSpec, wanted: str) -> Iterator[Fix]:
    layers = spec.model.layers
    for at in reversed(range(len(layers))):
        if layers[at].type_name in ("Dense", "Activation") and not layers[at].disabled:
            fix = change_fix(spec, f"set layer {at + 1}'s activation to {wanted}", at, activation=wanted)
            if last_activation(fix.spec.model) == wanted:
                yield fix
            break
    tail = LayerSpec.of("Activation", activation=wanted)
    yield insert_fix(spec, f"add {layer_text(tail)} at the end", len(layers), tail)


def allowed_outputs(facts: DataFacts) -> tuple[int, ...]:
    """How wide the last layer may be."""
    match facts.task:
        case Task.REGRESSION:
            return (max(1, len(facts.target_names)),)
        case Task.BINARY:
            return (1, 2)
        case _:
            return (len(facts.classes),)


def default_output_layer(facts: DataFacts) -> LayerSpec:
    """The last layer that suits the task."""
    outputs = 1 if facts.task is Task.BINARY else allowed_outputs(facts)[0]
    return LayerSpec.of("Dense", units=outputs, activation=output_layer_for(facts, outputs).activations[0])
