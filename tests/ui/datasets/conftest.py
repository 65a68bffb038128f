"""Datasets on disk for the tests of the dataset screens."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tuinn.data import loader

NASTY = ("ca[bold]t", "d\x1b[31mog", "🏠 house")
"""Class names that a terminal or a markup would obey."""


@pytest.fixture(autouse=True)
def forget_datasets() -> None:
    loader.forget_inspected()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three classes of four small colour images."""
    rng = np.random.default_rng(1)
    for name in NASTY:
        folder = tmp_path / "my photos [x]" / name
        folder.mkdir(parents=True)
        for at in range(4):
            Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).save(folder / f"{at}.png")
    return tmp_path / "my photos [x]"


@pytest.fixture
def flats(tmp_path: Path) -> Path:
    """A table with a price at its end."""
    rows = [f"{at % 7},{at * 1.5},{'north' if at % 2 else 'south'},{1000 * at + at % 13}" for at in range(60)]
    file = tmp_path / "flats.csv"
    file.write_text("rooms,area,district,price\n" + "\n".join(rows) + "\n")
    return file
