"""Layers that are typed or pasted: what they make is shown before they are taken."""

from tests.ui.conftest import NARROW, Bench, Opener
from tuinn.spec.keras_import.report import ParsedLayers
from tuinn.ui.dialogs.line_entry import LineEntry

CODE = """
inputs = keras.Input((8,))
x = layers.Dense(4)(inputs)
unused = layers.Dense(3)(x)
model = keras.Model(inputs, x + x)
model.fit(data, labels, epochs=3)
"""


def open_entry(here: Bench, text: str) -> list[ParsedLayers | None]:
    """The list gets the answer."""
    answers: list[ParsedLayers | None] = []
    here.app.push_screen(LineEntry(text), answers.append)
    return answers


async def test_code_is_shown_with_its_report_and_answered(bench: Opener) -> None:
    async with bench(NARROW) as here:
        answers = open_entry(here, CODE)
        await here.settle()
        assert "→ 2 layers · 36 parameters · input 8 · 1 left out · 2 taken over" in here.words()
        assert "− left out, line 4: Dense; it leads nowhere" in here.words()
        await here.press("enter")
        (reading,) = answers
        assert reading is not None
        assert [layer.type_name for layer in reading.layers] == ["Dense", "Add"]
        assert reading.fit == {"epochs": 3, "batch_size": 32}


async def test_what_cannot_be_read_is_told_and_not_answered(bench: Opener) -> None:
    async with bench(NARROW) as here:
        answers = open_entry(here, "x = block(keras.Input((8,)))")
        await here.settle()
        assert "✗ line 1: block is no layer" in here.words()
        await here.press("enter")
        assert answers == []
        await here.press("escape")
        assert answers == [None]
