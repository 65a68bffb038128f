"""An affine map against Keras: it is what a Dense layer without activation does, and a chain what a stack of them does."""

import numpy as np
import pytest

from tuinn.labs.geometry import as_one, letter, random_chain, run

pytestmark = pytest.mark.tf


def test_a_chain_is_a_stack_of_dense_layers_and_without_relu_one_of_them() -> None:
    import keras

    chain, points = random_chain(1), letter().astype("float32")
    for activation, relu in ((None, False), ("relu", True)):
        between = [activation, activation, None]
        stack = keras.Sequential(
            [keras.Input((2,)), *(keras.layers.Dense(2, activation=one) for one in between)]
        )
        for layer, step in zip(stack.layers, chain, strict=True):
            layer.set_weights([step.matrix[:2, :2].T, step.matrix[:2, 2]])
        assert np.allclose(stack(points).numpy(), run(chain, points, relu), atol=1e-5)
    one = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    one.layers[0].set_weights([as_one(chain)[:2, :2].T, as_one(chain)[:2, 2]])
    assert np.allclose(one(points).numpy(), run(chain, points), atol=1e-5)
