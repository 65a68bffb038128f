"""Maps of the plane: each as its formula says, a chain as one matrix, and none any more with ReLU between."""

import numpy as np
import pytest

from tuinn.errors import SpecError
from tuinn.labs.geometry import (
    CLOUDS,
    KINDS,
    Step,
    apply,
    as_one,
    best_affine,
    letter,
    misfit,
    random_chain,
    run,
)


def test_each_map_moves_a_point_as_its_name_says() -> None:
    point = np.array([[1.0, 2.0]])
    for kind, values, wanted in (
        ("translation", (3.0, -1.0), (4.0, 1.0)),
        ("rotation", (90.0,), (-2.0, 1.0)),
        ("scaling", (2.0, 0.5), (2.0, 1.0)),
        ("linear", (1.0, 2.0, 3.0, 4.0), (5.0, 11.0)),
        ("affine", (1.0, 2.0, 3.0, 4.0, 10.0, 20.0), (15.0, 31.0)),
    ):
        assert apply(Step(kind, values).matrix, point)[0] == pytest.approx(wanted), kind


@pytest.mark.parametrize("seed", range(20))
def test_a_chain_of_affine_maps_is_one_affine_map(seed: int) -> None:
    chain = (*random_chain(seed), Step.of("rotation"), Step.of("translation"))
    points = letter()
    after = run(chain, points)
    assert np.allclose(apply(as_one(chain), points), after)
    assert np.allclose(best_affine(points, after), as_one(chain))
    assert misfit(points, after) == 0


@pytest.mark.parametrize("cloud", CLOUDS)
def test_with_relu_between_that_cuts_something_off_it_is_none(cloud: str) -> None:
    points = CLOUDS[cloud]()
    chain = (Step.of("scaling"), Step.of("rotation"), Step.of("translation"))
    assert misfit(points, run(chain, points, relu=True)) > 0.1
    far = (Step("translation", (50.0, 50.0)), Step.of("scaling"))
    assert misfit(points, run(far, points, relu=True)) == 0


def test_relu_stands_between_maps_and_not_after_the_last() -> None:
    down = (Step("translation", (-50.0, -50.0)),)
    assert (run(down, letter(), relu=True) < 0).all()
    assert (run((*down, Step("scaling", (1.0, 1.0))), letter(), relu=True) == 0).all()


@pytest.mark.parametrize("value", [1e308, -1001.0, float("nan"), float("inf")])
def test_a_value_has_bounds(value: float) -> None:
    with pytest.raises(SpecError, match="dy lies between −1,000 and 1,000"):
        Step.of("translation").put(1, value)


def test_every_kind_has_as_many_values_as_names() -> None:
    assert all(len(kind.values) == len(kind.usual) for kind in KINDS.values())
