"""Open data by a path: typed, pasted or dropped; and correct what was detected."""

from pathlib import Path

import pytest
from rich.text import Text
from textual.widgets import Input

from tests.ui.conftest import NARROW, ROOMY, Opener
from tests.ui.datasets.opening import dataset_of
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.datasets.facts_text import data_problem
from tuinn.ui.datasets.options_form import DatasetOptionsForm, first_lines
from tuinn.ui.datasets.path_dialog import PathDialog


async def test_a_typed_path_is_recognised_shown_and_used(bench: Opener, photos: Path) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.type(str(photos))
        await here.press("enter")
        assert "binary" not in here.words()
        assert "3 classes · 8 × 8 × 3 uint8" in here.words()
        await here.press("enter")
        assert dataset_of(here).path == str(photos)
        assert (dataset_of(here).kind, dataset_of(here).image_size, dataset_of(here).color_mode) == (
            "images",
            (8, 8),
            "rgb",
        )
        assert here.screen.draft.error is None
        assert "● my photos [x]" in here.text()
        assert "ca[bold]t" in here.text()
        assert "\x1b" not in here.text()


async def test_names_in_brackets_stand_in_titles_as_they_are(bench: Opener, tmp_path: Path) -> None:
    file = tmp_path / "a [b] [red]c.csv"
    file.write_text("[/x],y\n" + "\n".join(f"{at},{at * 37 % 101}" for at in range(40)))
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(str(file))
        await here.press("enter")
        assert "a [b] [red]c.csv: detected settings" in here.text()
        await here.press("enter", "v", "3")
        assert "[/x]" in here.text()
        await here.press("escape", "r")
        assert "csv" in here.text()


async def test_a_path_dropped_on_the_window_opens_the_form_whatever_has_the_focus(
    bench: Opener, flats: Path
) -> None:
    async with bench(ROOMY) as here:
        for pane in "1234":
            await here.press(pane)
            await here.paste(f"'{flats}' ")
            assert isinstance(here.app.screen, DatasetOptionsForm), pane
            assert "the target is price" in here.words()
            await here.press("escape")
        assert dataset_of(here) == default_draft().dataset


async def test_detected_settings_can_be_changed_and_what_follows_is_shown(bench: Opener, flats: Path) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(str(flats))
        await here.press("enter")
        assert "→ regression · 3 columns" in here.words()
        await here.press("ctrl+u")
        await here.type("district")
        assert "→ binary classification · 2 classes · 3 columns" in here.words()
        await here.press("enter")
        assert (dataset_of(here).target, dataset_of(here).task) == ("district", "binary")
        assert here.screen.draft.error is None


async def test_settings_that_the_data_do_not_allow_are_refused(bench: Opener, flats: Path) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(str(flats))
        await here.press("enter", "ctrl+u")
        await here.type("nothing")
        await here.press("enter")
        assert isinstance(here.app.screen, DatasetOptionsForm)
        assert "✗" in here.text()
        assert "nothing" in here.words()
        await here.press("escape")
        assert dataset_of(here) == default_draft().dataset


@pytest.mark.parametrize(
    ("typed", "said"),
    [("/no/such/place", "isn't there"), ("", "Type the path"), ("file://server/x", "another machine")],
)
async def test_a_bad_path_is_explained_and_can_be_typed_again(bench: Opener, typed: str, said: str) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.type(typed)
        await here.press("enter")
        assert isinstance(here.app.screen, PathDialog)
        assert said in here.words()


async def test_tab_completes_a_path_and_lists_what_it_could_be(
    bench: Opener, photos: Path, flats: Path
) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(f"{flats.parent}/my")
        await here.press("tab")
        assert here.app.screen.query_one(Input).value == f"{photos}/"
        await here.press("tab")
        assert "🏠 house/" in here.text()


async def test_the_share_to_validate_on_can_be_changed_for_any_dataset(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("e", "ctrl+u")
        await here.type("0.25")
        await here.press("enter")
        assert dataset_of(here) == DatasetSpec("fashion_mnist_mini", validation=0.25)


def test_of_many_notes_the_last_line_says_how_many_are_left() -> None:
    text = Text("\n".join(f"note {at}" for at in range(1, 9)))
    assert first_lines(text, 8).plain == text.plain
    assert first_lines(text, 3).plain.splitlines() == [
        "note 1",
        "note 2",
        "and 6 more: v in the list of datasets, then 4, shows all",
    ]


async def test_the_keys_stay_in_sight_below_the_notes_on_a_table(bench: Opener, tmp_path: Path) -> None:
    table = tmp_path / "constant.csv"
    table.write_text("".join(f"1,2,3,4,5,6,{row % 2}\n" for row in range(60)))
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(str(table))
        await here.press("enter")
        assert "more: v in the list of datasets" in here.text()
        assert "Enter keeps · Esc drops" in here.text()


def test_a_problem_names_a_setting_as_the_form_does() -> None:
    assert data_problem(SpecError("has no rows.", "dataset.target")) == "target: has no rows."
    assert data_problem(SpecError("flats.csv has no rows.", "dataset.path")) == "path: flats.csv has no rows."
    assert "\x1b" not in data_problem(OSError("no\x1broom"))
