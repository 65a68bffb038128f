"""A fused step computes what Keras' own does, for every optimizer and option, and is saved as Keras' own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tuinn.spec.dataset import Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.training import optimizers
from tuinn.spec.training.losses import Loss

pytestmark = pytest.mark.tf

STEPS = 200

LOSS = Loss("sparse_categorical_crossentropy", from_logits=False, targets="label")

SHAPES = ((5, 4), (4,), (3, 2, 2, 3))

OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"clipnorm": 0.5},
    {"weight_decay": 0.01},
    {"use_ema": True, "ema_overwrite_frequency": 7},
    {"gradient_accumulation_steps": 3},
)

OF_ITS_OWN: dict[str, tuple[dict[str, Any], ...]] = {
    "SGD": ({"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}),
    "RMSprop": ({"momentum": 0.5}, {"centered": True}, {"rho": 0.5, "epsilon": 0.1}),
    "Adam": ({"amsgrad": True}, {"beta_1": 0.5, "beta_2": 0.8, "epsilon": 0.1}),
}

FUSED = ("sgd", "adam", "adamw", "adamax", "rmsprop", "adadelta")

IN_PARTS = ("amsgrad", "centered")
"""Options for which there is no kernel."""

CASES = [
    (name, options)
    for name in FUSED
    for options in (*OPTIONS, *OF_ITS_OWN.get(optimizers.BY_NAME[name].keras, ()))
]


def trained(name: str, options: dict[str, Any], fused: bool) -> list[np.ndarray]:
    """Variables and state after 200 steps on made-up gradients, large and small ones."""
    import keras
    import tensorflow as tf

    from tuinn.worker.model.fused_optimizers import fuse

    rng = np.random.default_rng(0)
    variables = [keras.Variable(rng.normal(size=shape).astype("float32")) for shape in SHAPES]
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 50, 0.9)
    optimizer = getattr(keras.optimizers, optimizers.BY_NAME[name].keras)(rate, **options)
    optimizer.build(variables)
    if fused:
        fuse(optimizer)
    assert ("update_step" in vars(optimizer)) == (fused and not any(name in options for name in IN_PARTS))
    scales = 10.0 ** (np.arange(STEPS) % 5 - 3)
    gradients = [
        tf.constant((rng.normal(size=(STEPS, *shape)).T * scales).T.astype("float32")) for shape in SHAPES
    ]

    def train() -> None:
        for step in tf.range(STEPS):
            optimizer.apply([one[step] for one in gradients], variables)

    tf.function(train)()
    return [np.asarray(one, dtype=np.float64) for one in (*variables, *optimizer.variables)]


@pytest.mark.parametrize(("name", "options"), CASES)
def test_it_takes_the_steps_of_keras(name: str, options: dict[str, Any]) -> None:
    for ours, keras_own in zip(trained(name, options, True), trained(name, options, False), strict=True):
        assert np.allclose(ours, keras_own, rtol=2e-5, atol=2e-6)


def compiled(name: str, precision: str = "float32") -> Any:
    import keras

    from tuinn.worker.model import compilation

    keras.utils.set_random_seed(3)
    with_words = [keras.layers.Embedding(20, 6), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    fit = FitSpec(optimizer=name, learning_rate=0.01, precision=precision)
    compilation.set_precision(fit)
    try:
        model = keras.Sequential([keras.Input((4,)), *with_words])
        compilation.compile_model(model, fit, LOSS, Task.CLASSES, 1)
    finally:
        keras.config.set_dtype_policy("float32")
    return model


def words() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.integers(0, 20, (96, 4)), rng.integers(0, 3, 96)


@pytest.mark.parametrize("name", ["adam", "sgd", "rmsprop"])
def test_a_saved_network_goes_on_in_plain_keras_to_the_same_numbers(name: str, tmp_path: Path) -> None:
    import keras

    ours, (x, y) = compiled(name), words()
    ours.fit(x, y, epochs=2, shuffle=False, verbose=0)
    ours.save(file := tmp_path / "network.keras")
    theirs = keras.saving.load_model(file, safe_mode=True)
    assert type(theirs.optimizer) is type(ours.optimizer)
    assert "update_step" not in vars(theirs.optimizer)
    for model in (ours, theirs):
        model.fit(x, y, epochs=3, shuffle=False, verbose=0)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(mine, other, rtol=1e-4, atol=1e-5)


def test_under_mixed_precision_the_step_is_fused_too() -> None:
    model, (x, y) = compiled("adam", "mixed_float16"), words()
    assert "update_step" in vars(model.optimizer.inner_optimizer)
    before = model.get_weights()
    model.fit(x, y, epochs=5, verbose=0)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert not np.array_equal(before[1], model.get_weights()[1])
