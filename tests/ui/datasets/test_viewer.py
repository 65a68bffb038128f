"""The dataset viewer: pages of samples, one as a tensor, slices, statistics, on any data and terminal size."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.data import loader
from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.datasets.viewer import DatasetViewer


async def open_viewer(here: Bench, dataset: DatasetSpec) -> DatasetViewer:
    screen = DatasetViewer(dataset, loader.describe(dataset))
    await here.app.push_screen(screen)
    await here.settle()
    return screen


@pytest.mark.parametrize("size", [(60, 16), NARROW, ROOMY, (200, 60)])
async def test_a_page_has_25_samples_with_labels_at_every_size(bench: Opener, size: tuple[int, int]) -> None:
    async with bench(size) as here:
        screen = await open_viewer(here, DatasetSpec("digits"))
        assert "1 to 25 of 1,438" in here.text()
        assert len([key for key in screen.controller.samples if key[0] == "train"]) == 25
        assert here.text().count("▀▀") > 50


async def test_pages_turn_and_stop_at_both_ends(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await open_viewer(here, DatasetSpec("iris"))
        await here.press("p")
        assert "1 to 25 of 120" in here.text()
        for _ in range(6):
            await here.press("n")
        assert "101 to 120 of 120" in here.text()
        await here.press("home")
        assert "1 to 25 of 120" in here.text()


async def test_one_class_alone_another_order_and_the_test_samples(bench: Opener) -> None:
    async with bench(NARROW) as here:
        screen = await open_viewer(here, DatasetSpec("iris"))
        await here.press("c")
        assert "40 samples · only setosa · as stored" in here.words()
        await here.press("c", "C", "x", "x")
        assert "only setosa · shuffled, seed 1" in here.words()
        assert screen.controller.state is not None
        shuffled = screen.controller.state.order.tolist()
        await here.press("X", "t")
        assert "test (t: train) · 10 samples · only setosa · as stored" in here.words()
        await here.press("t", "x", "x")
        assert screen.controller.state.order.tolist() == shuffled


async def test_one_sample_shows_its_tensor_and_the_number_under_the_cursor(bench: Opener) -> None:
    picture = loader.load(DatasetSpec("digits")).x_train[1]
    async with bench(NARROW) as here:
        await open_viewer(here, DatasetSpec("digits"))
        await here.press("right", "enter", "down", "down", "right", "right", "right")
        assert "rank 2 · shape (8, 8) · uint8" in here.text()
        assert f"max {picture.max()} · mean {picture.mean():.4g}" in here.text()
        assert f"[2, 3] = {picture[2, 3]}" in here.text()
        await here.press("shift+down", "shift+right", "down")
        assert f"[7, 7] = {picture[7, 7]}" in here.text()
        await here.press("n")
        assert "#3 of train" in here.text()


async def test_a_slice_shows_its_shape_before_it_is_made_and_its_picture_after(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await open_viewer(here, DatasetSpec("fashion_mnist_mini"))
        await here.press("enter", "i")
        await here.type("[7:-7, 7:-7]")
        assert "→ shape (14, 14)" in here.text()
        await here.press("enter")
        assert "shape (14, 14) · uint8" in here.text()
        assert "x[7:-7, 7:-7]" in here.text()
        await here.press("1")
        assert "1 to 25" in here.text()


@pytest.mark.parametrize(
    ("typed", "said"), [("[99]", "outside"), ("[import os]", "no part of an index"), ("[1,2,3]", "too many")]
)
async def test_a_bad_slice_is_explained_and_can_be_left(bench: Opener, typed: str, said: str) -> None:
    async with bench(NARROW) as here:
        await open_viewer(here, DatasetSpec("digits"))
        await here.press("enter", "i")
        await here.type(typed)
        await here.press("enter")
        assert said in here.words()
        await here.press("escape")
        assert "shape (8, 8)" in here.text()
        await here.press("escape")
        assert not isinstance(here.app.screen, DatasetViewer)


async def test_a_single_number_and_a_row_can_be_cut_out(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await open_viewer(here, DatasetSpec("digits"))
        for typed, shape in (("[3, 4]", "()"), ("[3]", "(8,)")):
            await here.press("2", "i", "ctrl+u")
            await here.type(typed)
            await here.press("enter")
            assert f"→ {shape}" in here.text()


async def test_channels_of_a_colour_image_are_shown_one_by_one(bench: Opener, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "x" / name).mkdir(parents=True)
        for at in range(3):
            pixels = np.full((6, 6, 3), (at, 100, 200), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "x" / name / f"{at}.png")
    async with bench(NARROW) as here:
        await open_viewer(here, DatasetSpec.at(str(tmp_path / "x")))
        await here.press("enter")
        assert ", 100, 200)" in here.text()
        for word in ("channel 0, red", "channel 1, green", "channel 2, blue", "all channels"):
            await here.press("h")
            assert word in here.text()


async def test_statistics_of_a_table_name_type_gaps_and_its_association_with_the_target(
    bench: Opener, tmp_path: Path
) -> None:
    rows = "\n".join(f"{at},{'' if at % 4 == 0 else at % 5},{'xy'[at % 2]},{at * 2}" for at in range(80))
    (tmp_path / "t.csv").write_text("size,gappy,kind [b],y\n" + rows)
    async with bench(ROOMY) as here:
        await open_viewer(here, DatasetSpec.at(str(tmp_path / "t.csv")))
        assert "kind [b]" in here.text()
        await here.press("3")
        lines = {line.split()[0]: line for line in here.text().splitlines() if line.strip()}
        assert "number" in lines["size"]
        assert "r 1.00" in lines["size"]
        assert "category" in lines["kind"]
        assert "x 3" in lines["kind"]
        assert lines["gappy"].split()[2] != "0"
        await here.press("2")
        assert "rank 1 · shape (3,) · float32" in here.text()


async def test_statistics_of_classes_are_bars_and_a_histogram(bench: Opener) -> None:
    async with bench(ROOMY) as here:
        await open_viewer(here, DatasetSpec("digits"))
        await here.press("3")
        assert "samples per class: train, test" in here.text()
        assert "━━━" in here.text()
        assert "standard deviation" in here.text()


async def test_texts_show_their_beginning_their_whole_and_their_commonest_words(
    bench: Opener, tmp_path: Path
) -> None:
    for name in ("good", "bad"):
        (tmp_path / "reviews" / name).mkdir(parents=True)
        for at in range(6):
            text = f"the {name} [/b] film \x1b[31m number {at}"
            (tmp_path / "reviews" / name / f"{at}.txt").write_text(text)
    async with bench(NARROW) as here:
        await open_viewer(here, DatasetSpec.at(str(tmp_path / "reviews")))
        assert "[/b] film" in here.text()
        await here.press("2")
        assert "rank 0" in here.text()
        await here.press("3")
        assert "commonest of" in here.text()
        await here.press("i")
        assert "no tensor" in here.words()


async def test_a_sample_that_can_not_be_read_does_not_stop_the_others(bench: Opener, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "x" / name).mkdir(parents=True)
        for at in range(4):
            Image.fromarray(np.zeros((6, 6, 3), np.uint8)).save(tmp_path / "x" / name / f"{at}.png")
    dataset = DatasetSpec.at(str(tmp_path / "x"))
    loader.describe(dataset)
    for file in (tmp_path / "x" / "a").iterdir():
        file.write_bytes(b"no picture")
    async with bench(NARROW) as here:
        await open_viewer(here, dataset)
        assert "✗ a" in here.text()
        assert "▀" in here.text()
        await here.press("c", "2")
        assert "is not a picture" in here.words()


async def test_a_disk_that_goes_away_is_reported_and_breaks_nothing(
    bench: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.data.dataset_arrays import ArraysBrowser

    def gone(self: ArraysBrowser, part: str, at: int) -> None:
        raise OSError(5, "Input/output error")

    async with bench(NARROW) as here:
        monkeypatch.setattr(ArraysBrowser, "sample", gone)
        await open_viewer(here, DatasetSpec("digits"))
        await here.press("2")
        assert "Input/output error" in here.words()
        await here.press("3")
        assert "Input/output error" in here.words()
        await here.press("escape", "down", "up")
        assert "Input/output error" in here.words()


async def test_data_that_can_not_be_opened_are_explained(bench: Opener, tmp_path: Path) -> None:
    async with bench(NARROW) as here:
        entry: DatasetInfo = loader.describe(DatasetSpec("iris"))
        await here.app.push_screen(DatasetViewer(DatasetSpec.at(str(tmp_path / "gone")), entry))
        await here.settle()
        assert "isn't there" in here.words()
        for key in ("n", "c", "x", "2", "3", "4", "t", "h", "i", "plus", "v", "end", "down"):
            await here.press(key)
        await here.press("escape")
        assert not isinstance(here.app.screen, DatasetViewer)


async def test_without_colour_pictures_are_characters(bench: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with bench(NARROW) as here:
        await open_viewer(here, DatasetSpec("digits"))
        assert "▀" not in here.text()
        assert "@" in here.text()


async def test_the_key_in_the_dataset_pane_opens_the_viewer_and_about_shows_everything(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("v")
        assert isinstance(here.app.screen, DatasetViewer)
        await here.press("4")
        assert "source https://github.com/zalandoresearch/fashion-mnist" in here.text()
