"""What each layer makes of samples: a network's steps in order, and their values as Keras computes them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, cast

import keras
import numpy as np
from msgspec.structs import replace

from tuinn.data.inspection import Plain, Step
from tuinn.spec.dataset import Column, DataFacts
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.worker.keras_types import Array, Layer, Model, Tensor
from tuinn.worker.model.network import Network

ENCODER, OUTPUT = "encoder", "output"
"""Steps around the user's layers: columns become numbers; logits become probabilities, or a target its own unit."""

MOST_VALUES, MOST_IN_ALL = 4_000_000, 40_000_000
"""Values of a step that are kept, at most, and of all steps together: 160 MB."""

SCORED = "MultiHeadAttention"

INSIDE = ("layer", "forward_layer", "cell")
"""Options of a wrapper that describe the layer inside."""


class ActivatedLayer(Layer, Protocol):
    """A layer that ends in an activation function."""

    activation: object


@dataclass(frozen=True)
class Place:
    """A layer in the network, and the steps that it is."""

    layer: Layer
    sources: tuple[int, ...]
    """Steps whose values it takes."""
    split: ActivatedLayer | None
    """The layer whose activation function is a step of its own: it, or the one it wraps. None: it is one step."""


class LayerSteps:
    """The steps of a network. Built once; it computes with the weights that the network has at the time."""

    def __init__(self, network: Network, facts: DataFacts) -> None:
        self.network, self.facts = network, facts
        stack = network.stack
        self.stack: Model = keras.Model(stack.input, [_one(layer.output) for layer in stack.layers[1:]])
        self.steps: list[Step] = []
        self.places: list[Place] = []
        self._add_input()
        at = {id(stack.input): len(self.steps) - 1}
        for layer in stack.layers[1:]:
            self._add(layer, tuple(at[id(tensor)] for tensor in _inputs(layer)))
            at[id(_one(layer.output))] = len(self.steps) - 1
        self._add_output()

    # ------------------------------------------------------------------------------------------------ steps

    def _add_input(self) -> None:
        facts = self.facts
        labels = tuple(facts.feature(at) for at in range(facts.shape[0])) if facts.is_table else ()
        self.steps.append(Step(INPUT_NAME, "Input", tuple(facts.shape), labels=labels))
        if self.network.encoder is not None and facts.columns:
            names = encoded_names(facts.columns)
            self.steps.append(Step(ENCODER, ENCODER, (len(names),), (0,), labels=names))

    def _add(self, layer: Layer, sources: tuple[int, ...]) -> None:
        kind, options, inner = described(layer)
        weights = tuple(
            variable.path.removeprefix(f"{layer.name}/") for variable in layer.weights if variable.shape
        )
        step = Step(
            layer.name, kind, tuple(_one(layer.output).shape[1:]), sources, options, inner, weights=weights
        )
        split = layer_to_split(layer)
        self.places.append(Place(layer, sources, split))
        self.steps.append(step)
        if split is not None:
            name = {"activation": getattr(split.activation, "__name__", str(split.activation))}
            place = (len(self.steps) - 1,)
            self.steps.append(Step(layer.name, "Activation", step.shape, place, dict(name), is_applied=True))

    def _add_output(self) -> None:
        network, last = self.network, len(self.steps) - 1
        if network.loss.from_logits:
            binary = network.loss.name == "binary_crossentropy"
            function: dict[str, Plain] = {"activation": "sigmoid" if binary else "softmax"}
            self.steps.append(Step(OUTPUT, "Activation", self.steps[last].shape, (last,), function))
        elif not network.scaler.is_identity:
            unit: dict[str, Plain] = {
                name: [*value] if isinstance(value, tuple) else float(value)
                for name, value in (("scale", network.scaler.scale), ("offset", network.scaler.offset))
            }
            self.steps.append(Step(OUTPUT, "Rescaling", self.steps[last].shape, (last,), unit))
        names = self.facts.classes or self.facts.target_names
        if len(names) == self.steps[-1].shape[-1]:
            self.steps[-1] = replace(self.steps[-1], labels=tuple(names))

    # ----------------------------------------------------------------------------------------------- values

    def values(self, samples: Array) -> list[Array]:
        """What each step gives for these samples, as they are cached, (n, *shape)."""
        found: list[Array] = [samples]
        inputs: object = samples
        if self.network.encoder is not None and self.facts.columns:
            inputs = self.network.encoder(samples, training=False)
            found.append(np.asarray(inputs))
        elif samples.dtype == object:
            inputs = keras.ops.convert_to_tensor(samples, dtype="string")
        outputs = _list(self.stack(inputs, training=False))
        given: list[object] = [inputs] * len(found)
        for place, output in zip(self.places, outputs, strict=True):
            if place.split is not None:
                before = without_activation(place.layer, place.split, [given[at] for at in place.sources])
                given.append(before)
                found.append(_numbers(before))
            given.append(output)
            found.append(_numbers(output))
        if len(found) < len(self.steps):
            found.append(self._outputs(found[-1]))
        return found

    def scores(self, step: int, inputs: Array) -> Array | None:
        """Attention scores of one step, (n, heads, queries, keys), for what it takes; None of other layers."""
        if self.steps[step].kind != SCORED:
            return None
        layer = next(place.layer for place in self.places if place.layer.name == self.steps[step].layer)
        given = _list(layer(inputs, inputs, return_attention_scores=True, training=False))
        return np.asarray(given[1], np.float32)

    def _outputs(self, last: Array) -> Array:
        """What the network finally says, of what its last layer gives."""
        if not self.network.loss.from_logits:
            return self.network.scaler.unscaled(np.asarray(last, np.float32))
        binary = self.network.loss.name == "binary_crossentropy"
        function = keras.ops.sigmoid if binary else keras.ops.softmax
        return np.asarray(function(np.asarray(last, np.float32)), np.float32)


