"""Files nobody has checked: what can be read is read right, what can't is refused with a sentence naming the file."""

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import DataObject, binary, data, integers, sampled_from
from PIL import Image

from tuinn.data.images import decode
from tuinn.data.images.decode import open_image
from tuinn.errors import SpecError


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def written(folder: Path, content: bytes, name: str = "picture.png") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def png_header(width: int, height: int) -> bytes:
    """A PNG of this size that ends before its pixels do."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = b"IDAT" + zlib.compress(bytes(100))
    chunks = [
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in (head, body)
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def outcome(path: Path) -> tuple[int, int] | str:
    """The size of the picture, or the first word of the refusal, which is the file's name."""
    try:
        return open_image(path)[0].size
    except SpecError as problem:
        return f"{str(problem).split()[0]} is refused"


NOISE = Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 30, 3), dtype=np.uint8))
WHOLE = {kind: encoded(NOISE, kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "picture.png is empty (0 bytes); choose a picture file.", id="zero bytes"),
        pytest.param(b"just words\n", "picture.png is not a picture that can be read; ", id="text"),
        pytest.param(
            WHOLE["PNG"][:500], "picture.png is damaged or cut off; save or copy it again.", id="cut off"
        ),
        pytest.param(
            encoded(Image.new("L", (1, 1)), "PNG"),
            "picture.png is 1 × 1 pixels; a picture needs at least 2 × 2.",
            id="1×1",
        ),
        pytest.param(
            png_header(20_000, 20_000),
            "picture.png has more than 100 million pixels; ",
            id="400 megapixels",
        ),
        pytest.param(
            png_header(10_001, 10_000),
            "picture.png has more than 100 million pixels (10,001 × 10,000); scale it down first.",
            id="just over 100 megapixels",
        ),
        pytest.param(
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "picture.png is not a", id="PostScript"
        ),
    ],
)
def test_a_bad_picture_is_refused_with_one_sentence_that_names_it(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    with pytest.raises(SpecError) as caught:
        open_image(written(tmp_path, content))
    assert str(caught.value).startswith(sentence)


def test_a_huge_picture_is_refused_before_its_pixels_are_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "to_eight_bits", lambda image: pytest.fail("decoded"))
    for width, height in ((20_000, 20_000), (10_001, 10_000)):
        path = written(tmp_path, png_header(width, height), "huge.png")
        with pytest.raises(SpecError, match=r"huge\.png has more than"):
            open_image(path)


def test_what_is_not_a_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    for path, sentence in (
        (tmp_path / "pipe.png", r"pipe\.png is not a file but a pipe"),
        (tmp_path, "is a folder; choose one picture in it"),
        (tmp_path / "missing.png", r"There is no file missing\.png"),
        (tmp_path / "loop.png", r"loop\.png can't be opened"),
        (tmp_path / "nul\0.png", "can't be the name of a file"),
        (tmp_path / ("long" * 100), "can't be opened: File name too long"),
    ):
        with pytest.raises(SpecError, match=sentence) as caught:
            open_image(path)
        assert str(caught.value).isprintable()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE["PNG"])
    path.chmod(0)
    with pytest.raises(SpecError, match="can't be opened: Permission denied"):
        open_image(path)


@given(kind=sampled_from(sorted(WHOLE)), keep=integers(0, 2_000))
@settings(deadline=None)
def test_a_picture_cut_off_anywhere_is_refused_or_still_a_picture(
    tmp_path_factory: pytest.TempPathFactory, kind: str, keep: int
) -> None:
    path = written(tmp_path_factory.getbasetemp(), WHOLE[kind][:keep], "cut")
    assert outcome(path) in ((30, 40), "cut is refused")


@given(kind=sampled_from(sorted(WHOLE)), drawn=data())
@settings(deadline=None)
def test_a_picture_with_bytes_overwritten_is_refused_or_still_a_picture(
    tmp_path_factory: pytest.TempPathFactory, kind: str, drawn: DataObject
) -> None:
    at, noise = drawn.draw(integers(0, 300)), drawn.draw(binary(min_size=1, max_size=8))
    content = WHOLE[kind][:at] + noise + WHOLE[kind][at + len(noise) :]
    path = written(tmp_path_factory.getbasetemp(), content, "hurt")
    size = outcome(path)
    assert size == "hurt is refused" if isinstance(size, str) else min(size) >= 1


