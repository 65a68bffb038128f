"""The files of `keras.datasets` → samples, each as Keras itself would give them.

Every function is called once the hashes of the files are known to be right.
"""

import gzip
import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.cache import CacheWriter, ReportProgress
from tuinn.data.info import DatasetInfo

SEED = 113
"""With which Keras shuffles what its publishers left in order."""

TEST_SHARE = 0.2
"""Which Keras keeps for the test, where the publishers have no test set."""

START, UNKNOWN, RESERVED = 1, 2, 3
"""Word numbers: a text begins; a word that is too rare; what the words' own numbers are moved up by. 0 pads."""


def read_mnist(info: DatasetInfo, writer: CacheWriter, report: ReportProgress) -> None:
    """An .npz of four arrays."""
    with np.load(info.files[0].path(), allow_pickle=False) as file:
        for part in ("x_train", "y_train", "x_test", "y_test"):
            writer.write_array(part, file[part])
    report(info.facts.train, info.facts.train, "images")


def read_fashion(info: DatasetInfo, writer: CacheWriter, report: ReportProgress) -> None:
    """Four .gz files in the IDX format: 8 bytes before the labels, 16 before the images."""
    parts = ("y_train", "x_train", "y_test", "x_test")
    for done, (part, file) in enumerate(zip(parts, info.files, strict=True), 1):
        with gzip.open(file.path()) as content:
            values = np.frombuffer(content.read(), np.uint8)
        writer.write_array(part, values[8:] if part[0] == "y" else values[16:].reshape(-1, *info.facts.shape))
        report(done, len(parts), "files")


def read_cifar(info: DatasetInfo, writer: CacheWriter, report: ReportProgress) -> None:
    """A .tar.gz of pickled batches, of 10,000 images in Python's order of channels, height, width."""
    facts = info.facts
    label = b"labels" if info.name == "cifar10" else b"fine_labels"
    x = {"train": writer.create_array("x_train", (facts.train, *facts.shape), np.uint8)}
    x["test"] = writer.create_array("x_test", (facts.test, *facts.shape), np.uint8)
    y = {"train": np.zeros(facts.train, np.uint8), "test": np.zeros(facts.test, np.uint8)}
    done = 0
    with tarfile.open(info.files[0].path(), "r|gz") as archive:
        for member in archive:
            part, first = _cifar_place(member.name.rpartition("/")[2])
            content = archive.extractfile(member) if part else None
            if content is None:
                continue
            batch: Any = ArraysOnly(content, encoding="bytes").load()
            images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            x[part][first : first + len(images)] = images
            y[part][first : first + len(images)] = batch[label]
            done += len(images)
            report(done, facts.train + facts.test, "images")
    writer.write_array("y_train", y["train"])
    writer.write_array("y_test", y["test"])


def _cifar_place(name: str) -> tuple[str, int]:
    """Which part a file of the archive belongs to, and its first image's place in it; nothing for other files."""
    if name.startswith("data_batch_"):
        return "train", 10_000 * (int(name[-1]) - 1)
    return {"train": ("train", 0), "test": ("test", 0), "test_batch": ("test", 0)}.get(name, ("", 0))


def read_california(info: DatasetInfo, writer: CacheWriter, report: ReportProgress) -> None:
    """An .npz of `x` and `y`, in the order of the census."""
    with np.load(info.files[0].path(), allow_pickle=False) as file:
        x, y = file["x"], file["y"]
    order = keras_order(np.random.RandomState(SEED), len(x))
    cut = int(len(x) * (1 - TEST_SHARE))
    for part, chosen in (("train", order[:cut]), ("test", order[cut:])):
        writer.write_array(f"x_{part}", x[chosen])
        writer.write_array(f"y_{part}", y[chosen])
    report(len(x), len(x), "rows")


def read_imdb(info: DatasetInfo, writer: CacheWriter, report: ReportProgress) -> None:
    """An .npz of lists of word numbers: training and test apart."""
    file = info.files[0].path()
    random = np.random.RandomState(SEED)
    for done, part in enumerate(("train", "test"), 1):
        texts, labels = read_npz_array(file, f"x_{part}"), read_npz_array(file, f"y_{part}")
        order = keras_order(random, len(texts))
        writer.write_array(f"x_{part}", _padded(texts[order], info))
        writer.write_array(f"y_{part}", labels[order].astype(np.uint8))
        del texts
        report(done * len(order), 2 * len(order), "reviews")


def read_reuters(info: DatasetInfo, writer: CacheWriter, report: ReportProgress) -> None:
    """An .npz of lists of word numbers, `x` and `y`."""
    file = info.files[0].path()
    texts, labels = read_npz_array(file, "x"), read_npz_array(file, "y")
    order = keras_order(np.random.RandomState(SEED), len(texts))
    x, y = _padded(texts[order], info), labels[order].astype(np.uint8)
    cut = int(len(x) * (1 - TEST_SHARE))
    for part, chosen in (("train", slice(cut)), ("test", slice(cut, None))):
        writer.write_array(f"x_{part}", x[chosen])
        writer.write_array(f"y_{part}", y[chosen])
    report(len(x), len(x), "newswires")


def keras_order(random: np.random.RandomState, count: int) -> NDArray[np.int64]:
    """The order in which Keras takes `count` samples."""
    order = np.arange(count)
    random.shuffle(order)
    return order


def _padded(texts: Sequence[Sequence[int]], info: DatasetInfo) -> NDArray[np.uint16]:
    return pad_sequences(texts, info.facts.words, info.facts.shape[0])


def pad_sequences(texts: Sequence[Sequence[int]], words: int, length: int) -> NDArray[np.uint16]:
    """(n, length) word numbers below `words`: as `load_data(num_words=words)`, then `pad_sequences(maxlen=length)`.

    Each text gets its start, rare words become UNKNOWN; its last `length` numbers stay, shorter ones get zeros before.
    """
    rows = np.zeros((len(texts), length), np.uint16)
    for row, text in zip(rows, texts, strict=True):
        numbers = np.array([START - RESERVED, *text], np.int64)[-length:] + RESERVED
        row[length - len(numbers) :] = np.where(numbers < words, numbers, UNKNOWN)
    return rows


READERS: dict[str, Callable[[DatasetInfo, CacheWriter, ReportProgress], None]] = {
    "mnist": read_mnist,
    "fashion_mnist": read_fashion,
    "cifar10": read_cifar,
    "cifar100": read_cifar,
    "california_housing": read_california,
    "imdb": read_imdb,
    "reuters": read_reuters,
}


RECONSTRUCT = np.empty(0).__reduce__()[0]
"""What a pickled array calls to be made anew."""

ALLOWED_GLOBALS = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): RECONSTRUCT,
}


class ArraysOnly(pickle.Unpickler):
    """Builds lists, dicts, numbers, bytes and arrays. Raises UnpicklingError for whatever else a pickle asks for."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return ALLOWED_GLOBALS[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} has no place in a dataset.") from None


def read_npz_array(path: Path, name: str) -> Any:
    """One array of a .npz; one of lists by a pickle of arrays only. Such lists take much memory: drop them soon."""
    with zipfile.ZipFile(path) as archive:
        return _array(io.BytesIO(archive.read(f"{name}.npy")))


def _array(file: IO[bytes]) -> Any:
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    _, _, dtype = read[version](file)
    if dtype.hasobject:
        return ArraysOnly(file).load()
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)
