"""What all dialogs share."""

from rich.text import Text
from textual.widgets import OptionList

from tests.ui.conftest import NARROW, Opener
from tuinn.spec.layers.catalog import LAYER_TYPES
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.dialogs.form import Form
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


async def test_the_form_of_a_layer_that_has_settings_under_the_fold_only_opens_with_them(
    bench: Opener,
) -> None:
    options = LAYER_TYPES["Flatten"].options
    folded = [option.name for option in options if option.advanced]
    assert len(folded) == len(options)
    async with bench(NARROW) as here:
        await here.app.push_screen(Form("Flatten", options, {}, folded=folded))
        await here.settle()
        assert here.app.focused is here.app.screen.query_one(f"#form-{options[0].name}")
        assert f"▾ more: {len(options)} settings" in here.text()
        await here.press("f3")
        assert here.app.focused is here.app.screen.query_one("#form-more")


async def test_the_curve_of_an_activation_stands_beside_the_option_that_names_it(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "down", "down", "e")
        assert "its derivative" not in here.text()
        await here.press("down")
        assert "relu: max(0, z)" in here.text()
        assert "its derivative" in here.text()
        assert "120,890 parameters" in here.text()
        await here.press("ctrl+n")
        assert "sigmoid: 1 / (1 + e^(−z))" in here.text()
        await here.press("f3")
        assert "its derivative" not in here.text()
