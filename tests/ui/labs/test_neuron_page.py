"""The page of the neurons: weights on keys or typed, the curve and the error follow; descent; the same in Keras."""

from pathlib import Path

import numpy as np
import pytest

from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.errors import SpecError
from tuinn.labs.lessons.progress import read_progress, steps_done
from tuinn.labs.lessons.reader import lesson_of
from tuinn.labs.neuron import TARGETS, Weights
from tuinn.ui.labs.neuron import NeuronPage
from tuinn.ui.labs.neuron_state import NeuronState, number, own_target
from tuinn.ui.labs.neuron_text import short_number, words
from tuinn.ui.labs.page import PageStep


async def opened(here: Bench, step: PageStep | None = None) -> NeuronPage:
    page = NeuronPage(step)
    here.app.push_screen(page)
    await here.settle()
    return page


@pytest.mark.parametrize("size", [NARROW, ROOMY])
async def test_two_neurons_by_hand_as_in_the_lesson(bench: Opener, size: tuple[int, int]) -> None:
    async with bench(size) as here:
        await opened(here)
        assert "mean squared error 0.0370" in here.text()
        assert "neuron 2 −2.000" in here.text()
        assert "target e^(−x²)" in here.text()
        await here.press("enter", "backspace", "4", "enter")
        await here.press("down", "pagedown", "pagedown")
        assert "mean squared error 0.0021" in here.text()


async def test_a_key_changes_the_weight_under_the_cursor_and_its_gradient_stands_beside_it(
    bench: Opener,
) -> None:
    async with bench() as here:
        page = await opened(here)
        assert "2.000 −0.035" in here.text()
        await here.press("plus", "right", "minus", "right", "pageup")
        weights = page.state.weights
        assert (weights.w[0], weights.b[0], weights.out[0]) == (2.1, 2.9, 2.0)
        await here.press("down", "down", "plus", "down", "plus")
        assert page.state.weights.bias == -0.9
        assert page.state.fit.rate == 0.2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1e308", "A weight lies between −1,000,000 and 1,000,000, not 1e+308."),
        ("two", "'two' is no number. Type one such as 2 or -0.5."),
        ("", "'' is no number"),
        ("nan", "A weight lies between −1,000,000 and 1,000,000, not nan."),
    ],
)
async def test_what_is_no_weight_is_refused_while_it_is_typed(bench: Opener, typed: str, told: str) -> None:
    async with bench() as here:
        page = await opened(here)
        await here.press("enter", "ctrl+u", *typed, "enter")
        assert told in here.words()
        await here.press("escape")
        assert page.state.weights.w[0] == 2.0


@pytest.mark.parametrize(
    ("typed", "told"), [("0", "With a rate of 0 no step changes anything"), ("1e9", "A rate is a number")]
)
async def test_a_rate_of_0_and_one_of_a_milliard_are_refused(bench: Opener, typed: str, told: str) -> None:
    async with bench() as here:
        page = await opened(here)
        await here.press("down", "down", "down", "enter", "ctrl+u", *typed, "enter")
        assert told in here.words()
        assert page.state.fit.rate == 0.1


