"""The first layers of a saved network as the start of a draft, with their weights, which training leaves alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from tuinn.errors import SpecError
from tuinn.spec.advice.output_layer import default_output_layer
from tuinn.spec.dataset import DataFacts
from tuinn.spec.layers.catalog import LayerSpec, Shape, format_shape
from tuinn.spec.layers.layer_options import SAVED_LAYER
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.spec.run import RunSpec
from tuinn.spec.saved_network.saved_stack import SavedStack
from tuinn.spec.training.target_scaling import STACK_LAYER
from tuinn.spec.weights import WeightsSpec

_POOLS = {2: "GlobalAveragePooling1D", 3: "GlobalAveragePooling2D", 4: "GlobalAveragePooling3D"}
"""Axes of what the trunk gives → the layer that makes a row of it."""
_DROPS = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")


_NO_WEIGHTS = {
    "keras-2": "Keras 2 wrote it, whose weights Keras 3 can't load. Where it was made, save it as .h5.",
    "saved-model": "the weights of a SavedModel belong to its graph. Where it was made, save it as .keras or .h5.",
    "json": "it describes the layers, and their weights lie elsewhere. Where it was made, save it as .keras or .h5.",
}
"""Kinds of files whose weights can't be taken, and what to do."""


@dataclass(frozen=True)
class FrozenTrunk:
    """A draft whose first layers are a saved network's."""

    spec: RunSpec
    kept: int
    """Layers of the saved network that are in it."""
    notes: tuple[str, ...]
    """A sentence for each thing that one should know."""


def frozen_trunk(saved: SavedStack, spec: RunSpec, facts: DataFacts) -> FrozenTrunk:
    """The network without its last layer that has weights and what follows that, frozen, with a new output layer for
    these data.

    Raises SpecError, with the file, where nothing would be left, or its weights can't be taken.
    """
    if why := _NO_WEIGHTS.get(saved.kind):
        raise SpecError(f"can't be a trunk: {why}", str(saved.file))
    shape = saved.input_shape or facts.input_shape
    summary = saved.summary or summarize(saved.imported.model, shape, saved.imported.reads_text)
    if summary.mismatch:
        at, why = summary.mismatch
        raise SpecError(
            f"can't be a trunk: its layer {at + 1}, {summary.rows[at].layer.type_name}, can't be built as it was "
            f"read ({why})",
            str(saved.file),
        )
    end = _end(summary)
    if end is None:
        raise SpecError(
            "has only one layer with weights, so nothing would be left of it. Take its layers instead.",
            str(saved.file),
        )
    kept = _ancestors(summary, end)
    model = _frozen(saved, summary)
    for at in reversed(range(len(model.layers))):
        if at not in kept:
            model = model.remove(at)
    model, notes = _with_input(model, saved.input_shape, facts.input_shape)
    gives = summary.rows[end].shape or ()
    if pool := _POOLS.get(len(gives)):
        model = model.insert(len(model.layers), LayerSpec.of(pool))
    model = model.insert(len(model.layers), default_output_layer(facts))
    made = spec.with_model(model).with_weights(WeightsSpec(str(saved.file.absolute()), saved.fingerprint))
    return FrozenTrunk(made, len(kept), (*notes, *_notes(saved, model, facts)))


def _end(summary: Summary) -> int | None:
    """The place of the last layer of the trunk; None where no layer with weights would be in it."""
    weighted = [at for at, row in enumerate(summary.rows) if row.params]
    if len(weighted) < 2:
        return None
    end = summary.rows[weighted[-1]].source_indices[0]
    return end if any(at in weighted for at in _ancestors(summary, end)) else None


def _ancestors(summary: Summary, end: int) -> set[int]:
    """The place and those of all layers that it depends on."""
    found: set[int] = set()
    waiting = [end]
    while waiting:
        at = waiting.pop()
        if at >= 0 and at not in found:
            found.add(at)
            waiting += summary.rows[at].source_indices
    return found


def _frozen(saved: SavedStack, summary: Summary) -> ModelSpec:
    """All its layers; those that hold numbers or words start with them, and are not trained."""
    layers = []
    for row, path in zip(summary.rows, saved.imported.paths, strict=True):
        layer = row.layer
        if saved.kind == "hdf5" and layer.layer_type.reads_text:
            raise SpecError(
                f"can't be a trunk: an HDF5 file doesn't hold the words of {layer.type_name}. Save it as .keras.",
                str(saved.file),
            )
        if row.params or layer.layer_type.adapts:
            if not SAVED_LAYER.fullmatch(path):
                raise SpecError(
                    f"has a layer called {path!r}, and a spec can't hold that name. Save it under a plainer one.",
                    str(saved.file),
                )
            layer = layer.with_options(weights=path)
            if "trainable" in layer.options and row.params:
                layer = layer.with_options(trainable=False)
        layers.append(layer)
    return ModelSpec(tuple(layers))


def _with_input(model: ModelSpec, theirs: Shape | None, ours: Shape) -> tuple[ModelSpec, tuple[str, ...]]:
    """The stack for samples of another shape, where they have as many numbers."""
    if theirs is None or theirs == ours:
        return model, ()
    if prod(theirs) == prod(ours) and theirs:
        layer = LayerSpec.of("Reshape", target_shape=list(theirs))
        return model.insert(0, layer), (f"A Reshape makes {format_shape(theirs)} of each sample.",)
    return model, (f"It takes samples of {format_shape(theirs)}, and these are {format_shape(ours)}.",)


def _notes(saved: SavedStack, model: ModelSpec, facts: DataFacts) -> Iterator[str]:
    yield from saved.imported.notes
    first = next(at for at, layer in enumerate(model.layers) if layer.weights)
    scales = any(layer.type_name in ("Rescaling", "Normalization") for layer in model.layers[: first + 1])
    if facts.is_image and not scales:
        yield (
            f"Nothing in it scales its input, which runs from {facts.low:g} to {facts.high:g}: put a Rescaling first that "
            "gives the values it learned from, such as -1 to 1."
        )
    adapted = {layer.type_name for layer in model.layers if layer.weights and layer.layer_type.adapts}
    if adapted:
        yield f"Its {' and '.join(sorted(adapted))} keep what they learned from its own data."
    last = max(at for at, layer in enumerate(model.layers) if layer.weights)
    if any(layer.type_name in _DROPS for layer in model.layers[:last]):
        yield "Its Dropout still drops values in training, also before frozen layers."
    if any(path.startswith(f"{STACK_LAYER}/") for path in saved.imported.paths):
        yield "The columns of a table are encoded anew, by these data."
