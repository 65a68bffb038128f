"""Reliability, expected calibration error, temperature and thresholds: by hand-made numbers, then in a real network."""

from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace
from sklearn import metrics

from tests.worker.conftest import Train, Training
from tuinn.data.predictions import read_predictions
from tuinn.errors import WorkerError
from tuinn.runs.calibration import THRESHOLDS, Calibration
from tuinn.runs.commands import Calibrate, MakeReport, PredictTest
from tuinn.runs.decision import keep_threshold
from tuinn.runs.events import Reported
from tuinn.runs.report import Report
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.presets.catalog import PRESETS
from tuinn.worker.inference.calibration import (
    best_temperature,
    calibrate,
    calibration_error,
    reliability,
    scaled,
)
from tuinn.worker.training.saved_network import load_evaluator


def facts(task: Task, classes: int) -> DataFacts:
    names = tuple(f"class {at}" for at in range(classes))
    return DataFacts(task=task, shape=(4,), dtype="float32", low=0, high=1, classes=names, train=10, test=10)


def test_the_calibration_error_is_the_weighted_gap_of_the_bins() -> None:
    sure = np.array([0.55, 0.65, 0.95, 0.95, 0.85])
    right = np.array([True, False, True, False, True])
    bins = reliability(sure, right)
    assert [one.low for one in bins] == pytest.approx([0.5, 0.6, 0.8, 0.9])
    assert [(one.count, one.right) for one in bins] == [(1, 1.0), (1, 0.0), (1, 1.0), (2, 0.5)]
    assert [one.sure for one in bins] == pytest.approx([0.55, 0.65, 0.85, 0.95])
    assert calibration_error(bins) == pytest.approx((0.45 + 0.65 + 0.15 + 2 * 0.45) / 5)


@pytest.mark.parametrize(("sure", "right"), [([1.0, 0.0], [True, False]), ([0.3], [True]), ([], [])])
def test_the_ends_of_the_scale_one_decision_and_none(sure: Sequence[float], right: Sequence[bool]) -> None:
    bins = reliability(np.array(sure), np.array(right, bool))
    assert sum(one.count for one in bins) == len(sure)
    assert calibration_error(bins) == pytest.approx(0.7 if len(sure) == 1 else 0.0)


@pytest.mark.parametrize("wide", [1, 2, 5])
def test_the_temperature_that_was_put_in_is_found_again(wide: int) -> None:
    rng = np.random.default_rng(wide)
    task = Task.CLASSES if wide > 2 else Task.BINARY
    logits = rng.normal(0, 2, (20_000, wide))
    if wide == 1:
        honest = 1 / (1 + np.exp(-logits))
        truth = (rng.random(20_000) < honest[:, 0]).astype(np.int64)
    else:
        honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        truth = (rng.random((20_000, 1)) > honest.cumsum(axis=1)).sum(axis=1)
    shown = scaled(honest, 1 / 2.5)  # surer than it is right
    found = best_temperature(shown, truth, facts(task, max(wide, 2)))
    assert found == pytest.approx(2.5, rel=0.06)
    assert np.allclose(scaled(shown, 2.5), honest, atol=1e-3)


def test_several_labels_are_each_a_decision() -> None:
    outputs = np.array([[0.9, 0.2], [0.8, 0.4], [0.3, 0.6]], np.float32)
    truth = np.array([[1, 0], [0, 0], [0, 1]])
    found = calibrate(outputs, truth, facts(Task.LABELS, 2))
    assert sum(one.count for one in found.bins) == 6
    assert [one.name for one in found.thresholds] == ["class 0", "class 1"]


def test_thresholds_are_counted_as_scikit_learn_does() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(2, size=300)
    share = np.clip(0.3 * truth + 0.7 * rng.random(300), 0, 1).round(2)
    (counts,) = calibrate(share[:, None].astype(np.float32), truth, facts(Task.BINARY, 2)).thresholds
    for at in (0, 30, 49, 80, 98):
        said = share.astype(np.float32).astype(np.float64) > THRESHOLDS[at]
        expected = metrics.precision_recall_fscore_support(
            truth, said, average="binary", zero_division=np.nan
        )
        shown = [counts.precision(at), counts.recall(at), counts.f1(at)]
        assert [np.nan if value is None else value for value in shown] == pytest.approx(
            expected[:3], nan_ok=True
        )
        assert counts.accuracy(at) == pytest.approx(metrics.accuracy_score(truth, said))
    assert counts.place(0.35) == 34
    assert max(counts.f1(at) or 0 for at in range(99)) == counts.f1(counts.best)


def test_one_class_alone_has_no_recall_and_nothing_is_divided_by_zero() -> None:
    outputs = np.array([[0.2], [0.7]], np.float32)
    found = calibrate(outputs, np.array([0, 0]), facts(Task.BINARY, 2))
    (counts,) = found.thresholds
    assert (counts.recall(49), counts.precision(49), counts.positives) == (None, 0.0, 0)
    assert counts.precision(98) is None
    assert np.isfinite(found.temperature)


