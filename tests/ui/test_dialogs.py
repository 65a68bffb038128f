"""What all dialogs share."""

from rich.text import Text
from textual.widgets import OptionList

from tests.ui.conftest import NARROW, Opener
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.workbench.screen import Workbench


async def test_a_dialog_that_is_answered_twice_answers_once_and_leaves_the_screen_below_alone(
    bench: Opener,
) -> None:
    answers: list[str | None] = []
    async with bench(NARROW) as here:
        await here.app.push_screen(
            Choose("Which?", [("one", Text("one")), ("two", Text("two"))]), answers.append
        )
        lines = here.app.screen.query_one(OptionList)
        for _ in range(2):  # as by a double click
            lines.action_select()
        await here.settle()
        assert isinstance(here.app.screen, Workbench)
        await here.press("3")
        assert "[3 Summary]" in here.text()
    assert answers == ["one"]
