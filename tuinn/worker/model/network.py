"""The network of a run: the model that is trained, and the full model that is saved, which takes raw samples.

What needs no training is done before it or beside it, so that training stays fast: texts become numbers once, the
columns of a table are encoded batch by batch, and a regression is trained on a standardised target. The full model
does all of that itself, in layers of its own.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol, TypeGuard

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.spec.dataset import DataFacts
from tuinn.spec.training.losses import Loss
from tuinn.spec.training.target_scaling import ENCODER_LAYER, STACK_LAYER, UNSCALING_LAYER
from tuinn.worker.keras_types import Array, Layer, Model, NormalizationLayer, Optimizer, Tensor
from tuinn.worker.model.feature_encoder import raw_rows
from tuinn.worker.model.learning_rate import as_compiled
from tuinn.worker.model.target_scaler import Numbers, TargetScaler
from tuinn.worker.model.written_step import WrittenStep

MOST_NUMBERS = 4096
"""Numbers that a text may become before the training; where there are more, they would fill the memory."""


class SampleRows(Protocol):
    """Samples along the first axis: an array, or texts on disk."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> Array: ...


@dataclass(frozen=True)
class ChosenRows:
    """Some of the samples, in the order of their places."""

    rows: SampleRows
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows: slice, /) -> Array:
        return self.rows[self.places[rows]]  # type: ignore[index]  # arrays and texts take places, too


