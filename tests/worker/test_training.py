"""What a training says, saves and repeats. In this process, with the datasets that come with tuinn."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.worker.conftest import Train, finite
from tuinn.data import loader
from tuinn.data.loader import describe
from tuinn.runs.commands import Stop
from tuinn.runs.events import (
    BatchEnded,
    Checkpointed,
    DataLoaded,
    EpochEnded,
    EpochStarted,
    Evaluated,
    Event,
    LoadMeasured,
    ModelBuilt,
    Noted,
    Predicted,
)
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS, default_draft, iris_lab, make_preset
from tuinn.spec.run import RunSpec, stack

pytestmark = pytest.mark.tf


def iris(*layers: LayerSpec, **fit: Any) -> RunSpec:
    return RunSpec(DatasetSpec("iris"), stack(*layers), FitSpec(**{"batch_size": 16, **fit}))


def dense(units: int, activation: str) -> LayerSpec:
    return LayerSpec.of("Dense", units=units, activation=activation)


def test_the_lab_network_gets_four_of_five_clothes_right_in_five_epochs(train: Train) -> None:
    training = train(default_draft().with_fit(epochs=5))
    assert training.ending.outcome == "finished"
    (evaluated,) = training.events_of(Evaluated)
    assert evaluated.samples == 1000
    assert finite(evaluated.metrics["accuracy"]) >= 0.80
    assert set(evaluated.metrics) == {"loss", "accuracy"}
    assert [event.epoch for event in training.events_of(EpochEnded)] == [1, 2, 3, 4, 5]


def test_the_events_of_a_training_come_in_the_order_of_its_story(train: Train) -> None:
    training = train(iris_lab().with_fit(epochs=2, batch_size=50))
    kinds = [
        type(event).__name__
        for event in training.events
        if not (isinstance(event, Checkpointed) and event.file.startswith("checkpoints/"))
        and not isinstance(event, LoadMeasured)  # how often depends on the clock
    ]
    epoch = ["EpochStarted", "BatchEnded", "EpochEnded", "Predicted"]
    assert kinds == ["DataLoaded", "ModelBuilt", *epoch, *epoch, "Evaluated", "Checkpointed"]
    (loaded,) = training.events_of(DataLoaded)
    assert (loaded.train, loaded.validation, loaded.test) == (108, 12, 30)
    last = training.events_of(BatchEnded)[-1]
    assert (last.step, last.samples, training.events_of(EpochStarted)[-1].steps) == (3, 108, 3)
    ended = training.events_of(EpochEnded)[-1]
    assert set(ended.metrics) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert ended.learning_rate == 0.01
    assert training.events_of(Checkpointed)[-1].file == "model.keras"


def test_a_batch_larger_than_the_data_is_one_batch_of_all_and_that_is_said(train: Train) -> None:
    large, all_samples = (train(iris_lab().with_fit(epochs=3, batch_size=size)) for size in (1000, 108))
    assert large.ending.outcome == "finished"
    assert [(event.step, event.samples) for event in large.events_of(BatchEnded)][-1] == (1, 108)
    losses = [[event.metrics["loss"] for event in one.events_of(EpochEnded)] for one in (large, all_samples)]
    assert losses[0] == losses[1]
    (noted,) = large.events_of(Noted)
    assert noted.message.startswith("batch_size 1,000 is larger than the 108 training samples: each epoch is")
    assert noted.level == "info"
    assert all_samples.events_of(Noted) == []


def test_the_same_seed_gives_the_same_losses_and_another_seed_does_not(train: Train) -> None:
    def losses(seed: int) -> list[float | None]:
        spec = iris(
            LayerSpec.of("Dropout", rate=0.3), dense(8, "relu"), dense(3, "softmax"), epochs=3, seed=seed
        )
        return [event.metrics["loss"] for event in train(spec).events_of(EpochEnded)]

    assert losses(7) == losses(7)
    assert losses(7) != losses(8)


def test_stop_in_the_middle_of_an_epoch_evaluates_saves_and_ends_as_stopped(train: Train) -> None:
    def stop_at_once(event: Event, folder: RunFolder) -> None:
        if isinstance(event, EpochStarted) and event.epoch == 2:
            folder.ask(Stop())

    spec = default_draft().with_fit(epochs=5, batch_size=10)
    training = train(spec, then=stop_at_once)
    assert training.ending.outcome == "stopped"
    assert training.ending.message.startswith("Stopped in epoch 2 of 5, after ")
    assert [event.epoch for event in training.events_of(EpochEnded)] == [1]
    assert training.events_of(Predicted)[-1].epoch == 2
    assert training.events_of(Evaluated)
    assert training.folder.model_file.is_file()


def test_a_loss_that_is_not_finite_is_null_and_noted_once_while_training_goes_on(train: Train) -> None:
    spec = RunSpec(
        DatasetSpec("diabetes"),
        stack(dense(16, "relu"), dense(16, "relu"), dense(1, "linear")),
        FitSpec(optimizer="sgd", learning_rate=100, epochs=3, metrics=()),
    )
    training = train(spec)
    (noted,) = training.events_of(Noted)
    assert noted.level == "warning"
    assert "not finite since epoch 1" in noted.message
    assert "smaller learning_rate than 100" in noted.message
    assert training.events_of(EpochEnded)[-1].metrics["loss"] is None
    assert training.events_of(Evaluated)[0].metrics["loss"] is None
    assert training.ending.outcome == "finished"


def on_data_at_hand(name: str, folder: Path) -> RunSpec:
    """The preset, on a bundled table or texts of its own where its dataset would have to be fetched."""
    dataset = PRESETS[name]().dataset
    if dataset.name == "california_housing":
        dataset = DatasetSpec("diabetes")
    elif dataset.name == "imdb":
        for label, words in (("bad", "a dull long film"), ("good", "a fine short film")):
            (folder / label).mkdir(parents=True)
            for at in range(20):
                (folder / label / f"{at}.txt").write_text(f"{words} {at}")
        dataset = DatasetSpec.at(str(folder))
    return make_preset(name, dataset, describe(dataset).facts)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_built_as_the_summary_says_and_trains(
    name: str, train: Train, tmp_path: Path
) -> None:
    spec = on_data_at_hand(name, tmp_path / "texts").with_fit(epochs=1)
    training = train(spec)
    (built,) = training.events_of(ModelBuilt)
    facts = describe(spec.dataset).facts
    rows = summarize(spec.model, facts.input_shape, facts.is_text).rows
    assert [(layer.name, layer.kind, layer.output_shape, layer.params) for layer in built.layers] == [
        (row.name, row.layer.type_name, row.shape, row.params) for row in rows
    ]
    assert built.trainable == sum(row.trainable for row in rows)
    assert built.non_trainable == sum(row.non_trainable for row in rows)
    assert training.ending.outcome == "finished"


@pytest.mark.parametrize(
    ("data", "outputs", "activation", "loss", "metrics"),
    [
        ("iris", 3, "linear", "auto", ("accuracy",)),
        ("iris", 3, "softmax", "categorical_crossentropy", ("accuracy",)),
        ("iris", 3, "softmax", "mean_squared_error", ("accuracy",)),
        ("iris", 3, "softmax", "auto", ("accuracy", "mean_absolute_error")),
        ("breast_cancer", 1, "sigmoid", "auto", ("accuracy",)),
        ("breast_cancer", 1, "linear", "auto", ("accuracy",)),
        ("breast_cancer", 2, "softmax", "auto", ("accuracy",)),
        ("breast_cancer", 2, "linear", "binary_crossentropy", ("accuracy",)),
        ("breast_cancer", 1, "sigmoid", "mean_squared_error", ("accuracy",)),
    ],
)
def test_accuracy_agrees_with_the_mistakes_counted_whatever_loss_and_last_layer(
    train: Train, data: str, outputs: int, activation: str, loss: str, metrics: tuple[str, ...]
) -> None:
    spec = RunSpec(
        DatasetSpec(data),
        stack(LayerSpec.of("Normalization"), dense(outputs, activation)),
        FitSpec(epochs=12, batch_size=16, learning_rate=0.02, loss=loss, metrics=metrics),
    )
    training = train(spec)
    predicted, (evaluated,) = training.events_of(Predicted)[-1], training.events_of(Evaluated)
    assert predicted.mistakes is not None
    assert evaluated.metrics["accuracy"] == pytest.approx(1 - predicted.mistakes / predicted.count)
    assert finite(evaluated.metrics["accuracy"]) > 0.8
    said = np.load(training.folder.predictions_file, allow_pickle=False)
    assert said.shape == (predicted.count, outputs)
    assert said.dtype == np.float32
    assert said.min() >= 0
    assert said.max() <= 1


@pytest.mark.parametrize("metric", ["mean_absolute_error", "mean_squared_error", "root_mean_squared_error"])
def test_a_regression_reports_its_errors_under_the_names_in_the_spec(train: Train, metric: str) -> None:
    spec = PRESETS["diabetes-regression"]().with_fit(epochs=1, metrics=(metric,), loss="huber")
    training = train(spec)
    assert set(training.events_of(Evaluated)[0].metrics) == {"loss", metric}
    assert training.events_of(Predicted)[0].mistakes is None


def test_a_saved_network_takes_raw_pixels_of_any_numeric_type(train: Train) -> None:
    import keras

    training = train(default_draft().with_fit(epochs=1))
    loaded = keras.saving.load_model(training.folder.model_file, safe_mode=True)
    pixels = loader.load(DatasetSpec("fashion_mnist_mini")).x_test[:20]
    bytes_in = np.asarray(loaded(pixels))
    for dtype in ("int32", "int64", "float32", "float64"):
        assert np.allclose(np.asarray(loaded(pixels.astype(dtype))), bytes_in, atol=1e-6)
    assert np.allclose(loaded.predict(pixels, verbose=0), bytes_in, atol=1e-6)


def test_normalization_measures_the_training_part_alone_even_below_other_layers(train: Train) -> None:
    spec = iris(
        LayerSpec.of("Rescaling", scale=0.5), LayerSpec.of("Normalization"), dense(3, "softmax"), epochs=1
    )
    evaluator = train(spec).evaluator
    arrays, places = loader.load(DatasetSpec("iris")), evaluator.pipeline.order.numpy()
    part = arrays.x_train[np.sort(places[: evaluator.pipeline.counts["training"]])] * 0.5
    layer = evaluator.model.get_layer("normalization")
    assert np.allclose(np.ravel(layer.mean), part.mean(axis=0), atol=1e-5)
    assert np.allclose(np.ravel(layer.variance), part.var(axis=0), atol=1e-5)


def test_a_spec_that_cannot_be_trained_is_refused_in_the_words_of_the_advice(train: Train) -> None:
    from tuinn.errors import WorkerError

    with pytest.raises(WorkerError, match="ends in 4 outputs"):
        train(iris(dense(4, "softmax")))


def test_no_event_of_a_training_is_too_odd_for_json(train: Train) -> None:
    import msgspec

    for event in train(iris_lab().with_fit(epochs=1)).events:
        assert json.loads(msgspec.json.encode(event))["kind"] == type(event).__name__


@pytest.mark.parametrize("name", ["wine-mlp", "breast-cancer-logistic", "diabetes-regression", "iris-logits"])
def test_a_network_that_is_loaded_again_measures_what_it_did_at_the_end_of_its_training(
    train: Train, name: str
) -> None:
    from tuinn.worker.training import saved_network

    spec = iris(dense(3, "linear")) if name == "iris-logits" else PRESETS[name]()
    training = train(spec.with_fit(epochs=2))
    (evaluated,) = training.events_of(Evaluated)
    evaluator = saved_network.load_evaluator(training.folder, training.folder.spec(), print)
    assert evaluator.evaluate().metrics == pytest.approx(evaluated.metrics, rel=1e-5)
    assert evaluator.predict(2).mistakes == training.events_of(Predicted)[-1].mistakes
