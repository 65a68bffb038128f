"""A saved network, of a run or from elsewhere, as a function from samples to outputs that a person can read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Protocol

import keras
import msgspec
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.info import DatasetInfo
from tuinn.errors import WorkerError
from tuinn.runs.folder import DataInfo, RunFolder
from tuinn.runs.jobs import SavedNetwork
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.device import alone
from tuinn.spec.saved_network.files import kind_of
from tuinn.spec.saved_network.saved_stack import read_saved_stack
from tuinn.spec.training.target_scaling import UNSCALING_LAYER
from tuinn.worker import devices
from tuinn.worker.errors import first_line
from tuinn.worker.jobs.network_file import all_layers, open_run, raw_inputs
from tuinn.worker.jobs.rebuilt_network import rebuild
from tuinn.worker.keras_types import Array, Layer, Model, Tensor
from tuinn.worker.model import build
from tuinn.worker.training.saved_network import network_of_file

BATCH = 256
"""Samples that go through a network from elsewhere at once."""

SCALING = ("Rescaling", "Normalization")
"""Layers that say, as the first of a network, that it takes pixels from 0 to 255."""


class Outputs(Protocol):
    def __call__(self, samples: Array, /) -> NDArray[np.float32]: ...


@dataclass
class Predictor:
    """What is asked of a network, whatever it is."""

    name: str
    info: DatasetInfo
    outputs: Outputs
    """(n, *shape) as cached → (n, outputs): probabilities, or values of a regression."""
    is_guess: bool = False
    """Nothing told what its data were."""


def open_predictor(network: SavedNetwork) -> Predictor:
    """Raises WorkerError or SpecError where it can't be loaded."""
    if not network.run:
        return _of_file(network)
    folder = RunFolder(Path(network.run))
    spec = folder.spec()
    devices.choose(alone(spec.fit.device))
    opened = open_run(network)
    parts = network_of_file(folder, spec, opened.data, opened.full)
    return Predictor(folder.name, opened.info, lambda samples: parts.outputs(samples, BATCH))


def _of_file(network: SavedNetwork) -> Predictor:
    devices.choose("auto")
    file = Path(network.file)
    build.allow_depth(1000)
    model = _loaded(file)
    if isinstance(model, keras.Sequential) and model.built:
        model = keras.Model(model.inputs[0], model.outputs[0])  # which knows its input and output
    given: Sequence[Tensor] = getattr(model, "outputs", None) or []
    if len(given) != 1 or len(given[0].shape) != 2:
        raise WorkerError(
            f"{file.name} has not one row of outputs, so its answers can't be told as classes or a number."
        )
    info = network.info
    known = _described(file, info) if info is not None else _guessed(file, model)
    if network.pixels is not None:
        low, high = network.pixels
        known = replace(known, facts=msgspec.structs.replace(known.facts, low=low, high=high))
    _check_fits(model, known.facts, file)
    softens = _gives_logits(model, known.facts)

    def outputs(samples: Array) -> NDArray[np.float32]:
        parts = []
        for start in range(0, len(samples), BATCH):
            parts.append(
                np.asarray(model(_taken(model, samples[start : start + BATCH], known.facts), training=False))
            )
        raw = np.concatenate(parts).astype(np.float32)
        if not softens:
            return raw
        one_each = raw.shape[1] == 1 or known.facts.task is Task.LABELS
        return np.asarray(keras.ops.sigmoid(raw) if one_each else keras.ops.softmax(raw), dtype=np.float32)

    return Predictor(file.name, known, outputs, is_guess=info is None)


def _loaded(file: Path) -> Model:
    """Raises WorkerError or SpecError."""
    if kind_of(file) == "hdf5":
        return rebuild(read_saved_stack(str(file)))
    try:
        model: Model = keras.saving.load_model(file, safe_mode=True)
    except Exception as error:  # zip, HDF5, JSON and Keras each have their own names for "damaged"
        raise WorkerError(f"{file} cannot be loaded ({first_line(error)}).") from error
    return model


