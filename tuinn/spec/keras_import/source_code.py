"""Keras code → layers, followed by a small interpreter. Nothing of it is ever executed."""

import ast

from tuinn.errors import SpecError
from tuinn.spec.keras_import.code.interpreter import Interpreter
from tuinn.spec.keras_import.network.construction import Construction
from tuinn.spec.keras_import.network.graph import (
    ancestors,
    ensure_graph,
    layers_in,
    sequential_input,
    stack_of,
)
from tuinn.spec.keras_import.network.values import (
    ClassValue,
    Function,
    FunctionLayer,
    InputLayer,
    Instance,
    Layer,
    Network,
    Tensor,
)
from tuinn.spec.keras_import.report import Note, ParsedLayers
from tuinn.spec.keras_import.source_text import read_text
from tuinn.spec.keras_import.training.settings import read_training
from tuinn.spec.layers.catalog import LayerSpec, Shape
from tuinn.spec.run import RunSpec, spec_in

__all__ = ["ParsedLayers", "read_source"]


def read_source(text: str) -> ParsedLayers:
    """The layers that this code would make. Raises SpecError with the line's number as its path."""
    if (spec := spec_in(text)) is not None:
        return _as_written(text, spec)
    tree, notes = read_text(text)
    construction = Construction(notes=list(notes), first_line=tree.body[0].lineno if tree.body else 1)
    interpreter = Interpreter(construction)
    try:
        interpreter.run(tree.body)
        if not _anything(construction):
            _call_what_is_defined(construction, interpreter)
        return _finished(construction, interpreter)
    except RecursionError:
        raise construction.refuse("The code is nested too deep to be read.") from None


def _as_written(text: str, spec: RunSpec) -> ParsedLayers:
    """A script of tuinn's own: its spec stands in it."""
    last = len(text.rstrip().split("\n"))
    note = Note(
        last, "taken over", "the whole spec, for nothing in the script was changed since tuinn wrote it"
    )
    return ParsedLayers(
        spec.model.layers,
        is_model=True,
        fit=spec.fit.values(),
        validation=spec.dataset.validation,
        spec=spec,
        notes=(note,),
    )


def _anything(construction: Construction) -> bool:
    return bool(
        construction.networks or construction.tensors or construction.layers or construction.instances
    )


def _call_what_is_defined(construction: Construction, interpreter: Interpreter) -> None:
    """Code that only defines: its last function or class that makes a network is read as if it were called."""
    defined: list[Function | ClassValue] = [*construction.functions, *construction.classes]
    defined.sort(key=lambda one: one.node.lineno if not isinstance(one.node, ast.Lambda) else 0, reverse=True)
    problem: SpecError | None = None
    for one in defined:
        if (isinstance(one, Function) and one.called) or _anything(construction):
            continue
        construction.line = getattr(one.node, "lineno", 1)
        try:
            found = interpreter.calls.call(one, (), {})
        except SpecError as error:
            if _anything(construction):
                raise
            problem = problem or error
            continue
        if _anything(construction):
            name = one.name if isinstance(one, Function) else one.node.name
            construction.note("changed", f"nothing calls {name}; it is read as if called", construction.line)
            if isinstance(found, Tensor | Layer | Network):
                continue
    if problem is not None and not _anything(construction):
        raise problem


def _finished(construction: Construction, interpreter: Interpreter) -> ParsedLayers:
    network = _chosen(construction, interpreter)
    if network is None:
        return _loose_layers(construction, interpreter)
    ensure_graph(construction, network)
    for many, word in ((network.inputs, "inputs"), (network.outputs, "outputs")):
        if len(many) != 1:
            raise construction.refuse(
                f"This network has {len(many)} {word}, and a stack has one.", line=network.line
            )
    tensors = ancestors(construction, network.outputs, network.inputs)
    if not tensors:
        raise construction.refuse("This network has no layer.", line=network.line)
    layers, lines = stack_of(construction, tensors)
    _say_left_out(construction, tensors, network)
    settings = read_training(construction, network, layers[-1])
    shape = network.inputs[0].shape or _told_shape(tensors, network)
    return ParsedLayers(
        layers,
        skipped=tuple(line for line in dict.fromkeys(interpreter.passed_over) if line not in lines),
        is_model=not network.stands_for,
        lines=lines,
        input_shape=shape,
        fit=settings.fit,
        validation=settings.validation,
        decay=settings.decay,
        notes=_sorted(construction),
    )


def _told_shape(tensors: list[Tensor], network: Network) -> Shape | None:
    if network.is_sequential and (shape := sequential_input(network)):
        return shape
    first = tensors[0].layer
    return first.input_shape if first is not None else None


def _sorted(construction: Construction) -> tuple[Note, ...]:
    return tuple(sorted(construction.notes, key=lambda note: note.line))


