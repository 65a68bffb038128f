"""Layers that start with the weights of a saved network: the file is opened when the training begins, and never again.

What such layers know beside weights, words and measured means, is kept in the run folder, for when the run goes on.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

import keras
import msgspec
import numpy as np

from tuinn.errors import SpecError, WorkerError
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import read_struct
from tuinn.spec.layers.catalog import format_shape
from tuinn.spec.run import RunSpec
from tuinn.spec.saved_network.saved_stack import SavedStack, read_saved_stack
from tuinn.worker.errors import first_line
from tuinn.worker.keras_internals import inverse_document_frequencies
from tuinn.worker.keras_types import Array, Layer, LookupLayer, Model, NormalizationLayer
from tuinn.worker.model.saved_weights import open_saved


class Adapted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a layer has measured, or learned of words, beside its weights."""

    mean: tuple[float, ...] = ()
    variance: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    """Its whole vocabulary, in order, with what stands for gaps and unknown words."""
    frequencies: tuple[float, ...] = ()
    """The weight of each word, where they are weighted."""


class AdaptedLayers(msgspec.Struct, frozen=True):
    """The content of `adapted.json`."""

    layers: dict[str, Adapted] = {}
    """By the layer's name in the stack."""


def starting_layers(spec: RunSpec) -> dict[str, str]:
    """The name of each layer that starts with weights of a saved network → the layer there, by its path."""
    pairs = zip(spec.model.names(), spec.model.layers, strict=True)
    return {name: layer.weights for name, layer in pairs if layer.weights and not layer.disabled}


def start_layers(stack: Model, spec: RunSpec) -> None:
    """Give these layers the weights, means and words of the saved network. Raises WorkerError or SpecError."""
    wanted = starting_layers(spec)
    if not wanted:
        return
    saved = open_saved(_described(spec))
    for name, path in wanted.items():
        layer = stack.get_layer(name)
        if _normalizes(layer) or _looks_up(layer):
            source = saved.layer(path)
            restore_adapted(layer, adapted_of(source) if source else measured(saved.weights(path)))
            continue
        known = saved.weights(path)
        ours, theirs = [tuple(weight.shape) for weight in layer.weights], [one.shape for one in known]
        if ours != theirs:
            shown = [", ".join(map(format_shape, shapes)) or "none" for shapes in (theirs, ours)]
            raise WorkerError(
                f"{path} in {spec.weights.path} has weights of {shown[0]}, and layer {name} takes {shown[1]}. "
                "Change the layer, or let it start with fresh weights."
            )
        for weight, values in zip(layer.weights, known, strict=True):
            weight.assign(values)


def _described(spec: RunSpec) -> SavedStack:
    path = spec.weights.path
    try:
        found = read_saved_stack(path)
    except SpecError as problem:
        raise WorkerError(
            f"{problem} {len(starting_layers(spec))} layers should start with its weights. Put it back, or let them "
            "start with fresh ones."
        ) from None
    if spec.weights.fingerprint not in ("", found.fingerprint):
        raise WorkerError(
            f"{path} has changed since its layers were taken. Take them again, or empty weights.fingerprint."
        )
    return found


def measured(weights: Sequence[Array]) -> Adapted:
    """Mean and variance of a Normalization, which come before the count of its samples."""
    mean, variance = (tuple(np.asarray(one, np.float32).ravel().tolist()) for one in weights[:2])
    return Adapted(mean=mean, variance=variance)


def _looks_up(layer: Layer) -> TypeGuard[LookupLayer]:
    return isinstance(layer, keras.layers.TextVectorization | keras.layers.StringLookup)


def _normalizes(layer: Layer) -> TypeGuard[NormalizationLayer]:
    return isinstance(layer, keras.layers.Normalization)


def adapted_of(layer: Layer) -> Adapted:
    """What this layer knows beside its weights; nothing for most."""
    if _normalizes(layer):
        parts = (np.asarray(part, np.float32).ravel().tolist() for part in (layer.mean, layer.variance))
        mean, variance = map(tuple, parts)
        return Adapted(mean=mean, variance=variance)
    if _looks_up(layer):
        words = tuple(str(word) for word in layer.get_vocabulary())
        return Adapted(words=words, frequencies=inverse_document_frequencies(layer, len(words)))
    return Adapted()


def restore_adapted(layer: Layer, known: Adapted) -> None:
    """Set what `adapted_of` gave. Raises WorkerError where it doesn't fit."""
    try:
        if _normalizes(layer):
            for variable, values in ((layer.adapt_mean, known.mean), (layer.adapt_variance, known.variance)):
                variable.assign(np.array(values, np.float32).reshape(variable.shape))
            layer.finalize_state()
        elif known.words and _looks_up(layer):
            frequencies = {"idf_weights": list(known.frequencies)} if known.frequencies else {}
            layer.set_vocabulary(list(known.words), **frequencies)
    except ValueError as error:
        raise WorkerError(
            f"{layer.name} can't start as it is to ({first_line(error)}). Let it start with fresh weights."
        ) from error


def keep_adapted(folder: RunFolder, stack: Model, spec: RunSpec) -> None:
    """Write down what these layers know beside their weights. Raises OSError."""
    found = {name: adapted_of(stack.get_layer(name)) for name in starting_layers(spec)}
    told = AdaptedLayers({name: known for name, known in found.items() if known != Adapted()})
    folder.write_whole(folder.adapted_file, msgspec.json.encode(told))


def read_adapted(folder: RunFolder) -> Mapping[str, Adapted] | None:
    """What `keep_adapted` wrote; None where it is missing or damaged."""
    try:
        return read_struct(folder.adapted_file, AdaptedLayers).layers
    except (OSError, ValueError):
        return None


def restore_layers(stack: Model, known: Mapping[str, Adapted]) -> None:
    """Give the layers what they know beside their weights, which come from a checkpoint."""
    for name, adapted in known.items():
        restore_adapted(stack.get_layer(name), adapted)


def first_weights_words(spec: RunSpec) -> str:
    """`6 layers start with the weights of shoes.keras, 4 of them frozen.`"""
    names = starting_layers(spec)
    frozen = sum(
        not layer.options.get("trainable", True)
        for layer in spec.model.layers
        if layer.weights and not layer.disabled
    )
    many = "1 layer starts" if len(names) == 1 else f"{len(names)} layers start"
    return f"{many} with the weights of {Path(spec.weights.path).name}; {frozen} of them frozen."
