"""The lab of gradient descent against Keras: the optimizers' steps, and what GradientTape gives."""

import numpy as np
import pytest

from tuinn.labs.descent.landscapes import TWO_WEIGHTS, Landscape
from tuinn.labs.descent.optimizers import OPTIMIZERS, Optimizer, Path
from tuinn.labs.descent.tape import tape_examples

pytestmark = pytest.mark.tf


@pytest.mark.parametrize("landscape", TWO_WEIGHTS[1:4], ids=lambda one: one.name)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: one.name)
def test_steps_are_those_of_keras(optimizer: Optimizer, landscape: Landscape) -> None:
    import keras

    path, rate = Path(optimizer, landscape), 0.01
    keras.backend.set_floatx("float64")
    try:
        weights = keras.Variable(np.array(landscape.start), dtype="float64")
        theirs = eval(f"keras.optimizers.{optimizer.keras % rate}", {"keras": keras})
        theirs.build([weights])
        for _ in range(50):
            # Keras casts 0.999 by way of float32, which over many steps would add up.
            path.points[-1] = weights.numpy()
            theirs.apply([keras.ops.convert_to_tensor(landscape.gradient(path.weights))], [weights])
            path.step(rate)
            assert np.abs(path.weights - weights.numpy()).max() < 1e-6
    finally:
        keras.backend.set_floatx("float32")


@pytest.mark.parametrize("at", range(4))
def test_gradients_of_the_examples_are_those_of_gradient_tape(at: int) -> None:
    import tensorflow as tf

    example = tape_examples(3)[at]
    *lines, last = example.code.split("\n")
    made: dict[str, object] = {"tf": tf}
    exec("\n".join([*lines, f"found = {last}"]), made)
    found = made["found"] if isinstance(made["found"], list) else [made["found"]]
    for (_, ours), theirs in zip(example.gradients, found, strict=True):
        assert np.abs(ours - theirs.numpy()).max() < 1e-6
    outputs = dict(example.values)
    assert np.abs(outputs["y"] - made["y"].numpy()).max() < 1e-6  # type: ignore[attr-defined]
