"""How well a regression does: the numbers are scikit-learn's, and a chart has every point where it belongs."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from tuinn.view.regression import Plot, Regression

values = arrays(np.float64, some.integers(1, 40), elements=some.floats(-1e6, 1e6, width=32))


@given(truth=values, data=some.data())
def test_the_scores_are_those_of_scikit_learn(truth: np.ndarray, data: some.DataObject) -> None:
    predicted = data.draw(arrays(np.float64, truth.shape, elements=some.floats(-1e6, 1e6, width=32)))
    scores = Regression(truth, predicted).scores
    assert scores is not None
    assert scores.count == len(truth)
    assert scores.mae == pytest.approx(mean_absolute_error(truth, predicted))
    assert scores.rmse == pytest.approx(root_mean_squared_error(truth, predicted))
    if len(truth) < 2:
        assert scores.r2 is None
    else:
        assert scores.r2 == pytest.approx(r2_score(truth, predicted))


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [([3, 3, 3], [3, 3, 3]), ([3, 3, 3], [3, 3, 4]), ([1, 2, 3], [2, 2, 2]), ([1, 2], [9, -9])],
)
def test_r2_is_that_of_scikit_learn_where_the_truth_never_changes(
    truth: list[float], predicted: list[float]
) -> None:
    scores = Regression(np.array(truth, float), np.array(predicted, float)).scores
    assert scores is not None
    assert scores.r2 == r2_score(truth, predicted)


def test_predictions_that_are_not_finite_are_counted_out() -> None:
    truth, predicted = np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, 5.0])
    scores = Regression(truth, predicted).scores
    assert scores is not None
    assert (scores.count, scores.mae) == (2, 1.0)
    assert Regression(truth, np.full(3, np.inf)).scores is None
    assert Regression(truth, predicted).place("scatter", 1) is None
    assert Regression(truth, np.full(3, np.nan)).chart("scatter", (60, 20)).lines == ()


TRUTH, PREDICTED = np.array([0.0, 10.0, 20.0, 30.0]), np.array([1.0, 9.0, 26.0, 30.0])


@pytest.mark.parametrize(
    ("plot", "at", "place"),
    [
        ("scatter", 2, (20.0, 26.0)),
        ("residuals", 2, (26.0, 6.0)),
        ("residuals", 1, (9.0, -1.0)),
        ("curve", 1, (4.0, 10.0)),
    ],
)
def test_a_sample_lies_where_the_chart_says(plot: Plot, at: int, place: tuple[float, float]) -> None:
    regression = Regression(TRUTH, PREDICTED, np.array([5.0, 4.0, 3.0, 2.0]))
    chart = regression.chart(plot, (60, 20), at)
    assert chart.spot == place
    assert regression.nearest(plot, *place, chart) == at
    (dots,) = [line for line in chart.lines if line.dots]
    wide, high = (chart.x[1] - chart.x[0]) / 90, (chart.y[1] - chart.y[0]) / 30
    assert any(abs(x - place[0]) <= wide and abs(y - place[1]) <= high for x, y in dots.runs[0])


def test_the_diagonal_goes_from_corner_to_corner_and_errors_are_drawn_round_zero() -> None:
    regression = Regression(TRUTH, PREDICTED)
    scatter, residuals = (regression.chart(plot, (60, 20)) for plot in regression.plots)
    assert scatter.x == scatter.y
    assert scatter.lines[0].runs == ([(scatter.x[0], scatter.x[0]), (scatter.x[1], scatter.x[1])],)
    assert residuals.y[0] == -residuals.y[1]
    assert residuals.lines[0].runs == ([(residuals.x[0], 0.0), (residuals.x[1], 0.0)],)


def test_the_curve_goes_through_the_predictions_from_left_to_right() -> None:
    regression = Regression(TRUTH, PREDICTED, np.array([5.0, 4.0, 3.0, 2.0]))
    assert regression.plots[0] == "curve"
    (line,) = [line for line in regression.chart("curve", (60, 20)).lines if not line.dots]
    assert line.runs == ([(2.0, 30.0), (3.0, 26.0), (4.0, 9.0), (5.0, 1.0)],)


def test_a_million_points_become_no_more_than_can_be_told_apart() -> None:
    truth = np.random.default_rng(1).normal(size=1_000_000)
    (dots,) = [line for line in Regression(truth, truth).chart("scatter", (60, 20)).lines if line.dots]
    assert len(dots.runs[0]) <= 2 * 52 + 2 * 17
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Regression(np.array([2.0]), np.array([2.0])).chart("residuals", (60, 20), 0)
