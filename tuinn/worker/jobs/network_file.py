"""Open a saved network with what is known of its data, and give it samples in the form that it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tuinn.data.info import DatasetInfo
from tuinn.errors import WorkerError
from tuinn.runs.folder import RunFolder
from tuinn.runs.jobs import SavedNetwork
from tuinn.spec.dataset import DataFacts
from tuinn.spec.run import RunSpec
from tuinn.spec.training.target_scaling import ENCODER_LAYER, STACK_LAYER, UNSCALING_LAYER
from tuinn.worker.data.run_data import RunData, load_for_questions
from tuinn.worker.keras_types import Array, Layer, Model, Tensor
from tuinn.worker.model.network import SampleRows, split_words
from tuinn.worker.training.saved_network import load_network

Inputs = Array | Mapping[str, Array]
"""What a network takes: an array with the batch first, or one for each name."""


@dataclass
class OpenNetwork:
    """A network as it was saved: raw samples in, outputs in the target's own unit out."""

    name: str
    full: Model
    spec: RunSpec
    info: DatasetInfo
    data: RunData
    """Its samples may be none: the data may be gone."""

    @property
    def facts(self) -> DataFacts:
        return self.info.facts

    def raw(self, samples: Array) -> Inputs:
        """What `full` takes, of samples as they are cached, (n, *shape)."""
        return raw_inputs(samples, self.facts)


def raw_inputs(samples: Array, facts: DataFacts) -> Inputs:
    """What a saved network takes, of samples as they are cached, (n, *shape)."""
    if facts.is_text:
        return np.asarray(samples, dtype=object)
    if not facts.columns:
        return np.asarray(samples, dtype=np.float32)
    found: dict[str, Array] = {}
    for at, column in enumerate(facts.columns):
        codes = samples[:, at]
        if column.kind == "number":
            found[column.name] = np.asarray(codes, np.float32)[:, None]
        else:
            words = [column.word(float(code)) for code in codes]
            found[column.name] = np.array(words, dtype=object)[:, None]
    return found


def open_run(network: SavedNetwork) -> OpenNetwork:
    """The network of a run, with its data as far as they are still there. Raises WorkerError or SpecError."""
    folder = RunFolder(Path(network.run))
    spec = folder.spec()
    if not folder.model_file.is_file():
        raise WorkerError(
            f"{folder.name} has no {folder.model_file.name} yet. A training saves it at its end, or when it is told to "
            f"(z in the workbench); `tuinn evaluate {folder.name}` writes it again from a checkpoint."
        )
    data = load_for_questions(spec, folder.data_info())
    return OpenNetwork(folder.name, load_network(folder, spec), spec, data.info, data)


@dataclass
class NumbersOnly:
    """A network without what looks up words, for runtimes that lack it."""

    model: Model
    encoder: Model | None
    """Texts → what `model` takes; None: it takes samples as they are cached."""

    def inputs(self, samples: Array) -> Array:
        """What `model` takes, (n, …), in the type that it takes."""
        if self.encoder is None:
            return np.asarray(samples, dtype=np.float32)
        encoded: Array = np.asarray(self.encoder(tf.constant(samples), training=False))
        return encoded


def numbers_only(network: OpenNetwork) -> NumbersOnly:
    """The part of the network that takes numbers. Raises WorkerError where there is none."""
    full, facts = network.full, network.facts
    if facts.is_text:
        encoder, rest = split_words(full)
        if encoder is None:
            raise WorkerError(
                "Its words become too many numbers, or are read by more than one layer, so it can't be exported "
                "without them. Export it as saved-model or keras."
            )
        return NumbersOnly(rest, encoder)
    if not facts.columns:
        return NumbersOnly(full, None)
    codes = keras.Input((len(facts.columns),), name="codes")
    # CategoryEncoding counts with an operation of TensorFlow's own.
    encoder = keras.models.clone_model(full.get_layer(ENCODER_LAYER), clone_function=_portable)
    outputs = full.get_layer(STACK_LAYER)(encoder(codes))
    if full.layers[-1].name == UNSCALING_LAYER:
        outputs = full.layers[-1](outputs)
    model: Model = keras.Model(codes, outputs, name=STACK_LAYER)
    return NumbersOnly(model, None)


class MarkedWords(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """CategoryEncoding's multi_hot: a 1 for each number that stands in the row, by operations that every runtime has."""

    def __init__(self, tokens: int) -> None:
        super().__init__(dtype="float32")
        self.tokens = tokens

    def call(self, rows: Tensor) -> Tensor:
        marks: Tensor = keras.ops.max(keras.ops.one_hot(keras.ops.cast(rows, "int32"), self.tokens), axis=-2)
        return marks


def _portable(layer: Layer) -> Layer:
    """The same layer anew, without what only TensorFlow has."""
    if isinstance(layer, keras.layers.CategoryEncoding):
        return MarkedWords(layer.num_tokens)
    same: Layer = layer.__class__.from_config(layer.get_config())  # type: ignore[attr-defined]
    return same


def some_samples(rows: SampleRows, most: int) -> Array:
    """So many samples, spread evenly over all."""
    places = np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64))
    chosen: Array = rows[places]  # type: ignore[index]  # arrays and texts take places, too
    return chosen


def all_layers(model: Model) -> list[Layer]:
    """Its layers, and those of the models among them."""
    found: list[Layer] = []
    for layer in model.layers:
        found.append(layer)
        inner: Sequence[Layer] = getattr(layer, "layers", ())
        if inner:
            found += all_layers(layer)  # type: ignore[arg-type]  # only models have layers
    return found