def described(layer: Layer) -> tuple[str, dict[str, Plain], str]:
    """Keras' name of the layer type, its options as far as they are plain, and the type that it wraps."""
    config: Mapping[str, object] = layer.get_config()
    kind, inner = type(layer).__name__, ""
    own = {name: value for name, value in config.items() if name in ("merge_mode", "axis")}
    for name in INSIDE:
        inside = config.get(name)
        if isinstance(inside, Mapping) and isinstance(inside.get("config"), Mapping):
            inner = str(inside["class_name"])
            config = {**inside["config"], **own}
            break
    left_out = ("name", "dtype", "trainable")
    plain = {name: value for name, value in config.items() if name not in left_out and _is_plain(value)}
    return kind, {name: _as_plain(value) for name, value in plain.items()}, inner


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value) and len(value) < 1000
    return value is None or isinstance(value, bool | int | float | str)


def _as_plain(value: object) -> Plain:
    if isinstance(value, list | tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    assert value is None or isinstance(value, bool | int | float | str)
    return value


SPLIT = ("Dense", "Conv")
"""Layer types whose activation function is shown as a step of its own; recurrent ones have theirs inside."""


def layer_to_split(layer: Layer) -> ActivatedLayer | None:
    """The layer itself, or the one it wraps, where it ends in an activation function that does something."""
    wrapped: ActivatedLayer | None = getattr(layer, "layer", None)
    inside = wrapped or cast("ActivatedLayer", layer)
    kind = type(inside).__name__
    function = getattr(inside, "activation", None)
    ends = any(word in kind for word in SPLIT) and "LSTM" not in kind
    return inside if ends and function not in (None, keras.activations.linear) else None


def without_activation(layer: Layer, split: ActivatedLayer, inputs: Sequence[object]) -> Tensor:
    """What the layer gives before its activation function."""
    with linear(split):
        return layer(*inputs, training=False) if _takes_training(layer) else layer(*inputs)


def _takes_training(layer: Layer) -> bool:
    return type(layer).__name__ == "TimeDistributed"


@contextmanager
def linear(layer: ActivatedLayer) -> Iterator[None]:
    """The layer without its activation function, for the length of the block."""
    function = layer.activation
    layer.activation = keras.activations.linear
    try:
        yield
    finally:
        layer.activation = function


def _list(output: object) -> list[Tensor]:
    """What Keras gives or takes as one tensor, or as a list of them."""
    return list(output) if isinstance(output, list | tuple) else [cast("Tensor", output)]


def _one(output: object) -> Tensor:
    return _list(output)[0]


def _inputs(layer: Layer) -> list[Tensor]:
    """Each tensor that the layer takes, once."""
    found = _list(layer.input)
    return found[:1] if type(layer).__name__ == SCORED else found  # its query is its value, too


def _numbers(output: object) -> Array:
    found = np.asarray(output)
    return found if found.dtype.kind in "iuSUO" else found.astype(np.float32)


def text_of(item: object) -> str:
    """A text as the cache or TensorFlow has it."""
    return item.decode(errors="replace") if isinstance(item, bytes) else str(item)


def encoded_names(columns: Sequence[Column]) -> tuple[str, ...]:
    """What the numbers are called that `encoder_of` makes of a table's columns: numbers first, then each word."""
    numbers = [column.name for column in columns if column.kind == "number"]
    words = [
        f"{column.name} = {column.word(code)}"
        for column in columns
        if column.kind == "category"
        for code in range(column.width)
    ]
    return (*numbers, *words)


def measured(step: Step, values: Array) -> Step:
    """The step with the numbers about its values."""
    step = replace(step, shape=values.shape)  # a random crop gives another one while it predicts
    if values.dtype.kind not in "iufb":
        return step
    finite = np.isfinite(values)
    broken = int(values.size - np.count_nonzero(finite))
    numbers = values[finite].astype(np.float64) if broken else values.astype(np.float64)
    if not numbers.size:
        return replace(step, not_finite=broken)
    return replace(
        step,
        low=float(numbers.min()),
        mean=float(numbers.mean()),
        high=float(numbers.max()),
        zeros=float(np.count_nonzero(values == 0) / values.size),
        not_finite=broken,
    )