def test_where_all_are_right_there_is_no_temperature_to_fit() -> None:
    outputs, truth = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32), np.array([1, 0])
    found = calibrate(outputs, truth, facts(Task.CLASSES, 2))
    assert found.temperature == 1.0
    assert found.error_after == pytest.approx(found.error)


def test_outputs_that_are_not_finite_are_left_out_and_all_of_them_are_a_problem() -> None:
    outputs = np.array([[np.nan], [0.7]], np.float32)
    assert calibrate(outputs, np.array([0, 1]), facts(Task.BINARY, 2)).samples == 1
    with pytest.raises(WorkerError, match="No output is finite: the network diverged"):
        calibrate(outputs[:1], np.array([0]), facts(Task.BINARY, 2))


def measured(training: Training, *, keep: bool = False) -> Calibration:
    told = training.evaluator.answer(Calibrate(request="r", keep=keep))
    assert isinstance(told, Reported)
    assert told.problem == ""
    assert told.file == "reports/calibration.json"
    return Calibration.read(training.folder.path / told.file)


@pytest.mark.tf
def test_a_temperature_is_kept_in_the_saved_network_and_changes_no_decision(train: Train) -> None:
    import keras

    training = train(PRESETS["digits-mlp"]().with_fit(epochs=30, learning_rate=0.01))
    evaluator = training.evaluator
    before, found = evaluator.network.outputs(evaluator.arrays.x_test, 64), measured(training)
    kept = measured(training, keep=True)
    after = evaluator.network.outputs(evaluator.arrays.x_test, 64)
    assert kept.kept == pytest.approx(found.temperature)
    assert kept.temperature == pytest.approx(1.0, abs=0.02)
    assert kept.error == pytest.approx(found.error_after, abs=1e-3)
    assert np.allclose(scaled(before.astype(float), found.temperature), after, atol=1e-4)
    assert (before.argmax(axis=1) == after.argmax(axis=1)).all()
    saved = keras.saving.load_model(training.folder.model_file, safe_mode=True)
    assert np.allclose(saved.predict(evaluator.arrays.x_test, verbose=0), after, atol=1e-6)
    evaluator.epoch = 1  # predicted last; later epochs may be left out to spare the journal
    assert evaluator.answer(PredictTest(request="p")).epoch == evaluator.network_epoch() > 1
    predictions = read_predictions(training.folder.predictions_file)
    assert predictions is not None
    assert np.allclose(predictions, after, atol=1e-6)


@pytest.mark.tf
@pytest.mark.parametrize("preset", ["digits-mlp", "iris-lab"])
def test_a_network_opened_again_is_saved_with_its_optimizer(train: Train, preset: str) -> None:
    """A rate that plateaus change, and one that a schedule gives."""
    import keras

    fit = {"schedule": "cosine"} if preset == "iris-lab" else {}
    training = train(PRESETS[preset]().with_fit(epochs=3, **fit))
    file, folder = training.folder.model_file, training.folder
    before = [np.asarray(value) for value in keras.saving.load_model(file).optimizer.variables]
    training.evaluator = load_evaluator(folder, folder.spec(), lambda event: None)
    assert measured(training, keep=True).kept
    after = [np.asarray(value) for value in keras.saving.load_model(file).optimizer.variables]
    assert before[0] > 0
    assert all(np.array_equal(was, now) for was, now in zip(before, after, strict=True))


@pytest.mark.tf
def test_thresholds_that_are_kept_with_the_run_decide_in_its_report(train: Train) -> None:
    training = train(PRESETS["breast-cancer-logistic"]().with_fit(epochs=3))
    name = training.evaluator.info.facts.classes[1]
    keep_threshold(training.folder, name, 0.9)
    told = training.evaluator.answer(MakeReport(request="r"))
    found = Report.read(training.folder.path / told.file)
    said = training.evaluator.network.outputs(training.evaluator.arrays.x_test, 64)[:, 0] > 0.9
    assert sum(row[1] for row in found.confusion) == said.sum()
    words = f"Predicted with the thresholds that are kept with the run: {name} from 0.90 on."
    assert words in found.notes
    error = next(score.value for score in found.scores if score.name == "calibration error")
    assert error == pytest.approx(calibration_error(found.reliability))


@pytest.mark.tf
def test_what_cannot_be_calibrated_says_why(train: Train) -> None:
    spec = PRESETS["iris-lab"]()
    training = train(spec.with_dataset(replace(spec.dataset, validation=0.0)).with_fit(epochs=1))
    told = training.evaluator.answer(Calibrate(request="r"))
    assert told.problem.startswith("There are no validation samples to measure the probabilities on.")
    training = train(PRESETS["diabetes-regression"]().with_fit(epochs=1))
    told = training.evaluator.answer(Calibrate(request="r"))
    assert told.problem == "A regression gives no probabilities."
    training = train(spec.with_fit(epochs=1))
    training.evaluator.save_network = None
    told = training.evaluator.answer(Calibrate(request="r", keep=True))
    assert told.problem.startswith("The network still trains.")