def _chosen(construction: Construction, interpreter: Interpreter) -> Network | None:
    """The network that the code is about: the last one that is part of no other; None for layers alone."""
    free = [one for one in construction.networks if not one.used]
    instances = [one for one in construction.instances if not one.used and _has_call(interpreter, one)]
    if instances and (not free or instances[-1].made_at > free[-1].changed_at):
        return _subclassed(construction, interpreter, instances[-1])
    loose_end = _loose_end(construction)
    if loose_end is not None and not free:
        inputs = _inputs_of(loose_end)
        return Network(loose_end.line, inputs=inputs, outputs=[loose_end])
    free.sort(key=lambda one: one.changed_at)
    if free:
        chosen = free[-1]
        if trained := _trained_within(construction, chosen, interpreter.top.names.get("model")):
            construction.note(
                "left out",
                f"another network of the same layers; the one of line {trained.line} is read",
                chosen.line,
            )
            return trained
        for other in free[:-1]:
            if other.items or other.outputs:
                construction.note(
                    "left out", f"another network; the one of line {chosen.line} is read", other.line
                )
        return chosen
    return None


def _trained_within(construction: Construction, chosen: Network, named: object) -> Network | None:
    """The network that is trained, where another one is only made of its layers: to predict, or to look inside.

    `named`: what the code calls `model`, which counts where nothing is trained.
    """
    if chosen.compiled is not None or chosen.fitted is not None:
        return None
    mine = layers_in(construction, chosen)
    others = [one for one in construction.networks if one is not chosen]
    for other in reversed(others):
        trained = other.compiled is not None or other.fitted is not None
        theirs = layers_in(construction, other)
        if (trained and mine & theirs) or (mine < theirs and other is named):
            return other
    return None


def _has_call(interpreter: Interpreter, instance: Instance) -> bool:
    return isinstance(interpreter._method(instance, "call"), Function)


def _subclassed(construction: Construction, interpreter: Interpreter, instance: Instance) -> Network:
    """What the `call` of a class of the code's own gives for an input."""
    construction.line = instance.line
    x = construction.new_input(None)
    found = interpreter.calls.call(instance, (x,), {})
    if not isinstance(found, Tensor):
        raise construction.refuse(
            f"What {instance.of.node.name} gives for its input cannot be read.", line=instance.line
        )
    return Network(
        instance.line, inputs=[x], outputs=[found], compiled=instance.compiled, fitted=instance.fitted
    )


def _loose_end(construction: Construction) -> Tensor | None:
    """The last thing that layers give, where no Model says where the network ends."""
    made = [tensor for tensor in construction.tensors if tensor.layer is not None]
    return made[-1] if made else None


def _inputs_of(output: Tensor) -> list[Tensor]:
    found: dict[int, Tensor] = {}
    seen: set[int] = set()
    waiting = [output]
    while waiting:
        tensor = waiting.pop()
        if tensor.at in seen:
            continue
        seen.add(tensor.at)
        if tensor.layer is None:
            found[tensor.at] = tensor
        waiting.extend(tensor.sources)
    return [found[at] for at in sorted(found)]


def _loose_layers(construction: Construction, interpreter: Interpreter) -> ParsedLayers:
    """A few layers without a network around them, each taking the one above."""
    made = [layer for layer in construction.layers if isinstance(layer, Layer) and not layer.used]
    parts = construction.loose or made
    specs: list[LayerSpec] = []
    lines: list[int] = []
    for part in parts:
        while isinstance(part, Layer):
            specs.append(part.spec)
            lines.append(part.line)
            part = part.then
        if isinstance(part, FunctionLayer):
            raise construction.refuse(
                "A Lambda alone cannot be read. Paste it with the network around it.", line=part.line
            )
    if not specs:
        raise construction.refuse("There is no layer of Keras in this code.", line=construction.first_line)
    shape = next((part.shape for part in parts if isinstance(part, InputLayer)), None)
    skipped = tuple(dict.fromkeys(interpreter.passed_over))
    return ParsedLayers(tuple(specs), skipped, False, tuple(lines), shape, notes=_sorted(construction))


def _say_left_out(construction: Construction, tensors: list[Tensor], network: Network) -> None:
    """Layers that the code makes and the network doesn't have."""
    within = {id(tensor.layer) for tensor in tensors}
    others = {id(item) for one in construction.networks if one is not network for item in one.items}
    for layer in construction.layers:
        if not isinstance(layer, Layer) or id(layer) in within or id(layer) in others:
            continue
        called = bool(layer.outputs)
        if called or not layer.used:
            why = "it leads nowhere" if called else "nothing calls it"
            construction.note("left out", f"{layer.spec.type_name}; {why}", layer.line)
