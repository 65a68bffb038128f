"""Every layer type with a random state: trained straight, or stopped and resumed from a file, it ends in the same numbers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tuinn.spec.layers.catalog import CATALOG, LayerSpec
from tuinn.spec.run import stack
from tuinn.worker.checkpoints.checkpoint import Checkpoint, Position
from tuinn.worker.keras_types import Model

pytestmark = pytest.mark.tf

RATES = ("dropout", "recurrent_dropout", "rate", "stddev")
"""Options that make a layer random."""

SHAPES = {0: (6, 4), 2: (6, 4), 3: (8, 8, 3), 4: (4, 4, 4, 2)}
"""By the axes that a layer type wants; 0: any."""

SIZES: dict[str, object] = {
    "units": 3,
    "num_heads": 2,
    "key_dim": 2,
    "factor": 0.3,
    "height_factor": 0.3,
    "width_factor": 0.3,
    "height": 6,
    "width": 6,
}
WRAPPED = [
    (2, LayerSpec.of("Bidirectional", layer="LSTM", units=3, dropout=0.4, recurrent_dropout=0.4)),
    (2, LayerSpec.of("Bidirectional", layer="GRU", units=3, dropout=0.4, recurrent_dropout=0.4)),
    (2, LayerSpec.of("Bidirectional", layer="SimpleRNN", units=3, dropout=0.4, recurrent_dropout=0.4)),
]


def random_layers() -> Iterator[tuple[int, LayerSpec]]:
    """Axes of the samples, and a layer of each type that may be random."""
    for kind in CATALOG:
        names = [option.name for option in kind.options]
        if kind.name in ("Bidirectional", "TimeDistributed"):
            continue
        if kind.group == "augmentation" or any(name in RATES for name in names):
            options = {
                name: 0.4 if name in RATES else SIZES[name] for name in names if name in (*RATES, *SIZES)
            }
            yield kind.axes, LayerSpec.of(kind.name, **options)
    yield from WRAPPED


def trained_model(layer: LayerSpec, shape: tuple[int, ...]) -> Model:
    from tuinn.worker.model import build

    head = (LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=2))
    model = build.build(stack(layer, *head), shape)
    model.compile(optimizer="adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


def outputs(model: Model) -> list[np.ndarray]:
    return [np.asarray(variable) for variable in model.variables]


@pytest.mark.parametrize(
    ("axes", "layer"),
    [pytest.param(*case, id=" ".join(map(str, case[1].raw().values()))) for case in random_layers()],
)
def test_a_random_layer_goes_on_after_a_resume_as_if_it_had_not_stopped(
    axes: int, layer: LayerSpec, tmp_path: Path
) -> None:
    import keras

    from tuinn.worker.checkpoints import training_state

    shape = SHAPES[axes]
    dice = np.random.default_rng(0)
    x = dice.random((24, *shape)).astype(np.float32)
    y = dice.random((24, 2)).astype(np.float32)

    def train(model: Model) -> None:
        model.fit(x, y=y, batch_size=4, shuffle=False, verbose=0)

    keras.utils.set_random_seed(3)
    straight = trained_model(layer, shape)
    train(straight)
    file = tmp_path / "last.npz"
    Checkpoint(Position(2), 9, state=training_state.take(straight, [], within_epoch=False)).write(file)
    before = outputs(straight)
    train(straight)

    keras.utils.set_random_seed(4)
    resumed = trained_model(layer, shape)
    train(resumed)  # another training: nothing of it may remain
    training_state.restore(Checkpoint.read(file).state, resumed, [])
    for one, other in zip(outputs(resumed), before, strict=True):
        assert np.array_equal(one, other)
    train(resumed)
    for one, other in zip(outputs(resumed), outputs(straight), strict=True):
        assert np.array_equal(one, other)


def test_a_random_layer_that_is_not_restored_ends_elsewhere() -> None:
    """The test above would notice a state that is left out."""
    import keras

    layer, shape = LayerSpec.of("LSTM", units=3, dropout=0.4, recurrent_dropout=0.4), (6, 4)
    x, y = np.ones((24, *shape), np.float32), np.ones((24, 2), np.float32)
    ends = []
    for state in (1, 2):
        keras.utils.set_random_seed(3)
        model = trained_model(layer, shape)
        for variable in model.variables:
            if "seed_generator" in variable.path:
                variable.assign(np.full(variable.shape, state, np.uint32))
        model.fit(x, y=y, batch_size=4, shuffle=False, verbose=0)
        ends.append(outputs(model)[0])
    one, other = ends
    assert not np.array_equal(one, other)


def test_the_best_weights_of_early_stopping_come_back_with_the_scalars_among_them(tmp_path: Path) -> None:
    import keras

    from tuinn.worker.checkpoints import training_state
    from tuinn.worker.training.callbacks import EarlyStopping

    def adapted(number: int) -> tuple[Model, EarlyStopping]:
        keras.utils.set_random_seed(number)
        scaling = keras.layers.Normalization()  # counts its samples in a scalar
        model: Model = keras.Sequential([keras.Input((2,)), scaling, keras.layers.Dense(1)])
        scaling.adapt(np.full((number, 2), number, np.float32))
        model.compile(optimizer="sgd", loss="mse")
        model.optimizer.build(model.trainable_variables)
        stopping = EarlyStopping(patience=1, restore_best_weights=True)
        stopping.set_model(model)
        return model, stopping

    model, stopping = adapted(3)
    stopping.best_weights = best = [np.asarray(variable) for variable in model.variables]
    stopping.best_weights[2] = np.int64(3)  # as Keras gives it
    file = tmp_path / "last.npz"
    Checkpoint(Position(), 1, state=training_state.take(model, [stopping], within_epoch=False)).write(file)

    model, stopping = adapted(5)
    training_state.restore(Checkpoint.read(file).state, model, [stopping])
    for variable in model.variables:
        variable.assign(np.zeros(variable.shape))
    stopping.on_train_end()
    for variable, value in zip(model.variables, best, strict=True):
        assert np.array_equal(np.asarray(variable), value)
