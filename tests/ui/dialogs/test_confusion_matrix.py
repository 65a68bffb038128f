"""The confusion matrix: counts, cursor, worst pairs, and which samples are asked for."""

import pytest

from tests.ui.conftest import NARROW, Bench, Opener
from tuinn.ui.dialogs.confusion_matrix import Cell, ConfusionMatrix, worst_pairs

COUNTS = ((80, 15, 5), (0, 100, 0), (1, 2, 97))
NAMES = ("Shirt", "T-shirt/top", "Bag")


def open_matrix(here: Bench, counts: object = COUNTS, names: object = NAMES) -> list[Cell | None]:
    """The list gets the answer."""
    answers: list[Cell | None] = []
    here.app.push_screen(ConfusionMatrix(counts, names), answers.append)  # type: ignore[arg-type]
    return answers


def test_the_worst_pairs_come_first() -> None:
    assert worst_pairs(COUNTS) == [(0, 1), (0, 2), (2, 1), (2, 0)]
    assert worst_pairs([[3, 0], [0, 4]]) == []


async def test_the_cursor_begins_at_the_worst_pair_and_enter_asks_for_its_samples(bench: Opener) -> None:
    async with bench(NARROW) as here:
        answers = open_matrix(here)
        await here.settle()
        assert "Confusion matrix · 277 of 300 right" in here.text()
        assert "15 samples of Shirt predicted as T-shirt/top, 15.0 % of them." in here.words()
        await here.press("down", "down", "left", "left")
        assert "1 sample of Bag predicted as Shirt, 1.0 % of them." in here.words()
        await here.press("enter")
        assert answers == [(2, 0)]


async def test_a_cell_without_samples_leads_nowhere(bench: Opener) -> None:
    async with bench(NARROW) as here:
        answers = open_matrix(here)
        await here.press("down", "left", "enter")
        assert "0 samples of T-shirt/top predicted as Shirt" in here.words()
        assert answers == []
        await here.press("escape")
        assert answers == [None]


async def test_the_worst_pairs_are_a_list_that_keeps_the_cell(bench: Opener) -> None:
    async with bench(NARROW) as here:
        answers = open_matrix(here)
        await here.press("right", "greater_than_sign")
        assert "15  Shirt → T-shirt/top" in here.text()
        assert "5 samples of Shirt predicted as Bag" in here.words()
        await here.press("down", "greater_than_sign")
        assert "2 samples of Bag predicted as T-shirt/top" in here.words()
        await here.press("percent_sign")
        assert "97" in here.text()
        await here.press("enter")
        assert answers == [(2, 1)]


async def test_many_classes_scroll_sideways_with_the_cursor(bench: Opener) -> None:
    width = 60
    counts = [[1234 if row == column else 0 for column in range(width)] for row in range(width)]
    counts[0][59] = 7
    async with bench(NARROW) as here:
        open_matrix(here, counts, [f"c{at}" for at in range(width)])
        await here.settle()
        assert "7 samples of c0 predicted as c59" in here.words()
        head = next(line for line in here.text().splitlines() if "true ↓" in line)
        assert "c59" in head
        assert "c10" not in head
        await here.press(*["left"] * 59)
        head = next(line for line in here.text().splitlines() if "true ↓" in line)
        assert "c0" in head


@pytest.mark.parametrize("counts", [((5, 0), (0, 5)), ((0, 0), (0, 0))])
async def test_without_a_mistake_it_says_so(bench: Opener, counts: object) -> None:
    async with bench(NARROW) as here:
        open_matrix(here, counts, ("a", "b"))
        await here.press("greater_than_sign")
        assert "No sample is predicted wrongly." in here.words()
