"""Clicks on what goes away meanwhile."""

from textual import events
from textual.widget import Widget

from tests.ui.conftest import NARROW, Bench, Opener
from tuinn.ui.workbench.panes.layers import LayersPane


def mouse(kind: type[events.MouseEvent], x: int, y: int) -> events.MouseEvent:
    return kind(None, x, y, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y)


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
        here.app.notify("message")
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
        await here.settle()
        x, y = (int(value) for value in here.app.screen.query_one("Toast").region.center)
        for kind in (events.MouseDown, events.MouseUp):
            here.app.post_message(mouse(kind, x, y))
        await here.settle()
        assert "message" not in here.text()
