"""Any picture becomes what the network was trained on: a light object on black, in its proportions, in range."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers, sampled_from
from msgspec.structs import replace as with_facts
from PIL import Image

from tuinn.data import loader
from tuinn.data.catalog.catalog import find
from tuinn.data.images.preprocess import SWITCHES, StageName, preprocess_image
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec

Ink = str | int | tuple[int, ...]

FASHION = find("fashion_mnist_mini")
DIGITS = find("digits")
COLOUR = replace(FASHION, background="any", facts=with_facts(FASHION.facts, shape=(32, 32, 3)))


def drawing(
    mode: str = "RGB",
    ground: Ink = "white",
    ink: Ink = "black",
    size: tuple[int, int] = (400, 300),
    box: tuple[int, int, int, int] = (150, 50, 250, 250),
) -> Image.Image:
    """A filled box, 100 wide and 200 high unless told, on a plain ground."""
    image = Image.new(mode, size, ground)
    image.paste(ink, box)
    return image


def saved(folder: Path, image: Image.Image, name: str = "picture.png", **options: Any) -> Path:
    image.save(folder / name, **options)
    return folder / name


def upright_box() -> npt.NDArray[np.uint8]:
    """What the drawing is to become: full brightness, full height, half as wide, in the middle."""
    pixels = np.zeros((28, 28), dtype=np.uint8)
    pixels[:, 7:21] = 255
    return pixels


def correlation(first: npt.NDArray[np.uint8], second: npt.NDArray[np.generic]) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel().astype(np.float64))[0, 1])


@pytest.mark.parametrize("entry", [FASHION, DIGITS], ids=["fashion", "digits"])
def test_a_test_image_printed_large_and_black_on_white_is_read_back_as_it_was(
    tmp_path: Path, entry: DatasetInfo
) -> None:
    found = []
    for pixels in loader.load(DatasetSpec(entry.name)).x_test[:60]:
        printed = Image.fromarray(np.uint8(255 - pixels * (255 / entry.facts.high)))
        large = printed.resize((420, 420), Image.Resampling.NEAREST).convert("RGB")
        page = Image.new("RGB", (700, 900), "white")
        page.paste(large, (40, 330))
        found.append(
            correlation(pixels, preprocess_image(saved(tmp_path, page, compress_level=1), entry).pixels)
        )
    assert np.median(found) > 0.98


def test_the_steps_say_what_was_done_in_order(tmp_path: Path) -> None:
    prepared = preprocess_image(
        saved(tmp_path, drawing(ground=(250, 250, 250), ink=(100, 100, 100))), FASHION
    )
    assert prepared.steps == (
        "400×300 RGB",
        "made grey",
        "inverted: the object was darker than the ground",
        "cropped to the object",
        "fitted into 28×28",
        "stretched to full brightness",
    )
    np.testing.assert_array_equal(prepared.pixels, upright_box())


def test_a_light_object_on_dark_ground_is_not_inverted(tmp_path: Path) -> None:
    prepared = preprocess_image(saved(tmp_path, drawing(ground="black", ink="white")), FASHION)
    assert not any("inverted" in step for step in prepared.steps)
    np.testing.assert_array_equal(prepared.pixels, upright_box())


@given(ground=integers(0, 255), ink=integers(0, 255))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_two_greys_the_object_ends_light_on_black(tmp_path: Path, ground: int, ink: int) -> None:
    image = drawing("L", ground, ink, size=(100, 75), box=(40, 10, 60, 50))
    pixels = preprocess_image(saved(tmp_path, image, "grey.bmp"), FASHION).pixels
    expected = upright_box() if abs(ground - ink) > 12 else np.zeros((28, 28))
    np.testing.assert_array_equal(pixels, expected)


@given(
    width=integers(2, 60),
    height=integers(2, 60),
    mode=sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"]),
    entry=sampled_from([FASHION, DIGITS, COLOUR]),
    seed=integers(0, 99),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_mode_and_size_gives_the_shape_type_and_range_of_the_dataset(
    tmp_path: Path, width: int, height: int, mode: str, entry: DatasetInfo, seed: int
) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    image = Image.fromarray(noise[..., 0].astype(np.uint16) * 257 if mode == "I;16" else noise)
    image = (
        image if mode == "I;16" else image.convert("L").convert(mode) if mode in "IF" else image.convert(mode)
    )
    pixels = preprocess_image(saved(tmp_path, image, "noise.tif"), entry).pixels
    assert (pixels.shape, pixels.dtype) == (entry.facts.shape, np.dtype(entry.facts.dtype))
    assert entry.facts.low <= pixels.min() <= pixels.max() <= entry.facts.high


def test_a_flat_picture_becomes_black_and_says_so(tmp_path: Path) -> None:
    prepared = preprocess_image(saved(tmp_path, Image.new("RGB", (50, 40), "white")), FASHION)
    assert not prepared.pixels.any()
    assert "nothing stands out from the ground" in prepared.steps


def test_a_colour_network_gets_the_picture_as_it_is_with_its_own_ground_around_it(tmp_path: Path) -> None:
    pixels = preprocess_image(saved(tmp_path, drawing(ground="navy", ink="orange")), COLOUR).pixels
    assert pixels.shape == (32, 32, 3)
    assert tuple(pixels[0, 0]) == (0, 0, 128)
    assert tuple(pixels[16, 16]) == (255, 165, 0)


def test_a_network_with_values_from_zero_to_one_gets_those(tmp_path: Path) -> None:
    unit = replace(FASHION, facts=with_facts(FASHION.facts, shape=(28, 28, 1), dtype="float32", high=1.0))
    pixels = preprocess_image(saved(tmp_path, drawing()), unit).pixels
    assert (pixels.shape, pixels.dtype) == ((28, 28, 1), np.dtype(np.float32))
    assert (pixels.min(), pixels.max()) == (0.0, 1.0)


def test_a_dataset_without_images_is_refused_before_the_file_is_touched(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="Iris has no images"):
        preprocess_image(tmp_path / "missing.png", find("iris"))


def test_an_unknown_home_folder_is_refused() -> None:
    with pytest.raises(SpecError, match="write the whole path"):
        preprocess_image("~nobody-of-this-name/picture.png", FASHION)


def test_where_training_images_are_light_on_dark_one_that_is_dark_on_light_is_inverted_and_no_more(
    tmp_path: Path,
) -> None:
    plain = replace(FASHION, background="any")
    dark = replace(plain, dark_corners=True)
    black_on_white = saved(tmp_path, drawing("L", 250, 5, (280, 280), (100, 50, 180, 230)), "a.png")
    white_on_black = saved(tmp_path, drawing("L", 5, 250, (280, 280), (100, 50, 180, 230)), "b.png")
    photo = saved(tmp_path, drawing("L", 120, 250, (280, 280), (100, 50, 180, 230)), "c.png")
    inverted = preprocess_image(black_on_white, dark)
    assert inverted.steps[-1] == "inverted: the training images are light on dark"
    usual = preprocess_image(white_on_black, plain).pixels.astype(int)
    assert np.abs(inverted.pixels.astype(int) - usual).max() <= 1  # resizing rounds
    for other in (white_on_black, photo):
        assert np.array_equal(preprocess_image(other, dark).pixels, preprocess_image(other, plain).pixels)
    assert preprocess_image(black_on_white, plain).pixels[0, 0] == 250


def stages(prepared: Any) -> dict[str, tuple[bool, tuple[int, ...]]]:
    return {stage.name: (stage.is_on, stage.pixels.shape) for stage in prepared.stages}


def test_each_stage_of_a_photo_is_a_picture_that_ends_in_what_the_network_gets(tmp_path: Path) -> None:
    photo = saved(tmp_path, drawing(ground="white", ink="navy"))
    prepared = preprocess_image(photo, FASHION, with_stages=True)
    assert stages(prepared) == {
        "read": (True, (300, 400, 3)),
        "grey": (True, (300, 400)),
        "invert": (True, (300, 400)),
        "crop": (True, (200, 100)),
        "fit": (True, (28, 28)),
        "brighten": (True, (28, 28)),
    }
    assert np.array_equal(prepared.stages[-1].pixels, prepared.pixels)
    assert preprocess_image(photo, FASHION).stages == ()
    assert np.array_equal(preprocess_image(photo, FASHION).pixels, prepared.pixels)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_stage_that_is_switched_is_not_done_and_the_picture_is_another(
    name: StageName, tmp_path: Path
) -> None:
    photo = saved(tmp_path, drawing(ground="#eeeeee", ink="#555566", box=(20, 50, 120, 250)))
    usual = preprocess_image(photo, FASHION, with_stages=True)
    other = preprocess_image(photo, FASHION, {name}, with_stages=True)
    assert stages(usual)[name][0]
    assert not stages(other).get(name, (False,))[0]
    assert not np.array_equal(usual.pixels, other.pixels)
    again = preprocess_image(photo, FASHION, set())
    assert again.steps == usual.steps


def test_pictures_of_ones_own_sets_have_their_stages_too(tmp_path: Path) -> None:
    photo = saved(tmp_path, drawing(ground="white", ink="black"))
    prepared = preprocess_image(photo, COLOUR, with_stages=True)
    assert stages(prepared) == {
        "read": (True, (300, 400, 3)),
        "fit": (True, (32, 32, 3)),
        "invert": (False, (32, 32, 3)),
    }
    inverted = preprocess_image(photo, COLOUR, {"invert"}).pixels
    assert np.array_equal(inverted, 255 - prepared.pixels.astype(int))
    dark = replace(COLOUR, facts=with_facts(COLOUR.facts, shape=(32, 32)), dark_corners=True)
    assert stages(preprocess_image(photo, dark, with_stages=True))["invert"][0]
    assert not stages(preprocess_image(photo, dark, {"invert"}, with_stages=True))["invert"][0]
    stretched = preprocess_image(photo, COLOUR, {"fit"})
    assert "stretched to 32×32" in stretched.steps
