"""The page of gradient descent: five views, each whole at 80×24; rates, starts and inputs on keys or typed."""

import numpy as np
import pytest

from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.labs.descent.landscapes import TWO_WEIGHTS
from tuinn.labs.descent.optimizers import OPTIMIZERS, Path
from tuinn.labs.lessons.progress import read_progress, steps_done
from tuinn.labs.lessons.reader import lesson_of
from tuinn.ui.labs.descent import DescentPage
from tuinn.ui.labs.descent_map import BANDS, bands, line_pixels
from tuinn.ui.labs.page import PageStep
from tuinn.ui.widgets.cell_lines import CellLines


async def opened(here: Bench, step: PageStep | None = None) -> DescentPage:
    page = DescentPage(step)
    here.app.push_screen(page)
    await here.settle()
    return page


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_a_tangent_moves_along_the_curve_and_the_quotient_nears_its_slope(
    bench: Opener, size: tuple[int, int]
) -> None:
    async with bench(size) as here:
        page = await opened(here)
        assert "slope 2.000" in here.text()
        await here.press("right", "right", "right", "right")
        assert "slope 2.800" in here.text()
        assert "difference                1.000" in here.text()
        await here.press("minus", "minus")
        assert "difference                0.250" in here.text()
        await here.press("enter", "ctrl+u", *"-3", "enter")
        assert "slope −6.000" in here.text()
        await here.press("m")
        assert "f = x³ − 3x" in here.text()
        assert page.state.x == -2.5
        await here.press("0")
        assert page.state.x == 1.0


async def test_every_curve_landscape_and_example_comes_round_again(bench: Opener) -> None:
    async with bench(NARROW) as here:
        page = await opened(here)
        for view, count in (("1", 7), ("3", 3), ("4", 5), ("5", 4)):
            await here.press(view)
            first = here.text()
            for _ in range(count):
                await here.press("m")
                assert "nan" not in here.text()
            assert here.text() == first, view
        assert page.state.view == "tape"


async def test_the_chain_rule_follows_its_inputs_and_a_step_makes_the_error_smaller(bench: Opener) -> None:
    async with bench(NARROW) as here:
        page = await opened(here)
        await here.press("2")
        assert "∂E/∂w = ∂E/∂a · ∂a/∂u · x = −1.000 · 0.250 · 2.000 = −0.500" in here.text()
        assert "∂E/∂x = ∂E/∂a" in here.text()
        await here.press("down", "plus", "right")
        assert page.state.chain.b == -0.8
        before = page.state.chain.error
        await here.press("g")
        assert page.state.chain.error < before
        await here.press("up", "enter", "ctrl+u", *"1e308", "enter")
        assert "w lies between −1,000 and 1,000, not 1e+308." in here.words()
        await here.press("0")
        assert "E = 0.2500" in here.text()


async def test_a_rate_is_doubled_typed_and_named_in_words(bench: Opener) -> None:
    async with bench(NARROW) as here:
        page = await opened(here)
        await here.press("3", "t")
        assert "rate 0.1 · step 10" in here.text()
        assert "Rate 0.1 is good" in here.words()
        await here.press("enter", "ctrl+u", *"1.2", "enter", *["t"] * 12)
        assert "Rate 1.2 is too large: it climbs" in here.words()
        assert page.state.path.left is not None
        assert "nan" not in here.text()
        await here.press("enter", "ctrl+u", *"0.001", "enter")
        assert "Rate 0.001 is too small" in here.words()
        await here.press("a")
        assert page.state.path.optimizer.name == "momentum"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0", "With a rate of 0 no step changes anything"),
        ("1e9", "A rate is a number between"),
        ("fast", "'fast' is no number"),
        ("nan", "A rate is a number between"),
    ],
)
async def test_what_is_no_rate_is_said(bench: Opener, typed: str, told: str) -> None:
    async with bench() as here:
        page = await opened(here)
        await here.press("3", "enter", "ctrl+u", *typed, "enter")
        assert told in here.words()
        assert page.state.rate == 0.1


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_four_optimizers_run_over_the_map_or_one_alone(bench: Opener, size: tuple[int, int]) -> None:
    async with bench(size) as here:
        page = await opened(here)
        await here.press("4")
        drawn = page.query_one("#descent-map", CellLines)
        assert {*"".join(strip.text for strip in drawn._strips)} == {"▀"}
        await here.press("t")
        assert [path.steps for path in page.state.paths] == [10] * 4
        assert "Adam: good" in here.words()
        await here.press("a", "t")
        assert [path.steps for path in page.state.paths] == [20, 10, 10, 10]
        await here.press("right", "up")
        assert [path.steps for path in page.state.paths] == [0] * 4
        assert page.state.path.weights.tolist() == [-3.8, 2.2]
        await here.press("0")
        assert page.state.path.weights.tolist() == [-4.0, 2.0]


