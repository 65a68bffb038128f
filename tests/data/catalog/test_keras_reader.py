"""The files of keras.datasets become the samples that Keras gives, and pickles can't do more than arrays."""

import gzip
import io
import os
import pickle
import tarfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tuinn.data import cache, loader
from tuinn.data.catalog import availability, catalog
from tuinn.data.catalog.catalog import find
from tuinn.data.catalog.keras_reader import pad_sequences, read_npz_array
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec

Publish = Callable[[str, bytes, int, int], None]

HOUSES = Path(__file__).parents[4] / "shared" / "data" / "california_housing.npz"
RANDOM = np.random.default_rng(3)


@pytest.fixture
def keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras' folder, empty."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def publish(keras: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Put these bytes where Keras keeps the first file of a dataset, as the published ones, with these counts."""

    def put(name: str, content: bytes, train: int, test: int) -> None:
        entry = find(name)
        file = replace(entry.files[0], sha256=sha256(content).hexdigest())
        import msgspec

        facts = msgspec.structs.replace(entry.facts, train=train, test=test)
        small = replace(entry, files=(file,), facts=facts)
        monkeypatch.setattr(
            catalog, "DATASETS", tuple(small if one.name == name else one for one in catalog.DATASETS)
        )
        (keras / file.name).write_bytes(content)

    return put


def npz(**arrays: npt.NDArray[np.generic]) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=True, **arrays)
    return file.getvalue()


def lists(*rows: list[int]) -> np.ndarray:
    made = np.empty(len(rows), object)
    made[:] = rows
    return made


