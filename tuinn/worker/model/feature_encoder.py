"""A table's columns inside the network: numbers normalised, words as one 0 or 1 each. Plain Keras layers, float32."""

import keras
import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import Indices
from tuinn.spec.dataset import Column
from tuinn.spec.training.target_scaling import ENCODER_LAYER
from tuinn.worker.keras_types import Model, Tensor


def encoder_of(columns: tuple[Column, ...], x: NDArray[np.float32], training: Indices) -> Model:
    """Samples as they are cached, (n, columns) → what the stack takes, (n, sum of widths): first all numbers.

    Mean and variance are those of the training part of `x`; a gap becomes the mean.
    """
    codes = keras.Input((len(columns),), name="codes")
    numbers = [at for at, column in enumerate(columns) if column.kind == "number"]
    words = [at for at, column in enumerate(columns) if column.kind == "category"]
    parts = []
    if numbers:
        mean, variance = mean_and_variance(x, numbers, training)
        scaled = keras.layers.Normalization(
            mean=mean, variance=variance, dtype="float32", name="normalise_numbers"
        )(keras.ops.take(codes, numbers, axis=1))
        parts.append(keras.ops.nan_to_num(scaled, nan=0.0))
    if words:
        widths = [columns[at].width for at in words]
        firsts = np.cumsum([0, *widths[:-1]]).astype("float32")
        tokens = keras.ops.take(codes, words, axis=1) + firsts
        parts.append(
            keras.layers.CategoryEncoding(
                num_tokens=sum(widths), output_mode="multi_hot", dtype="float32", name="encode_words"
            )(tokens)
        )
    joined = keras.layers.Concatenate(dtype="float32", name="join_columns")(parts) if parts[1:] else parts[0]
    encoder: Model = keras.Model(codes, joined, name=ENCODER_LAYER)
    encoder.trainable = False
    return encoder


def mean_and_variance(
    x: NDArray[np.float32], columns: list[int], training: Indices
) -> tuple[list[float], list[float]]:
    """Of each of these columns over the training samples that have a value; 0 and 1 where none has."""
    means, variances = [], []
    for column in columns:
        values = np.asarray(x[training, column], dtype=np.float64)
        present = values[np.isfinite(values)]
        means.append(float(present.mean()) if len(present) else 0.0)
        variances.append(float(present.var()) if len(present) else 1.0)
    return means, variances


def raw_rows(columns: tuple[Column, ...]) -> tuple[dict[str, Tensor], Tensor]:
    """Inputs for raw rows, by the columns' names, strings for words; and the codes that they become."""
    inputs: dict[str, Tensor] = {
        column.name: keras.Input(
            (1,),
            dtype="float32" if column.kind == "number" else "string",
            name=column.name.replace("/", "∕"),  # Keras' own separator
        )
        for column in columns
    }
    codes = [
        inputs[column.name]
        if column.kind == "number"
        else keras.ops.cast(
            keras.layers.StringLookup(
                vocabulary=list(column.vocabulary), num_oov_indices=1, name=f"look_up_{at}"
            )(inputs[column.name]),
            "float32",
        )
        for at, column in enumerate(columns, start=1)
    ]
    joined = keras.layers.Concatenate(dtype="float32", name="codes")(codes) if codes[1:] else codes[0]
    return inputs, joined
