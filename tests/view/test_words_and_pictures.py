"""Numbers as people read them, bars that are exact, pictures that keep their shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinn.data.dataset_arrays import has_dark_ground
from tuinn.text import (
    format_bytes,
    format_duration,
    format_metric,
    format_metrics,
    format_short_count,
    printable,
)
from tuinn.view.ascii_image import RAMP, ascii_rows, cells_of, half_blocks, unit
from tuinn.view.bars import bar


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.08, "80 ms"),
        (1.84, "1.8 s"),
        (59.4, "59 s"),
        (59.6, "1 m 00 s"),
        (185, "3 m 05 s"),
        (7800, "2 h 10 m"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_duration_is_told_in_the_units_that_matter(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words


def test_numbers_are_short() -> None:
    assert format_bytes(525_840) == "525.8 kB"
    assert format_short_count(41_900) == "41.9 k"
    assert format_metric(None) == "not finite"
    assert format_metric(0.5) == "0.5000"
    assert format_metric(1e-7) == "1.00e-07"


def test_the_loss_comes_first_and_what_was_validated_last() -> None:
    line = format_metrics({"accuracy": 0.5, "loss": 1.0, "val_accuracy": 0.4, "val_loss": 2.0})
    assert line == "loss 1.0000  accuracy 0.5000  val_loss 2.0000  val_accuracy 0.4000"


@given(text=st.text())
def test_foreign_text_never_reaches_the_terminal_as_orders(text: str) -> None:
    assert printable(f"\x1b[31m{text}\x1b]0;title\x07").isprintable()


@given(share=st.floats(-1, 2, allow_nan=False), width=st.integers(1, 80))
def test_a_bar_always_fills_its_width(share: float, width: int) -> None:
    assert len(bar(share, width)) == width
    assert len(bar(share, width, ascii_only=True)) == width


def test_a_bar_is_exact_to_an_eighth() -> None:
    assert bar(0.5, 4) == "██  "
    assert bar(9 / 32, 4) == "█▏  "


def test_a_picture_is_drawn_whole_in_half_blocks() -> None:
    picture = np.eye(28, dtype=np.float32)
    cells = half_blocks(picture, 14, 60)
    assert cells.shape == (14, 28, 2, 3)
    assert np.array_equal(
        cells[:, :, :, 0].transpose(0, 2, 1).reshape(28, 28), (picture * 255).astype(np.uint8)
    )


def test_characters_run_from_dark_to_light() -> None:
    rows = ascii_rows(np.array([[0.0, 1.0], [0.0, 1.0]], np.float32), 2, 4)
    assert rows == [f"{RAMP[0] * 2}{RAMP[-1] * 2}"] * 2


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    rows=st.integers(1, 30),
    columns=st.integers(1, 80),
    colour=st.booleans(),
)
def test_a_picture_always_fits_its_box(
    height: int, width: int, rows: int, columns: int, colour: bool
) -> None:
    picture = np.full((height, width, 3) if colour else (height, width), 0.5, np.float32)
    cells = half_blocks(picture, rows, columns)
    assert cells.shape[0] <= rows
    assert cells.shape[1] <= columns
    lines = ascii_rows(picture, rows, columns)
    assert len(lines) <= rows
    assert max(len(line) for line in lines) <= columns


def test_pixels_become_shares_of_their_range() -> None:
    pixels = np.array([[0, 8], [16, 32]], np.uint8)
    assert unit(pixels, 0, 16).tolist() == [[0.0, 0.5], [1.0, 1.0]]


def cross(ground: float, *sizes: int) -> np.ndarray:
    """A cross on a ground."""
    drawn = np.full(sizes, ground, np.float32)
    drawn[3], drawn[:, 3] = 1 - ground, 1 - ground
    return drawn


def test_drawings_on_a_dark_ground_are_told_from_others_by_their_corners() -> None:
    dark, light, photo = cross(0.0, 8, 8), cross(1.0, 8, 8), cross(0.0, 8, 8, 3)
    touching = cross(0.0, 8, 8)
    touching[0, 0] = 1.0
    assert has_dark_ground([dark])
    assert has_dark_ground([touching])
    assert has_dark_ground([dark, dark, light])
    assert has_dark_ground([(255 * dark[..., None]).astype(np.uint8)], 0, 255)
    for others in ([light], [photo], [dark, light], []):
        assert not has_dark_ground(others)


@pytest.mark.parametrize("size", [(28, 28), (8, 8), (32, 20), (100, 300), (3, 1)])
@pytest.mark.parametrize("box", [(14, 60), (5, 9), (40, 200)])
def test_a_picture_takes_the_cells_that_it_is_said_to_take(
    size: tuple[int, int], box: tuple[int, int]
) -> None:
    drawn = np.zeros(size, np.float32)
    lines, cells = ascii_rows(drawn, *box), half_blocks(drawn, *box)
    assert cells_of(*size, *box, plain=True) == (len(lines), len(lines[0]))
    assert cells_of(*size, *box, plain=False) == cells.shape[:2]