async def test_steps_make_the_error_smaller_play_goes_on_and_reset_takes_them_back(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        await here.press("g", "t")
        assert page.state.fit.steps == 11
        assert page.state.error < 0.0370
        await here.press("space")
        page._play()
        assert page.state.fit.steps >= 21
        await here.press("space", "0")
        assert page.state.fit.steps == 0
        assert "mean squared error 0.0370" in here.text()


async def test_a_step_at_a_rate_that_is_too_large_is_said_and_stops_the_play(bench: Opener) -> None:
    async with bench() as here:
        page = await opened(here)
        page.state.fit.rate = 100.0
        await here.press("a", "a", "space")
        for _ in range(20):
            page._play()
        await here.settle()
        assert not page.state.is_playing
        assert "leaves all bounds in step" in here.words()


async def test_the_function_alone_has_a_and_c_and_its_derivative(bench: Opener) -> None:
    async with bench(NARROW) as here:
        page = await opened(here)
        await here.press("2")
        assert "its derivative" in here.text()
        assert "2(x − c) / a" in here.text()
        await here.press("plus", "down", "minus")
        assert (page.state.a, page.state.c) == (1.1, -0.1)
        await here.press("up", "enter", "ctrl+u", "0", "enter")
        assert "a is the width of the step: from 0.1 to 20, not 0." in here.words()
        await here.press("escape", "a")
        assert "tanh" in here.text()


async def test_the_same_network_as_keras_layers_stands_beside_the_one_by_hand(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await opened(here)
        await here.press("3")
        assert 'layers.Dense(2, "sigmoid"),' in here.text()
        assert "h = sigmoid(np.outer(x, w) + b)" in here.text()
        assert "error = np.mean((y - target) ** 2)" in here.text()


async def test_neurons_are_added_and_removed_and_all_fit_the_screen(bench: Opener) -> None:
    async with bench(NARROW) as here:
        page = await opened(here)
        await here.press(*["n"] * 6)
        assert "neuron 8" in here.text()
        assert "rate" in here.text()
        await here.press("n")
        assert "8 neurons are the most" in here.words()
        await here.press(*["d"] * 7)
        assert page.state.weights.count == 1


async def test_two_columns_of_a_csv_are_a_target_and_one_column_is_refused(
    bench: Opener, tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text("day,sold\n" + "".join(f"{at},{at * at}\n" for at in range(20)))
    (tmp_path / "one.csv").write_text("day\n1\n2\n")
    async with bench() as here:
        page = await opened(here)
        await here.press("o")
        await here.type(str(tmp_path / "own.csv"))
        await here.press("enter")
        assert page.state.target.name == "sold by day"
        assert "target sold by day" in here.text()
        await here.press("o")
        await here.type(str(tmp_path / "one.csv"))
        await here.press("enter")
        assert "one.csv has 1 column; 2 columns of numbers are needed." in here.words()
        assert page.state.target.name == "sold by day"


async def test_a_step_of_a_lesson_is_done_once_its_goal_is_reached(bench: Opener) -> None:
    text = 'title = "T"\nabout = "A"\nlearn = "L"\n'
    for goal in ("changed", "close", "fitted", "keras", "function"):
        text += f'[[steps]]\ntitle = "{goal}"\ndo = "Do {goal}."\nlook = "it."\nscreen = "neuron"\ndone = "{goal}"\n'
    lesson = lesson_of(text, "t.toml", "t")
    for at, keys in enumerate((["plus"], ["w"], ["t"] * 10, ["3"], ["2", "plus"])):
        async with bench() as here:
            await opened(here, PageStep(lesson, at))
            assert f"Step {at + 1} of 5" in here.text()
            assert steps_done(lesson, read_progress())[at] is False
            await here.press(*keys)
            assert steps_done(lesson, read_progress())[at] is True
            await here.press("escape")


# ---------------------------------------------------------------------------------------- without a screen


def test_a_column_of_a_csv_is_chosen_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("a,b,c\n1,2,3\n3,1,5\n2,9,4\n")
    found = own_target(f"{tmp_path}/own.csv c b")
    assert found.name == "b by c"
    assert found.x.tolist() == [-5, 0, 5]
    assert found.y.tolist() == [0.125, 1, 0]


def test_numbers_may_be_typed_with_a_comma_or_a_true_minus() -> None:
    assert number(" −0,5 ") == -0.5
    with pytest.raises(SpecError):
        number("__import__('os')")


@pytest.mark.parametrize("value", [0.0, -0.0349, 2.0, -123.456, 1e5, -1e6, 1e-9, 99999.5])
def test_a_number_never_takes_more_cells_than_it_has(value: float) -> None:
    assert len(short_number(value)) == 7


def test_each_target_and_each_function_comes_round_again() -> None:
    state = NeuronState()
    for _ in TARGETS:
        state.turn_target()
    assert state.target.name == next(iter(TARGETS))
    state.turn_activation(-1)
    assert state.activation.name == "linear"
    assert "straight line" in words(state)


def test_where_no_weight_has_a_gradient_it_is_said() -> None:
    state, zeros = NeuronState(), np.zeros(2)
    state.weights = Weights(zeros, zeros, zeros, float(np.mean(state.target.y)))
    assert words(state).startswith("All gradients are almost 0")
