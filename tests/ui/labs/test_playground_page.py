"""The playground's page: the surface follows the training; settings on keys; own columns; the Keras code; whole at 80×24."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.labs.test_playground import table
from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.labs.lessons.progress import read_progress, steps_done
from tuinn.labs.lessons.reader import lesson_of
from tuinn.labs.playground.session import SIDE, Playground, Settings
from tuinn.ui.labs.page import PageStep
from tuinn.ui.labs.playground import PlaygroundPage
from tuinn.ui.labs.playground_drawing import Colours, Layout, network_strips, output_levels, surface_strips
from tuinn.ui.themes import DARK
from tuinn.ui.widgets.cell_lines import CellLines


async def opened(here: Bench, step: PageStep | None = None) -> PlaygroundPage:
    page = PlaygroundPage(step)
    here.app.push_screen(page)
    await here.settle()
    return page


def surface(page: PlaygroundPage) -> list[str]:
    return [strip.text for strip in page.query_one("#play-surface", CellLines)._strips]


async def until(here: Bench, page: PlaygroundPage, epoch: int) -> None:
    """Let the page's own timer train."""
    while page.state.play.epoch < epoch:
        await here.pilot.pause(0.02)
    await here.settle()


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_surface_settings_and_losses_stand_on_the_first_screen(
    bench: Opener, size: tuple[int, int]
) -> None:
    async with bench(size) as here:
        page = await opened(here)
        assert surface(page) == ["▀" * SIDE] * (SIDE // 2)
        text = here.text()
        for words in (
            "epoch 0 · loss",
            "data       circle",
            "x y x² y² xy sin x sin y",
            "binary_crossentropy",
            "seed",
        ):
            assert words in text
        assert "120 training points" in here.words()
        assert ("  out" in text) == (size == ROOMY)


async def test_space_trains_in_slices_and_stops_and_0_begins_anew(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        first = page.levels
        await here.press("space")
        await until(here, page, 20)
        await here.press("space")
        stopped = page.state.play.epoch
        await here.pilot.pause(0.1)
        assert page.state.play.epoch == stopped
        assert f"epoch {stopped} · loss" in here.text()
        assert first is not None
        assert page.levels is not None
        assert (page.levels != first).any()
        await here.press("0")
        assert "epoch 0 · loss" in here.text()
        await here.press("g", "t")
        assert page.state.play.epoch == 11


async def test_another_screen_on_top_holds_the_training(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        await here.press("space", "question_mark")
        held = page.state.play.epoch
        await here.pilot.pause(0.15)
        assert page.state.play.epoch == held


async def test_every_setting_is_turned_by_a_key_and_those_with_a_number_are_typed(bench: Opener) -> None:
    async with bench(NARROW) as here:
        page = await opened(here)
        names = [row.name for row in page.state.rows]
        for name in names:
            before = page.state.row.parts(page.state), page.state.play.settings
            assert page.state.row.name == name
            await here.press("plus")
            assert (page.state.row.parts(page.state), page.state.play.settings) != before, name
            await here.press("down")
        page.state.at = names.index("rate")
        await here.press("enter", "ctrl+u", *"0.5", "enter")
        assert page.state.play.settings.rate == 0.5
        page.state.at = names.index("layers")
        await here.press("enter", "ctrl+u", *"8 3 1", "enter")
        assert page.state.play.settings.layers == (8, 3, 1)


async def test_features_and_layers_have_a_cursor_of_their_own(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        page.state.at = [row.name for row in page.state.rows].index("features")
        await here.press("right", "right", "enter")
        assert " ".join(page.state.play.settings.features) == "x y x²"
        await here.press("left", "minus")
        assert " ".join(page.state.play.settings.features) == "x x²"
        await here.press("n", "plus", "plus", "a")
        assert str(page.state.play.settings.layers) == "(4, 2, 4)"
        assert page.state.play.settings.activation == "relu"
        await here.press("left", "d")
        assert page.state.play.settings.layers == (4, 4)


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("rate", "0", "With a rate of 0 no step changes anything"),
        ("rate", "1e9", "A rate is a number between"),
        ("rate", "fast", "'fast' is no number"),
        ("batch", "0", "A batch lies between 1 and 1000, not 0."),
        ("layers", "9", "A layer's number of units lies between 1 and 8"),
        ("layers", "1 1 1 1 1 1 1", "6 hidden layers are the most"),
        ("noise", "nan", "The noise, in percent, lies between 0 and 50, not nan."),
    ],
)
async def test_what_a_setting_cannot_be_is_said(bench: Opener, name: str, typed: str, told: str) -> None:
    async with bench() as here:
        page = await opened(here)
        before = page.state.play.settings
        page.state.at = [row.name for row in page.state.rows].index(name)
        await here.press("enter", "ctrl+u")
        await here.type(typed)
        await here.press("enter")
        assert told in here.words()
        assert page.state.play.settings == before


async def test_weights_that_leave_all_bounds_stop_the_play_with_a_sentence(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        page.state.play.change(cloud="hills", activation="linear", rate=90.0)
        await here.press("space")
        while page.state.is_playing:
            await here.pilot.pause(0.02)
        await here.settle()
        assert "a rate of 90 is too large here" in here.words()
        assert "nan" not in here.text()


async def test_the_network_has_a_view_of_its_own_where_there_is_no_room_for_both(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await opened(here)
        await here.press("2")
        assert "in" in here.text().splitlines()[1]
        assert "out" in here.text().splitlines()[1]
        assert "data       circle" not in here.text()
        await here.press("1")
        assert "data       circle" in here.text()


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_without_colours_classes_and_weights_are_characters(
    bench: Opener, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with bench(size) as here:
        page = await opened(here)
        await here.press("t", "t", "2")
        drawn = "".join(surface(page))
        assert {*drawn} == {" ", ".", "o", "x"}
        assert drawn.count("x") > 20
        assert "layer 1" in here.text()
        assert "+++" in here.text() or "---" in here.text()
        await here.press("m", "m", "m", "m", "t", "t", "t")
        assert "▀" not in "".join(surface(page))
        assert "towards" in here.words()


async def test_the_keras_code_is_one_key_away_and_scrolls(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await opened(here)
        await here.press("3")
        assert "def circle(" in here.text()
        await here.press(*["down"] * 30)
        assert 'layers.Dense(4, "tanh"),' in here.text()
        await here.press("1")
        assert "data       circle" in here.text()


async def test_columns_of_a_csv_are_learned_and_turned_and_one_column_is_refused(
    bench: Opener, tmp_path: Path
) -> None:
    table(tmp_path)
    (tmp_path / "one.csv").write_text("day\n1\n2\n")
    async with bench() as here:
        page = await opened(here)
        await here.press("o")
        await here.type(str(tmp_path / "own.csv"))
        await here.press("enter")
        assert "kind from a and b" in here.words()
        assert "left" in here.text()
        await here.press("down", "plus")
        assert "kind from c and b" in here.words()
        await here.press("t")
        assert page.state.play.epoch == 10
        await here.press("o")
        await here.type(str(tmp_path / "one.csv"))
        await here.press("enter")
        assert "one.csv has 1 column" in here.words()
        assert page.state.play.own is not None
        await here.press("m")
        assert page.state.play.own is None


async def test_a_step_of_a_lesson_is_done_once_its_goal_is_reached(bench: Opener) -> None:
    text = 'title = "T"\nabout = "A"\nlearn = "L"\n'
    for goal in ("epochs", "good", "keras"):
        text += f'[[steps]]\ntitle = "{goal}"\ndo = "Do {goal}."\nlook = "it."\nscreen = "playground"\ndone = "{goal}"\n'
    lesson = lesson_of(text, "t.toml", "t")
    for at, keys in enumerate((["t"] * 10, ["m", "m", "t"], ["3"])):
        async with bench(NARROW) as here:
            page = await opened(here, PageStep(lesson, at))
            assert f"Step {at + 1} of 3" in here.text()
            assert surface(page)[-1] == "▀" * SIDE
            assert steps_done(lesson, read_progress())[at] is False
            await here.press(*keys)
            assert steps_done(lesson, read_progress())[at] is True


# -------------------------------------------------------------------------------------------- without a screen


@pytest.mark.parametrize("counts", [(2, 4, 2, 1), (7, 8, 8, 8, 8, 8, 8, 1), (1, 1), (1, 8, 6)])
@pytest.mark.parametrize("box", [(42, 70), (40, 30), (20, 16)])
def test_no_unit_is_drawn_outside_its_box_or_over_another(
    counts: tuple[int, ...], box: tuple[int, int]
) -> None:
    layout = Layout(*box, counts)
    for column, count in enumerate(counts):
        assert 0 <= layout.left(column) <= layout.wide - layout.tile
        tops = [layout.top(column, unit) for unit in range(count)]
        assert min(tops) >= 0
        assert max(tops) + layout.tile <= layout.high
        assert all(low + layout.tile <= high for low, high in pairwise(tops))
    lefts = [layout.left(column) for column in range(len(counts))]
    assert all(low + layout.tile <= high for low, high in pairwise(lefts))


@pytest.mark.parametrize(("columns", "has_lines"), [(70, True), (24, False)])
def test_weights_are_drawn_where_there_is_room_between_the_layers(columns: int, has_lines: bool) -> None:
    play = Playground(Settings(layers=(8,) * 6))
    colours = Colours.of({**DARK.variables, "background": str(DARK.background)})
    surfaces = play.surfaces()
    before = [strip.text for strip in network_strips(play, surfaces, 20, columns, colours)]
    drawn = network_strips(play, surfaces, 20, columns, colours)
    for kernel in play.network.kernels:
        kernel *= -1  # all lines change their colour, and no surface is computed anew
    assert (network_strips(play, surfaces, 20, columns, colours) != drawn) == has_lines
    assert [len(line) for line in before] == [columns] * 20


def test_a_pixel_that_has_hardly_changed_keeps_its_shade() -> None:
    play, output = Playground(), np.full((SIDE, SIDE, 1), 0.5)
    middle = output_levels(play, output)
    assert (output_levels(play, output + 0.07, middle) == middle).all()
    assert (output_levels(play, output + 0.07) != middle).all()
    assert (output_levels(play, output + 0.4, middle) > middle).all()
    colours = Colours.of({**DARK.variables, "background": str(DARK.background)})
    strips = surface_strips(play, middle, "no", colours)
    assert [strip.text for strip in strips] == ["▀" * SIDE] * (SIDE // 2)
