"""Tables and texts: encoded inside the saved network, a regression told and saved in its own unit."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import r2_score

from tests.worker.conftest import Train, finite
from tests.worker.test_resume import assert_same, epoch_metrics, stop_at
from tuinn.data import loader
from tuinn.data.predictions import read_predictions
from tuinn.runs.commands import PredictSamples, PredictTest, Stop
from tuinn.runs.events import (
    EpochEnded,
    EpochStarted,
    Evaluated,
    Event,
    ModelBuilt,
    Predicted,
    SamplesAnswered,
)
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.tables_and_texts import diabetes_regression
from tuinn.spec.run import RunSpec, stack
from tuinn.spec.saved_network.config import read_config
from tuinn.spec.saved_network.files import read_description
from tuinn.view.regression import Regression

pytestmark = pytest.mark.tf

DENSE = LayerSpec.of("Dense", units=8, activation="relu")
METRICS = ("mean_absolute_error", "root_mean_squared_error", "r2_score")


@pytest.fixture
def houses(tmp_path: Path) -> RunSpec:
    """Prices in dollars, from numbers with gaps and from words, some of them rare."""
    chance = np.random.default_rng(1)
    lines = ["size,a / b,town,price"]
    for at in range(150):
        size, other, town = chance.uniform(50, 300), chance.integers(1, 6), ("Aš", "B [x]", "")[at % 3]
        price = 1000 * size + 20_000 * other + (50_000 if at % 3 else 0)
        lines.append(f"{'' if at % 10 == 0 else round(size, 1)},{other},{town},{price:.2f}")
    (tmp_path / "houses.csv").write_text("\n".join(lines))
    fit = FitSpec(learning_rate=0.01, epochs=4, batch_size=16, metrics=METRICS)
    model = stack(DENSE, LayerSpec.of("Dropout", rate=0.1), LayerSpec.of("Dense", units=1))
    return RunSpec(DatasetSpec.at(str(tmp_path / "houses.csv"), validation=0.2), model, fit)


def test_a_regression_on_a_table_is_reported_and_saved_in_its_own_unit(train: Train, houses: RunSpec) -> None:
    import keras
    import tensorflow as tf

    from tuinn.worker.training import saved_network

    training = train(houses)
    evaluator, (tested,) = training.evaluator, training.events_of(Evaluated)
    said, truth = np.load(training.folder.predictions_file)[:, 0], evaluator.arrays.y_test
    error = said - truth
    assert tested.metrics == pytest.approx(
        {
            "loss": np.mean(error**2),
            "mean_absolute_error": np.mean(np.abs(error)),
            "root_mean_squared_error": np.mean(error**2) ** 0.5,
            "r2_score": 1 - np.sum(error**2) / np.sum((truth - truth.mean()) ** 2),
        },
        rel=1e-3,
    )
    assert [layer.kind for layer in training.events_of(ModelBuilt)[0].layers] == [
        "Dense",
        "Dropout",
        "Dense",
    ]

    description = read_config(read_description(training.folder.model_file))
    assert (description.model, description.notes) == (houses.model, [])
    assert description.fit.optimizer == houses.fit.optimizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of the slash in a name
        saved = keras.saving.load_model(training.folder.model_file, safe_mode=True)
    sizes, numbers, towns = evaluator.arrays.x_test.T
    vocabulary = ("", *evaluator.info.facts.columns[2].vocabulary)
    rows = {
        "size": tf.constant(sizes),
        "a / b": tf.constant(numbers),
        "town": tf.constant([vocabulary[int(code)] for code in towns]),
    }
    assert np.allclose(np.asarray(saved(rows))[:, 0], said, rtol=1e-4)

    known = evaluator.arrays.x_train[
        evaluator.pipeline.order.numpy()[: evaluator.pipeline.counts["training"]], 0
    ]
    gap, mean, other = (
        np.asarray(
            saved({"size": tf.constant([size]), "a / b": tf.constant([2.0]), "town": tf.constant([town])})
        )
        for size, town in ((np.nan, "nowhere"), (float(np.nanmean(known)), "nowhere"), (100.0, "Aš"))
    )
    assert gap == pytest.approx(mean, rel=1e-4)
    assert other != pytest.approx(mean, rel=1e-4)

    again = saved_network.load_evaluator(training.folder, training.folder.spec(), print)
    assert again.evaluate().metrics == pytest.approx(tested.metrics, rel=1e-4)
    question = PredictSamples(request="r", samples=({"size": "100", "a / b": "2", "town": "Aš"},))
    answer = again.answer(question)
    assert isinstance(answer, SamplesAnswered)
    assert isinstance(answer, SamplesAnswered)
    assert answer.outputs[0][0] == pytest.approx(float(other[0, 0]), rel=1e-4)


def test_a_training_on_a_table_that_was_resumed_is_the_same_as_one_straight_through(
    train: Train, houses: RunSpec
) -> None:
    straight = train(houses)
    first = train(houses, then=stop_at(EpochEnded, 2))
    second = train(houses, resume=first.folder)
    one, other = epoch_metrics(first, second), epoch_metrics(straight)
    assert_same(
        {epoch: {name: finite(value) / 1e10 for name, value in logs.items()} for epoch, logs in one.items()},
        {
            epoch: {name: finite(value) / 1e10 for name, value in logs.items()}
            for epoch, logs in other.items()
        },
    )
    assert other[1] == pytest.approx(one[1])


@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        ("mean_squared_error", "linear"),
        ("huber", "linear"),
        ("log_cosh", "softplus"),
        ("mean_absolute_percentage_error", "linear"),
        ("poisson", "softplus"),
    ],
)
def test_every_loss_is_reported_in_the_targets_own_unit(train: Train, loss: str, activation: str) -> None:
    spec = diabetes_regression().with_fit(loss=loss, epochs=1, metrics=("mean_absolute_error",))
    layers = spec.model.layers
    head = layers[-1].with_options(activation=activation)
    training = train(spec.with_model(stack(*layers[:-1], head)))
    evaluator, (tested,) = training.evaluator, training.events_of(Evaluated)
    said = np.load(training.folder.predictions_file)[:, 0].astype(float)
    truth, scale = evaluator.arrays.y_test.astype(float), evaluator.network.scaler.scale
    error = (said - truth) / scale
    expected = {
        "mean_squared_error": np.mean(error**2) * scale**2,
        "huber": np.mean(np.where(abs(error) < 1, error**2 / 2, abs(error) - 0.5)) * scale**2,
        "log_cosh": np.mean(np.log(np.cosh(error))) * scale**2,
        "mean_absolute_percentage_error": 100 * np.mean(abs((said - truth) / truth)),
        "poisson": np.mean(said - truth * np.log(said + 1e-7)),
    }[loss]
    assert tested.metrics["loss"] == pytest.approx(expected, rel=1e-3)
    assert tested.metrics["mean_absolute_error"] == pytest.approx(np.mean(abs(said - truth)), rel=1e-3)
    assert read_config(read_description(training.folder.model_file)).model == stack(*layers[:-1], head)
    assert (scale != 1) == (loss in ("mean_squared_error", "huber", "log_cosh"))


def test_a_network_of_texts_takes_raw_strings_and_learns_from_their_words(
    train: Train, tmp_path: Path
) -> None:
    import keras
    import tensorflow as tf

    from tuinn.worker.training import saved_network

    for name, word in (("good", "lovely"), ("bad", "dreadful")):
        lines = [f"what a {word} film of {at} minutes" for at in range(60)]
        (tmp_path / "texts").mkdir(exist_ok=True)
        (tmp_path / "texts" / f"{name}.txt").write_text("\n".join(lines))
    model = stack(
        LayerSpec.of("TextVectorization", max_tokens=200, output_sequence_length=9),
        LayerSpec.of("Embedding", input_dim=200, output_dim=4, mask_zero=True),
        LayerSpec.of("GlobalAveragePooling1D"),
        LayerSpec.of("Dense", units=1, activation="sigmoid"),
    )
    fit = FitSpec(learning_rate=0.05, epochs=8, batch_size=16)
    training = train(RunSpec(DatasetSpec.at(str(tmp_path / "texts")), model, fit))
    (tested,) = training.events_of(Evaluated)
    assert tested.metrics["accuracy"] == 1.0
    assert [layer.name for layer in training.events_of(ModelBuilt)[0].layers][:2] == [
        "text_vectorization",
        "embedding",
    ]

    saved = keras.saving.load_model(training.folder.model_file, safe_mode=True)
    bad, good = np.asarray(saved(tf.constant(["A dreadful one!", "lovely, lovely"])))[:, 0]
    assert bad < 0.5 < good
    again = saved_network.load_evaluator(training.folder, training.folder.spec(), print)
    assert again.evaluate().metrics == pytest.approx(tested.metrics, rel=1e-4)
    answer = again.answer(PredictSamples(request="r", samples=("A dreadful one!",)))
    assert isinstance(answer, SamplesAnswered)
    assert answer.outputs[0][0] == pytest.approx(float(bad), abs=1e-5)


def test_columns_are_measured_on_the_training_part_alone(train: Train, houses: RunSpec) -> None:
    dataset = houses.dataset
    arrays = loader.load(dataset)
    evaluator = train(houses.with_fit(epochs=1)).evaluator
    training = arrays.x_train[evaluator.pipeline.order.numpy()[: evaluator.pipeline.counts["training"]]]
    layer = evaluator.network.encoder.get_layer("normalise_numbers")
    assert np.allclose(np.ravel(layer.mean), np.nanmean(training[:, :2], axis=0), rtol=1e-5)


def test_all_test_samples_are_predicted_at_the_end_or_when_asked_and_score_as_keras_says(
    train: Train, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    sizes = rng.uniform(20, 200, 6500)
    prices = 900 * sizes + 50_000 + rng.normal(0, 4000, 6500)
    rows = [f"{size:.1f},{price:.0f}" for size, price in zip(sizes, prices, strict=True)]
    (tmp_path / "flats.csv").write_text("size,price\n" + "\n".join(rows) + "\n")
    metrics = ("root_mean_squared_error", "mean_absolute_error")
    spec = RunSpec(
        DatasetSpec.at(str(tmp_path / "flats.csv")),
        stack(LayerSpec.of("Dense", units=1)),
        FitSpec(epochs=3, batch_size=64, learning_rate=0.05, metrics=metrics),
    )
    training = train(spec)
    counts = [(said.epoch, said.count, said.mistakes) for said in training.events_of(Predicted)]
    assert counts == [(1, 1000, None), (2, 1000, None), (3, 1000, None), (3, 1300, None)]
    outputs = read_predictions(training.folder.predictions_file)
    assert outputs is not None
    truth, said = training.evaluator.arrays.y_test.astype(float), outputs[:, 0].astype(float)
    scores = Regression(truth, said).scores
    (tested,) = training.events_of(Evaluated)
    assert scores is not None
    assert scores.count == tested.samples == 1300
    assert scores.rmse == pytest.approx(tested.metrics["root_mean_squared_error"], rel=1e-4)
    assert scores.mae == pytest.approx(tested.metrics["mean_absolute_error"], rel=1e-4)
    assert scores.r2 == pytest.approx(r2_score(truth, said))
    assert 1000 < scores.rmse < 100_000  # in the unit of the prices

    training.folder.predictions_file.unlink()
    answer = training.evaluator.answer(PredictTest(request="all", epoch=3))
    assert answer == Predicted(epoch=3, count=1300, request="all")
    again = read_predictions(training.folder.predictions_file)
    assert again is not None
    assert again.tolist() == outputs.tolist()


@pytest.fixture
def dots(tmp_path: Path) -> RunSpec:
    """Two classes with 1,200 test samples."""
    rows = [f"{at % 50},{'red' if at % 50 < 20 else 'blue'}" for at in range(6000)]
    (tmp_path / "dots.csv").write_text("place,colour\n" + "\n".join(rows) + "\n")
    return RunSpec(
        DatasetSpec.at(str(tmp_path / "dots.csv")),
        stack(LayerSpec.of("Dense", units=1, activation="sigmoid")),
        FitSpec(epochs=3, batch_size=64, metrics=("accuracy",)),
    )


@pytest.mark.parametrize(("signal", "count"), [("", 1200), ("SIGUSR1", 1000)])
def test_a_signal_leaves_no_time_to_predict_all_test_samples(
    train: Train, dots: RunSpec, signal: str, count: int
) -> None:
    def stop(event: Event, folder: RunFolder) -> None:
        if isinstance(event, EpochStarted) and event.epoch == 2:
            folder.ask(Stop(signal=signal))

    training = train(dots, stop)
    assert training.ending.outcome == "stopped"
    assert training.events_of(Predicted)[-1].count == count


def test_once_asked_every_later_epoch_predicts_all_test_samples(train: Train, dots: RunSpec) -> None:
    def ask(event: Event, folder: RunFolder) -> None:
        if isinstance(event, EpochStarted) and event.epoch == 2:
            folder.ask(PredictTest(request="all"))

    training = train(dots, ask)
    said = training.events_of(Predicted)
    assert [(one.epoch, one.count, one.request) for one in said] == [
        (1, 1000, ""),
        (2, 1000, ""),
        (2, 1200, "all"),
        (3, 1200, ""),
    ]
    (tested,) = training.events_of(Evaluated)
    assert said[-1].mistakes is not None
    assert tested.metrics["accuracy"] == pytest.approx(1 - said[-1].mistakes / 1200)
