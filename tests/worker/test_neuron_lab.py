"""The lab of the neurons computes what Keras and TensorFlow compute."""

import numpy as np
import pytest

from tuinn.labs import neuron
from tuinn.labs.neuron import ACTIVATIONS, Weights

pytestmark = pytest.mark.tf


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda one: one.name)
def test_output_error_and_gradients_are_those_of_keras_and_gradient_tape(
    activation: neuron.Activation,
) -> None:
    import keras
    import tensorflow as tf

    weights = Weights(
        np.array([2.0, -1.5, 0.4]), np.array([3.0, 2.5, -0.7]), np.array([1.0, 1.2, -0.8]), -1.0
    )
    wanted = neuron.target("two bumps")
    model = keras.Sequential(
        [
            keras.Input((1,), dtype="float64"),
            keras.layers.Dense(3, activation.name, dtype="float64"),
            keras.layers.Dense(1, dtype="float64"),
        ]
    )
    model.set_weights([weights.w[None], weights.b, weights.out[:, None], np.array([weights.bias])])
    with tf.GradientTape() as tape:
        given = model(wanted.x[:, None])[:, 0]
        loss = tf.reduce_mean((given - wanted.y) ** 2)
    w, b, out, bias = tape.gradient(loss, model.trainable_weights)
    found = neuron.gradient(weights, activation, wanted)
    assert np.allclose(neuron.output(weights, activation, wanted.x), given.numpy(), atol=1e-6)
    assert neuron.error(weights, activation, wanted) == pytest.approx(float(loss), abs=1e-6)
    for ours, theirs in ((found.w, w[0]), (found.b, b), (found.out, out[:, 0]), (found.bias, bias[0])):
        assert np.allclose(ours, theirs.numpy(), atol=1e-6)


def test_the_keras_code_makes_the_network_that_is_shown() -> None:
    import keras
    from keras import layers
    from keras.optimizers import SGD

    weights, activation = neuron.two_neurons(), neuron.BY_NAME["sigmoid"]
    scope = {"keras": keras, "layers": layers, "np": np, "SGD": SGD}
    exec("\n".join(neuron.keras_code(weights, activation, 0.1, 9)), scope)
    x = neuron.xs()
    model = scope["model"]
    assert np.allclose(
        model.predict(x[:, None], verbose=0)[:, 0],
        neuron.output(weights, activation, x),
        atol=1e-5,
    )
