"""The short way through a JPEG gives what the long one does, or steps aside."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tuinn.data.images.decode import decode_jpeg
from tuinn.data.images.resize import read_resized
from tuinn.errors import SpecError


def noise(height: int, width: int, mode: str) -> Image.Image:
    shape = (height, width) if mode == "L" else (height, width, len(mode))
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, shape, np.uint8), mode)


@given(
    height=st.integers(2, 70),
    width=st.integers(2, 70),
    mode=st.sampled_from(["L", "RGB"]),
    quality=st.integers(10, 100),
    sampling=st.sampled_from([0, 1, 2]),
    progressive=st.booleans(),
)
def test_the_pixels_are_those_of_pillow(
    tmp_path_factory: pytest.TempPathFactory,
    height: int,
    width: int,
    mode: str,
    quality: int,
    sampling: int,
    progressive: bool,
) -> None:
    file = tmp_path_factory.getbasetemp() / "plain.jpg"
    noise(height, width, mode).save(file, quality=quality, subsampling=sampling, progressive=progressive)
    found = decode_jpeg(file, mode, 128)
    assert found is not None
    with Image.open(file) as image:
        assert np.array_equal(found, np.asarray(image))


def test_a_picture_that_lies_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    image = noise(20, 40, "RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert decode_jpeg(tmp_path / "a.jpg", "RGB", 128) is None
    pixels, steps = read_resized(tmp_path / "a.jpg", (40, 20, 3), "pad")
    assert pixels.shape == (40, 20, 3)
    assert "turned upright" in steps


@pytest.mark.parametrize(("mode", "wanted"), [("L", "RGB"), ("RGB", "L"), ("CMYK", "RGB")])
def test_other_colours_take_the_long_way(tmp_path: Path, mode: str, wanted: str) -> None:
    noise(8, 8, mode).save(tmp_path / "a.jpg")
    assert decode_jpeg(tmp_path / "a.jpg", wanted, 128) is None
    assert read_resized(tmp_path / "a.jpg", (8, 8) if wanted == "L" else (8, 8, 3), "pad")[0].shape[:2] == (
        8,
        8,
    )


def test_a_large_picture_is_brought_down_on_the_long_way(tmp_path: Path) -> None:
    noise(300, 300, "RGB").save(tmp_path / "a.jpg")
    assert decode_jpeg(tmp_path / "a.jpg", "RGB", 300) is None
    assert decode_jpeg(tmp_path / "a.jpg", "RGB", 301) is not None


@pytest.mark.parametrize("cut", [2, 100, 700])
def test_a_picture_cut_short_is_refused_as_before(tmp_path: Path, cut: int) -> None:
    whole = io.BytesIO()
    noise(30, 30, "RGB").save(whole, "JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole.getvalue()[:cut])
    with pytest.raises(SpecError, match=r"cut\.jpg"):
        read_resized(tmp_path / "cut.jpg", (30, 30, 3), "pad")


def test_a_png_called_jpg_is_read_all_the_same(tmp_path: Path) -> None:
    noise(8, 8, "RGB").save(tmp_path / "a.jpg", "PNG")
    assert read_resized(tmp_path / "a.jpg", (8, 8, 3), "pad")[0].shape == (8, 8, 3)
