"""The bundled files are what the kept script makes, to the last value."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from tuinn.data.catalog.catalog import BUNDLED_DATASETS, BUNDLED_FOLDER

SCRIPT = Path(__file__).parents[3] / "tools" / "cut_bundled.py"


@pytest.mark.parametrize("name", [entry.name for entry in BUNDLED_DATASETS])
def test_cutting_again_gives_the_same_arrays(name: str) -> None:
    if not SCRIPT.exists():
        pytest.skip("tools/ is not part of this copy")
    script = runpy.run_path(str(SCRIPT))
    if name == "fashion_mnist_mini" and not script["ZALANDO"].exists():
        pytest.skip("needs Debian's package dataset-fashion-mnist")
    if name != "fashion_mnist_mini":
        pytest.importorskip("sklearn.datasets")
    with np.load(BUNDLED_FOLDER / f"{name}.npz") as kept:
        again = script[name]()
        assert sorted(kept) == sorted(again)
        for part in kept:
            assert kept[part].dtype == again[part].dtype
            np.testing.assert_array_equal(kept[part], again[part])


def test_every_bundled_file_has_its_licence_beside_it() -> None:
    licences = (BUNDLED_FOLDER / "LICENSES.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in BUNDLED_FOLDER.glob("*.npz"))
    assert files == sorted(f"{entry.name}.npz" for entry in BUNDLED_DATASETS)
    assert all(f"`{name}`" in licences for name in files)
