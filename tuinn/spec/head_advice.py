"""The network must end in what the task asks for."""

from collections.abc import Iterator

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.layers import LayerSpec, Shape, by_text
from tuinn.spec.losses import last_activation
from tuinn.spec.remedy import Problem, Remedy, changed, inserted, named
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import Summary, summarise


def head_problems(spec: RunSpec, facts: DataFacts, summary: Summary) -> Iterator[Problem]:
    """At most one: the shape, the number of outputs, or the last activation."""
    at = max(place for place, layer in enumerate(spec.model.layers) if not layer.disabled)
    shape = summary.output
    if shape is None:
        return
    if len(shape) != 1:
        yield Problem(
            f"The network ends in {by_text(shape)}, but each sample has one target. Flatten it first.",
            at,
            remedies=tuple(_flatten_remedies(spec, summary)),
        )
        return
    outputs, allowed = shape[0], outputs_allowed(facts)
    if outputs not in allowed:
        yield Problem(
            f"The network ends in {outputs} output{'s' * (outputs != 1)}, but {facts.task} of this data needs "
            f"{' or '.join(str(n) for n in allowed)}.",
            at,
            remedies=tuple(_head_remedies(spec, facts)),
        )
        return
    wanted, last = last_activations(facts, outputs), last_activation(spec.model)
    if outputs == 1 and last == "softmax":
        yield Problem(
            f"softmax over one output is always 1; {facts.task} with 1 output wants {wanted[0]}.",
            at,
            remedies=tuple(_activation_remedies(spec, wanted[0])),
        )
    elif last not in wanted:
        yield Problem(
            f"The network ends in {last}; {facts.task} with {outputs} output{'s' * (outputs != 1)} wants {wanted[0]}.",
            at,
            "warning",
            tuple(_activation_remedies(spec, wanted[0])),
        )


def _flatten_remedies(spec: RunSpec, summary: Summary) -> Iterator[Remedy]:
    """Flatten goes before the first Dense that sees more than one axis; to the end where that does not do."""
    flatten = LayerSpec.of("Flatten")
    before: Shape = summary.input_shape
    for at, row in enumerate(summary.rows):
        if row.layer.kind == "Dense" and not row.layer.disabled and not row.layer.sources and len(before) > 1:
            remedy = inserted(spec, f"insert Flatten before layer {at + 1}", at, flatten)
            if len(_output_of(remedy.spec, summary.input_shape) or ()) == 1:
                yield remedy
                return
            break
        before = row.shape or ()
    yield inserted(spec, "add Flatten at the end", len(spec.model.layers), flatten)


def _head_remedies(spec: RunSpec, facts: DataFacts) -> Iterator[Remedy]:
    head = head_of(facts)
    layers = spec.model.layers
    working = [at for at, layer in enumerate(layers) if not layer.disabled]
    last = next((at for at in reversed(working) if layers[at].units), None)
    if last is not None:
        # An activation in a layer of its own stays where it is.
        activation = head.activation if last == working[-1] else layers[last].activation
        remedy = changed(spec, "", last, units=head.units, activation=activation)
        # Below a convolution, the width of a Dense is not the width of the output.
        if _output_of(remedy.spec, facts.input_shape) == (head.units,):
            yield Remedy(f"make layer {last + 1} {named(remedy.spec.model.layers[last])}", remedy.spec)
    yield inserted(spec, f"add {named(head)} at the end", len(layers), head)


def _output_of(spec: RunSpec, shape: Shape) -> Shape | None:
    """The width of the network, or None where a layer doesn't fit."""
    summary = summarise(spec.model, shape)
    return None if summary.misfit else summary.output


def _activation_remedies(spec: RunSpec, wanted: str) -> Iterator[Remedy]:
    layers = spec.model.layers
    for at in reversed(range(len(layers))):
        if layers[at].kind in ("Dense", "Activation") and not layers[at].disabled:
            remedy = changed(spec, f"set layer {at + 1}’s activation to {wanted}", at, activation=wanted)
            if last_activation(remedy.spec.model) == wanted:
                yield remedy
            break
    tail = LayerSpec.of("Activation", activation=wanted)
    yield inserted(spec, f"add {named(tail)} at the end", len(layers), tail)


def outputs_allowed(facts: DataFacts) -> tuple[int, ...]:
    """How wide the last layer may be."""
    match facts.task:
        case Task.REGRESSION:
            return (1,)
        case Task.BINARY:
            return (1, 2)
        case _:
            return (len(facts.classes),)


def last_activations(facts: DataFacts, outputs: int) -> tuple[str, ...]:
    """The last activations that fit, best first; linear is fine where the loss can take logits."""
    match facts.task:
        case Task.REGRESSION:
            return ("linear", "relu", "softplus", "sigmoid", "exponential")
        case Task.CLASSES:
            return ("softmax", "linear")
        case Task.BINARY if outputs == 2:
            return ("softmax", "linear")
        case _:
            return ("sigmoid", "linear")


def head_of(facts: DataFacts) -> LayerSpec:
    """The last layer that suits the task."""
    outputs = 1 if facts.task in (Task.BINARY, Task.REGRESSION) else len(facts.classes)
    return LayerSpec.of("Dense", units=outputs, activation=last_activations(facts, outputs)[0])
