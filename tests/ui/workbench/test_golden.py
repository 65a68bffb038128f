"""Whole screens as text that a reviewer can read in a diff. `TUINN_GOLDEN=update` writes them anew."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Write
from tests.factories import whole_run
from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.data import loader
from tuinn.spec.dataset import DatasetSpec

GOLDEN = Path(__file__).with_name("golden")


def same(name: str, text: str, run: str = "") -> None:
    path = GOLDEN / f"{name}.txt"
    text = text.replace(run, "RUN".center(len(run), "·")) if run else text
    if os.environ.get("TUINN_GOLDEN") == "update":
        path.write_text(text + "\n")
    assert text + "\n" == path.read_text()


@pytest.mark.parametrize("size", [NARROW, ROOMY], ids=["80x24", "120x40"])
async def test_the_first_screen(bench: Opener, size: tuple[int, int]) -> None:
    async with bench(size) as here:
        same(f"first-{size[0]}x{size[1]}", here.text())


@pytest.mark.parametrize("size", [NARROW, ROOMY], ids=["80x24", "120x40"])
async def test_a_finished_run(bench: Opener, write_run: Write, size: tuple[int, int]) -> None:
    folder = write_run(whole_run())
    labels = loader.load(DatasetSpec("fashion_mnist_mini")).y_test[:100].astype(int)
    np.save(folder.predictions_file, np.eye(10, dtype=np.float32)[labels])
    async with bench(size, run=folder) as here:
        same(f"finished-{size[0]}x{size[1]}", here.text(), folder.name)


@pytest.mark.parametrize(("key", "name"), [("2", "layers"), ("3", "summary"), ("t", "fit")])
async def test_a_pane_alone(bench: Opener, key: str, name: str) -> None:
    async with bench(NARROW) as here:
        await here.press(key)
        same(f"{name}-80x24", here.text())
