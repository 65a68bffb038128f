"""The history of a run as a table, and as the Python dict that Keras would have given."""

import ast

from tests.conftest import Write
from tests.factories import ending, epoch, opening, whole_run
from tests.ui.conftest import NARROW, Opener
from tuinn.runs.events import EpochEnded, Metrics
from tuinn.ui.runs.history_view import metric_names, read_history, visible

LONG = ("loss", "mean_absolute_error", "root_mean_squared_error", "val_loss", "val_mean_absolute_error")


def test_as_many_metrics_are_shown_as_have_room_and_the_last_can_be_reached() -> None:
    assert list(visible(LONG, 200, 0)) == [0, 1, 2, 3, 4]
    assert list(visible(LONG, 60, 0)) == [0, 1, 2]
    assert list(visible(LONG, 60, 1)) == [1, 2, 3]
    assert list(visible(LONG, 60, 99)) == [3, 4]
    assert list(visible(LONG, 3, 2)) == [2]
    assert list(visible((), 60, 0)) == []


def test_the_history_is_read_without_reports_and_is_what_keras_would_have(write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1 / 3, 0.5), *epoch(2, None, 0.75), *ending()])
    view = read_history(folder)
    assert metric_names(view) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert len(view.finished) == 2
    history = eval(view.history_code)
    assert history["loss"][0] == 1 / 3
    assert history["loss"][1] != history["loss"][1]
    assert history["val_accuracy"] == [0.5, 0.75]
    assert ast.parse(view.history_code)


async def test_the_table_is_scrolled_both_ways_and_copied(bench: Opener, write_run: Write) -> None:
    metrics: Metrics = dict.fromkeys(LONG, 0.25)
    epochs = [
        EpochEnded(at=200 + at, epoch=at, metrics={**metrics, "loss": at / 64}, seconds=1, learning_rate=1)
        for at in range(1, 65)
    ]
    write_run([*opening(64), *epochs, *ending()])
    async with bench(NARROW) as here:
        await here.press("l", "H")
        assert "64 epochs" in here.text()
        assert "mean_absolute_error" in here.text()
        assert "val_loss" not in here.text()
        assert "2 more metrics" in here.text()
        await here.press("right", "right", "right", "G")
        assert "val_mean_absolute_error" in here.text()
        assert " 64 " in here.text()
        await here.press("y")
        assert "64 epochs as a Python dict" in here.words()
        assert here.app.clipboard.startswith("{\n    'loss': [0.015625, 0.03125,")
        await here.press("escape")
        assert "1 run" in here.text()


async def test_a_run_without_an_epoch_has_no_history(bench: Opener, write_run: Write) -> None:
    write_run([*opening(), *ending("failed")])
    async with bench(NARROW) as here:
        await here.press("l", "H")
        assert "No epoch is whole yet" in here.words()


async def test_the_charts_open_the_history_too(bench: Opener, write_run: Write) -> None:
    write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l", "enter", "4", "H")
        assert "3 epochs" in here.text()
        assert "val_accuracy" in here.text()