def test_mnist_is_four_arrays(publish: Publish) -> None:
    x, y = RANDOM.integers(0, 256, (5, 28, 28), np.uint8), np.arange(5, dtype=np.uint8)
    publish("mnist", npz(x_train=x[:3], y_train=y[:3], x_test=x[3:], y_test=y[3:]), 3, 2)
    arrays = loader.load(DatasetSpec("mnist"))
    np.testing.assert_array_equal(arrays.x_train, x[:3])
    np.testing.assert_array_equal(arrays.y_test, y[3:])
    assert isinstance(arrays.x_train, np.memmap)


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_cifar_has_its_channels_last_and_its_batches_in_order(publish: Publish, name: str) -> None:
    facts, label = find(name).facts, b"labels" if name == "cifar10" else b"fine_labels"
    batches = [f"data_batch_{at}" for at in range(1, 6)] if name == "cifar10" else ["train"]
    count, packed = facts.train // len(batches), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for at, batch in enumerate([*reversed(batches), "test_batch" if name == "cifar10" else "test"]):
            n = facts.test if batch.startswith("test") else count
            rows = np.full((n, 3072), at, np.uint8)
            rows[:, :1024] = 200  # all of the first channel
            content = pickle.dumps({b"data": rows, label: [at] * n}, protocol=4)
            member = tarfile.TarInfo(f"folder/{batch}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    publish(name, packed.getvalue(), facts.train, facts.test)
    arrays = loader.load(DatasetSpec(name))
    last = len(batches) - 1
    assert arrays.x_train[0, 5, 7].tolist() == [200, last, last]
    assert arrays.y_train[0] == last
    assert arrays.y_train[-1] == 0
    assert arrays.x_test[3, 0, 0].tolist() == [200, last + 1, last + 1]


def test_reviews_become_rows_of_word_numbers_as_keras_counts_them() -> None:
    rows = pad_sequences([[1, 2, 9_996, 9_997], [5] * 300, []], 10_000, 200)
    assert rows.shape == (3, 200)
    assert rows[0].tolist() == [0] * 195 + [1, 4, 5, 9_999, 2]
    assert rows[1].tolist() == [8] * 200
    assert rows[2].tolist() == [0] * 199 + [1]


def test_imdb_and_reuters_are_read_from_lists(publish: Publish) -> None:
    publish(
        "imdb",
        npz(
            x_train=lists([1], [2, 3]),
            y_train=np.array([0, 1]),
            x_test=lists([7], [8]),
            y_test=np.array([1, 0]),
        ),
        2,
        2,
    )
    arrays = loader.load(DatasetSpec("imdb"))
    firsts = {int(row[-1]) - 3: int(label) for row, label in zip(arrays.x_train, arrays.y_train, strict=True)}
    assert firsts == {1: 0, 3: 1}
    publish("reuters", npz(x=lists(*([at] for at in range(10))), y=np.arange(10)), 8, 2)
    arrays = loader.load(DatasetSpec("reuters"))
    assert arrays.x_train.shape == (8, 200)
    both = [*zip(arrays.x_train[:, -1] - 3, arrays.y_train, strict=True)]
    assert all(word == label for word, label in both)


def test_how_many_words_and_how_long_a_text_are_settings_of_the_spec(publish: Publish) -> None:
    rows = lists([1, 2, 3, 50], [60], [5], [6])
    labels = np.array([0, 1, 0, 1])
    publish("imdb", npz(x_train=rows, y_train=labels, x_test=rows, y_test=labels), 4, 4)
    short = DatasetSpec.of({"name": "imdb", "num_words": 40, "maxlen": 3})
    facts = loader.describe(short).facts
    assert (facts.shape, facts.high, facts.words) == ((3,), 39, 40)
    assert loader.load_if_ready(short) is None
    assert sorted(loader.load(short).x_train.tolist()) == [[0, 1, 2], [0, 1, 8], [0, 1, 9], [5, 6, 2]]
    assert loader.load(DatasetSpec("imdb")).x_train.shape == (4, 200), "each has a place of its own"
    with pytest.raises(SpecError, match="num_words"):
        DatasetSpec.of({"name": "imdb", "num_words": 3})


@pytest.mark.tf
def test_the_rows_are_those_of_keras(publish: Publish, keras: Path) -> None:
    import keras as framework
    from keras.src.datasets import imdb, reuters

    texts = lists(*([int(word) for word in RANDOM.integers(1, 12_000, n)] for n in (3, 250, 199, 200, 1, 40)))
    labels = np.array([0, 1, 1, 0, 1, 0])
    publish("imdb", npz(x_train=texts, y_train=labels, x_test=texts[::-1], y_test=labels), 6, 6)
    content = (keras / "imdb.npz").read_bytes()
    pad = framework.utils.pad_sequences

    def given(module: Any, name: str) -> Any:
        before = module.get_file
        module.get_file = lambda *_, **__: str(keras / name)
        try:
            return module.load_data(num_words=10_000)
        finally:
            module.get_file = before

    (x, y), (x_test, _) = given(imdb, "imdb.npz")
    arrays = loader.load(DatasetSpec("imdb"))
    np.testing.assert_array_equal(arrays.x_train, pad(x, maxlen=200))
    np.testing.assert_array_equal(arrays.x_test, pad(x_test, maxlen=200))
    np.testing.assert_array_equal(arrays.y_train, y)
    publish("reuters", npz(x=texts, y=labels), 4, 2)
    (x, y), (x_test, _) = given(reuters, "reuters.npz")
    arrays = loader.load(DatasetSpec("reuters"))
    np.testing.assert_array_equal(arrays.x_train, pad(x, maxlen=200))
    np.testing.assert_array_equal(arrays.x_test, pad(x_test, maxlen=200))
    assert content


class Mischief:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("mischief",)


def test_a_pickle_that_would_run_something_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "imdb.npz").write_bytes(npz(x=np.array([Mischief()], object)))
    with pytest.raises(pickle.UnpicklingError, match="has no place in a dataset"):
        read_npz_array(tmp_path / "imdb.npz", "x")
    assert not (tmp_path / "mischief").exists()


def test_a_file_with_another_hash_is_never_read(publish: Publish, keras: Path) -> None:
    publish("imdb", npz(x_train=np.array([1])), 2, 2)
    (keras / "imdb.npz").write_bytes(npz(x_train=np.array([Mischief()], object)))
    with pytest.raises(SpecError, match="was left alone"):
        loader.load(DatasetSpec("imdb"))
    (finding,) = loader.describe(DatasetSpec("imdb")).facts.findings
    assert finding.severity == "error"
    assert "--replace" in finding.message


