"""Derivatives and gradient descent: slopes as small differences give them, the chain rule, rates named in words."""

import numpy as np
import pytest

from tuinn.errors import SpecError
from tuinn.labs.descent.chain import Chain
from tuinn.labs.descent.curves import CURVES, Curve
from tuinn.labs.descent.landscapes import ONE_WEIGHT, TWO_WEIGHTS, Landscape
from tuinn.labs.descent.optimizers import OPTIMIZERS, Path, check_rate, verdict
from tuinn.labs.descent.tape import tape_examples

SGD, MOMENTUM, RMSPROP, ADAM = OPTIMIZERS


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_a_slope_is_what_the_difference_quotient_becomes(curve: Curve) -> None:
    for x in np.linspace(curve.low + 0.3, curve.high - 0.3, 12):
        value, slope = curve.at(float(x))
        assert curve.quotient(float(x), 1e-6) == pytest.approx(slope, abs=1e-4)
        assert float(curve.tangent(float(x))(np.array([x]))[0]) == pytest.approx(value)


@pytest.mark.parametrize(
    "landscape", [*ONE_WEIGHT, *TWO_WEIGHTS], ids=lambda one: f"{one.weights} {one.name}"
)
def test_a_landscape_s_gradient_is_that_of_small_differences_and_nothing_is_lower(
    landscape: Landscape,
) -> None:
    rng = np.random.default_rng(0)
    at = rng.uniform(landscape.low, landscape.high, (30, landscape.weights))
    slopes = landscape.gradient(at)
    for which in range(landscape.weights):
        step = np.zeros(landscape.weights)
        step[which] = 1e-5
        numerical = (landscape.loss(at + step) - landscape.loss(at - step)) / 2e-5
        assert np.abs(slopes[:, which] - numerical).max() < 1e-4 * max(1, np.abs(numerical).max())
    many = rng.uniform(landscape.low, landscape.high, (20_000, landscape.weights))
    lowest = float(landscape.loss(many).min())
    assert landscape.least - 1e-4 <= lowest
    assert lowest <= landscape.least + 0.05


def test_the_chain_rule_is_the_product_of_its_links() -> None:
    chain = Chain(x=1.5, w=-0.7, b=0.2, y=0.3)
    for name in ("w", "b", "x"):
        more, less = (chain.put(name, getattr(chain, name) + step).error for step in (1e-6, -1e-6))
        assert chain.gradient(name) == pytest.approx((more - less) / 2e-6, abs=1e-8)
        assert chain.gradient(name) == chain.error_by_a * chain.a_by_u * chain.local(name)[1]
    assert Chain(x=1000, w=1000).a == 1.0
    assert Chain(x=1000, w=-1000).a == 0.0


@pytest.mark.parametrize("value", [1e308, float("nan"), float("inf"), -1001.0])
def test_an_input_of_the_chain_has_bounds(value: float) -> None:
    with pytest.raises(SpecError, match=r"w lies between −1,000 and 1,000"):
        Chain().put("w", value)


BOWL, VALLEYS, PLATEAU = ONE_WEIGHT


@pytest.mark.parametrize(
    ("landscape", "rate", "told"),
    [
        (BOWL, 0.001, "too small"),
        (BOWL, 0.1, "good"),
        (BOWL, 0.5, "good: it stays at the bottom from step 1 on"),
        (BOWL, 1.0, "too large: it jumps to and fro"),
        (BOWL, 1.2, "too large: it climbs, and leaves all bounds in step"),
        (VALLEYS, 0.03, "stuck"),
        (PLATEAU, 0.001, "stuck"),
    ],
)
def test_a_rate_is_named_in_words(landscape: Landscape, rate: float, told: str) -> None:
    assert verdict(SGD, landscape, np.array(landscape.start), rate).startswith(told)


def test_adam_leaves_the_plateau_on_which_sgd_stays_and_momentum_the_shallow_valley() -> None:
    start = np.array(PLATEAU.start)
    assert verdict(ADAM, PLATEAU, start, 0.1).startswith("good")
    assert not verdict(SGD, PLATEAU, start, 0.1).startswith("good")
    assert verdict(MOMENTUM, VALLEYS, np.array(VALLEYS.start), 0.03).startswith("good")


def test_a_path_that_leaves_all_bounds_stands_still_at_its_last_finite_place() -> None:
    path = Path(SGD, TWO_WEIGHTS[2])
    for _ in range(60):
        path.step(1.0)
    assert path.left is not None
    assert np.isfinite(path.weights).all()
    assert path.steps == path.left - 1
    assert np.isfinite(path.losses()).all()


@pytest.mark.parametrize(
    ("rate", "told"), [(0.0, "rate of 0"), (1e9, "between"), (-1.0, "between"), (float("nan"), "between")]
)
def test_a_rate_with_which_nothing_is_seen_is_refused(rate: float, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        check_rate(rate)


def test_the_random_examples_change_with_the_seed_and_their_gradients_keep_their_shape() -> None:
    one, other = tape_examples(0), tape_examples(1)
    assert one[3].code != other[3].code
    for example in one:
        inputs = dict(example.values)
        for name, gradient in example.gradients:
            assert gradient.shape == (inputs[name].shape if name in inputs else (2,))