@pytest.mark.parametrize(("ink", "ground"), [("black", 255), ("white", 0)])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_see_through_contrasts_with_what_is_not(
    tmp_path: Path, ink: str, ground: int, kind: str
) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste(ink, (10, 10, 30, 30))
    picture, steps = open_image(written(tmp_path, encoded(image, kind, lossless=True)))
    assert picture.getpixel((0, 0)) == (ground,) * 3
    assert picture.getpixel((20, 20)) == (255 - ground,) * 3
    assert steps[-1] == f"see-through parts made {'white' if ground else 'black'}"


def test_a_palette_with_a_see_through_colour_is_laid_on_a_ground(tmp_path: Path) -> None:
    image = Image.new("P", (40, 40), 0)
    image.putpalette([255, 0, 255, 10, 20, 30])
    image.paste(1, (10, 10, 30, 30))
    picture, _ = open_image(written(tmp_path, encoded(image, "PNG", transparency=0)))
    assert (picture.getpixel((0, 0)), picture.getpixel((20, 20))) == ((255,) * 3, (10, 20, 30))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_become_eight_by_their_whole_range(tmp_path: Path, kind: str) -> None:
    deep = np.array([[0, 257, 25_700], [32_896, 65_278, 65_535]], dtype=np.uint16)
    picture, steps = open_image(written(tmp_path, encoded(Image.fromarray(deep), kind)))
    np.testing.assert_array_equal(np.asarray(picture), [[0, 1, 100], [128, 254, 255]])
    assert steps == ("3×2 I;16",)


def test_numbers_that_are_not_finite_become_black(tmp_path: Path) -> None:
    values = np.array([[0, 0.5, 1], [np.nan, np.inf, -np.inf]], dtype=np.float32)
    picture, _ = open_image(written(tmp_path, encoded(Image.fromarray(values), "TIFF")))
    np.testing.assert_array_equal(np.asarray(picture), [[0, 128, 255], [0, 0, 0]])


@pytest.mark.parametrize(("kind", "options"), [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})])
def test_of_an_animation_only_the_first_frame_is_read(
    tmp_path: Path, kind: str, options: dict[str, bool]
) -> None:
    red, blue = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    animated = encoded(red, kind, save_all=True, append_images=[blue], **options)
    picture, steps = open_image(written(tmp_path, animated))
    assert picture.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
    assert "first frame only" in steps


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_taken_with_the_camera_turned_is_brought_upright(
    tmp_path: Path, kind: str, orientation: int
) -> None:
    turn = Image.Transpose
    flips = (None, turn.FLIP_LEFT_RIGHT, turn.ROTATE_180, turn.FLIP_TOP_BOTTOM)
    undo = (*flips, turn.TRANSPOSE, turn.ROTATE_90, turn.TRANSVERSE, turn.ROTATE_270)[orientation - 1]
    scene = Image.new("L", (64, 32), 0)
    scene.paste(255, (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encoded(scene if undo is None else scene.transpose(undo), kind, exif=exif)
    picture, _ = open_image(written(tmp_path, stored))
    assert picture.size == (64, 32)
    assert np.abs(np.asarray(picture).astype(int) - np.asarray(scene)).max() < 10


def test_a_large_photo_is_brought_down_at_once(tmp_path: Path) -> None:
    picture, steps = open_image(written(tmp_path, encoded(Image.new("RGB", (5_000, 3_000), "red"), "PNG")))
    assert max(picture.size) < 2 * decode.LONGEST
    assert steps == ("5000×3000 RGB",)


def test_a_name_with_control_characters_reaches_the_screen_harmless(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        open_image(written(tmp_path, b"", "\x1b[31mred\n.png"))
    assert str(caught.value).isprintable()