def test_a_dataset_that_is_not_here_says_so_before_training_and_offers_a_bundled_one(keras: Path) -> None:
    (finding,) = loader.describe(DatasetSpec("cifar10")).facts.findings
    assert finding.message == "CIFAR-10 is not here yet. Fetch it (170.5 MB): tuinn datasets fetch cifar10."
    assert finding.settings == {"dataset.name": "fashion_mnist_mini"}
    with pytest.raises(SpecError, match="not here yet"):
        loader.load(DatasetSpec("cifar10"))


def test_what_was_prepared_is_used_when_its_file_has_gone(publish: Publish, keras: Path) -> None:
    x, y = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    publish("mnist", npz(x_train=x[:2], y_train=y[:2], x_test=x[2:], y_test=y[2:]), 2, 1)
    assert loader.load_if_ready(DatasetSpec("mnist")) is None
    loader.load(DatasetSpec("mnist"))
    (keras / "mnist.npz").unlink()
    assert loader.load_if_ready(DatasetSpec("mnist")) is not None
    assert availability.is_available("mnist")
    cache.empty_cache()
    assert not availability.is_available("mnist")


def test_a_damaged_cache_is_prepared_anew(publish: Publish) -> None:
    x, y = np.ones((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    publish("mnist", npz(x_train=x[:2], y_train=y[:2], x_test=x[2:], y_test=y[2:]), 2, 1)
    loader.load(DatasetSpec("mnist"))
    file = availability.cached(find("mnist")).folder / "x_train.npy"
    file.write_bytes(file.read_bytes()[:-10])
    assert loader.load(DatasetSpec("mnist")).x_train.min() == 1


def test_fashion_mnist_from_debian_works_through_a_linked_folder(keras: Path) -> None:
    debian = Path("/usr/share/datasets/fashion-mnist")
    if not debian.is_dir():
        pytest.skip("needs Debian's package dataset-fashion-mnist")
    (keras / "fashion-mnist").symlink_to(debian)
    assert loader.describe(DatasetSpec("fashion_mnist")).facts.findings == ()
    arrays = loader.load(DatasetSpec("fashion_mnist"))
    assert arrays.x_train.shape == (60_000, 28, 28)
    assert np.bincount(arrays.y_train).tolist() == [6_000] * 10
    assert np.bincount(arrays.y_test).tolist() == [1_000] * 10
    # The bundled tenth was cut from it.
    mini = loader.load(DatasetSpec("fashion_mnist_mini"))
    assert (arrays.x_train == mini.x_train[0]).all(axis=(1, 2)).any()


def test_a_fashion_file_that_is_cut_off_is_said(keras: Path) -> None:
    entry = find("fashion_mnist")
    (keras / "fashion-mnist").mkdir()
    for file in entry.files:
        file.path().write_bytes(gzip.compress(b"12345678")[:-5])
    (finding,) = loader.describe(DatasetSpec("fashion_mnist")).facts.findings
    assert "is not the file that Fashion-MNIST is made of" in finding.message


def test_california_housing_is_split_as_keras_splits_it(keras: Path) -> None:
    if not HOUSES.exists():
        pytest.skip("needs shared/data")
    (keras / "california_housing.npz").symlink_to(HOUSES)
    arrays, facts = loader.load(DatasetSpec("california_housing")), find("california_housing").facts
    with np.load(HOUSES) as file:
        order = np.arange(len(file["x"]))
        np.random.RandomState(113).shuffle(order)
        np.testing.assert_array_equal(arrays.x_train, file["x"][order[:16_512]])
        np.testing.assert_array_equal(arrays.y_test, file["y"][order[16_512:]])
    assert (min(arrays.x_train.min(), arrays.x_test.min()), arrays.x_train.max()) == (
        np.float32(facts.low),
        facts.high,
    )
    assert len(facts.features) == 8
