"""A chart before it is drawn: whatever the values, it has axes, fits its box and says nothing false."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import epoch, opening
from tuinn.view.chart_model import ChartOptions, make_chart, readout, smooth
from tuinn.view.chart_ticks import LABEL_WIDTH
from tuinn.view.run_view import Curve, RunView
from tuinn.view.series import Series

VALUES = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 2))
LOOKS = st.builds(
    ChartOptions,
    log=st.booleans(),
    smoothing=st.sampled_from((0.0, 0.6, 0.9)),
    window=st.one_of(st.none(), st.tuples(st.floats(0, 10), st.floats(12, 50))),
    cursor=st.one_of(st.none(), st.integers(1, 50)),
)


def curve_of(values: list[float | None]) -> Curve:
    curve = Curve()
    for x, y in enumerate(values):
        curve.train.add(float(x), y)
        curve.validation.add(float(x), y)
    return curve


@settings(max_examples=200)
@given(
    values=st.lists(VALUES, max_size=60), look=LOOKS, columns=st.integers(16, 200), rows=st.integers(4, 60)
)
def test_every_figure_can_be_made_and_its_points_lie_in_its_axes(
    values: list[float | None], look: ChartOptions, columns: int, rows: int
) -> None:
    figure = make_chart(curve_of(values), look, max(len(values), 1), (columns, rows))
    assert figure.y[0] < figure.y[1]
    assert all(len(label) == LABEL_WIDTH for _, label in figure.y_ticks)
    for line in figure.lines:
        for x, y in (point for run in line.runs for point in run):
            assert figure.x[0] <= x <= figure.x[1]
            assert figure.y[0] <= y <= figure.y[1]


def test_smoothing_a_constant_leaves_it_alone_and_noise_grows_less() -> None:
    assert [y for _, y in smooth([(0.0, 3.0), (1.0, 3.0), (2.0, 3.0)], 0.9)] == pytest.approx([3.0, 3.0, 3.0])
    noisy = [(float(x), float(x % 2)) for x in range(50)]
    calm = smooth(noisy, 0.9)
    assert max(y for _, y in calm[20:]) - min(y for _, y in calm[20:]) < 0.2


def test_on_a_log_axis_what_is_not_positive_is_left_out_and_labels_stay_in_the_metrics_unit() -> None:
    figure = make_chart(curve_of([100.0, 0.0, 1.0]), ChartOptions(log=True), 3, (60, 20))
    drawn = [y for line in figure.lines for run in line.runs for _, y in run]
    assert sorted(set(drawn)) == [0.0, 2.0]
    assert "100" in [label.strip() for _, label in figure.y_ticks]


def test_the_cursor_reads_training_and_validation_of_its_epoch() -> None:
    view = RunView()
    for event in [*opening(), *epoch(1, 1.0), *epoch(2, 0.5)]:
        view.apply(event)
    assert readout(view.curves["loss"], 2) == pytest.approx((0.5, 0.55))
    assert readout(view.curves["loss"], 3) == (None, None)


def test_the_cursor_stays_within_what_has_been_trained() -> None:
    assert ChartOptions().moved(-1, newest=5).cursor == 5
    assert ChartOptions(cursor=1).moved(-1, newest=5).cursor == 1
    assert ChartOptions(cursor=5).moved(1, newest=5).cursor == 5
    assert ChartOptions().moved(1, newest=0).cursor is None


@given(
    factors=st.lists(st.sampled_from((0.5, 2.0)), max_size=20),
    cursor=st.one_of(st.none(), st.integers(1, 40)),
)
def test_zooming_never_leaves_the_run(factors: list[float], cursor: int | None) -> None:
    look = ChartOptions(cursor=cursor)
    for factor in factors:
        look = look.zoomed(factor, 40.0)
        low, high = look.window or (0.0, 40.0)
        assert 0 <= low < high <= 40.0 + 1e-9
        assert high - low >= 2.0 - 1e-9


def test_a_gap_is_marked_where_the_value_broke() -> None:
    curve = Curve(train=Series(points=[(0.0, 1.0), (1.0, None), (2.0, None)]))
    assert make_chart(curve, ChartOptions(), 3, (60, 20)).gaps == (1.0,)
