"""How the loss would change each weight: the gradients over some samples, as histograms."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.dataset_arrays import Arrays
from tuinn.errors import WorkerError
from tuinn.worker.keras_types import Array
from tuinn.worker.model.compilation import targets
from tuinn.worker.model.network import Network

SAMPLES = 64
"""Test samples whose mean loss is differentiated: the first ones."""

BINS = 24

Floats = NDArray[np.float32]


def weight_gradients(network: Network, arrays: Arrays) -> Mapping[str, Floats]:
    """`layer/weight` → smallest, largest, root of the mean square, then the counts of a histogram between the two.

    Of the loss alone, without the penalties of regularizers, and with the layers as they predict. Raises WorkerError.
    """
    x = arrays.x_test[:SAMPLES]
    if not len(x):
        raise WorkerError("There are no test samples here to work out gradients for.")
    model = network.model
    inputs = tf.convert_to_tensor(network.encoded(np.asarray(x)))
    raw = network.scaler.scaled(np.asarray(arrays.y_test[: len(x)]))
    truth = targets(raw, network.loss, int(model.output.shape[-1]))
    layers = [layer for layer in model.layers if layer.trainable_weights]
    weights = [(layer.name, weight) for layer in layers for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        loss = model.loss(tf.convert_to_tensor(truth), model(inputs, training=False))
    found = tape.gradient(loss, [weight.value for _, weight in weights])
    return {
        f"{layer}/{weight.path.removeprefix(f'{layer}/')}": summary(
            np.asarray(tf.convert_to_tensor(gradient))
        )
        for (layer, weight), gradient in zip(weights, found, strict=True)
        if gradient is not None
    }


def summary(gradient: Array) -> Floats:
    """(3 + BINS,). What isn't finite is left out; where nothing is, all are NaN."""
    values = gradient.astype(np.float64).ravel()
    values = values[np.isfinite(values)]
    if not values.size:
        return np.full(3 + BINS, np.nan, np.float32)
    counts, _ = np.histogram(values, BINS)
    numbers = [values.min(), values.max(), np.sqrt(np.mean(values**2)), *counts]
    return np.asarray(numbers, np.float32)
