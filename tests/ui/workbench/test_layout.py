"""How the terminal is shared between the panes, without an app."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, integers, tuples

from tuinn.ui.workbench.layout import (
    AROUND,
    CHARTS,
    DATASET,
    DATASET_ROWS,
    LAYERS,
    LEAST,
    PREDICT,
    ROOMY,
    SMALLEST,
    SUMMARY,
    lay_out,
)


@pytest.mark.parametrize(
    ("size", "narrow", "wide", "too_small"),
    [
        ((60, 16), True, False, False),
        ((59, 16), True, False, True),
        ((80, 24), True, False, False),
        ((110, 34), False, False, False),
        ((110, 33), True, False, False),
        ((159, 40), False, False, False),
        ((160, 40), False, True, False),
    ],
)
def test_more_is_shown_in_a_larger_terminal(
    size: tuple[int, int], narrow: bool, wide: bool, too_small: bool
) -> None:
    layout = lay_out(size, DATASET, layers=6, has_run=False, enlarged=False)
    assert (layout.narrow, layout.wide, layout.too_small) == (narrow, wide, too_small)


def test_a_run_that_is_watched_gets_the_room_and_one_that_is_not_gives_it_back() -> None:
    assert not lay_out((120, 40), CHARTS, 6, has_run=False, enlarged=False).watching
    assert lay_out((120, 40), CHARTS, 6, has_run=True, enlarged=False).watching
    assert lay_out((120, 40), PREDICT, 6, has_run=True, enlarged=False).watching
    assert not lay_out((120, 40), LAYERS, 6, has_run=True, enlarged=False).watching


def test_an_enlarged_pane_stands_alone_however_much_room_there_is() -> None:
    assert lay_out((200, 60), CHARTS, 6, has_run=True, enlarged=True).narrow


def test_no_list_is_cut_while_rows_are_free() -> None:
    layout = lay_out((120, 60), LAYERS, layers=20, has_run=False, enlarged=False)
    assert layout.layer_rows == 24  # all 20 and the border, in steps of four
    assert (
        60 - AROUND - layout.dataset_rows - layout.layer_rows == 28
    )  # the summary: what is around them, too


def test_most_layers_that_are_added_move_no_other_pane() -> None:
    layouts = [lay_out((120, 60), LAYERS, layers, has_run=False, enlarged=False) for layers in range(3, 23)]
    moves = sum(one != next_one for one, next_one in pairwise(layouts))
    assert moves <= len(layouts) / 3


def test_a_long_stack_takes_what_the_others_can_spare_and_no_more() -> None:
    layout = lay_out((120, 40), LAYERS, layers=100, has_run=False, enlarged=False)
    assert layout.dataset_rows == LEAST[DATASET]
    assert layout.layer_rows == 40 - AROUND - LEAST[DATASET] - LEAST[SUMMARY]


@given(
    size=tuples(integers(1, 400), integers(1, 200)),
    focused=integers(DATASET, PREDICT),
    layers=integers(0, 300),
    has_run=booleans(),
    enlarged=booleans(),
)
def test_the_rows_always_add_up(
    size: tuple[int, int], focused: int, layers: int, has_run: bool, enlarged: bool
) -> None:
    layout = lay_out(size, focused, layers, has_run, enlarged)
    summary = size[1] - AROUND - layout.dataset_rows - layout.layer_rows
    assert layout.dataset_rows >= LEAST[DATASET]
    assert layout.layer_rows >= LEAST[LAYERS]
    if size >= SMALLEST and size[1] >= ROOMY[1]:
        assert summary >= LEAST[SUMMARY]
    if focused == DATASET and size[1] >= DATASET_ROWS + LEAST[LAYERS] + LEAST[SUMMARY] + AROUND:
        assert layout.dataset_rows >= DATASET_ROWS
