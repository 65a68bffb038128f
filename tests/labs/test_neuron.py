"""Neurons by hand: curves, error, gradients and gradient descent, in plain NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, sampled_from

from tuinn.errors import SpecError
from tuinn.labs import neuron
from tuinn.labs.neuron import ACTIVATIONS, BY_NAME, TARGETS, Fit, Weights

SIGMOID = BY_NAME["sigmoid"]
GAUSSIAN = neuron.target("e^(−x²)")


def bump(w: float) -> Weights:
    return Weights(np.array([w, -w]), np.array([3.0, 3.0]), np.array([1.0, 1.0]), -1.0)


@pytest.mark.parametrize(("w", "published"), [(2.0, 0.0370), (4.0, 0.0021)])
def test_the_errors_of_the_lesson_over_500_points_from_minus_5_to_5(w: float, published: float) -> None:
    assert len(neuron.xs()) == 500
    assert neuron.error(bump(w), SIGMOID, GAUSSIAN) == pytest.approx(published, abs=5e-5)


def test_the_sigmoid_of_the_lesson_is_drawn_with_a_and_c() -> None:
    drawn, _ = neuron.plotted(SIGMOID, 2.0, 1.0)
    x = neuron.xs()
    assert np.allclose(drawn, 1 / (1 + np.exp(-2 * (x - 1) / 2)))


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda one: one.name)
def test_a_derivative_is_the_slope_of_its_function(activation: neuron.Activation) -> None:
    drawn, slopes = neuron.plotted(activation, 1.5, 0.3)
    x, h = neuron.xs(), 1e-6
    inner = activation.scale / 1.5
    differences = (
        activation.function(inner * (x - 0.3 + h)) - activation.function(inner * (x - 0.3 - h))
    ) / (2 * h)
    corner = np.abs(x - 0.3) < 0.02
    assert np.allclose(slopes[~corner], differences[~corner], atol=1e-6)
    assert np.isfinite(drawn).all()


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda one: one.name)
def test_no_function_breaks_far_from_zero(activation: neuron.Activation) -> None:
    with np.errstate(all="raise", under="ignore"):
        z = np.array([-1e6, -750.0, -40.0, 0.0, 40.0, 750.0, 1e6])
        assert np.isfinite(activation.function(z)).all()
        assert np.isfinite(activation.derivative(z)).all()


SMOOTH = [
    one for one in ACTIVATIONS if one.name not in ("relu", "leaky_relu")
]  # differences go wrong at a corner


@given(lists(floats(-3, 3), min_size=7, max_size=7), sampled_from(SMOOTH))
def test_the_gradient_is_that_of_small_differences(
    values: list[float], activation: neuron.Activation
) -> None:
    weights = Weights(np.array(values[:2]), np.array(values[2:4]), np.array(values[4:6]), values[6])
    found, h = neuron.gradient(weights, activation, GAUSSIAN), 1e-6
    for at in range(3):
        for name in ("w", "b", "out") if at < 2 else ("bias",):
            value = weights.get(at, name)
            more, less = (weights.put(at, name, value + by) for by in (h, -h))
            difference = (
                neuron.error(more, activation, GAUSSIAN) - neuron.error(less, activation, GAUSSIAN)
            ) / (2 * h)
            assert found.get(at, name) == pytest.approx(difference, abs=1e-5, rel=1e-4)


def test_gradient_descent_makes_the_error_smaller_and_keeps_where_it_began() -> None:
    fit, weights = Fit(rate=0.5), bump(2.0)
    first = neuron.error(weights, SIGMOID, GAUSSIAN)
    found = fit.run(weights, SIGMOID, GAUSSIAN, 200)
    assert neuron.error(found, SIGMOID, GAUSSIAN) < first / 4
    assert fit.errors == sorted(fit.errors, reverse=True)
    assert fit.start is weights
    assert fit.steps == 200
    assert fit.errors[-1] == neuron.error(found, SIGMOID, GAUSSIAN)


def test_one_step_is_each_weight_minus_rate_times_gradient() -> None:
    by = neuron.gradient(bump(2.0), SIGMOID, GAUSSIAN)
    found = neuron.step(bump(2.0), SIGMOID, GAUSSIAN, 0.1)
    assert np.allclose(found.w, bump(2.0).w - 0.1 * by.w)
    assert found.bias == pytest.approx(-1.0 - 0.1 * by.bias)


def test_a_rate_that_is_too_large_ends_in_a_sentence_and_changes_nothing() -> None:
    fit = Fit(rate=100.0)
    with pytest.raises(SpecError, match=r"With the rate 100 the error leaves all bounds in step \d+"):
        fit.run(bump(2.0), BY_NAME["relu"], GAUSSIAN, 100)
    assert fit.steps == 0


@pytest.mark.parametrize("value", [1e308, -1e308, float("inf"), float("nan"), 1_000_001.0])
def test_a_weight_beyond_all_bounds_is_refused(value: float) -> None:
    with pytest.raises(SpecError, match="A weight lies between"):
        bump(2.0).put(0, "w", value)


@pytest.mark.parametrize(
    ("rate", "words"), [(0.0, "no step changes anything"), (1e9, "0.000001 to 100"), (-1.0, "is none"), (float("nan"), "is none")]
)  # fmt: skip
def test_a_rate_that_cannot_be_is_refused(rate: float, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        neuron.check_rate(rate)


def test_weights_as_large_as_may_be_give_an_error_or_not_a_number_but_no_exception() -> None:
    huge = Weights(np.array([1e6, -1e6]), np.array([1e6, 1e6]), np.array([1e6, 1e6]), 1e6)
    for activation in ACTIVATIONS:
        assert neuron.error(huge, activation, GAUSSIAN) > 0
        assert neuron.gradient(huge, activation, GAUSSIAN).count == 2


def test_neurons_are_added_up_to_eight_and_removed_down_to_one() -> None:
    weights = bump(2.0)
    for _ in range(neuron.MOST_NEURONS - 2):
        weights = weights.added()
    with pytest.raises(SpecError, match="8 neurons are the most"):
        weights.added()
    assert weights.removed(0).w[0] == -2.0
    with pytest.raises(SpecError, match="One neuron is the least"):
        neuron.one_neuron().removed(0)


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_can_be_learned_by_eight_neurons(name: str) -> None:
    wanted, weights = neuron.target(name), bump(2.0)
    for _ in range(6):
        weights = weights.added()
    before = neuron.error(weights, BY_NAME["tanh"], wanted)
    found = Fit(rate=0.03).run(weights, BY_NAME["tanh"], wanted, 500)
    assert neuron.error(found, BY_NAME["tanh"], wanted) < before / 2
