"""A network that reads windows of a series: trained, saved, asked about a CSV, exported."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.worker.conftest import Train
from tests.worker.test_exact_export import told_by_run, told_by_script
from tuinn.data import loader
from tuinn.runs.commands import MakeReport, PredictSamples
from tuinn.runs.events import Reported, SamplesAnswered
from tuinn.runs.jobs import PredictFiles, network_of
from tuinn.runs.report import Report
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.script import Form
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack

pytestmark = [pytest.mark.tf, pytest.mark.usefixtures("keras_steps")]

NAN_FREE = LayerSpec.of("Normalization")


@pytest.fixture
def waves(tmp_path: Path) -> RunSpec:
    """A wave with a little noise: the next value follows from the last ones."""
    chance = np.random.default_rng(3)
    values = 100 + 20 * np.sin(np.arange(400) * 0.35) + chance.normal(size=400) * 0.5
    lines = ["step,level", *(f"{at},{value:.4f}" for at, value in enumerate(values))]
    (tmp_path / "waves.csv").write_text("\n".join(lines))
    dataset = DatasetSpec.at(
        str(tmp_path / "waves.csv"), split="time", window=12, horizon=2, target="level", ignore=["step"]
    )
    fit = FitSpec(learning_rate=0.02, epochs=8, batch_size=16, metrics=("mean_absolute_error",))
    model = stack(NAN_FREE, LayerSpec.of("LSTM", units=16), LayerSpec.of("Dense", units=1))
    return RunSpec(dataset, model, fit)


def test_an_lstm_learns_a_series_and_predicts_each_window_of_a_csv(
    train: Train, waves: RunSpec, tmp_path: Path
) -> None:
    import keras

    from tuinn.worker.jobs.predict_files import predict_files
    from tuinn.worker.training import saved_network

    training = train(waves)
    evaluator = training.evaluator
    said, truth = np.load(training.folder.predictions_file)[:, 0], evaluator.arrays.y_test
    assert len(said) == 80 - 12 - 2 + 1
    assert np.abs(said - truth).mean() < 0.4 * np.abs(truth - truth.mean()).mean()
    counts = evaluator.pipeline.counts
    assert counts["training"] + counts["validation"] + 13 == 320 - 13

    saved = keras.saving.load_model(training.folder.model_file, safe_mode=True)
    assert np.allclose(np.asarray(saved(evaluator.arrays.x_test))[:, 0], said, rtol=1e-4)

    job = PredictFiles(
        network=network_of(training.folder.path),
        sources=(waves.dataset.path,),
        out=str(tmp_path / "said.csv"),
    )
    done = predict_files(job, lambda _: None)
    assert (done.samples, done.problems) == (400 - 11, 0)
    with (tmp_path / "said.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rows] == list(range(12, 401))
    by_row = {int(row["row"]): float(row["prediction"]) for row in rows}
    assert [by_row[320 + at + 12] for at in range(len(said))] == pytest.approx(said.tolist(), rel=1e-4)

    again = saved_network.load_evaluator(training.folder, training.folder.spec(), print)
    answer = again.answer(PredictSamples(request="r", samples=({"level": "100"},)))
    assert isinstance(answer, SamplesAnswered)
    assert "reads 12 rows at a time" in answer.problem
    reported = again.report(MakeReport(request="e", part="test"))
    assert isinstance(reported, Reported)
    report = Report.read(training.folder.report_file("test"))
    assert report is not None
    assert {"mean", "last value", "linear model"} == set(report.scores[0].baselines)
    last = evaluator.arrays.x_test[:, -1, 0]
    assert report.scores[0].baselines["last value"] == pytest.approx(np.abs(last - truth).mean(), rel=1e-4)


@pytest.mark.parametrize("form", ["script", "from-scratch"])
def test_the_script_of_a_series_gives_the_numbers_of_the_run(
    form: Form, train: Train, waves: RunSpec, tmp_path: Path
) -> None:
    conv = LayerSpec.of("Conv1D", filters=4, kernel_size=3, activation="relu")
    spec = waves.with_fit(epochs=2, schedule="cosine").with_model(
        stack(NAN_FREE, conv, LayerSpec.of("GlobalMaxPooling1D"), LayerSpec.of("Dense", units=1))
    )
    told, run = told_by_script(spec, form, tmp_path), told_by_run(train(spec))
    assert list(told) == list(run)
    for what, numbers in run.items():
        assert told[what] == pytest.approx(numbers, rel=1e-5)


def test_words_and_gaps_of_a_series_are_trained_on(train: Train, tmp_path: Path) -> None:
    lines = [
        "x,sky,y",
        *(f"{'' if at % 9 == 0 else at},{('sun', 'rain')[at % 2]},{at % 7}.5" for at in range(120)),
    ]
    (tmp_path / "sky.csv").write_text("\n".join(lines))
    dataset = DatasetSpec.at(str(tmp_path / "sky.csv"), split="time", window=6, target="y, x")
    facts = loader.describe(dataset).facts
    assert facts.shape == (6, 5)
    model = stack(NAN_FREE, LayerSpec.of("LSTM", units=4), LayerSpec.of("Dense", units=2))
    training = train(RunSpec(dataset, model, FitSpec(epochs=1, metrics=("mean_absolute_error",))))
    assert np.isfinite(np.load(training.folder.predictions_file)).all()
