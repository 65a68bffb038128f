"""Small controls: the footer shows no cut key, the tabs no cut name."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tuinn.ui.themes import DARK
from tuinn.ui.widgets.controls import LAST_KEYS, KeyFooter, PaneTabs, fitting_keys

pytestmark = pytest.mark.app


class Footed(App[None]):
    BINDINGS = [
        *(Binding(key, f"go('{key}')", f"Action{key}") for key in "abcdefgh"),
        Binding("question_mark", "help", "Help"),
        Binding("q", "back", "Back"),
    ]

    def compose(self) -> ComposeResult:
        yield KeyFooter()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
async def test_no_key_of_the_footer_is_cut_and_the_way_out_stays(width: int) -> None:
    app = Footed()
    async with app.run_test(size=(width, 10)) as pilot:
        await pilot.pause()
        line = str(app.query_one(KeyFooter).render())
        assert len(line.rstrip()) <= width
        assert line.endswith("? Help q Back ")
        assert line.startswith("a Actiona b Actionb")


async def test_keys_come_back_when_the_terminal_grows() -> None:
    app = Footed()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.resize_terminal(140, 10)
        await pilot.pause()
        footer = app.query_one(KeyFooter)
        assert footer.shown_keys == [*footer.keys]
        assert len(footer.keys) == 10


class Field(Static, can_focus=True):
    BINDINGS = [Binding("x", "cross", "Cross")]


class OtherField(Static, can_focus=True):
    BINDINGS = [Binding("y", "tick", "Tick")]


class WithFields(Footed):
    def compose(self) -> ComposeResult:
        yield Field()
        yield OtherField()
        yield KeyFooter()


async def test_what_gets_the_focus_while_another_window_has_the_keyboard_shows_its_keys() -> None:
    app = WithFields()
    async with app.run_test(size=(140, 10)) as pilot:
        await pilot.pause()
        app.post_message(events.AppBlur())
        await pilot.pause()
        assert "Cross" in str(app.query_one(KeyFooter).render())  # nothing has the focus: the keys stay
        app.query_one(OtherField).focus()
        await pilot.pause()
        await pilot.pause()
        assert "Tick" in str(app.query_one(KeyFooter).render())


async def test_a_click_on_a_key_of_the_footer_does_what_the_key_does() -> None:
    gone: list[str] = []

    class Clickable(Footed):
        def action_go(self, key: str) -> None:
            gone.append(key)

    app = Clickable()
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        await pilot.click(KeyFooter, offset=(len("a Actiona ") + 2, 0))
        await pilot.pause()
        assert gone == ["b"]


@given(widths=lists(integers(2, 15), min_size=LAST_KEYS, max_size=15), room=integers(40, 200))
def test_what_is_shown_has_room_and_is_a_beginning_and_the_end(widths: list[int], room: int) -> None:
    shown = fitting_keys(widths, room)
    assert sum(width for width, is_shown in zip(widths, shown, strict=True) if is_shown) <= room
    beginning = shown[:-LAST_KEYS]
    assert beginning == sorted(beginning, reverse=True)
    assert all(shown[-LAST_KEYS:])


@pytest.mark.parametrize("width", [60, 61, 62, 63, 80])
async def test_the_tabs_of_the_panes_are_whole_and_can_be_clicked(width: int) -> None:
    class Tabbed(App[None]):
        CSS = "PaneTabs { display: block; }"
        clicked: list[int] = []

        def compose(self) -> ComposeResult:
            yield PaneTabs()

        def on_mount(self) -> None:
            self.register_theme(DARK)
            self.theme = DARK.name

        def on_pane_tabs_clicked(self, event: PaneTabs.Clicked) -> None:
            self.clicked = [*self.clicked, event.pane]

    app = Tabbed()
    async with app.run_test(size=(width, 5)) as pilot:
        tabs = app.query_one(PaneTabs)
        line = str(tabs.render())
        assert line.rstrip().endswith("5 Predict")
        assert len(line.rstrip()) <= tabs.size.width
        await pilot.click(PaneTabs, offset=(line.index("Predict") + 1, 0))
        assert app.clicked == [5]
