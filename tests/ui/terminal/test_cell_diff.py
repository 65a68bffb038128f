"""Frames: what is sent makes the terminal show the new one, and is no more than what changed."""

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.ui.terminal.cell_diff import UNKNOWN, CellDiff, cells, differences

STYLES = [None, Style(color="red"), Style(bgcolor="blue"), Style(color="red", underline=True)]
LETTERS = st.sampled_from("ab  │é中🙂")
WIDTH = 12


@st.composite
def rows(draw: st.DrawFn) -> Strip:
    """A row of the screen, exactly as wide as it."""
    parts = draw(st.lists(st.tuples(st.text(LETTERS, max_size=6), st.sampled_from(STYLES)), max_size=5))
    return Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(WIDTH)


@given(rows(), rows())
def test_what_is_sent_over_the_old_row_makes_the_new_one(before: Strip, now: Strip) -> None:
    shown = cells(before)
    for left, right in differences(cells(before), cells(now)):
        shown[left:right] = cells(now.crop(left, right))
    assert shown == cells(now)


@given(rows())
def test_a_row_that_looks_the_same_is_not_sent(row: Strip) -> None:
    other = row.apply_style(Style(meta={"@click": "app.bell"}))
    assert list(differences(cells(row), cells(other))) == []
    assert list(differences([UNKNOWN] * WIDTH, cells(row))) == [(0, WIDTH)]


def test_far_changes_are_sent_apart_and_near_ones_together() -> None:
    before = cells(Strip([Segment("a" * 40)]))
    near = cells(Strip([Segment("b" + "a" * 4 + "b" + "a" * 34)]))
    far = cells(Strip([Segment("b" + "a" * 38 + "b")]))
    assert list(differences(before, near)) == [(0, 6)]
    assert list(differences(before, far)) == [(0, 1), (39, 40)]


def test_a_screen_that_is_forgotten_goes_whole() -> None:
    app = CellDiff()
    patch = (0, 0, Strip([Segment("tuinn")]))
    assert len(list(app._changed([patch]))) == 1
    assert list(app._changed([patch])) == []
    app.forget_screen()
    assert len(list(app._changed([patch]))) == 1
