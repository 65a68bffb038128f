"""Scores of a report against scikit-learn, without TensorFlow."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn import metrics

from tests.worker.conftest import Train
from tuinn.runs.commands import MakeReport, Part
from tuinn.runs.events import EpochEnded, Evaluated, Reported
from tuinn.runs.report import Report, Score
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.presets.catalog import PRESETS
from tuinn.worker.inference.report import judge_classes, judge_labels, judge_numbers


def facts(task: Task, classes: int = 0) -> DataFacts:
    names = tuple(f"class {at}" for at in range(classes))
    return DataFacts(task=task, shape=(4,), dtype="float32", low=0, high=1, classes=names, train=10, test=10)


def shares(rng: np.random.Generator, count: int, width: int) -> np.ndarray:
    raw = rng.random((count, width)).round(2) + 0.01
    found: np.ndarray = raw / raw.sum(axis=1, keepdims=True)
    return found


def value(found: Report, name: str) -> float:
    score = score_of(found, name)
    assert score.value is not None
    return score.value


def score_of(found: Report, name: str) -> Score:
    return next(score for score in found.scores if score.name == name)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(20, 120), st.integers(2, 12))
def test_scores_of_classes_are_those_of_scikit_learn(seed: int, count: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    outputs, truth = shares(rng, count, width), rng.permutation(np.arange(count) % width)
    found = judge_classes("run", "test", outputs, truth, facts(Task.CLASSES, width))
    said = outputs.argmax(axis=1)
    average = {"average": "macro", "zero_division": 0}
    expected = {
        "accuracy": metrics.accuracy_score(truth, said),
        "balanced accuracy": metrics.balanced_accuracy_score(truth, said),
        "macro precision": metrics.precision_score(truth, said, **average),
        "macro recall": metrics.recall_score(truth, said, **average),
        "macro F1": metrics.f1_score(truth, said, **average),
        "weighted F1": metrics.f1_score(truth, said, average="weighted", zero_division=0),
        "log loss": metrics.log_loss(truth, outputs, labels=range(width)),
    }
    if width == 2:
        expected["ROC AUC"] = metrics.roc_auc_score(truth, outputs[:, 1])
        expected["average precision"] = metrics.average_precision_score(truth, outputs[:, 1])
        expected["Brier score"] = metrics.brier_score_loss(truth, outputs[:, 1])
    else:
        hot = np.eye(width)[truth]
        expected["ROC AUC"] = metrics.roc_auc_score(truth, outputs, multi_class="ovr", average="macro")
        expected["average precision"] = metrics.average_precision_score(hot, outputs, average="macro")
        expected["Brier score"] = np.mean(np.sum((outputs - hot) ** 2, axis=1))
    assert {name: value(found, name) for name in expected} == pytest.approx(expected)
    assert found.confusion == tuple(map(tuple, metrics.confusion_matrix(truth, said, labels=range(width))))
    for at, row in enumerate(found.classes):
        assert row.support == (truth == at).sum()
        assert row.roc_auc == pytest.approx(metrics.roc_auc_score(truth == at, outputs[:, at]))


def test_the_best_classes_that_are_named_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    outputs, truth = rng.random((300, 10)), rng.integers(10, size=300)
    outputs /= outputs.sum(axis=1, keepdims=True)
    found = judge_classes("run", "test", outputs, truth, facts(Task.CLASSES, 10))
    for most in (3, 5):
        expected = metrics.top_k_accuracy_score(truth, outputs, k=most, labels=range(10))
        assert value(found, f"top-{most} accuracy") == pytest.approx(expected)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(5, 200))
def test_scores_of_numbers_are_those_of_scikit_learn(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(5, 3, count)
    outputs = truth + rng.normal(0, 1, count)
    found = judge_numbers("run", "test", outputs, truth, facts(Task.REGRESSION))
    expected = {
        "MAE": metrics.mean_absolute_error(truth, outputs),
        "RMSE": metrics.root_mean_squared_error(truth, outputs),
        "R²": metrics.r2_score(truth, outputs),
        "MAPE": metrics.mean_absolute_percentage_error(truth, outputs),
    }
    assert {name: value(found, name) for name in expected} == pytest.approx(expected)


def test_scores_of_several_labels_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    outputs, truth = rng.random((200, 4)), rng.integers(2, size=(200, 4))
    found = judge_labels("run", "test", outputs, truth, facts(Task.LABELS, 4))
    said = outputs > 0.5
    expected = {
        "exact match": metrics.accuracy_score(truth, said),
        "hamming loss": metrics.hamming_loss(truth, said),
        "macro precision": metrics.precision_score(truth, said, average="macro"),
        "macro recall": metrics.recall_score(truth, said, average="macro"),
        "macro f1": metrics.f1_score(truth, said, average="macro"),
    }
    assert {name: value(found, name) for name in expected} == pytest.approx(expected)


def test_intervals_are_as_wide_as_theory_says() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(2, size=2000)
    right = rng.random(2000) < 0.8
    first = np.where(right == (truth == 0), 0.9, 0.1)
    found = judge_classes("run", "test", np.stack([first, 1 - first], axis=1), truth, facts(Task.CLASSES, 2))
    accuracy = score_of(found, "accuracy")
    assert accuracy.value is not None
    assert accuracy.low is not None
    assert accuracy.high is not None
    error = np.sqrt(accuracy.value * (1 - accuracy.value) / 2000)
    assert accuracy.low == pytest.approx(accuracy.value - 1.96 * error, abs=0.15 * error)
    assert accuracy.high == pytest.approx(accuracy.value + 1.96 * error, abs=0.15 * error)
    area = score_of(found, "ROC AUC")
    assert area.value is not None
    assert area.low is not None
    assert area.high is not None
    assert area.low < area.value < area.high


def test_a_class_without_samples_is_said_and_left_out() -> None:
    outputs = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1]])
    found = judge_classes("run", "test", outputs, np.array([0, 1, 1]), facts(Task.CLASSES, 3))
    assert found.notes == ("No sample is of class 2: averages over classes leave that out.",)
    assert found.classes[2].recall is None
    assert found.classes[2].precision is None
    assert value(found, "balanced accuracy") == pytest.approx(0.75)


def test_one_class_alone_has_no_curve() -> None:
    outputs = np.array([[0.7, 0.3], [0.6, 0.4]])
    found = judge_classes("run", "test", outputs, np.array([0, 0]), facts(Task.CLASSES, 2))
    assert score_of(found, "ROC AUC").value is None
    assert value(found, "accuracy") == 1.0
    assert "No class has a mistake." in found.verdict


def test_outputs_that_are_not_finite_count_as_wrong_and_are_said() -> None:
    outputs = np.array([[np.nan, 0.3], [0.6, 0.4]])
    found = judge_classes("run", "test", outputs, np.array([0, 0]), facts(Task.CLASSES, 2))
    assert value(found, "accuracy") == 0.5
    assert "The outputs for 1 sample are not finite; these count as wrong." in found.notes
    numbers = judge_numbers(
        "run", "test", np.array([1.0, np.inf, 2.0]), np.array([1.0, 2.0, 2.0]), facts(Task.REGRESSION)
    )
    assert numbers.samples == 2
    assert numbers.notes == ("1 output not finite, left out of every score.",)


def test_the_verdict_names_baselines_and_the_hardest_class() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2])
    outputs = np.eye(3)[[0, 0, 0, 1, 0, 2]]
    baseline = {"always class 0": np.zeros(6, np.int64)}
    found = judge_classes("run", "test", outputs, truth, facts(Task.CLASSES, 3), baseline)
    assert found.verdict.startswith("83.3 % (")
    assert ", against 50.0 % (always class 0): that may be as good." in found.verdict
    assert "class 1 is hardest: F1 0.6667, taken for class 0 1 time." in found.verdict
    assert score_of(found, "accuracy").baselines == {"always class 0": 0.5}


def test_a_report_is_a_file_that_comes_back(tmp_path: Path) -> None:
    found = judge_classes("run", "test", np.eye(2)[[0, 1, 1]], np.array([0, 1, 0]), facts(Task.CLASSES, 2))
    file = tmp_path / "reports" / "test.json"
    found.write(file)
    assert Report.read(file) == found
    file.write_bytes(b"{")
    with pytest.raises(ValueError, match="truncated"):
        Report.read(file)


@pytest.mark.tf
@pytest.mark.parametrize(
    ("preset", "part", "score", "metric"),
    [
        ("digits-mlp", "test", "accuracy", "accuracy"),
        ("breast-cancer-logistic", "test", "accuracy", "accuracy"),
        ("breast-cancer-logistic", "test", "log loss", "loss"),
        ("diabetes-regression", "test", "MAE", "mean_absolute_error"),
        ("wine-mlp", "validation", "accuracy", "val_accuracy"),
        ("wine-mlp", "training", "accuracy", ""),
    ],
)
def test_a_report_agrees_with_what_keras_measures(
    train: Train, preset: str, part: Part, score: str, metric: str
) -> None:
    training = train(PRESETS[preset]().with_fit(epochs=3))
    told = training.evaluator.answer(MakeReport(request="r", part=part))
    assert isinstance(told, Reported)
    found = Report.read(training.folder.path / told.file)
    assert found.samples == training.evaluator.pipeline.counts[part]
    assert found.scores[0].baselines
    if part == "test":
        (measured,) = training.events_of(Evaluated)
        assert value(found, score) == pytest.approx(measured.metrics[metric], rel=1e-4)
    elif part == "validation":
        last = training.events_of(EpochEnded)[-1]
        assert value(found, score) == pytest.approx(last.metrics[metric], rel=1e-4)


@pytest.mark.tf
def test_without_samples_to_judge_on_there_is_a_sentence(train: Train) -> None:
    spec = PRESETS["iris-lab"]()
    training = train(spec.with_dataset(replace(spec.dataset, validation=0.0)).with_fit(epochs=1))
    told = training.evaluator.answer(MakeReport(request="r", part="validation"))
    assert told == Reported(request="r", problem="There are no validation samples here to judge it on.")


def test_where_no_output_is_finite_there_is_no_calibration_error() -> None:
    told = facts(Task.CLASSES, 2)
    report = judge_classes("run", "test", np.full((6, 2), np.nan), np.arange(6) % 2, told)
    assert score_of(report, "calibration error").value is None
    labels = judge_labels(
        "run", "test", np.full((6, 2), np.nan), np.eye(2, dtype=int)[np.arange(6) % 2], told
    )
    assert score_of(labels, "calibration error").value is None
