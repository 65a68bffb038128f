"""What the app says: on the line of keys, once, and again on `!`."""

from tests.ui.conftest import NARROW, Bench, Opener
from tuinn.ui.dialogs.log_view import LogView
from tuinn.ui.widgets.controls import KeyFooter


def last_row(here: Bench) -> str:
    return here.text().splitlines()[-1]


async def test_a_message_takes_the_place_of_the_keys_and_covers_nothing(bench: Opener) -> None:
    async with bench(NARROW) as here:
        before = here.text().splitlines()
        here.app.notify("It is [b]said[/b].")
        await here.settle()
        assert here.text().splitlines() == [*before[:-1], "· It is said."]
        here.app.screen.query_one(KeyFooter).clear_message()
        await here.settle()
        assert here.text().splitlines() == before


async def test_a_long_message_is_shown_whole(bench: Opener) -> None:
    async with bench(NARROW) as here:
        before = here.text().splitlines()
        words = " ".join(f"word{n}" for n in range(30))
        here.app.notify(words, markup=False)
        await here.settle()
        assert words in here.words()
        here.app.notify("A short one.")
        await here.settle()
        assert here.text().splitlines() == [*before[:-1], "· A short one."]


async def test_a_message_of_one_line_moves_nothing(bench: Opener) -> None:
    async with bench(NARROW) as here:
        laid: list[object] = []
        here.app.screen.screen_layout_refresh_signal.subscribe(here.app, laid.append)
        here.app.notify("It is said.")
        await here.settle()
        assert "It is said." in last_row(here)
        assert laid == []


async def test_an_error_is_counted_until_it_was_read_again(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.app.notify("It broke: [no markup", severity="error", markup=False)
        await here.settle()
        assert last_row(here).startswith("✗ It broke: [no markup")
        here.app.notify("Something else.")
        here.app.screen.query_one(KeyFooter).clear_message()
        await here.settle()
        assert last_row(here).startswith("! 1 error")
        await here.press("exclamation_mark")
        here.top(LogView)
        assert "✗ It broke: [no markup" in here.text()
        assert "· Something else." in here.text()
        await here.press("escape")
        assert "error" not in last_row(here)


async def test_what_happens_elsewhere_is_said_in_a_box_with_its_place(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("l")
        here.screen.show_message("The run has ended.")
        await here.settle()
        assert "Workbench" in here.text()
        assert "The run has ended." in here.text()
        assert "The run has ended." not in last_row(here)


async def test_a_message_stays_on_its_screen(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.app.notify("It is said.")
        await here.press("l")
        assert "It is said." not in here.text()
