"""Our compiled steps against Keras' own `fit` and `evaluate`: the same network, the same numbers."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.worker.test_batches import iris_facts
from tuinn.data import loader
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import PRESETS

if TYPE_CHECKING:
    from tuinn.worker.data.batches import InputPipeline

pytestmark = pytest.mark.tf

EPOCHS = 3


def network(together: int, streamed: bool = False) -> tuple[Any, "InputPipeline"]:
    """The iris network with a dropout, compiled, and its samples: 100 to train on, 20 to validate on."""
    import keras

    from tuinn.spec.layers.catalog import LayerSpec
    from tuinn.spec.training.losses import resolve_loss
    from tuinn.worker.data.batches import InputPipeline
    from tuinn.worker.data.streaming import StreamingPipeline
    from tuinn.worker.model import build, compilation

    spec = PRESETS["iris-lab"]()
    keras.utils.set_random_seed(1)
    model = build.build(spec.model.insert(1, LayerSpec.of("Dropout", rate=0.2)), (4,))
    loss = resolve_loss("auto", spec.model, iris_facts(), 3)
    compilation.compile_model(model, spec.fit, loss, iris_facts().task, together)
    model.optimizer.build(model.trainable_variables)
    arrays = loader.load(DatasetSpec("iris"))
    labels = (arrays.y_train.astype(np.int64), arrays.y_test.astype(np.int64))
    made = StreamingPipeline if streamed else InputPipeline
    samples = made(arrays, labels, np.arange(100), np.arange(100, 120), seed=3)
    samples.attach(model)
    return model, samples


def trained_by_keras() -> tuple[list[dict[str, float]], dict[str, float], list[Any]]:
    """The epochs' logs, the test's, and the weights."""
    import keras

    from tuinn.worker.model import seeds

    model, samples = network(1)
    states, logs = seeds.seed_states(model), []
    before: list[Any] = []
    order = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: samples.shuffle(epoch))
    keep = keras.callbacks.Callback()
    keep.on_test_begin = lambda _=None: before.append(seeds.values_of(states))
    keep.on_test_end = lambda _=None: seeds.assign(states, before[-1])
    keep.on_epoch_end = lambda epoch, found: logs.append(dict(found))
    model.fit(
        samples.spans("training", 16),
        validation_data=samples.spans("validation", 20),
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
        callbacks=[order, keep],
    )
    tested = model.evaluate(samples.spans("test", 7), verbose=0, return_dict=True)
    return logs, tested, model.get_weights()


@pytest.mark.parametrize(
    ("together", "streamed"), [(1, False), (3, False), (7, False), (50, False), (3, True), (7, True)]
)
def test_they_are_those_of_keras(together: int, streamed: bool) -> None:
    from tuinn.worker.data.executions import EvaluationSteps, TrainingSteps

    expected, tested, weights = trained_by_keras()
    model, samples = network(together, streamed)
    evaluation = EvaluationSteps(model, samples, 20)
    steps = TrainingSteps(model, samples, 16, shuffle=True, evaluation=evaluation)
    for epoch in range(EPOCHS):
        steps.begin(epoch)
        done, told = zip(*steps.run(0), strict=True)
        assert done == tuple(min(last, 7) for last in range(together, 7 + together, together))
        logs = {
            **told[-1],
            **{f"val_{name}": value for name, value in evaluation.evaluate("validation").items()},
        }
        assert logs == pytest.approx(expected[epoch], rel=1e-6)
    assert EvaluationSteps(model, samples, 7).evaluate("test") == pytest.approx(tested, rel=1e-6)
    for ours, theirs in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_an_evaluation_begins_the_means_anew_and_calls_after_each_batch() -> None:
    from tuinn.worker.data.executions import EvaluationSteps

    model, samples = network(1)
    evaluation, calls = EvaluationSteps(model, samples, 7), []
    first = evaluation.evaluate("validation", lambda: calls.append(1))
    assert len(calls) == 3
    assert evaluation.evaluate("validation") == first
    assert evaluation.evaluate("test") != first


def test_what_was_read_of_variables_stays_when_they_change() -> None:
    import keras

    from tuinn.worker.model.compiled import VariableReader

    one, two = (keras.Variable(np.full(3, value, np.float32)) for value in (1, 2))
    reader = VariableReader([one], [two, one])
    ((before,), (second, _)) = reader.read()
    one.assign(np.zeros(3))
    one.assign(one + 5)
    assert (before.tolist(), second.tolist()) == ([1, 1, 1], [2, 2, 2])
    assert reader.read()[0][0].tolist() == [5, 5, 5]