async def test_play_takes_a_step_each_beat_until_all_have_left_the_map(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        await here.press("3")
        page.state.rate = 3.0
        await here.press("space")
        for _ in range(60):
            page.play_on()
        await here.settle()
        assert not page.state.is_playing
        assert page.state.path.left is not None


async def test_without_colours_the_map_has_signs(bench: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with bench(NARROW) as here:
        page = await opened(here)
        await here.press("4", "t")
        drawn = "".join(strip.text for strip in page.query_one("#descent-map", CellLines)._strips)
        assert {"S", "M", "A", "O", ".", "#"} <= {*drawn}
        assert "▀" not in drawn


async def test_gradient_tape_s_examples_stand_with_their_numbers(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await opened(here)
        await here.press("5")
        assert "y = x * x" in here.text()
        assert "∂y/∂x = 6" in here.text()
        await here.press("m", "m", "m")
        assert "y = tf.matmul(x, W) + b" in here.text()
        assert "∂y/∂b = [2., 2.]" in here.text()
        first = here.text()
        await here.press("x")
        assert here.text() != first


async def test_a_step_of_a_lesson_is_done_once_its_goal_is_reached(bench: Opener) -> None:
    text = 'title = "T"\nabout = "A"\nlearn = "L"\n'
    keys = {
        "tangent": ["right"],
        "chain": ["2", "plus"],
        "good": ["3", "t"],
        "large": ["3", *["plus"] * 4, *["t"] * 10],
        "compared": ["4", "t", "t", "t"],
        "tape": ["5"],
    }
    for goal in keys:
        text += f'[[steps]]\ntitle = "{goal}"\ndo = "Do {goal}."\nlook = "it."\nscreen = "descent"\ndone = "{goal}"\n'
    lesson = lesson_of(text, "t.toml", "t")
    for at, pressed in enumerate(keys.values()):
        async with bench(NARROW) as here:
            await opened(here, PageStep(lesson, at))
            assert steps_done(lesson, read_progress())[at] is False
            await here.press(*pressed)
            assert steps_done(lesson, read_progress())[at] is True


# -------------------------------------------------------------------------------------------- without a screen


@pytest.mark.parametrize("landscape", TWO_WEIGHTS, ids=lambda one: one.name)
def test_the_map_is_lowest_where_the_loss_is(landscape: object) -> None:
    assert isinstance(landscape, type(TWO_WEIGHTS[0]))
    found = bands(landscape, 40, 80)
    assert found.min() == 0
    assert found.max() == BANDS - 1
    w1 = np.linspace(landscape.low[0], landscape.high[0], 80)
    w2 = np.linspace(landscape.high[1], landscape.low[1], 40)
    row, column = (int(one[0]) for one in np.where(found == 0))
    assert landscape.loss(np.array([w1[column], w2[row]])) < landscape.loss(np.array(landscape.start))


def test_a_path_far_beside_the_map_is_drawn_only_where_it_crosses() -> None:
    path = Path(OPTIMIZERS[0], TWO_WEIGHTS[1])
    for _ in range(40):
        path.step(0.3)
    drawn = line_pixels(path.landscape, path, 30, 80)
    assert drawn
    assert all(0 <= y < 30 and 0 <= x < 80 for y, x in drawn)
