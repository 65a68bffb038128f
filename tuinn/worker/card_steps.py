"""`python -m tuinn.worker card-steps N`: compute a little on one card, in a process that may crash.

It says each step before it begins, so that whoever started it knows where it ended (`tuinn.runs.machine.card_check`).
"""

import resource
import signal
import sys

SIZE = 64
"""Rows and columns of the matrices, height and width of the picture."""


LONGEST = 120
"""Seconds after which the system ends it: whoever started it may be gone."""


def main(word: str) -> int:
    """`word`: the number of the card as TensorFlow counts, or `cpu`. Returns the exit code. Raises what TensorFlow does."""
    signal.alarm(LONGEST)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    import tensorflow as tf

    say("loaded")
    device = "/CPU:0"
    if word != "cpu":
        card = tf.config.list_physical_devices("GPU")[int(word)]
        tf.config.set_visible_devices([card], "GPU")
        tf.config.experimental.set_memory_growth(card, True)
        device = "/GPU:0"
    with tf.device(device):
        compute()
    say("works")
    return 0


def compute() -> None:
    """What a training does: products of matrices, convolutions, and both with their gradients in a compiled function.

    All numbers are small and whole, so that results are exact. Raises ArithmeticError where they are not.
    """
    import tensorflow as tf

    say("matmul")
    ones = tf.ones((SIZE, SIZE))
    must_be(SIZE, tf.linalg.matmul(ones, ones))
    say("convolution")
    picture, kernel = tf.ones((2, SIZE, SIZE, 1)), tf.ones((3, 3, 1, 4))
    must_be(9, tf.nn.conv2d(picture, kernel, 1, "VALID"))
    say("compiled")

    def gradients() -> object:
        with tf.GradientTape() as tape:
            tape.watch((kernel, ones))
            drawn = tf.nn.conv2d(picture, kernel, 1, "VALID")
            loss = tf.reduce_sum(drawn) + tf.reduce_sum(tf.linalg.matmul(ones, ones))
        return tape.gradient(loss, (kernel, ones))

    # As tuinn compiles: without XLA.
    of_kernel, of_matrix = tf.function(gradients, jit_compile=False)()
    must_be(2 * (SIZE - 2) ** 2, of_kernel)
    must_be(2 * SIZE, of_matrix)


def must_be(number: int, computed: object) -> None:
    """Raise ArithmeticError where one of these numbers is another one."""
    import numpy as np

    values = np.asarray(computed)
    if (wrong := values[values != number]).size:
        raise ArithmeticError(f"the card computes {wrong[0]} where {number} is right")


def say(step: str) -> None:
    """At once, before anything can go wrong."""
    sys.stdout.write(step + "\n")
    sys.stdout.flush()
