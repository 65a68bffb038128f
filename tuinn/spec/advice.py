"""What is wrong with a draft, said before training, each with the changes that would put it right."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.fit_advice import fit_problems
from tuinn.spec.layers import LayerSpec, Shape, by_text
from tuinn.spec.losses import last_activation
from tuinn.spec.remedy import Problem, Remedy
from tuinn.spec.run import RunSpec
from tuinn.spec.shapes import Summary, summarise

__all__ = ["Problem", "Remedy", "advise", "fitted_to"]

SCALING = ("Rescaling", "Normalization", "BatchNormalization")


def advise(spec: RunSpec, facts: DataFacts, summary: Summary | None = None) -> tuple[Problem, ...]:
    """Everything wrong with this draft, errors first. An empty tuple means: it trains, and it should learn."""
    summary = summary or summarise(spec.model, facts.shape)
    found = [*_stack(spec, facts, summary), *fit_problems(spec, facts)]
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


def _stack(spec: RunSpec, facts: DataFacts, summary: Summary) -> Iterator[Problem]:
    if not spec.model.layers:
        head = _head(facts)
        yield Problem(
            "There are no layers yet.",
            remedies=(_remedy(spec, f"add {_named(head)}", 0, head),),
        )
    elif summary.misfit:
        at, why = summary.misfit
        yield Problem(why, at, remedies=tuple(_misfit_remedies(spec, summary, at)))
    else:
        yield from _output(spec, facts, summary)
        yield from _scaling(spec, facts)


def _misfit_remedies(spec: RunSpec, summary: Summary, at: int) -> Iterator[Remedy]:
    layer = spec.model.layers[at]
    given: Shape = (summary.rows[at - 1].shape if at else summary.input_shape) or ()
    needs_image = layer.kind in ("Conv2D", "MaxPooling2D", "GlobalAveragePooling2D")
    if needs_image and len(given) == 2:
        channel = LayerSpec.of("Reshape", target_shape=[*given, 1])
        yield _remedy(spec, f"insert {_named(channel)} before layer {at + 1}", at, channel)
    elif "padding" in layer.options and layer.options["padding"] == "valid" and len(given) == 3:
        padded = layer.with_options(padding="same")
        yield Remedy(f"pad layer {at + 1} with “same”", spec.with_model(spec.model.change(at, padded)))
    yield Remedy(f"remove layer {at + 1}", spec.with_model(spec.model.remove(at)))


def _output(spec: RunSpec, facts: DataFacts, summary: Summary) -> Iterator[Problem]:
    """The network must end in what the task asks for."""
    at, shape = len(spec.model.layers) - 1, summary.output
    if shape is None:
        return
    if len(shape) != 1:
        yield Problem(
            f"The network ends in {by_text(shape)}, but each sample has one target. Flatten it first.",
            at,
            remedies=tuple(_flatten_remedies(spec, summary)),
        )
        return
    outputs, allowed = shape[0], _outputs_allowed(facts)
    if outputs not in allowed:
        yield Problem(
            f"The network ends in {outputs} output{'s' * (outputs != 1)}, but {facts.task} of this data needs "
            f"{' or '.join(str(n) for n in allowed)}.",
            at,
            remedies=tuple(_head_remedies(spec, facts)),
        )
    elif (wanted := _last_activations(facts, outputs)) and (
        last := last_activation(spec.model)
    ) not in wanted:
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
        if row.layer.kind == "Dense" and len(before) > 1:
            remedy = _remedy(spec, f"insert Flatten before layer {at + 1}", at, flatten)
            if len(_output_of(remedy.spec, summary.input_shape) or ()) == 1:
                yield remedy
                return
            break
        before = row.shape or ()
    yield _remedy(spec, "add Flatten at the end", len(spec.model.layers), flatten)


def _head_remedies(spec: RunSpec, facts: DataFacts) -> Iterator[Remedy]:
    head = _head(facts)
    last = next((i for i in reversed(range(len(spec.model.layers))) if spec.model.layers[i].units), None)
    if last is not None:
        old = spec.model.layers[last]
        # An activation in a layer of its own stays where it is.
        activation = head.options["activation"] if last == len(spec.model.layers) - 1 else old.activation
        changed = spec.with_model(
            spec.model.change(last, old.with_options(units=head.units, activation=activation))
        )
        # Below a convolution, the width of a Dense is not the width of the output.
        if _output_of(changed, facts.shape) == (head.units,):
            yield Remedy(f"make layer {last + 1} {_named(changed.model.layers[last])}", changed)
    yield _remedy(spec, f"add {_named(head)} at the end", len(spec.model.layers), head)


def _output_of(spec: RunSpec, shape: Shape) -> Shape | None:
    return summarise(spec.model, shape).output


def _activation_remedies(spec: RunSpec, wanted: str) -> Iterator[Remedy]:
    for at in reversed(range(len(spec.model.layers))):
        layer = spec.model.layers[at]
        if layer.activation is not None:
            changed = layer.with_options(activation=wanted)
            yield Remedy(
                f"set layer {at + 1}’s activation to {wanted}",
                spec.with_model(spec.model.change(at, changed)),
            )
            return
    tail = LayerSpec.of("Activation", activation=wanted)
    yield _remedy(spec, f"add {_named(tail)} at the end", len(spec.model.layers), tail)


def _scaling(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Raw bytes or columns of very different size train badly; scaling belongs inside the network."""
    if max(abs(facts.low), abs(facts.high)) <= 10 or any(
        layer.kind in SCALING for layer in spec.model.layers
    ):
        return
    integral = facts.dtype.startswith("uint")
    layer = LayerSpec.of("Rescaling", scale=1 / facts.high) if integral else LayerSpec.of("Normalization")
    yield Problem(
        f"The values run from {facts.low:g} to {facts.high:g} and no layer scales them, so training will be slow or fail.",
        severity="warning",
        remedies=(_remedy(spec, f"put {_named(layer)} first", 0, layer),),
    )


def _outputs_allowed(facts: DataFacts) -> tuple[int, ...]:
    match facts.task:
        case Task.REGRESSION:
            return (1,)
        case Task.BINARY:
            return (1, 2)
        case _:
            return (len(facts.classes),)


def _last_activations(facts: DataFacts, outputs: int) -> tuple[str, ...]:
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


def _head(facts: DataFacts) -> LayerSpec:
    """The last layer that suits the task."""
    outputs = 1 if facts.task in (Task.BINARY, Task.REGRESSION) else len(facts.classes)
    return LayerSpec.of("Dense", units=outputs, activation=_last_activations(facts, outputs)[0])


def _named(layer: LayerSpec) -> str:
    return f"{layer.kind} {layer.words()}".strip()


def _remedy(spec: RunSpec, label: str, at: int, layer: LayerSpec) -> Remedy:
    return Remedy(label, spec.with_model(spec.model.insert(at, layer)))


def fitted_to(spec: RunSpec, name: str, facts: DataFacts) -> RunSpec:
    """The draft for another dataset: its name changed, head, scaling and metrics made to fit."""
    spec = replace(spec, dataset=msgspec.structs.replace(spec.dataset, name=name))
    for _ in range(8):  # one remedy may uncover the next problem; each is applied at most once
        remedy = next((p.remedies[0] for p in advise(spec, facts) if p.remedies), None)
        if remedy is None:
            break
        spec = remedy.spec
    return spec
