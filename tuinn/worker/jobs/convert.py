"""Write a network in a format: Keras' own exporters, and TensorFlow's converter for LiteRT."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import keras
import msgspec
import numpy as np
import tensorflow as tf

from tuinn.runs.folder import DataInfo
from tuinn.spec.keras_export.formats import FileFormat
from tuinn.spec.saved_network.keras_file import DATA_NOTE, SPEC_NOTE
from tuinn.worker.jobs.network_file import NumbersOnly, OpenNetwork, all_layers
from tuinn.worker.keras_types import Array, Model

REPRESENTATIVE = 200
"""Training samples by which the range of every value is measured before it is rounded to 8 bits."""


def write_whole_network(row: FileFormat, network: OpenNetwork, source: Path, out: Path) -> None:
    """As keras, weights or saved-model; it takes raw samples. Raises OSError, or whatever Keras raises."""
    if row.name == "keras":
        shutil.copyfile(source, out)
        write_data_note(network, out)
    elif row.name == "weights":
        network.full.save_weights(out)  # type: ignore[attr-defined]
    else:
        network.full.export(str(out), format="tf_saved_model", verbose=False)  # type: ignore[attr-defined]


def write_data_note(network: OpenNetwork, file: Path) -> None:
    """Into a `.keras` file, whose other members Keras alone reads: what else is needed to predict a picture or a row."""
    info = network.info
    facts = msgspec.structs.replace(info.facts, findings=())
    note = DataInfo(facts, info.title, info.background, info.resize_mode, dark_corners=info.dark_corners)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(DATA_NOTE, msgspec.json.encode(note))
        archive.writestr(SPEC_NOTE, network.spec.toml())


def write_onnx(part: NumbersOnly, out: Path) -> None:
    """Raises whatever the converter raises."""
    for layer in all_layers(part.model):
        # The converter takes a tensor for an input of the network, but an array for a constant.
        if isinstance(layer, keras.layers.Normalization):
            layer.mean, layer.variance = np.asarray(layer.mean), np.asarray(layer.variance)
    taken = part.model.input
    part.model(
        tf.zeros((1, *(size or 1 for size in taken.shape[1:])), taken.dtype)
    )  # Keras exports what was called
    part.model.export(str(out), format="onnx", verbose=False)  # type: ignore[attr-defined]


def write_litert(
    row: FileFormat, part: NumbersOnly, training: Array, one_at_a_time: bool, out: Path, place: Path
) -> None:
    """`training`: samples as the network takes them, for full int8. `place`: a folder for what lies between.

    Raises whatever the converter raises.
    """
    saved = place / "saved-model"
    _save_endpoint(part.model, 1 if one_at_a_time else None, saved)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved))
    converter.experimental_enable_resource_variables = True
    # Without TensorFlow's own operations: no runtime but TensorFlow's has them.
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    converter._experimental_lower_tensor_list_ops = True
    if row.is_quantized:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if row.name == "litert-full-int8":

        def samples() -> Iterator[list[Array]]:
            for at in range(len(training)):
                yield [training[at : at + 1]]

        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    out.write_bytes(converter.convert())


def _save_endpoint(model: Model, batch: int | None, folder: Path) -> None:
    """A SavedModel of the network for batches of this size; None: of any."""
    archive = keras.export.ExportArchive()
    archive.track(model)
    taken = model.inputs[0]
    signature = tf.TensorSpec((batch, *taken.shape[1:]), taken.dtype, name=taken.name)  # type: ignore[attr-defined]
    archive.add_endpoint("serve", lambda inputs: model(inputs, training=False), input_signature=[signature])
    archive.write_out(str(folder), verbose=False)
