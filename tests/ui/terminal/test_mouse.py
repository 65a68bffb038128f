"""Clicks on what goes away meanwhile."""

from textual import events
from textual.widget import Widget

from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.ui.dialogs.palette import Palette
from tuinn.ui.workbench.panes.layers import LayersPane


def mouse(kind: type[events.MouseEvent], x: int, y: int, button: int = 1) -> events.MouseEvent:
    return kind(None, x, y, 0, 0, button, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y)


async def press_while_removed(here: Bench, widget: Widget) -> None:
    """The button goes down, and a drag goes on, after the widget is gone and before the screen is drawn without it."""
    x, y = (int(value) for value in widget.region.center)

    async def remove_and_press() -> None:
        await widget.remove()
        for kind in (events.MouseDown, events.MouseMove, events.MouseUp):
            await here.app.on_event(mouse(kind, x, y))

    here.app.call_next(remove_and_press)
    await here.settle()


async def test_a_click_on_a_message_that_has_just_gone_is_passed_over(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.app.notify("message", title="elsewhere")
        await here.settle()
        await press_while_removed(here, here.app.screen.query_one("Toast"))
        await here.press("3")
        assert "[3 Summary]" in here.text()


async def test_a_click_on_a_pane_that_has_just_gone_is_passed_over(bench: Opener) -> None:
    async with bench() as here:
        await press_while_removed(here, here.screen.query_one(LayersPane).query_one("#layers-list"))
        await here.press("3")
        assert here.app.return_code is None


async def test_a_message_still_goes_away_by_a_click(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.app.notify("message")
        here.app.notify("message in a box", title="elsewhere")
        await here.settle()
        for kind in ("Toast", "KeyFooter"):
            await click(here, here.app.screen.query_one(kind))
        assert "message" not in here.text()


async def click(here: Bench, widget: Widget) -> None:
    x, y = (int(value) for value in widget.region.center)
    for kind in (events.MouseDown, events.MouseUp):
        here.app.post_message(mouse(kind, x, y))
    await here.settle()


async def drag(here: Bench, start: tuple[int, int], end: tuple[int, int]) -> None:
    for kind, (x, y) in ((events.MouseDown, start), (events.MouseMove, end), (events.MouseUp, end)):
        here.app.post_message(mouse(kind, x, y))
        await here.settle()


async def test_borders_between_panes_are_dragged_until_the_terminal_has_another_size(bench: Opener) -> None:
    async with bench(ROOMY) as here:
        dataset, layers, charts, predict = (
            here.screen.query_one(f"#{name}") for name in ("dataset", "layers", "charts", "predict")
        )
        before = [pane.region for pane in (dataset, layers, charts, predict)]
        await drag(here, (charts.region.x, 5), (50, 5))
        assert (dataset.region.width, charts.region.x, charts.region.right) == (51, 51, ROOMY[0])
        await drag(here, (10, dataset.region.bottom - 1), (10, 11))
        assert (dataset.region.bottom, layers.region.y) == (12, 12)
        await drag(here, (80, predict.region.y), (80, 30))
        assert (predict.region.y, charts.region.bottom) == (30, 30)
        await drag(here, (10, 11), (10, 39))  # no further than the others can shrink
        assert dataset.region.bottom < ROOMY[1] - 3
        for size in (NARROW, ROOMY):
            await here.pilot.resize_terminal(*size)
            await here.settle()
        await here.press("1")
        assert [pane.region for pane in (dataset, layers, charts, predict)] == before


async def test_the_right_button_shows_what_can_be_done_there(bench: Opener) -> None:
    async with bench(ROOMY) as here:
        x, y = (int(value) for value in here.screen.query_one("#layers-list").region.center)
        for kind in (events.MouseDown, events.MouseUp):
            here.app.post_message(mouse(kind, x, y, button=3))
        await here.settle()
        here.top(Palette)
        await here.press("escape")
        assert here.screen.focused is here.screen.query_one("#layers-list")


async def test_one_click_puts_the_cursor_on_a_dataset_and_two_use_it(bench: Opener) -> None:
    async with bench(NARROW) as here:
        row = next(at for at, line in enumerate(here.text().splitlines()) if " Wine " in line)
        await here.pilot.click(offset=(6, row))
        await here.settle()
        assert here.screen.draft.spec.dataset.name == "fashion_mnist_mini"
        assert "Wine: not in use. Enter takes it, r trains" in here.words()
        await here.pilot.click(offset=(6, row), times=2)
        await here.settle()
        assert here.screen.draft.spec.dataset.name == "wine"
