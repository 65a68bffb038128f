"""What the catalogue says of a dataset is what its file holds; what is wrong with a file is said in one sentence."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tuinn.data import loader
from tuinn.data.catalog.catalog import BUNDLED_DATASETS, BUNDLED_FOLDER, all_datasets, find
from tuinn.data.dataset_arrays import read_bundled
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, Task

NAMES = [entry.name for entry in BUNDLED_DATASETS]


def test_the_datasets_stand_in_the_order_in_which_they_are_shown() -> None:
    bundled = ["fashion_mnist_mini", "digits", "iris", "wine", "breast_cancer", "diabetes"]
    fetched = ["mnist", "fashion_mnist", "cifar10", "cifar100", "california_housing", "imdb", "reuters"]
    assert [entry.name for entry in all_datasets()] == [*bundled, *fetched]
    assert bundled == NAMES


def test_the_default_of_a_spec_is_in_the_catalogue() -> None:
    assert find(DatasetSpec().name).title == "Fashion-MNIST mini"


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_what_the_file_holds(name: str) -> None:
    facts, arrays = find(name).facts, loader.load(DatasetSpec(name))
    assert arrays.x_train.shape == (facts.train, *facts.shape)
    assert arrays.x_test.shape == (facts.test, *facts.shape)
    assert arrays.y_train.shape == (facts.train,)
    assert arrays.y_test.shape == (facts.test,)
    assert arrays.x_train.dtype == arrays.x_test.dtype == facts.dtype
    every = np.concatenate([arrays.x_train, arrays.x_test])
    assert np.isfinite(every).all()
    assert (every.min(), every.max()) == (every.dtype.type(facts.low), every.dtype.type(facts.high))
    assert len(facts.features) == (0 if facts.is_image else facts.shape[0])


@pytest.mark.parametrize("name", NAMES)
def test_labels_count_from_zero_up_to_the_last_class_and_targets_are_real(name: str) -> None:
    facts, arrays = find(name).facts, loader.load(DatasetSpec(name))
    if facts.task is Task.REGRESSION:
        assert facts.classes == ()
        assert arrays.y_train.dtype == arrays.y_test.dtype == np.float32
        return
    assert arrays.y_train.dtype == arrays.y_test.dtype == np.uint8
    assert (
        list(np.unique(arrays.y_train)) == list(np.unique(arrays.y_test)) == list(range(len(facts.classes)))
    )
    assert (len(facts.classes) == 2) == (facts.task is Task.BINARY)


@pytest.mark.parametrize("name", [entry.name for entry in BUNDLED_DATASETS if entry.background == "dark"])
def test_on_dark_ground_nearly_every_border_is_dark_and_every_image_reaches_full_brightness(
    name: str,
) -> None:
    facts, x = find(name).facts, loader.load(DatasetSpec(name)).x_train
    edges = np.concatenate([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], axis=1)
    assert (np.median(edges, axis=1) < 0.5 * facts.high).mean() > 0.99
    assert x.max(axis=(1, 2)).min() > 0.75 * facts.high


def test_a_loaded_dataset_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        loader.load(DatasetSpec("iris")).x_train[0] = 0


def test_a_name_with_a_typing_error_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(SpecError, match=r"Did you mean digits\?") as caught:
        find("digit")
    assert caught.value.path == "dataset.name"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "\x1b[31m"])
def test_no_name_reads_a_file_outside_the_catalogue(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        loader.load(DatasetSpec(name))
    assert str(caught.value).isprintable()


def test_a_missing_bundled_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"iris\.npz is missing\. Reinstall tuinn\."):
        read_bundled(tmp_path / "iris.npz", find("iris").facts)


@pytest.mark.parametrize("keep", [0, 1, 4, 100, 1_000, 1_800])
def test_a_bundled_file_cut_off_anywhere_is_named(tmp_path: Path, keep: int) -> None:
    (tmp_path / "iris.npz").write_bytes((BUNDLED_FOLDER / "iris.npz").read_bytes()[:keep])
    with pytest.raises(SpecError, match=r"iris\.npz is damaged\. Reinstall tuinn\."):
        read_bundled(tmp_path / "iris.npz", find("iris").facts)


def test_a_bundled_file_of_another_dataset_is_refused() -> None:
    with pytest.raises(SpecError, match=r"wine\.npz is damaged"):
        read_bundled(BUNDLED_FOLDER / "wine.npz", find("iris").facts)


def test_pickled_objects_are_never_read(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}], dtype=object)
    np.savez(tmp_path / "iris.npz", x_train=objects, y_train=objects, x_test=objects, y_test=objects)
    with pytest.raises(SpecError, match="damaged"):
        read_bundled(tmp_path / "iris.npz", find("iris").facts)


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after this statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    root = Path(__file__).parents[3]
    return set(subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True).split())


def test_the_catalogue_opens_without_numpy() -> None:
    assert not loaded_by("import tuinn.data.catalog.catalog") & {"numpy", "PIL"}


def test_the_data_floor_loads_no_screen_and_no_network() -> None:
    floor = "import tuinn.data.images.preprocess, tuinn.data.explore.preview, tuinn.data.loader; from tuinn.spec.dataset import DatasetSpec; tuinn.data.explore.preview.preview(tuinn.data.loader.browse(DatasetSpec('wine')))"
    assert not loaded_by(floor) & {"textual", "tensorflow", "keras", "sklearn", "PIL"}
