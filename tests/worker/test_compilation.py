"""The fit settings as Keras has them: optimizers, schedules, losses, metrics, weights of the classes, early stopping."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import values
from tests.worker.conftest import Train, Training, finite
from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.runs.events import EpochEnded, Evaluated, Predicted
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.fit import SCHEDULES, FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.learning_rate import learning_rate_at
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec, stack
from tuinn.spec.training import losses, metrics, optimizers
from tuinn.spec.training.losses import Loss
from tuinn.spec.training.optimizers import Optimizer

pytestmark = pytest.mark.tf


def net(data: str, outputs: int, activation: str, **fit: Any) -> RunSpec:
    head = LayerSpec.of("Dense", units=outputs, activation=activation)
    told = {"learning_rate": 0.02, "batch_size": 16, "epochs": 2, **fit}
    return RunSpec(DatasetSpec(data), stack(LayerSpec.of("Normalization"), head), FitSpec(**told))


def ended(training: Training) -> list[EpochEnded]:
    return training.events_of(EpochEnded)


@pytest.mark.parametrize("row", optimizers.OPTIMIZERS, ids=lambda row: row.name)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_an_optimizer_takes_every_value_that_its_rows_allow(row: Optimizer, data: st.DataObject) -> None:
    from tuinn.worker.model import compilation

    told = {option.name: data.draw(values(option)) for option in row.options}
    made: Any = compilation.optimizer(FitSpec(optimizer=row.name, clipnorm=2.0, **told), 3)
    config = made.get_config()
    assert type(made).__name__ == row.keras
    assert config["clipnorm"] == 2.0
    for name, value in told.items():
        assert config[name] == value or (name == "weight_decay" and not value and config[name] is None)


@pytest.mark.parametrize("row", optimizers.OPTIMIZERS, ids=lambda row: row.name)
def test_the_defaults_of_an_optimizer_are_keras_own_and_it_keeps_so_many_numbers_per_weight(
    row: Optimizer,
) -> None:
    import keras

    from tuinn.worker.model import compilation

    made: Any = compilation.optimizer(FitSpec(optimizer=row.name), 1)
    theirs, ours = getattr(keras.optimizers, row.keras)().get_config(), made.get_config()
    assert {name for name in ours if ours[name] != theirs[name]} <= {"learning_rate", "name"}
    weight = keras.Variable(np.zeros(10, np.float32))
    made.build([weight])
    assert sum(v.shape == (10,) for v in made.variables) == row.slots


@pytest.mark.parametrize("schedule", SCHEDULES)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_the_rate_at_every_step_is_the_one_of_keras(schedule: str, data: st.DataObject) -> None:
    from tuinn.worker.model import compilation

    small = st.integers(1, 4)
    fit = FitSpec(
        schedule=schedule,
        learning_rate=data.draw(st.sampled_from([1e-3, 0.1, 3.0])),
        epochs=data.draw(st.integers(1, 6)),
        step_epochs=data.draw(small),
        warmup_epochs=data.draw(small),
        decay_rate=data.draw(st.sampled_from([0.1, 0.5, 1.0])),
        alpha=data.draw(st.sampled_from([0.0, 0.25])),
        peak_at=data.draw(st.sampled_from([0.01, 0.3, 0.9])),
    )
    steps = data.draw(st.integers(1, 9))
    rate: Any = compilation.rate(fit, steps)
    for step in range(fit.epochs * steps + 2):
        theirs = float(rate(step)) if callable(rate) else rate
        assert learning_rate_at(fit, step, steps) == pytest.approx(theirs, rel=1e-4, abs=1e-7)


def test_the_rate_reported_of_an_epoch_is_the_one_of_its_last_step_however_many_are_executed_together(
    train: Train,
) -> None:
    for schedule in ("constant", "step", "cosine", "one_cycle"):
        spec = net("iris", 3, "softmax", schedule=schedule, step_epochs=1, epochs=3)
        told = [event.learning_rate for event in ended(train(spec))]
        steps = 7
        assert told == pytest.approx(
            [learning_rate_at(spec.fit, steps * epoch - 1, steps) for epoch in (1, 2, 3)], rel=1e-4
        )


def test_the_rate_falls_on_a_plateau_and_is_no_metric(train: Train) -> None:
    spec = net("iris", 3, "softmax", schedule="reduce_on_plateau", patience=1, factor=0.5, epochs=4)
    spec = spec.with_fit(learning_rate=1e-12, monitor="loss", shuffle=False)
    events = ended(train(spec))
    rates = [event.learning_rate for event in events]
    # The first epoch without improvement is trained with the old rate, and only then it falls.
    assert rates[:2] == pytest.approx([1e-12, 1e-12])
    assert rates[-1] < rates[0]
    assert set(events[0].metrics) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_early_stopping_ends_the_run_well_and_keeps_the_weights_of_the_best_epoch(train: Train) -> None:
    spec = net("iris", 3, "softmax", epochs=40, learning_rate=1e-12, early_stopping_patience=2)
    training = train(spec.with_fit(monitor="accuracy"))
    assert training.ending.outcome == "finished"
    assert len(ended(training)) == 3
    assert training.ending.message == (
        "Stopped early after epoch 3 of 40: accuracy did not improve for 2 epochs; the weights of epoch 1 are kept."
    )
    assert [event.epoch for event in training.events_of(Predicted)] == [1, 2, 3, 1]


@pytest.mark.parametrize(
    ("data", "outputs", "activation"),
    [
        ("iris", 3, "softmax"),
        ("breast_cancer", 1, "sigmoid"),
        ("breast_cancer", 2, "softmax"),
        ("diabetes", 1, "softplus"),
    ],
)
def test_every_loss_and_metric_that_fits_is_computed(data: str, outputs: int, activation: str) -> None:
    from tuinn.worker.model import build, compilation

    facts, arrays = catalog.find(data).facts, loader.load(DatasetSpec(data))
    fitting = metrics.allowed_metrics(facts)
    model: Any = build.build(net(data, outputs, activation).model, facts.shape)
    for name in losses.allowed_losses(facts, outputs):
        spec = net(data, outputs, activation, loss=name, metrics=fitting)
        loss = compilation.loss_of(spec, facts, outputs)
        compilation.compile_model(model, spec.fit, loss, facts.task, 1)
        told = model.test_on_batch(
            arrays.x_test[:30], compilation.targets(arrays.y_test[:30], loss, outputs), return_dict=True
        )
        assert set(told) == {"loss", *fitting}
        assert np.isfinite(list(told.values())).all()


def test_precision_and_recall_are_the_same_for_one_output_or_two_and_with_or_without_sigmoid() -> None:
    import keras

    from tuinn.worker.model import compilation

    logits = np.array([[-2.0], [0.5], [3.0], [-0.1], [1.0]], np.float32)
    truth = np.array([0, 1, 1, 1, 0])
    two = np.concatenate([np.zeros_like(logits), logits], axis=1)
    cases = [
        (Loss("binary_crossentropy", True, "number"), logits, truth[:, None]),
        (Loss("binary_crossentropy", False, "number"), 1 / (1 + np.exp(-logits)), truth[:, None]),
        (Loss("categorical_crossentropy", False, "one_hot"), keras.ops.softmax(two), np.eye(2)[truth]),
    ]
    for name, expected in (("precision", 2 / 3), ("recall", 2 / 3)):
        for loss, said, true in cases:
            counted: Any = compilation.metric(name, loss, Task.BINARY)
            counted.update_state(true.astype(np.float32), said)
            assert float(counted.result()) == pytest.approx(expected)


@pytest.mark.parametrize("logits", [True, False])
def test_precision_recall_and_f1_of_several_classes_are_scikit_learns_means(logits: bool) -> None:
    import keras
    from sklearn.metrics import precision_recall_fscore_support

    from tuinn.worker.model import compilation

    rng = np.random.default_rng(3)
    truth = rng.integers(0, 7, 500)
    said = rng.normal(size=(500, 7)).astype(np.float32)
    said[np.arange(500), truth] += 1.2
    outputs = said if logits else np.asarray(keras.ops.softmax(said))
    loss = Loss("categorical_crossentropy", logits, "one_hot")
    expected = precision_recall_fscore_support(truth, said.argmax(axis=1), average="macro")[:3]
    for name, value in zip(("precision", "recall", "f1_score"), expected, strict=True):
        counted: Any = compilation.metric(name, loss, Task.CLASSES)
        for part in np.split(np.arange(500), 5):
            counted.update_state(np.eye(7, dtype=np.float32)[truth[part]], outputs[part])
        assert float(counted.result()) == pytest.approx(value, abs=1e-5)


def test_f1_of_yes_or_no_and_of_labels_is_scikit_learns() -> None:
    from sklearn.metrics import f1_score

    from tuinn.worker.model import compilation

    rng = np.random.default_rng(4)
    for width, task in ((1, Task.BINARY), (4, Task.LABELS)):
        truth = rng.integers(0, 2, (200, width)).astype(np.float32)
        said = np.clip(0.3 * truth + rng.random((200, width)) * 0.7, 0, 1).astype(np.float32)
        counted: Any = compilation.metric("f1_score", Loss("binary_crossentropy", False, "number"), task)
        counted.update_state(truth, said)
        expected = f1_score(truth, said > 0.5, average="binary" if width == 1 else "macro")
        assert float(counted.result()) == pytest.approx(expected, abs=1e-5)


def test_balanced_classes_weigh_as_much_as_with_keras_class_weight() -> None:
    from tuinn.worker.model import compilation

    raw = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
    training = np.array([0, 1, 2, 3, 5, 6])
    weights = compilation.sample_weights(FitSpec(class_weights="balanced"), raw, training)
    assert weights is not None
    assert [float(weights[raw == name][0]) for name in (0, 1, 2)] == pytest.approx([2 / 3, 2, 1])
    assert sum(weights[training]) == pytest.approx(len(training))
    assert compilation.sample_weights(FitSpec(), raw, training) is None


def test_balanced_classes_and_smoothed_labels_change_what_is_learned_and_no_validation(train: Train) -> None:
    base = {"epochs": 1, "metrics": ("accuracy",)}
    plain = ended(train(net("breast_cancer", 1, "sigmoid", **base)))[0]
    balanced = ended(train(net("breast_cancer", 1, "sigmoid", class_weights="balanced", **base)))[0]
    smooth = ended(train(net("iris", 3, "softmax", label_smoothing=0.2, **base)))[0]
    assert balanced.metrics["loss"] != pytest.approx(plain.metrics["loss"], rel=1e-4)
    assert balanced.metrics["val_loss"] == pytest.approx(plain.metrics["val_loss"], rel=0.3)
    assert finite(smooth.metrics["loss"]) > 0.2


def test_without_shuffle_the_samples_come_in_their_own_order(train: Train) -> None:
    evaluator = train(net("iris", 3, "softmax", shuffle=False)).evaluator
    training = evaluator.pipeline.order.numpy()[: evaluator.pipeline.counts["training"]]
    assert list(training) == sorted(training)


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_trains_saves_and_answers_in_plain_numbers(precision: str, train: Train) -> None:
    training = train(PRESETS["digits-mlp"]().with_fit(epochs=2, precision=precision))
    assert finite(training.events_of(Evaluated)[0].metrics["accuracy"]) > 0.6
    assert np.load(training.folder.predictions_file, allow_pickle=False).dtype == np.float32
    assert ended(training)[-1].learning_rate == 0.001
