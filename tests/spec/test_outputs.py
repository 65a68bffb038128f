"""What outputs say: the same for the command line, the screen, and the count of mistakes in the journal."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinn.cli.predict import prediction_of
from tuinn.data.predictions import wrong_predictions
from tuinn.runs.decision import Decision
from tuinn.runs.events import PictureAnswered
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.training.outputs import class_probabilities, none_if_not_finite, predicted_classes
from tuinn.ui.workbench.panes.test_samples import TestSamples
from tuinn.view.gallery import Judged


def facts(task: Task, *classes: str) -> DataFacts:
    return DataFacts(task, (8, 8), "uint8", 0, 255, classes, 10, 10)


@pytest.mark.parametrize(
    ("task", "outputs", "probabilities", "chosen"),
    [
        (Task.BINARY, (0.75,), (0.25, 0.75), (1,)),
        (Task.BINARY, (0.25,), (0.75, 0.25), (0,)),
        (Task.BINARY, (0.5,), (0.5, 0.5), (0,)),
        (Task.BINARY, (None,), (None, None), None),
        (Task.BINARY, (0.75, 0.25), (0.75, 0.25), (0,)),
        (Task.CLASSES, (0.2, 0.8), (0.2, 0.8), (1,)),
        (Task.CLASSES, (None, 0.1), (None, 0.1), (1,)),
        (Task.LABELS, (0.9, 0.6), (0.9, 0.6), (0, 1)),
        (Task.LABELS, (0.1, 0.5), (0.1, 0.5), ()),
        (Task.LABELS, (None, None), (None, None), None),
        (Task.REGRESSION, (0.75,), (), None),
    ],
)
def test_outputs_are_read_as_the_task_says(
    task: Task,
    outputs: tuple[float | None, ...],
    probabilities: tuple[float | None, ...],
    chosen: tuple[int, ...] | None,
) -> None:
    told = facts(task) if task is Task.REGRESSION else facts(task, "a", "b")
    assert class_probabilities(outputs, told) == probabilities
    assert predicted_classes(outputs, told) == chosen


share = st.one_of(st.floats(0, 1, width=32), st.just(float("nan")))
CASES = st.one_of(
    st.tuples(st.just(Task.BINARY), st.lists(share, min_size=1, max_size=1), st.integers(0, 1)),
    st.tuples(st.just(Task.CLASSES), st.lists(share, min_size=3, max_size=3), st.integers(0, 2)),
    st.tuples(
        st.just(Task.LABELS),
        st.lists(share, min_size=3, max_size=3),
        st.lists(st.integers(0, 1), min_size=3, max_size=3),
    ),
)


@given(CASES, st.dictionaries(st.sampled_from("abc"), st.integers(1, 99).map(lambda at: at / 100)))
def test_command_line_screen_and_journal_agree(
    case: tuple[Task, list[float], Any], thresholds: dict[str, float]
) -> None:
    task, outputs, target = case
    told = facts(task, *("a", "b", "c")[: 2 if task is Task.BINARY else 3])
    raw, targets = np.array([outputs], np.float32), np.array([target])
    answer = PictureAnswered(request="r", file="x.png", outputs=none_if_not_finite(raw[0]))
    decision = Decision(thresholds)
    cuts = decision.of(told)
    label = prediction_of(answer, "x.png", told, decision).label
    shown = TestSamples(DatasetSpec.at("/x"), told, np.zeros((1, 8, 8)), targets, raw, 1, thresholds=cuts)
    names = shown.predicted_labels(0)
    assert label == (None if names is None else ", ".join(names))
    finite = bool(np.isfinite(raw).all())
    truth = tuple(np.flatnonzero(target)) if task is Task.LABELS else (target,)
    right = finite and tuple(told.classes[at] for at in truth) == names
    wrong = wrong_predictions(raw, targets, task, cuts)
    assert wrong is not None
    assert wrong.tolist() == [not right]
    assert Judged.of(raw, targets, task, cuts).wrong.tolist() == [not right]
