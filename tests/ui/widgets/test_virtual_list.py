"""The virtual list: a cursor that skips headings, a head above the rows, and only the rows in sight are made."""

import pytest
from rich.text import Text
from textual.app import App, ComposeResult

from tuinn.ui.themes import DARK
from tuinn.ui.widgets.virtual_list import VirtualList

pytestmark = pytest.mark.app


class ListApp(App[None]):
    def __init__(self, cursor: bool = True) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self.has_cursor = cursor
        self.made: list[int] = []
        self.head_clicks: list[int] = []

    def compose(self) -> ComposeResult:
        yield VirtualList(cursor=self.has_cursor)

    @property
    def rows(self) -> VirtualList:
        return self.query_one(VirtualList)

    def on_mount(self) -> None:
        self.rows.focus()

    def line(self, at: int, width: int) -> Text:
        self.made.append(at)
        return Text(f"row {at}")

    def on_virtual_list_head_clicked(self, event: VirtualList.HeadClicked) -> None:
        self.head_clicks.append(event.x)

    def text(self) -> list[str]:
        rows = self.rows
        return [rows.render_line(y).text.rstrip(" │┃") for y in range(rows.size.height)]


async def test_of_a_long_list_only_the_rows_in_sight_are_made() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.rows.show(100_000, app.line)
        await pilot.press("end")
        await pilot.pause()
        assert app.text() == [f"row {at}" for at in range(99_990, 100_000)]
        assert len(set(app.made)) <= 20


async def test_a_head_stays_above_the_rows_and_tells_where_it_is_clicked() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.rows.show(50, app.line, head=lambda _: Text("HEAD"))
        await pilot.press("end")
        await pilot.pause()
        assert app.text() == ["HEAD", *(f"row {at}" for at in range(41, 50))]
        await pilot.click(VirtualList, offset=(7, 0))
        assert app.head_clicks == [7]
        await pilot.click(VirtualList, offset=(7, 1))
        assert app.rows.at == 41


async def test_the_cursor_skips_headings_in_both_directions() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.rows.show(6, app.line, 1, headings={0, 3})
        await pilot.press("down", "down")
        assert app.rows.at == 4
        await pilot.press("up", "up", "up", "up")
        assert app.rows.at == 1


async def test_without_a_cursor_the_keys_scroll_and_stop_at_the_end() -> None:
    app = ListApp(cursor=False)
    async with app.run_test(size=(30, 10)) as pilot:
        app.rows.show(12, app.line, head=lambda _: Text("HEAD"))
        await pilot.press(*["down"] * 9)
        assert app.rows.top == 3
        await pilot.press("pageup")
        assert app.rows.top == 0
        for key, top in (("j", 1), ("k", 0), ("G", 3), ("g", 0), ("ctrl+d", 3), ("ctrl+u", 0)):
            await pilot.press(key)
            assert app.rows.top == top, key


async def test_rows_on_the_screen_are_those_of_the_width_that_the_layout_gives_them() -> None:
    app = ListApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.rows.show(2, lambda at, width: Text(f"{at}".rjust(width)))
        await pilot.pause()
        app.rows.styles.width = 12
        await pilot.pause()
        shown = [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
        assert shown[:2] == ["0".rjust(12), "1".rjust(12)]
