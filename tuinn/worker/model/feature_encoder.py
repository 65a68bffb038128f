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

    Mean and variance are those of the training part of `x`; a gap becomes the mean. What is the same in every
    training row, a number or the 0 or 1 of a word, teaches nothing: it is 0 in every row, whatever its value there.
    """
    codes = keras.Input((len(columns),), name="codes")
    numbers = [at for at, column in enumerate(columns) if column.kind == "number"]
    words = [at for at, column in enumerate(columns) if column.kind == "category"]
    parts, varies = [], []
    if numbers:
        mean, variance, varied = measure_numbers(x, numbers, training)
        varies += varied
        scaled = keras.layers.Normalization(
            mean=mean, variance=variance, dtype="float32", name="normalise_numbers"
        )(keras.ops.take(codes, numbers, axis=1))
        parts.append(keras.ops.nan_to_num(scaled, nan=0.0))
    if words:
        widths = [columns[at].width for at in words]
        for at, width in zip(words, widths, strict=True):
            rows = np.bincount(x[training, at].astype(np.int64), minlength=width)
            varies += [0 < count < len(training) for count in rows]
        firsts = np.cumsum([0, *widths[:-1]]).astype("float32")
        tokens = keras.ops.take(codes, words, axis=1) + firsts
        parts.append(
            keras.layers.CategoryEncoding(
                num_tokens=sum(widths), output_mode="multi_hot", dtype="float32", name="encode_words"
            )(tokens)
        )
    joined = keras.layers.Concatenate(dtype="float32", name="join_columns")(parts) if parts[1:] else parts[0]
    if not all(varies):
        learned = [float(varied) for varied in varies]
        joined = keras.layers.Rescaling(learned, dtype="float32", name="drop_constants")(joined)
    encoder: Model = keras.Model(codes, joined, name=ENCODER_LAYER)
    encoder.trainable = False
    return encoder


def measure_numbers(
    x: NDArray[np.float32], columns: list[int], training: Indices
) -> tuple[list[float], list[float], list[bool]]:
    """Mean and variance of each of these columns over the training samples that have a value, and whether it varies.

    The variance of a column that doesn't vary counts as 1, and its mean, where it has no value at all, as 0.
    """
    means, variances, varies = [], [], []
    for column in columns:
        values = np.asarray(x[training, column], dtype=np.float64)
        present = values[np.isfinite(values)]
        # Not by the variance: that of equal values is a little above 0 where their mean is rounded.
        varied = bool(len(present)) and bool(present.min() < present.max())
        means.append(float(present.mean()) if len(present) else 0.0)
        variances.append(float(present.var()) if varied else 1.0)
        varies.append(varied)
    return means, variances, varies


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
        inputs[column.name] if column.kind == "number" else _codes_of(inputs[column.name], column, at)
        for at, column in enumerate(columns, start=1)
    ]
    joined = keras.layers.Concatenate(dtype="float32", name="codes")(codes) if codes[1:] else codes[0]
    return inputs, joined


def _codes_of(words: Tensor, column: Column, at: int) -> Tensor:
    """The codes of a category's words, as numbers. `at`: the place of the column, from 1."""
    # Keras looks up no empty vocabulary, as that of a column whose training rows are all gaps: its only code is 0.
    vocabulary = list(column.vocabulary) or [""]
    lookup = keras.layers.StringLookup(vocabulary=vocabulary, num_oov_indices=1, name=f"look_up_{at}")
    codes: Tensor = keras.ops.cast(lookup(words), "float32")
    return codes if column.vocabulary else keras.ops.zeros_like(codes)
