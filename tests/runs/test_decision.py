"""Thresholds that are kept with a run, and what they decide."""

import numpy as np
import pytest

from tests.conftest import Write
from tests.factories import whole_run
from tuinn.data.predictions import predicted_labels, wrong_predictions
from tuinn.errors import FolderError
from tuinn.runs.decision import Decision, decision_file, keep_threshold, read_decision
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.training.outputs import predicted_classes


def facts(task: Task, *classes: str) -> DataFacts:
    return DataFacts(task, (2,), "float32", 0, 1, classes, 5, 5)


BINARY, LABELS = facts(Task.BINARY, "good", "bad"), facts(Task.LABELS, "a", "b", "c")


def test_a_threshold_is_kept_and_the_usual_one_is_not(write_run: Write) -> None:
    folder = write_run(whole_run())
    assert read_decision(folder) == Decision()
    keep_threshold(folder, "bad", 0.35)
    assert keep_threshold(folder, "b", 0.2) == read_decision(folder)
    assert read_decision(folder).of(BINARY) == (0.35,)
    assert read_decision(folder).of(LABELS) == (0.5, 0.2, 0.5)
    assert read_decision(folder).words(BINARY) == "bad from 0.35 on"
    keep_threshold(folder, "bad", 0.5)
    assert read_decision(folder).of(BINARY) == ()


def test_a_damaged_file_decides_nothing_and_is_not_written_over(write_run: Write) -> None:
    folder = write_run(whole_run())
    decision_file(folder).write_text("{")
    assert read_decision(folder) == Decision()
    with pytest.raises(FolderError, match="is damaged"):
        keep_threshold(folder, "bad", 0.3)


def test_other_tasks_have_nothing_to_decide() -> None:
    decision = Decision({"good": 0.1, "x": 0.1})
    assert decision.of(facts(Task.CLASSES, "good", "bad", "ugly")) == ()
    assert decision.of(facts(Task.REGRESSION)) == ()


@pytest.mark.parametrize("outputs", [[0.4], [0.6, 0.4]])
@pytest.mark.parametrize(("threshold", "label"), [(0.35, 1), (0.4, 1), (0.41, 0), (0.5, 0)])
def test_one_sample_and_many_are_decided_alike(outputs: list[float], threshold: float, label: int) -> None:
    given = np.array([outputs], np.float32)
    assert predicted_classes([float(value) for value in given[0]], BINARY, (threshold,)) == (label,)
    assert predicted_labels(given, (threshold,)).tolist() == [label]
    wrong = wrong_predictions(given, np.array([1]), Task.BINARY, (threshold,))
    assert wrong is not None
    assert wrong.tolist() == [label == 0]


def test_each_label_has_its_own() -> None:
    given = np.array([[0.4, 0.4, 0.6]], np.float32)
    assert predicted_classes([0.4, 0.4, 0.6], LABELS, (0.3, 0.5, 0.7)) == (0,)
    wrong = wrong_predictions(given, np.array([[1, 0, 0]]), Task.LABELS, (0.3, 0.5, 0.7))
    assert wrong is not None
    assert not wrong.any()
