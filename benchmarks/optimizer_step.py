"""A step of each fused optimizer against Keras' own, on the variables of the lab network.

    python -m benchmarks.optimizer_step [ROUNDS]

In each of ROUNDS (9) both take 300 steps, one after the other; the ratio is the median over the rounds.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from tuinn.worker.model.fused_optimizers import fuse

SHAPES = ((784, 154), (154,), (154, 64), (64,), (64, 10), (10,))
STEPS = 300
OPTIMIZERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Adam", {}),
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("RMSprop", {}),
    ("Adamax", {}),
    ("Adadelta", {}),
)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    for name, options in OPTIMIZERS:
        ways = [stepper(name, options, fused) for fused in (False, True)]
        seconds = [[timed(way) for way in ways] for _ in range(rounds)]
        plain, ours = (1e3 * statistics.median(column) / STEPS for column in zip(*seconds, strict=True))
        ratio = statistics.median(one / other for one, other in seconds)
        print(f"{name} {options or ''}: {plain:.3f} ms, fused {ours:.3f} ms, {ratio:.2f} ×")


def stepper(name: str, options: dict[str, Any], fused: bool) -> Callable[[], object]:
    """A function that takes the steps; traced already."""
    variables = [keras.Variable(np.full(shape, 0.1, "float32")) for shape in SHAPES]
    optimizer = getattr(keras.optimizers, name)(0.001, **options)
    optimizer.build(variables)
    if fused:
        fuse(optimizer)
    rng = np.random.default_rng(1)
    gradients = [tf.constant(rng.normal(size=shape).astype("float32")) for shape in SHAPES]

    def steps() -> None:
        for _ in tf.range(STEPS):
            optimizer.apply(gradients, variables)

    traced: Callable[[], object] = tf.function(steps)
    traced()
    return traced


def timed(way: Callable[[], object]) -> float:
    began = time.perf_counter()
    way()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
