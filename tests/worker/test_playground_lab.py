"""The playground against Keras: gradients as GradientTape's, losses as its losses, and the script that it gives runs."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tuinn.labs.playground.keras_code import data_code, keras_code
from tuinn.labs.playground.network import ACTIVATIONS, LOSSES, OUTPUTS, Kind, Network, Penalty
from tuinn.labs.playground.own_data import own_data
from tuinn.labs.playground.session import Playground, Settings

pytestmark = pytest.mark.tf


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("kind", "loss"), [(kind, loss) for kind, losses in LOSSES.items() for loss in losses]
)
def test_gradients_are_those_of_gradient_tape(kind: Kind, loss: str, activation: str) -> None:
    import keras
    import tensorflow as tf

    rng, outputs = np.random.default_rng(1), 3 if kind == "classes" else 1
    network = Network.of(3, (5, 4), outputs, activation, kind, seed=2)
    x = rng.normal(size=(16, 3))
    y = np.eye(3)[rng.integers(0, 3, 16)] if kind == "classes" else rng.integers(0, 2, (16, 1)).astype(float)
    penalty = Penalty("L2", 0.01)
    kernels = [tf.Variable(kernel) for kernel in network.kernels]
    biases = [tf.Variable(bias) for bias in network.biases]
    with tf.GradientTape() as tape:
        values = tf.constant(x)
        for at, (kernel, bias) in enumerate(zip(kernels, biases, strict=True)):
            name = activation if at < len(kernels) - 1 else OUTPUTS[kind]
            values = keras.activations.get(name)(values @ kernel + bias)
        value = keras.losses.get(loss)
        own = tf.reduce_mean(keras.losses.get(loss)(tf.constant(y), values))
        total = own + 0.01 * tf.add_n([tf.reduce_sum(kernel**2) for kernel in kernels])
    assert value is not None
    theirs = tape.gradient(total, [*kernels, *biases])
    ours = [part for parts in network.gradients(x, y, loss, penalty) for part in parts]
    for mine, other in zip(ours, theirs, strict=True):
        assert np.abs(mine - other.numpy()).max() < 1e-6
    assert network.loss(x, y, loss) == pytest.approx(float(own), abs=1e-6)


def test_the_script_makes_the_same_points_and_runs_to_its_end() -> None:
    play = Playground(
        Settings("spirals", noise=0.1, features=("x", "sin y", "xy"), penalty=Penalty("L2", 0.001))
    )
    made: dict[str, object] = {"np": np}
    exec(data_code(play), made)
    assert (made["x"][made["train"]] == play.x).all()  # type: ignore[index]
    assert (made["y"][made["test"]] == play.y_test[:, 0]).all()  # type: ignore[index]
    script = keras_code(play).replace("epochs=100", "epochs=2")
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=240, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "accuracy" in told.stdout.splitlines()[-1]


@pytest.mark.parametrize("columns", [("a", "b", "kind"), ("a", "b", "c")])
def test_the_script_of_a_table_makes_the_same_points(tmp_path: Path, columns: tuple[str, str, str]) -> None:
    import keras
    import polars as pl

    path = f"{tmp_path}/own.csv"
    lines = [f"{at % 7},{at % 5},{at * 1.5},{('left', 'right', 'up')[at % 3]}" for at in range(700)]
    Path(path).write_text("\n".join(["a,b,c,kind", *lines]))
    play = Playground()
    play.take(own_data(path, *columns))
    made: dict[str, object] = {"np": np, "pl": pl, "keras": keras}
    exec(data_code(play), made)
    assert np.allclose(made["x"][made["train"]], play.x)  # type: ignore[index]
    assert np.allclose(np.reshape(made["y"][made["test"]], play.y_test.shape), play.y_test)  # type: ignore[index]
