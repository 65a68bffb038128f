"""Two networks on the same samples: who gets what, McNemar's test, and what it is said to mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tuinn.spec.dataset import DataFacts, Task
from tuinn.view.reports.two_networks import compare, mcnemar, verdict

NAMES = ("lab", "cnn")


def facts(task: Task, classes: tuple[str, ...] = ("a", "b", "c")) -> DataFacts:
    return DataFacts(task, (4,), "float32", 0, 1, classes, 10, 10)


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_p_value_is_scipys_exact_one(first: int, second: int) -> None:
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_a_large_test_set_is_no_trouble() -> None:
    assert mcnemar(40_000, 40_000) == 1.0
    assert mcnemar(50_000, 51_000) == pytest.approx(binomtest(50_000, 101_000).pvalue, rel=1e-6)


def test_samples_are_shared_out_by_who_gets_them_and_classes_are_listed_by_their_difference() -> None:
    truth = np.array([0, 0, 1, 1, 2, 2])
    first = np.eye(3, dtype=np.float32)[[0, 0, 1, 0, 2, 1]]
    second = np.eye(3, dtype=np.float32)[[0, 1, 1, 1, 2, 1]]
    second[0] = np.nan  # what is not finite is wrong
    found = compare(first, second, truth, facts(Task.CLASSES))
    assert (list(found.first), list(found.second), list(found.neither), found.both) == ([0, 1], [3], [5], 2)
    assert found.classes == (("a", 1.0, 0.0), ("b", 0.5, 1.0))
    assert "lab gets alone 2 samples, cnn 1. That may be chance" in verdict(found, NAMES)


def test_a_kept_threshold_counts() -> None:
    outputs = np.array([[0.4], [0.6]], np.float32)
    truth = np.array([1, 1])
    found = compare(outputs, outputs, truth, facts(Task.BINARY, ("no", "yes")), ((0.3,), ()))
    assert list(found.first) == [0]


def test_of_a_regression_the_nearer_one_counts() -> None:
    truth = np.array([1.0, 2.0, 3.0])
    first, second = np.array([[1.1], [2.0], [9.0]], np.float32), np.array([[1.2], [2.0], [3.1]], np.float32)
    found = compare(first, second, truth, facts(Task.REGRESSION, ()))
    assert (list(found.first), list(found.second), list(found.neither)) == ([0], [2], [1])
    assert "is nearer to the truth for 1 sample, cnn 1" in verdict(found, NAMES)


def test_of_several_labels_all_must_be_right() -> None:
    truth = np.array([[1, 0], [1, 1]])
    first, second = (
        np.array([[0.9, 0.1], [0.9, 0.1]], np.float32),
        np.array([[0.9, 0.9], [0.9, 0.9]], np.float32),
    )
    found = compare(first, second, truth, facts(Task.LABELS, ("x", "y")))
    assert (list(found.first), list(found.second), found.classes) == ([0], [1], ())


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (0, 0, "They get the same samples."),
        (5, 40, "cnn is better: chance alone would hardly do that (p < 0.0001, McNemar)."),
        (5, 15, "cnn is probably better (p = 0.0414, McNemar)."),
        (12, 9, "That may be chance (p = 0.6636, McNemar)."),
    ],
)
def test_what_it_means_is_said(first: int, second: int, words: str) -> None:
    truth = np.zeros(first + second + 1, np.int64)
    right = np.arange(len(truth))
    one = np.where((right < first)[:, None], [0.9, 0.1], [0.1, 0.9]).astype(np.float32)
    other = np.where((right >= first)[:, None], [0.9, 0.1], [0.1, 0.9]).astype(np.float32)
    one[-1] = other[-1] = [0.9, 0.1]
    found = compare(one, other, truth, facts(Task.BINARY, ("no", "yes")))
    assert words in verdict(found, NAMES)
