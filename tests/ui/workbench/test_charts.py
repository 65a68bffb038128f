"""Looking closer at the curves: cursor, zoom, log, smoothing, another run laid under, and every size."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.runs.events import AnyEvent, BatchEnded, EpochEnded, RateChanged
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.widgets.chart_drawing import Paint, draw
from tuinn.ui.widgets.line_chart import Chart
from tuinn.ui.workbench.panes.charts import axis_end, fix_keys
from tuinn.view.chart_model import ChartOptions, make_chart
from tuinn.view.run_view import Curve

GREY = "#c8c8c8"
PAINT = Paint((GREY,) * 8, *(GREY,) * 5)


async def test_the_cursor_reads_out_an_epoch(bench: Opener, write_run: Write) -> None:
    async with bench(NARROW, run=write_run(whole_run())) as here:
        await here.press("left", "left")
        assert "in epoch 2  ▄▄ train 0.7000  ▄▄ val 0.7700" in here.text()
        await here.press("escape")
        assert "in epoch 2 " not in here.text()


async def test_a_click_moves_the_cursor_there(bench: Opener, write_run: Write) -> None:
    async with bench(NARROW, run=write_run(whole_run())) as here:
        await here.pilot.click("#chart-loss", offset=(52, 5))
        await here.settle()
        assert "in epoch 2 " in here.text()


async def test_log_smoothing_and_zoom_are_said_in_words(bench: Opener, write_run: Write) -> None:
    epochs = [event for number in range(1, 21) for event in epoch(number, 1.0 / number)]
    folder = write_run([*opening(epochs=20), *epochs])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("g", "h", "e")
            assert "log y · smoothed 0.6 · epochs 10 to 20 · Esc resets" in here.text()
            await here.press("escape")
            assert "resets" not in here.text()


async def test_another_runs_curves_are_laid_under(bench: Opener, write_run: Write) -> None:
    other = write_run(whole_run())
    folder = write_run(whole_run())
    async with bench(ROOMY, run=folder) as here:
        before = here.text()
        await here.press("c", "down", "enter")
        assert f"▲ {other.name[:20]}" in here.text()
        assert here.text() != before


async def test_without_utf8_charts_are_drawn_in_ascii(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUINN_ASCII", "1")
    async with bench(NARROW, run=write_run(whole_run())) as here:
        text = here.text()
        assert not set("▘▝▀▖▌▞▛▗▚▐▜▄▙▟█┈┊│┤●★") & set(text.split("4 Charts")[1].split("test loss")[0])
        assert "## train 0.6000  oo val 0.6600" in text


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (109, 33), (110, 34), (300, 80)])
async def test_a_run_is_whole_at_every_size(bench: Opener, write_run: Write, size: tuple[int, int]) -> None:
    async with bench(size, run=write_run(whole_run())) as here:
        text = here.text()
        assert "test loss 0.5200  accuracy 0.8100" in text
        assert "train 0.6000" in text
        assert "val 0.6600" in text
        assert all(len(line) <= size[0] for line in text.splitlines())


async def test_nothing_is_drawn_when_nothing_changes(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.tick()
            assert here.screen.runs.drawn_at == 0.0
            append(folder, *epoch(2, 0.9))
            await here.tick()
            assert here.screen.runs.drawn_at > 0.0


def test_the_axis_doubles_instead_of_creeping() -> None:
    assert [axis_end(epoch, 100) for epoch in (1, 10, 11, 40, 41, 99)] == [10, 10, 20, 40, 80, 100]
    assert axis_end(1, 3) == 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    values=st.lists(
        st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 3)), max_size=40
    ),
    log=st.booleans(),
    ascii_only=st.booleans(),
    width=st.integers(16, 160),
    height=st.integers(4, 50),
)
def test_plotext_draws_whatever_a_loss_may_be(
    values: list[float | None], log: bool, ascii_only: bool, width: int, height: int
) -> None:
    curve = Curve()
    for x, y in enumerate(values):
        curve.train.add(float(x), y)
        curve.validation.add(float(x), y)
    figure = make_chart(curve, ChartOptions(log=log), max(len(values), 1), (width, height))
    strips = draw(figure, width, height, PAINT._replace(ascii_only=ascii_only))
    assert [strip.cell_length for strip in strips] == [width] * height


async def test_three_runs_stand_side_by_side_in_a_table(bench: Opener, write_run: Write) -> None:
    write_run(whole_run(), default_draft().with_fit(learning_rate=0.01))
    write_run(whole_run(), default_draft().with_fit(epochs=3))
    folder = write_run(whole_run())
    async with bench(NARROW, run=folder) as here:
        await here.press("C")
        assert "Press c first to compare" in here.text()
        await here.press("c", "down", "enter", "c", "down", "down", "enter", "C")
        text = here.text()
        assert "test loss" in text
        lines = [line.strip("│ ").split() for line in text.splitlines()]
        assert ["learning", "rate", "0.001", "0.01", "0.001"] in lines
        assert ["epochs", "15", "15", "3"] in lines
        assert ["seed", "7", "7", "7"] not in lines


async def test_every_metric_has_a_chart_and_where_there_is_no_room_a_key_turns_the_page(
    bench: Opener, write_run: Write
) -> None:
    def more(number: int, loss: float) -> list[AnyEvent]:
        return [
            replace(event, metrics={**event.metrics, "auc": 0.9, "recall": 0.8})
            if isinstance(event, BatchEnded | EpochEnded)
            else event
            for event in epoch(number, loss)
        ]

    folder = write_run([*opening(), *more(1, 1.0), *more(2, 0.5)])
    async with bench(NARROW, run=folder) as here:
        await here.press("4")
        assert "4 Charts · m accuracy, auc and 1 more" in here.text()
        for name, value in (("accuracy", 0.5), ("auc", 0.9), ("recall", 0.8), ("loss", 0.5)):
            await here.press("m")
            assert f"{name}  ▄▄ train {value:.4f}" in here.text()
    async with bench((109, 40), run=folder) as here:
        text = here.text()
        assert all(re.search(rf"{name}  ▄+ train", text) for name in ("loss", "accuracy", "auc", "recall"))
        assert "· m " not in text


async def test_the_best_epoch_and_what_was_done_are_marked_and_told(bench: Opener, write_run: Write) -> None:
    epochs = [event for number, loss in ((1, 1.0), (2, 0.5), (3, 0.8)) for event in epoch(number, loss)]
    changed = RateChanged(at=135, epoch=3, step=18, learning_rate=0.0003)
    async with bench(NARROW, run=write_run([*opening(), *epochs, changed, *ending()])) as here:
        text = here.text()
        assert "★ best 0.5500 in epoch 2" in text
        assert text.count("★") == 2
        assert "R▄" in text.replace("▖", "▄").replace("▀", "▄")
        await here.press("left")
        assert "R rate 0.0003 in epoch 3" in here.text()


async def test_the_training_curve_is_one_of_batches_or_of_epochs(bench: Opener, write_run: Write) -> None:
    async with bench(NARROW, run=write_run(whole_run())) as here:
        before = here.text()
        await here.press("4", "b")
        assert "means of epochs" in here.text()
        assert here.text() != before


async def test_a_window_is_moved_by_keys_and_by_the_wheel(bench: Opener, write_run: Write) -> None:
    epochs = [event for number in range(1, 41) for event in epoch(number, 1.0 / number)]
    async with bench(NARROW, run=write_run([*opening(epochs=40), *epochs])) as here:
        await here.press("4", "e")
        assert "epochs 30 to 40" in here.text()
        await here.press("comma", "comma")
        assert "epochs 20 to 30" in here.text()
        await here.press("full_stop")
        assert "epochs 25 to 35" in here.text()
        here.app.screen.query_one("#chart-loss").post_message(Chart.Zoomed(0.5, 30.0))
        await here.settle()
        assert "epochs 28 to 32" in here.text()


async def test_each_stretch_that_is_not_finite_is_marked(bench: Opener, write_run: Write) -> None:
    losses = (1.0, None, 0.8, 0.7, None, None, 0.6)
    epochs = [event for number, loss in enumerate(losses, 1) for event in epoch(number, loss)]
    async with bench(NARROW, run=write_run([*opening(epochs=7), *epochs])) as here:
        chart = here.text().split("train")[1].split("epoch  ")[0]
        assert "✗ not finite in epoch 2" in chart
        assert chart.count("✗") == 3


async def test_what_the_curves_show_is_said_below_them_and_a_key_changes_the_draft(
    bench: Opener, write_run: Write
) -> None:
    falling = [event for number in range(1, 9) for event in epoch(number, 1.0 - 0.1 * number)]
    async with bench(NARROW, run=write_run([*opening(epochs=8), *falling, *ending()])) as here:
        assert "! val loss was still falling at the end, by 0.33 in 3 epochs: train longer." in here.text()
        assert "f train 30 epochs" in here.text()
        assert "test loss 0.5200" in here.text()
        await here.press("f")
        assert here.screen.draft.spec.fit.epochs == 30
        assert "f train 60 epochs" in here.text()


async def test_where_rows_are_few_what_the_curves_show_leaves_a_line_for_the_result(
    bench: Opener, write_run: Write
) -> None:
    falling = [event for number in range(1, 9) for event in epoch(number, 1.0 - 0.1 * number)]
    async with bench((60, 16), run=write_run([*opening(epochs=8), *falling, *ending()])) as here:
        assert re.search(r"! val loss was still falling at the end.*…  f ", here.text())
        assert "test loss 0.5200" in here.text()


async def test_enter_gives_the_charts_the_whole_screen_until_another_pane_is_wanted(
    bench: Opener, write_run: Write
) -> None:
    async with bench(ROOMY, run=write_run(whole_run())) as here:
        await here.press("4", "enter")
        assert "[4 Charts]" in here.text()
        assert "5 Predict ─" not in here.text()
        assert re.search(r"accuracy  ▄+ train 0.5000", here.text())
        await here.press("enter")
        assert "5 Predict ─" in here.text()
        await here.press("enter", "2")
        assert "4 Charts" in here.text()
        assert "5 Predict ─" in here.text()


async def test_the_history_is_copied_as_code(bench: Opener, write_run: Write) -> None:
    async with bench(NARROW, run=write_run(whole_run())) as here:
        await here.press("4", "y")
        assert here.app.clipboard.startswith("{\n    'loss': [1.0, 0.7, 0.6],")
        assert "Copied the metrics of 3 epochs" in here.text()


@pytest.mark.parametrize(
    ("labels", "key", "shown"),
    [
        ([], "f", []),
        (["stop early"], "f", [("f", "stop early")]),
        (["stop early", "Dropout 0.4"], "f", [("f", "stop early"), ("F", "more: Dropout 0.4")]),
        (["stop early", "Dropout 0.4", "L2"], "f", [("f", "stop early"), ("F", "more: Dropout 0.4, …")]),
        (["stop early", "Dropout 0.4"], "F", [("F", "more: stop early, …")]),
    ],
)
def test_the_key_that_opens_the_list_of_fixes_says_so(
    labels: list[str], key: str, shown: list[tuple[str, str]]
) -> None:
    assert fix_keys(labels, key) == shown


@pytest.mark.parametrize("size", [NARROW, (72, 24), ROOMY], ids=["80x24", "72x24", "120x40"])
async def test_a_long_verdict_leaves_a_line_to_the_news(
    bench: Opener, write_run: Write, size: tuple[int, int]
) -> None:
    losses = [(1.0, 0.9), (0.8, 0.8), (0.6, 0.7), (0.4, 0.75), (0.3, 0.8), (0.2, 0.85), (0.1, 0.9)]
    fitted = [
        EpochEnded(
            at=110, epoch=number, metrics={"loss": loss, "val_loss": val}, seconds=1, learning_rate=1e-3
        )
        for number, (loss, val) in enumerate(losses, start=1)
    ]
    changed = RateChanged(at=120, epoch=7, step=0, learning_rate=3e-4)
    folder = write_run([*opening(epochs=8), *fitted, changed])
    with folder.hold_lock():
        async with bench(size, run=folder) as here:
            await here.press("4")
            assert "and has risen by" in here.words()
            assert "R rate 0.0003 after epoch" in here.words()
