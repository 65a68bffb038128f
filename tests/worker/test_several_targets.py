"""A regression with several targets, trained, judged, saved, asked and exported."""

import csv
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score

from tests.worker.conftest import Train
from tests.worker.test_exact_export import LAST_DIGIT, told_by_run, told_by_script
from tuinn.data import loader
from tuinn.runs.commands import MakeReport, PredictSamples
from tuinn.runs.events import Evaluated, Reported, SamplesAnswered
from tuinn.runs.jobs import FilesPredicted, PredictFiles, network_of
from tuinn.runs.report import Report
from tuinn.spec.advice.advise import advise
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.script import FORMS, Form
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.catalog import make_preset
from tuinn.spec.run import RunSpec, stack
from tuinn.worker.inference.report import judge

pytestmark = [pytest.mark.tf, pytest.mark.usefixtures("keras_steps")]


@pytest.fixture
def wells(tmp_path: Path) -> RunSpec:
    """Depth in metres and cost in thousands, of two numbers and a word: units that have nothing in common."""
    chance = np.random.default_rng(2)
    lines = ["x,z,soil,depth,cost"]
    for at in range(200):
        x, z, soil = *chance.normal(size=2), ("sand", "clay")[at % 2]
        depth = 40 + 12 * x - 5 * z + (at % 2) + chance.normal() * 0.5
        cost = 90_000 - 20_000 * z + 8_000 * x * (at % 2) + chance.normal() * 500
        lines.append(f"{x:.4f},{z:.4f},{soil},{depth:.3f},{cost:.2f}")
    (tmp_path / "wells.csv").write_text("\n".join(lines))
    fit = FitSpec(learning_rate=0.02, epochs=12, batch_size=16, metrics=("mean_absolute_error", "r2_score"))
    dense = LayerSpec.of("Dense", units=16, activation="relu")
    dataset = DatasetSpec.at(str(tmp_path / "wells.csv"), validation=0.2, target="depth, cost")
    return RunSpec(dataset, stack(dense, LayerSpec.of("Dense", units=2)), fit)


def test_scores_of_several_targets_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(300, 3)) * (1, 50, 0.01) + (0, 1000, 5)
    said = truth + rng.normal(size=(300, 3)) * (0.2, 30, 0.009)
    simple = np.tile(truth.mean(axis=0), (300, 1))
    facts = DataFacts(
        Task.REGRESSION, (1,), "float32", 0, 1, (), 1, 300, target="a, b, c", target_names=("a", "b", "c")
    )
    found = judge("run", "test", said.astype(np.float32), truth, facts, {"mean": simple})
    scores = {score.name: score for score in found.scores}
    exact = said.astype(np.float32).astype(float)
    assert [scores[f"R² of {name}"].value for name in "abc"] == pytest.approx(
        r2_score(truth, exact, multioutput="raw_values").tolist()
    )
    assert [scores[f"MAE of {name}"].value for name in "abc"] == pytest.approx(
        mean_absolute_error(truth, exact, multioutput="raw_values").tolist()
    )
    assert scores["mean R²"].value == pytest.approx(r2_score(truth, exact))
    assert scores["mean MAE"].value == pytest.approx(mean_absolute_error(truth, exact))
    assert scores["mean R²"].baselines == pytest.approx({"mean": r2_score(truth, simple)}, abs=1e-12)
    low, high = scores["R² of b"].low, scores["R² of b"].high
    assert low is not None
    assert high is not None
    assert low < r2_score(truth[:, 1], exact[:, 1]) < high
    assert "The mean R² of 3 targets is" in found.verdict
    assert "c is hardest" in found.verdict or "b is hardest" in found.verdict