def _taken(model: Model, samples: Array, facts: DataFacts) -> object:
    """A batch as the model takes it: pictures may have an axis more or less for their channel, or be flat."""
    inputs = raw_inputs(samples, facts)
    if isinstance(inputs, Mapping):
        return {name: tf.constant(values) for name, values in inputs.items()}
    if inputs.dtype == object:
        return tf.constant(inputs)
    return tf.constant(inputs.reshape(len(inputs), *(size or 1 for size in model.inputs[0].shape[1:])))


def _check_fits(model: Model, facts: DataFacts, file: Path) -> None:
    """Raises WorkerError where samples of these data are none for the network."""
    if facts.columns:
        names = set(model.input) if isinstance(model.input, dict) else set()
        if missing := [column.name for column in facts.columns if column.name not in names]:
            raise WorkerError(f"{file.name} takes no column {missing[0]}: its data were others.")
        return
    if len(model.inputs) != 1:
        raise WorkerError(f"{file.name} has {len(model.inputs)} inputs, and tuinn gives a network one.")
    shape = model.inputs[0].shape[1:]
    if not facts.is_text and prod(size or 1 for size in shape) != prod(facts.shape):
        raise WorkerError(
            f"{file.name} takes samples of shape {tuple(shape)}, and these have {tuple(facts.shape)}."
        )
    width = model.output.shape[-1]
    most = max(len(facts.classes), 1)
    if width != most and not (width == 1 and most == 2):
        raise WorkerError(f"{file.name} has {width} outputs, and these data have {most} classes.")


def _described(file: Path, info: DataInfo) -> DatasetInfo:
    """By what is known of the data."""
    return DatasetInfo(
        name=file.stem,
        title=info.title,
        facts=info.facts,
        licence="",
        source=str(file),
        description="",
        background=info.ground,
        dark_corners=info.dark_corners,
        resize_mode=info.fitting,
    )


def _guessed(file: Path, model: Model) -> DatasetInfo:
    """By the network's first and last layers alone. Raises WorkerError where they don't tell."""
    if isinstance(model.input, dict) or len(model.inputs) != 1:
        raise WorkerError(
            f"{file.name} has several inputs and doesn't say what they are. Export it with tuinn, or give --like DATASET."
        )
    taken, width, activation = model.inputs[0], int(model.output.shape[-1]), _last_activation(model)
    if any(size is None for size in taken.shape[1:]):
        raise WorkerError(f"{file.name} takes samples of any size. Give --like DATASET, which has one.")
    targets: tuple[str, ...] = ()
    if width == 1:
        task = Task.BINARY if activation == "sigmoid" else Task.REGRESSION
    elif model.layers[-1].name == UNSCALING_LAYER:
        task, targets = Task.REGRESSION, tuple(f"output {at + 1}" for at in range(width))
    else:
        task = Task.LABELS if activation == "sigmoid" else Task.CLASSES
    classes = () if task is Task.REGRESSION else tuple(str(at) for at in range(max(width, 2)))
    is_text = str(taken.dtype) == "string"
    scales = any(type(layer).__name__ in SCALING for layer in all_layers(model)[:4])
    facts = DataFacts(
        task=task,
        shape=() if is_text else tuple(taken.shape[1:]),
        dtype="str" if is_text else "float32",
        low=0.0,
        high=255.0 if scales else 1.0,
        classes=classes,
        train=0,
        test=0,
        target=", ".join(targets),
        target_names=targets,
    )
    return DatasetInfo(file.stem, file.stem, facts, "", str(file), "")


def _gives_logits(model: Model, facts: DataFacts) -> bool:
    """Whether the outputs for classes are still to become probabilities."""
    return facts.task is not Task.REGRESSION and _last_activation(model) == "linear"


def _last_activation(model: Model) -> str:
    """Keras' name of what the last layer ends with; empty where it isn't told."""
    last: Layer = model.layers[-1]
    while getattr(last, "layers", None):
        last = last.layers[-1]  # type: ignore[attr-defined]  # a model in a model
    if type(last).__name__ == "Softmax":
        return "softmax"
    return str(getattr(getattr(last, "activation", None), "__name__", ""))
