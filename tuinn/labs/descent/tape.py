"""What `tf.GradientTape` gives for the examples of the lesson, computed in NumPy."""

from dataclasses import dataclass

import numpy as np

from tuinn.labs.descent.curves import Array


@dataclass(frozen=True)
class TapeExample:
    """A few lines of TensorFlow, and the values in them."""

    name: str
    code: str
    values: tuple[tuple[str, Array], ...]
    """What goes in, and what comes out."""
    gradients: tuple[tuple[str, Array], ...]
    """Name of what is differentiated by → the gradient of the sum of y."""
    words: str


def _written(values: Array) -> str:
    return np.array2string(np.round(values, 2), separator=", ").replace("\n", "\n    ")


def tape_examples(seed: int = 0) -> tuple[TapeExample, ...]:
    """Return the examples, their random numbers by this seed, rounded to two digits."""
    rng = np.random.default_rng(seed)
    matrix, inputs, kernel = (np.round(rng.uniform(size=(2, 2)), 2) for _ in range(3))
    bias = np.zeros(2)
    three = np.array(3.0)
    tape, zero = "with tf.GradientTape() as tape:\n    ", np.array(0.0)
    return (
        TapeExample(
            "x · x at 3",
            f"x = tf.Variable(3.0)\n{tape}y = x * x\ntape.gradient(y, x)",
            (("x", three), ("y", three * three)),
            (("x", 2 * three),),
            "The derivative of x² is 2x: 6 at 3.",
        ),
        TapeExample(
            "2x + 3",
            f"x = tf.Variable(0.0)\n{tape}y = 2 * x + 3\ntape.gradient(y, x)",
            (("x", zero), ("y", 2 * zero + 3)),
            (("x", np.array(2.0)),),
            "A straight line has the same slope everywhere: 2.",
        ),
        TapeExample(
            "2 · a matrix + 3",
            f"x = tf.Variable({_written(matrix)})\n{tape}y = 2 * x + 3\ntape.gradient(y, x)",
            (("x", matrix), ("y", 2 * matrix + 3)),
            (("x", np.full_like(matrix, 2)),),
            "The gradient has the shape of x: how much the sum of y grows with each entry.",
        ),
        TapeExample(
            "a Dense layer",
            f"W = tf.Variable({_written(kernel)})\nb = tf.Variable([0.0, 0.0])\nx = tf.constant({_written(inputs)})\n"
            f"{tape}y = tf.matmul(x, W) + b\ntape.gradient(y, [W, b])",
            (("x", inputs), ("W", kernel), ("y", inputs @ kernel + bias)),
            (("W", inputs.T @ np.ones((2, 2))), ("b", np.full(2, 2.0))),
            "For W it is xᵀ @ ones: the sums of x's columns. b is added to both rows: 2 for each entry.",
        ),
    )