def test_a_training_with_several_targets_is_judged_saved_and_asked_in_each_ones_unit(
    train: Train, wells: RunSpec
) -> None:
    import keras
    import tensorflow as tf

    from tuinn.worker.training import saved_network

    training = train(wells)
    evaluator, (tested,) = training.evaluator, training.events_of(Evaluated)
    said, truth = np.load(training.folder.predictions_file), evaluator.arrays.y_test
    assert said.shape == truth.shape == (40, 2)
    each = r2_score(truth, said, multioutput="raw_values")
    assert min(each) > 0.5
    assert tested.metrics["r2_score"] == pytest.approx(each.mean(), abs=1e-4)
    seen = evaluator.arrays.y_train[
        evaluator.pipeline.order.numpy()[: evaluator.pipeline.counts["training"]]
    ].astype(float)
    scaled = (said - truth) / seen.std(axis=0)
    assert tested.metrics["loss"] == pytest.approx(np.mean(scaled**2), rel=1e-3)
    assert tested.metrics["mean_absolute_error"] == pytest.approx(np.mean(abs(scaled)), rel=1e-3)

    saved = keras.saving.load_model(training.folder.model_file, safe_mode=True)
    columns = evaluator.info.facts.columns
    words = ("", *columns[2].vocabulary)
    x = evaluator.arrays.x_test
    given = {"x": tf.constant(x[:, 0]), "z": tf.constant(x[:, 1])}
    given["soil"] = tf.constant([words[int(code)] for code in x[:, 2]])
    assert np.allclose(np.asarray(saved(given)), said, rtol=1e-4)

    again = saved_network.load_evaluator(training.folder, training.folder.spec(), print)
    assert again.evaluate().metrics == pytest.approx(tested.metrics, rel=1e-4)
    answer = again.answer(PredictSamples(request="r", samples=({"x": "1", "z": "0", "soil": "sand"},)))
    assert isinstance(answer, SamplesAnswered)
    row = {"x": tf.constant([1.0]), "z": tf.constant([0.0]), "soil": tf.constant(["sand"])}
    assert answer.outputs[0] == pytest.approx(np.asarray(saved(row))[0].tolist(), rel=1e-4)

    reported = again.report(MakeReport(request="e", part="test"))
    assert isinstance(reported, Reported)
    assert not reported.problem
    report = Report.read(training.folder.report_file("test"))
    assert report is not None
    scores = {score.name: score for score in report.scores}
    assert [scores[f"R² of {name}"].value for name in ("depth", "cost")] == pytest.approx(
        each.tolist(), rel=1e-4
    )
    encoded = np.concatenate([np.asarray(again.network.encoded(evaluator.arrays.x_train[:]))])
    plain = LinearRegression().fit(encoded, evaluator.arrays.y_train)
    expected = r2_score(
        truth, plain.predict(np.asarray(again.network.encoded(x[:]))), multioutput="raw_values"
    )
    linear = [scores[f"R² of {name}"].baselines["linear model"] for name in ("depth", "cost")]
    assert linear == pytest.approx(expected.tolist(), abs=0.02)


def test_a_csv_of_predictions_has_a_column_for_each_target(
    train: Train, wells: RunSpec, tmp_path: Path
) -> None:
    from tuinn.worker.jobs.predict_files import predict_files

    training = train(wells.with_fit(epochs=1))
    (tmp_path / "new.csv").write_text("x,z,soil\n1,0,sand\n0,no,clay\n0,1,clay\n")
    job = PredictFiles(
        network=network_of(training.folder.path),
        sources=(str(tmp_path / "new.csv"),),
        out=str(tmp_path / "said.csv"),
    )
    done = predict_files(job, lambda _: None)
    assert isinstance(done, FilesPredicted)
    with (tmp_path / "said.csv").open() as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == ["file", "row", "depth", "cost", "problem"]
    assert [bool(one["problem"]) for one in found] == [False, True, False]
    assert abs(float(found[0]["depth"])) < 1000 < float(found[0]["cost"])
    assert found[1]["depth"] == found[1]["cost"] == ""


@pytest.mark.parametrize("form", FORMS)
def test_the_script_of_several_targets_gives_the_numbers_of_the_run(
    form: Form, train: Train, wells: RunSpec, tmp_path: Path
) -> None:
    spec = wells.with_fit(epochs=2)
    told, run = told_by_script(spec, form, tmp_path), told_by_run(train(spec))
    assert list(told) == list(run)
    for what, numbers in run.items():
        assert told[what] == pytest.approx(numbers, rel=LAST_DIGIT if form == "from-scratch" else 1e-6)


def test_a_preset_ends_in_an_output_for_each_target(wells: RunSpec) -> None:
    facts = loader.describe(wells.dataset).facts
    spec = make_preset("diabetes-regression", wells.dataset, facts)
    assert spec.model.layers[-1] == LayerSpec.of("Dense", units=2)
    assert not [problem for problem in advise(spec, facts) if problem.severity == "error"]
    one = spec.with_model(stack(LayerSpec.of("Dense", units=1)))
    (problem,) = [problem for problem in advise(one, facts) if problem.severity == "error"]
    assert "needs 2, one for each target" in problem.message
    assert problem.fixes[0].spec.model.layers[-1].units == 2
