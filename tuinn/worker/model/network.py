"""The network of a run: the part that is trained, and the whole that is saved, which takes raw samples.

What needs no training is done before it or beside it, so that training stays fast: texts become numbers once, the
columns of a table are encoded batch by batch, and a regression is trained on a standardised target. The whole network
does all of that itself, in layers of its own.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.spec.dataset import DataFacts
from tuinn.spec.training.losses import Loss
from tuinn.spec.training.target_scaling import ENCODER, LAYER, STACK
from tuinn.worker.model.feature_encoder import raw_rows
from tuinn.worker.model.target_scaler import TargetScaler

MOST_NUMBERS = 4096
"""Numbers that a text may become before the training; where there are more, they would fill the memory."""


@dataclass
class Network:
    """Two models that share their layers."""

    model: Any
    """The trained one, compiled."""
    stack: Any
    """The user's layers, all of them; `model` itself unless some work before the training."""
    whole: Any
    """The saved one: raw samples in, answers in the target's own unit out."""
    encoder: Any
    """Samples as they are kept → what `model` takes; None where it takes them as they are."""
    loss: Loss
    unit: TargetScaler

    @property
    def encodes_first(self) -> bool:
        """All samples are encoded once, before the training: texts, for which it is slow."""
        return self.encoder is not None and self.encoder.input.dtype == "string"

    def taken(self, samples: Any) -> Any:
        """What `model` takes of a few samples as they are kept, (n, *shape)."""
        if samples.dtype == object:
            samples = tf.constant(samples)
        return samples if self.encoder is None else self.encoder(samples, training=False)

    def all_taken(self, arrays: Arrays, batch: int = 1024) -> Any:
        """All samples, training before test, as they are to lie on the device."""
        parts = (arrays.x_train, arrays.x_test)
        if self.encodes_first:
            found = [np.asarray(self.taken(some)) for part in parts for some in _batches(part, batch)]
            return np.concatenate(found or [np.empty((0, *self.encoder.output.shape[1:]), np.float32)])
        return np.concatenate([part[:] for part in parts])

    @property
    def encode(self) -> Any:
        """What is still to be done to a batch of `all_taken`, inside the graph; None: nothing."""
        return None if self.encodes_first else self.encoder

    def outputs(self, samples: Any, batch: int) -> NDArray[np.float32]:
        """(n, *shape) → (n, outputs): probabilities, or the values of a regression. `batch` samples at a time."""
        parts = [self.model(self.taken(part), training=False) for part in _batches(samples, batch)]
        raw = np.concatenate([np.asarray(part, dtype=np.float32) for part in parts])
        if self.loss.from_logits:
            return np.asarray(self._link(raw), dtype=np.float32)
        return self.unit.own(raw)

    @property
    def _link(self) -> Any:
        """What turns logits into probabilities."""
        return keras.ops.sigmoid if self.loss.name == "binary_crossentropy" else keras.ops.softmax


def _batches(samples: Any, batch: int) -> Iterator[Any]:
    for at in range(0, len(samples), batch):
        part = samples[at : at + batch]
        yield part


def joined(stack: Any, encoder: Any, facts: DataFacts, unit: TargetScaler) -> Any:
    """The whole network of the user's layers and what stands around them. The stack itself where nothing does."""
    if not facts.columns:
        return (
            stack if unit.is_own else keras.Model(stack.input, _own(stack.output, unit), name="tuinn_whole")
        )
    with warnings.catch_warnings():
        # A column with a slash in its name is asked for by that name, which Keras allows and warns of.
        warnings.filterwarnings("ignore", message="When providing `inputs` as a dict")
        inputs, codes = raw_rows(facts.columns)
        return keras.Model(inputs, _own(stack(encoder(codes)), unit), name="tuinn_whole")


def _own(outputs: Any, unit: TargetScaler) -> Any:
    if unit.is_own:
        return outputs
    layer = keras.layers.Rescaling(unit.scale, offset=unit.offset, dtype="float32", name=LAYER)
    return layer(outputs)


def taken_apart(whole: Any, facts: DataFacts) -> tuple[Any, Any, float, float]:
    """The user's layers, the encoder of a table, scale and offset, in a saved network that `joined` made.

    Raises ValueError where it is another one.
    """
    last = whole.layers[-1]
    own = last.name == LAYER
    scale, offset = (float(last.scale), float(last.offset)) if own else (1.0, 0.0)
    if facts.columns:
        return whole.get_layer(STACK), whole.get_layer(ENCODER), scale, offset
    stack = keras.Model(whole.input, last.input, name=STACK) if own else whole
    return stack, None, scale, offset


def words_first(stack: Any) -> tuple[Any, Any]:
    """A network of texts, cut in two: what makes numbers of the words, and what is trained.

    Where more than one layer takes the texts, it stays whole, and there is no encoder.
    """
    readers = [layer for layer in stack.layers[1:] if layer.input is stack.input]
    if len(readers) != 1 or prod(readers[0].output.shape[1:]) > MOST_NUMBERS:
        return None, stack
    words = readers[0].output
    return keras.Model(stack.input, words), keras.Model(words, stack.output, name=STACK)