@dataclass
class Network:
    """Two models that share their layers."""

    model: Model
    """The trained one, compiled."""
    stack: Model
    """The user's layers, all of them; `model` itself unless some work before the training."""
    full_model: Model
    """The saved one: raw samples in, outputs in the target's own unit out."""
    encoder: Model | None
    """Samples as they are cached → what `model` takes; None where it takes them as they are."""
    loss: Loss
    scaler: TargetScaler
    written_step: WrittenStep | None = None
    """How `model` is trained; None: by Keras' own step."""

    @property
    def encodes_first(self) -> bool:
        """All samples are encoded once, before the training: texts, for which it is slow."""
        return self.encoder is not None and self.encoder.input.dtype == "string"

    def encoded(self, samples: Array) -> object:
        """What `model` takes, of a few samples as they are cached, (n, *shape)."""
        inputs = tf.constant(samples) if samples.dtype == object else samples
        return inputs if self.encoder is None else self.encoder(inputs, training=False)

    def all_inputs(self, arrays: Arrays, batch: int = 1024) -> Array:
        """All samples, training before test, as they are to lie on the device."""
        parts = (arrays.x_train, arrays.x_test)
        if self.encoder is not None and self.encodes_first:
            found = [np.asarray(self.encoded(some)) for part in parts for some in _batches(part, batch)]
            return np.concatenate(found or [np.empty((0, *self.encoder.output.shape[1:]), np.float32)])
        return np.concatenate([part[:] for part in parts])

    @property
    def batch_encoder(self) -> Model | None:
        """What is still to be done to a batch of `all_inputs`, inside the graph; None: nothing."""
        return None if self.encodes_first else self.encoder

    def outputs(self, samples: SampleRows, batch: int) -> NDArray[np.float32]:
        """(n, *shape) → (n, outputs): probabilities, or the values of a regression. `batch` samples at a time."""
        parts = [self.model(self.encoded(part), training=False) for part in _batches(samples, batch)]
        return self.answers(np.concatenate([np.asarray(part, dtype=np.float32) for part in parts]))

    def answers(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the last layer gives → probabilities, or the values of a regression in the target's own unit."""
        if not self.loss.from_logits:
            return self.scaler.unscaled(raw)
        binary = self.loss.name == "binary_crossentropy"
        return np.asarray(keras.ops.sigmoid(raw) if binary else keras.ops.softmax(raw), dtype=np.float32)

    def up_to_last_hidden(self) -> Model:
        """What `model` takes → what its last layer with weights takes; of a network with one such layer, the inputs, and
        of one without any, the outputs."""
        model = self.model
        last = next((layer.input for layer in reversed(model.layers) if layer.weights), model.output)
        hidden: Model = keras.Model(model.input, last)
        return hidden

    def untrained(self, optimizer: Optimizer) -> Model:
        """A copy of `model` with fresh weights, compiled with this optimizer. What was adapted to samples, or never trains,
        stays."""
        with as_compiled(
            self.model
        ):  # Keras copies the optimizer, too, and can't the schedule that may be overridden
            fresh: Model = keras.models.clone_model(self.model)
        for layer, old in zip(fresh.layers, self.model.layers, strict=True):
            if _is_adapted(layer) or not old.trainable:
                for weight, known in zip(layer.weights, old.weights, strict=True):
                    weight.assign(known.value)
            if _is_adapted(layer):
                layer.finalize_state()
        fresh.compile(optimizer=optimizer, loss=self.model.loss, jit_compile=False)
        return fresh

    def divide_logits(self, temperature: float) -> bool:
        """Divide kernel and bias of the last Dense layer, in the trained and in the saved model.

        False where the network ends in something else: nothing is changed.
        """
        last, *before = reversed(self.stack.layers)
        if _is_activation(last) and before:
            last, activation = before[0], "linear"
        else:
            activation = getattr(getattr(last, "activation", None), "__name__", "")
        if not isinstance(last, keras.layers.Dense) or activation not in ("softmax", "sigmoid", "linear"):
            return False
        if activation == "linear" and getattr(last.activation, "__name__", "") != "linear":
            return False
        last.set_weights([weight / temperature for weight in last.get_weights()])
        return True


def _is_adapted(layer: Layer) -> TypeGuard[NormalizationLayer]:
    return isinstance(layer, keras.layers.Normalization)


def _is_activation(layer: object) -> bool:
    """Whether it turns logits into probabilities, and nothing else."""
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    is_named = isinstance(layer, keras.layers.Activation) and name in ("softmax", "sigmoid")
    return is_named or isinstance(layer, keras.layers.Softmax)


def _batches(samples: SampleRows, batch: int) -> Iterator[Array]:
    for start in range(0, len(samples), batch):
        yield samples[start : start + batch]


def full_model(stack: Model, encoder: Model | None, facts: DataFacts, scaler: TargetScaler) -> Model:
    """The user's layers and what stands around them, as one model. The stack itself where nothing does."""
    if not facts.columns or encoder is None:
        if scaler.is_identity:
            return stack
        return _model(stack.input, _unscaled(stack.output, scaler))
    with warnings.catch_warnings():
        # A column with a slash in its name is asked for by that name, which Keras allows and warns of.
        warnings.filterwarnings("ignore", message="When providing `inputs` as a dict")
        inputs, codes = raw_rows(facts.columns)
        return _model(inputs, _unscaled(stack(encoder(codes)), scaler))


def _model(inputs: object, outputs: Tensor) -> Model:
    model: Model = keras.Model(inputs, outputs, name="tuinn_whole")
    return model


def _unscaled(outputs: Tensor, scaler: TargetScaler) -> Tensor:
    if scaler.is_identity:
        return outputs
    scale, offset = (list(one) if isinstance(one, tuple) else one for one in (scaler.scale, scaler.offset))
    layer = keras.layers.Rescaling(scale, offset=offset, dtype="float32", name=UNSCALING_LAYER)
    unscaled: Tensor = layer(outputs)
    return unscaled


def _numbers(value: Any) -> Numbers:
    """A number, or one for each of several targets, of a layer that was made or loaded."""
    return tuple(float(one) for one in value) if isinstance(value, (list, tuple)) else float(value)


def split_full_model(full: Model, facts: DataFacts) -> tuple[Model, Model | None, Numbers, Numbers]:
    """The user's layers, the encoder of a table, scale and offset, of a saved network that `full_model` made.

    Raises ValueError where it is another one.
    """
    last = full.layers[-1]
    scaled = last.name == UNSCALING_LAYER
    scale = _numbers(getattr(last, "scale", 1.0)) if scaled else 1.0
    offset = _numbers(getattr(last, "offset", 0.0)) if scaled else 0.0
    if facts.columns:
        return full.get_layer(STACK_LAYER), full.get_layer(ENCODER_LAYER), scale, offset
    stack: Model = keras.Model(full.input, last.input, name=STACK_LAYER) if scaled else full
    return stack, None, scale, offset


def split_words(stack: Model) -> tuple[Model | None, Model]:
    """A network of texts, cut in two: what makes numbers of the words, and what is trained.

    Where more than one layer takes the texts, it stays whole, and there is no encoder.
    """
    readers = [layer for layer in stack.layers[1:] if layer.input is stack.input]
    if len(readers) != 1 or prod(readers[0].output.shape[1:]) > MOST_NUMBERS:
        return None, stack
    words = readers[0].output
    return keras.Model(stack.input, words), keras.Model(words, stack.output, name=STACK_LAYER)
