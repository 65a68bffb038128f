"""Slices as typed, histograms, and how pictures go onto a sheet."""

from types import EllipsisType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinn.errors import SpecError
from tuinn.view.ascii_image import GAP, filled_sheet, half_blocks, sheet_for, sheet_of_size
from tuinn.view.bars import columns
from tuinn.view.tensor import cut, index_words, parse_index

Index = int | slice | EllipsisType | None | tuple[int | slice | EllipsisType | None, ...]

PICTURE = np.arange(28 * 28).reshape(28, 28)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("[7:-7, 7:-7]", np.s_[7:-7, 7:-7]),
        ("7:-7,7:-7", np.s_[7:-7, 7:-7]),
        ("x[..., 0]", np.s_[..., 0]),
        ("x [ ::2 , ::-2 ]", np.s_[::2, ::-2]),
        ("[3]", np.s_[3]),
        ("[3,]", np.s_[3]),
        ("", np.s_[:]),
        ("[]", np.s_[:]),
        ("[None, :, 4:5]", np.s_[None, :, 4:5]),
        ("[:, newaxis]", np.s_[:, None]),
    ],
)
def test_a_slice_is_read_as_numpy_reads_it(typed: str, meant: Index) -> None:
    assert np.array_equal(cut(PICTURE, parse_index(typed)), PICTURE[meant])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("[a]", "a is no part of an index"),
        ("[1.5]", "no part of an index"),
        ("[__import__('os')]", "no part of an index"),
        ("[1,,2]", "nothing between two commas"),
        ("[::0]", "goes nowhere"),
        ("[1:2:3:4]", "too many colons"),
        ("[..., ...]", "only once"),
        ("[9999999999999999999]", "no part of an index"),
        ("[\x1b[31m]", "no part of an index"),
        ("[٣]", "no part of an index"),
    ],
)
def test_what_is_no_slice_is_refused_in_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        parse_index(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("[1, 2, 3]", "too many"), ("[28]", "outside"), ("[20:10]", "Nothing is left"), ("[-29]", "outside")],
)
def test_a_slice_that_the_tensor_has_not_is_refused_in_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        cut(PICTURE, parse_index(typed))


ENDS = st.none() | st.integers(-40, 40)
PARTS = (
    st.integers(-40, 40)
    | st.builds(slice, ENDS, ENDS, st.none() | st.integers(-3, 3).filter(bool))
    | st.just(Ellipsis)
    | st.none()
)


@given(st.lists(PARTS, max_size=4).filter(lambda parts: parts.count(Ellipsis) < 2))
def test_an_index_written_out_and_read_again_is_the_same(
    parts: list[int | slice | EllipsisType | None],
) -> None:
    assert parse_index(index_words(tuple(parts))) == tuple(parts)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_cut_or_refused(text: str) -> None:
    try:
        found = cut(PICTURE, parse_index(text)).size
    except SpecError as problem:
        found = str(problem).isprintable()
    assert found


def test_a_histogram_is_as_high_as_its_box_and_shows_every_bin_that_is_not_empty() -> None:
    rows = columns([0, 1, 1000, 500], height=2, width=4)
    assert rows == ["  █ ", " ▁██"]
    assert columns([0, 1, 1000, 500], 2, 4, ascii_only=True) == ["  @ ", " .@@"]


def test_a_histogram_of_nothing_is_blank() -> None:
    assert columns([], 2, 3) == columns([0, 0], 2, 3) == ["   ", "   "]


@given(st.integers(1, 30), st.integers(1, 300), st.integers(1, 300), st.integers(1, 60), st.integers(1, 200))
def test_a_sheet_never_grows_past_its_box(
    count: int, height: int, width: int, rows: int, columns: int
) -> None:
    sheet = sheet_for(count, height, width, rows, columns)
    assert sheet.places >= count
    if sheet.rows and sheet.columns:
        assert sheet.down * (sheet.rows + 1) <= rows
        assert sheet.across * (sheet.columns + GAP) - GAP <= columns


def test_a_photo_stays_large_where_only_a_few_have_room() -> None:
    assert sheet_of_size(2, 22, 32, 32, rows=14, columns=56).rows == 13
    assert sheet_of_size(2, 22, 32, 32, rows=9, columns=56).places == 2
    assert sheet_of_size(10, 22, 32, 32, rows=9, columns=56).rows == 8
    assert sheet_of_size(0, 22, 32, 32, rows=9, columns=56).places == 1


def test_a_picture_made_smaller_by_an_odd_factor_keeps_its_mean() -> None:
    picture = np.random.default_rng(1).random((32, 32, 3), np.float32)
    assert half_blocks(picture, 13, 26).mean() / 255 == pytest.approx(picture.mean(), abs=0.01)


@given(
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
    st.tuples(st.integers(5, 60), st.integers(12, 200)),
    st.integers(1, 30),
    st.booleans(),
)
def test_a_page_of_pictures_fills_its_box_and_never_grows_past_it(
    picture: tuple[int, int], box: tuple[int, int], high: int, plain: bool
) -> None:
    sheet = filled_sheet(picture, box, high, caption=3, narrowest=11, plain=plain)
    assert sheet.rows <= min(high, box[0] - 3)
    assert sheet.down * (sheet.rows + 3) <= box[0] < (sheet.down + 1) * (sheet.rows + 3)
    pitch = max(sheet.columns, 11) + GAP
    assert sheet.across * pitch - GAP <= box[1] < (sheet.across + 1) * pitch - GAP
