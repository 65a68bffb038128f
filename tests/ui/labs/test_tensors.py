"""The lab of tensors: a line to type in, the result below, and what the keys do."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.labs.lessons.library import library
from tuinn.labs.lessons.progress import read_progress, steps_done
from tuinn.labs.tensors import outcome as outcomes
from tuinn.labs.tensors.completion import complete
from tuinn.labs.tensors.samples import EXAMPLES
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.labs.page import PageStep
from tuinn.ui.labs.registry import make_page
from tuinn.ui.labs.tensors import TensorsPage
from tuinn.ui.workbench.screen import Workbench


async def opened(here: Bench) -> TensorsPage:
    here.screen.lessons.open("tensors")
    await here.settle()
    await here.settle()
    return here.top(TensorsPage)


async def enter(here: Bench, text: str) -> None:
    page = here.top(TensorsPage)
    page.field.value = text
    await here.press("enter")
    await here.settle()


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_an_expression_is_shown_with_shape_rule_numbers_and_picture(
    bench: Opener, size: tuple[int, int]
) -> None:
    async with bench(size) as here:
        await opened(here)
        await enter(here, "train_images[10:100]")
        words = here.words()
        assert "rank 3 · shape (90, 28, 28) ·" in words
        assert "axis 0: 10:100 keeps 90 of 5,000" in words
        assert "of 90" in words
        assert "▀" in here.text()
        await enter(here, "A + b")
        assert "A + b  (3, 4)" in here.text()
        assert "numbers" in here.text()
        assert "▀" not in here.text()
        await here.press("escape")
        here.top(Workbench)


async def test_a_problem_is_one_sentence_and_the_line_stays(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        await enter(here, "__import__('os')")
        assert "✗ There is no __import__ here" in here.text()
        assert page.field.value == "__import__('os')"
        await enter(here, "")
        assert "✗ Type an expression" in here.text()
        await enter(here, "'[/b]' + x")
        assert "✗ Text can't stand beside +" in here.text()


async def test_uint8_that_begins_again_is_said(bench: Opener) -> None:
    async with bench() as here:
        await opened(here)
        await enter(here, "img * 2")
        assert "uint8 holds 0 to 255" in here.words()
        await enter(here, "img // 2")
        assert "uint8 holds" not in here.words()


async def test_examples_are_stepped_through_and_begin_with_the_ranks(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        for rank in range(6):
            assert f"rank {rank} ·" in here.words()
            await here.press("f2")
            await here.settle()
        await here.press("f3")
        assert page.field.value == EXAMPLES[5][0]
        assert EXAMPLES[5][1] in here.words()


async def test_up_and_down_recall_what_was_entered(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        for text in ("A.T", "b * 2"):
            await enter(here, text)
        await here.press("up")
        assert page.field.value == "b * 2"
        await here.press("up", "up")
        assert page.field.value == "A.T"
        await here.press("down", "down")
        assert page.field.value == ""


async def test_a_result_is_given_a_name_and_used_by_it(bench: Opener) -> None:
    async with bench() as here:
        await opened(here)
        await enter(here, "z = A @ B")
        assert "z (3, 5)" in here.text()
        await enter(here, "z.sum()")
        assert f"  {(np.arange(12).reshape(3, 4) @ np.arange(20).reshape(4, 5)).sum()}" in here.text()


async def test_tab_completes_a_name(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        page.field.value = ""
        await here.type("np.maxi")
        await here.press("tab")
        assert page.field.value == "np.maximum"
        page.field.value = "tra"
        page.field.cursor_position = 3
        await here.press("tab")
        assert page.field.value == "train_"
        assert "train_images" in here.text()


async def test_a_photo_becomes_img_with_its_channels_in_their_colours(bench: Opener, tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 30, 3), (250, 120, 10), np.uint8)).save(tmp_path / "sun.png")
    async with bench() as here:
        page = await opened(here)
        await enter(here, str(tmp_path / "sun.png"))
        await here.settle()
        assert page.field.value == "img"
        assert all(
            word in here.text() for word in ("Channels of (20, 30, 3)", "red", "green", "blue", "sun.png")
        )
        colours = {
            segment.style.color.triplet
            for strip in page.sheet._strips
            for segment in strip
            if segment.style is not None and segment.style.color is not None and segment.style.color.triplet
        }
        assert {(250, 0, 0), (0, 120, 0), (0, 0, 10)} <= colours
        await here.press("f8")
        assert "green" not in here.text()
        await enter(here, str(tmp_path))
        assert "✗" in here.text()


async def test_a_file_that_is_no_picture_is_refused_in_a_sentence(bench: Opener, tmp_path: Path) -> None:
    (tmp_path / "no.png").write_text("no picture")
    async with bench() as here:
        await opened(here)
        await enter(here, str(tmp_path / "no.png"))
        await here.settle()
        assert "no.png" in here.text()
        assert "✗" in here.text()


async def test_page_down_shows_the_next_pictures(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        await enter(here, "train_images")
        assert page.sheet.first == 0
        await here.press("pagedown")
        assert page.sheet.first == page.sheet.shown
        await here.press("pageup", "pageup")
        assert page.sheet.first == 0


async def test_another_dataset_stands_behind_the_names(bench: Opener) -> None:
    async with bench() as here:
        await opened(here)
        await here.press("f4")
        here.top(Choose)
        await here.choose("Handwritten digits")
        await here.settle()
        await enter(here, "train_images")
        assert "shape (1438, 8, 8)" in here.text()


async def test_keys_are_obeyed_while_a_result_is_made_and_only_the_newest_comes_next(
    bench: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, done, real = threading.Event(), [], outcomes.compute

    def held(text: str, names: object) -> object:
        go.wait(20)
        done.append(text)
        return real(text, names)  # type: ignore[arg-type]

    async with bench() as here:
        page = await opened(here)
        monkeypatch.setattr(outcomes, "compute", held)
        for text in ("A", "A + 1", "A + 2"):
            page.field.value = text
            await here.pilot.press("enter")
        page._say_progress()
        await here.pilot.pause()
        assert "Computing A …" in here.text()
        await here.pilot.press("end", "x")
        assert page.field.value == "A + 2x"
        go.set()
        await here.settle()
        await here.settle()
        assert done == ["A", "A + 2"]
        assert page.outcome is not None
        assert page.outcome.text == "A + 2"


def test_a_name_goes_on_as_far_as_is_sure() -> None:
    names = {"train_images": 0, "train_labels": 0, "x": 0}
    assert complete("2 * train_i", names) == ("2 * train_images", ["train_images"])
    assert complete("x.resh", names)[0] == "x.reshape"
    assert complete("np.zer", names)[0] == "np.zeros"
    assert complete("x[0].mea", names)[0] == "x[0].mean"
    assert complete("q", names) == ("q", [])


async def test_a_step_is_done_by_what_the_user_computes_and_not_by_the_first_example(bench: Opener) -> None:
    lesson = library().find("tensors-and-batches")
    at = next(at for at, step in enumerate(lesson.steps) if step.done == "rank5")
    async with bench() as here:
        here.app.push_screen(make_page("tensors", PageStep(lesson, at)))
        await here.settle()
        await here.settle()
        assert steps_done(lesson, read_progress())[at] is False
        for _ in range(5):
            assert steps_done(lesson, read_progress())[at] is False
            await here.press("f2")
            await here.settle()
        assert steps_done(lesson, read_progress())[at] is True


@pytest.mark.parametrize("size", [NARROW])
async def test_what_a_step_says_has_room(bench: Opener, size: tuple[int, int]) -> None:
    lesson = library().find("tensors-and-batches")
    for at, step in enumerate(lesson.steps):
        if step.screen == "tensors":
            async with bench(size) as here:
                here.app.push_screen(make_page("tensors", PageStep(lesson, at)))
                await here.settle()
                assert step.look in here.words()
