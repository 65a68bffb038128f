"""Samples of the user's own: what may stand in a row, and what is remembered of those asked about."""

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.ui.conftest import NARROW, Opener
from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts, Task
from tuinn.spec.options import Choice
from tuinn.ui.workbench.inference.own_sample import (
    KEPT,
    Cell,
    OwnLine,
    OwnRow,
    RememberedSamples,
    cells_of,
    check_picture,
    check_text,
    is_listed,
)

ROOMS, PART = Column("rooms", "number"), Column("a / b [x]", "category", ("north", "south"))
FLATS = DataFacts(
    Task.REGRESSION, (2,), "float32", 0, 1, (), 8, 2, ("rooms", "a / b [x]"), (ROOMS, PART), "price"
)
NAMELESS = DataFacts(Task.REGRESSION, (2,), "float32", 0, 1, (), 8, 2)


@pytest.mark.parametrize("text", ["3", " 3.5 ", "3,5", "-1e3", "", "NA", "?"])
def test_a_number_is_taken_as_it_would_stand_in_a_csv(text: str) -> None:
    assert Cell("c0", column=ROOMS, optional=True).parse(text) == text.strip()


@pytest.mark.parametrize("text", ["three", "1;2", "inf", "1e60"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="must be a number; nothing counts as the mean"):
        Cell("c0", column=ROOMS, optional=True).parse(text)


def test_where_a_gap_has_no_meaning_there_must_be_a_number() -> None:
    rooms, _ = cells_of(NAMELESS, {})
    with pytest.raises(SpecError, match="must be a number, not nothing"):
        rooms.parse("")


def test_a_word_is_chosen_unless_two_are_alike_but_for_capitals() -> None:
    _, part = cells_of(FLATS, {"rooms": "3", "a / b [x]": "south"})
    assert isinstance(part, Choice)
    assert (part.choices, part.default) == (("north", "south", "–"), "south")
    assert not is_listed(Column("part", "category", ("North", "north")))
    assert not is_listed(Column("part", "category", ("–", "north")))


def test_the_last_samples_are_remembered_each_once_and_by_kind() -> None:
    texts, rows = RememberedSamples("texts"), RememberedSamples("rows")
    for at in range(KEPT + 3):
        texts.remember(f"text {at}")
    texts.remember("text 9")
    assert texts.all()[:2] == ["text 9", f"text {KEPT + 2}"]
    assert len(texts.all()) == len(set(texts.all())) == KEPT
    rows.remember({"rooms": "3", "a / b [x]": "north"})
    rows.remember({"other": "1"})
    assert rows.rows((ROOMS, PART)) == [{"rooms": "3", "a / b [x]": "north"}]
    assert rows.rows((PART, ROOMS)) == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"texts": 3}', '{"texts": [3, null]}', "\xff"])
def test_a_damaged_file_counts_as_empty(own_home: Path, content: str) -> None:
    own_home.mkdir()
    (own_home / "asked.json").write_text(content, encoding="latin-1")
    assert RememberedSamples("texts").all() == []
    RememberedSamples("texts").remember("a text")
    assert RememberedSamples("texts").all() == ["a text"]


def test_a_picture_must_be_a_file_and_a_text_must_say_something(tmp_path: Path) -> None:
    (tmp_path / "boot.png").touch()
    assert check_picture(f"'{tmp_path}/boot.png'") == str(tmp_path / "boot.png")
    for path in (str(tmp_path), str(tmp_path / "none.png"), "", "x" * 5000, "\0"):
        with pytest.raises(SpecError):
            check_picture(path)
    assert check_text(" a film ") == "a film"
    with pytest.raises(SpecError):
        check_text("  ")


async def test_a_form_of_columns_names_what_is_wrong_and_takes_back_an_earlier_row(bench: Opener) -> None:
    earlier = ({"rooms": "4", "a / b [x]": "north"}, {"rooms": "7", "a / b [x]": "west"})
    answers: list[object] = []
    async with bench(NARROW) as here:
        form = OwnRow(FLATS, {}, earlier)
        here.app.push_screen(form, answers.append)
        await here.settle()
        assert "a / b [x]" in here.text()
        form.query_one("#form-c0", Input).value = "four"
        await here.settle()
        assert "rooms: must be a number" in here.words()
        await here.press("f4", "down", "enter")
        assert (form.query_one("#form-c0", Input).value, form.query_one("#form-c1", Input).value) == (
            "7",
            "–",
        )
        form.query_one("#form-c1").focus()
        await here.press("enter")
        assert "╭─ a / b [x] ─" in here.text(), "the list of words bears the name of their column"
        await here.press("escape", "up", "enter")
    (values,) = answers
    assert isinstance(values, dict)
    assert form.own_row(values) == {"rooms": "7", "a / b [x]": ""}


async def test_a_path_is_completed_and_an_earlier_one_is_one_key_away(bench: Opener, tmp_path: Path) -> None:
    (tmp_path / "boot.png").touch()
    answers: list[str | None] = []
    async with bench(NARROW) as here:
        dialog = OwnLine("A picture", "a path", (str(tmp_path / "boot.png"),), check_picture, is_path=True)
        here.app.push_screen(dialog, answers.append)
        await here.settle()
        await here.type(f"{tmp_path}/bo")
        await here.press("tab")
        assert dialog.query_one(Input).value == str(tmp_path / "boot.png")
        await here.press("x", "enter")
        assert "There is no file" in here.words()
        await here.press("down", "enter")
    assert answers == [str(tmp_path / "boot.png")]


async def test_a_text_of_several_lines_is_pasted_as_one(bench: Opener) -> None:
    answers: list[str | None] = []
    async with bench(NARROW) as here:
        here.app.push_screen(OwnLine("A text", "a text", (), check_text), answers.append)
        await here.settle()
        await here.paste("What\n  a film,\r\nindeed\n")
        await here.press("enter")
    assert answers == ["What a film, indeed"]
