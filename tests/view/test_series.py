"""A series stays bounded and keeps its spikes."""

from hypothesis import given
from hypothesis import strategies as st

from tuinn.view.series import Series, decimate

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(values=st.lists(NUMBERS, min_size=1, max_size=600), limit=st.integers(8, 64))
def test_a_series_is_bounded_and_keeps_its_lowest_and_highest(values: list[float], limit: int) -> None:
    series = Series(limit=limit)
    for x, y in enumerate(values):
        series.add(x, y)
    kept = [y for _, y in series.points if y is not None]
    assert len(series.points) <= limit
    assert (series.points[0], series.points[-1]) == ((0, values[0]), (len(values) - 1, values[-1]))
    assert (min(kept), max(kept)) == (min(values), max(values))
    assert series.points == sorted(series.points, key=lambda point: point[0])


@given(gap=st.integers(0, 999))
def test_a_value_that_is_not_finite_is_never_forgotten(gap: int) -> None:
    series = Series(limit=32)
    for x in range(1000):
        series.add(x, None if x == gap else 1.0)
    assert series.gaps()


def test_a_gap_parts_a_line_in_two() -> None:
    series = Series()
    for x, y in ((0, 1.0), (1, 2.0), (2, None), (3, 3.0)):
        series.add(x, y)
    assert series.finite_runs() == [[(0, 1.0), (1, 2.0)], [(3, 3.0)]]


@given(values=st.lists(NUMBERS, min_size=1, max_size=400), columns=st.integers(1, 50))
def test_decimating_keeps_the_ends_and_the_extremes_in_two_points_a_column(
    values: list[float], columns: int
) -> None:
    points = [(float(x), y) for x, y in enumerate(values)]
    few = decimate(points, columns)
    assert len(few) <= 2 * columns + 2
    assert (few[0], few[-1]) == (points[0], points[-1])
    assert min(y for _, y in few) == min(values)
    assert max(y for _, y in few) == max(values)
    assert few == sorted(few, key=lambda point: point[0])
