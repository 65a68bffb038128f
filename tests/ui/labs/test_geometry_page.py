"""The page of geometry: a chain of maps on keys, the one map that it is, and what ReLU between changes."""

import pytest

from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.labs.geometry import CLOUDS, KINDS
from tuinn.labs.lessons.progress import read_progress, steps_done
from tuinn.labs.lessons.reader import lesson_of
from tuinn.ui.labs.geometry import GeometryPage
from tuinn.ui.labs.page import PageStep
from tuinn.ui.widgets.cell_lines import CellLines


async def opened(here: Bench, step: PageStep | None = None) -> GeometryPage:
    page = GeometryPage(step)
    here.app.push_screen(page)
    await here.settle()
    return page


def drawn(page: GeometryPage) -> str:
    return "".join(strip.text for strip in page.query_one("#geometry-plane", CellLines)._strips)


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_the_chain_stands_with_the_one_map_that_it_is(bench: Opener, size: tuple[int, int]) -> None:
    async with bench(size) as here:
        page = await opened(here)
        assert "y₁ =   1.30·x₁ +  −0.25·x₂ +   1.50" in here.text()
        assert "y₂ =   0.75·x₁ +   0.43·x₂ +   1.00" in here.text()
        assert {*drawn(page)} == {"▀", " "}
        await here.press("down", "enter", "ctrl+u", *"0", "enter")
        assert "y₁ =   1.50·x₁ +   0.00·x₂ +   1.50" in here.text()
        await here.press("plus")
        assert page.state.steps[1].values == (5.0,)


async def test_relu_between_is_no_affine_map_any_more_and_says_by_how_much(bench: Opener) -> None:
    async with bench(NARROW) as here:
        page = await opened(here)
        assert "one affine map" in here.text()
        await here.press("e")
        assert f"misses by up to {page.state.misfit:.3f}." in here.text()
        assert "with ReLU between" in here.text()
        await here.press("0")
        assert "All of it as one map" in here.text()


async def test_five_affine_maps_with_relu_fit_the_narrow_screen_and_a_sixth_is_refused(bench: Opener) -> None:
    async with bench(NARROW) as here:
        page = await opened(here)
        await here.press("x", "n", "A", "n", "A", "e")
        assert [step.kind for step in page.state.steps].count("affine") >= 3
        for row in range(5):
            while page.state.steps[row].kind != "affine":
                page.state.row = row
                await here.press("a")
        assert "The nearest single map" in here.text()
        assert "layers add something." in here.words()
        await here.press("n")
        assert "5 maps are the most" in here.words()
        await here.press(*["d"] * 4)
        assert len(page.state.steps) == 1
        await here.press("d")
        assert "at least one map" in here.words()


async def test_kinds_and_points_come_round_again(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        before = page.state.step.kind, drawn(page)
        for _ in KINDS:
            await here.press("right", "right", "right", "right", "right", "a")
        for _ in CLOUDS:
            await here.press("m")
        assert (page.state.step.kind, page.state.cloud) == (before[0], "letter F")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1e308", "sx lies between −1,000 and 1,000, not 1e+308."),
        ("wide", "'wide' is no number"),
        ("nan", "sx lies"),
    ],
)
async def test_what_is_no_value_is_said(bench: Opener, typed: str, told: str) -> None:
    async with bench() as here:
        page = await opened(here)
        await here.press("enter", "ctrl+u", *typed, "enter")
        assert told in here.words()
        assert page.state.step.values == (1.5, 0.5)


async def test_points_that_are_mapped_far_away_leave_an_empty_plane(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await opened(here)
        await here.press("enter", "ctrl+u", *"1000", "enter", "right", "enter", "ctrl+u", *"-1000", "enter")
        assert "nan" not in here.text()


async def test_without_colours_the_points_are_characters(
    bench: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with bench(NARROW) as here:
        page = await opened(here)
        assert {".", "o", "x", "|", "-"} <= {*drawn(page)}
        assert "▀" not in drawn(page)


async def test_a_step_of_a_lesson_is_done_once_its_goal_is_reached(bench: Opener) -> None:
    text = 'title = "T"\nabout = "A"\nlearn = "L"\n'
    keys = {"changed": "plus", "chain": "n", "relu": "e"}
    for goal in keys:
        text += f'[[steps]]\ntitle = "{goal}"\ndo = "Do {goal}."\nlook = "it."\nscreen = "geometry"\ndone = "{goal}"\n'
    lesson = lesson_of(text, "t.toml", "t")
    for at, pressed in enumerate(keys.values()):
        async with bench(NARROW) as here:
            await opened(here, PageStep(lesson, at))
            assert steps_done(lesson, read_progress())[at] is False
            await here.press(pressed)
            assert steps_done(lesson, read_progress())[at] is True
