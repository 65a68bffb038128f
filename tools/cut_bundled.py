"""Make the data files that come with tuinn, from Debian's Fashion-MNIST and scikit-learn's own tables.

Run it from the repository root, with scikit-learn installed (tuinn itself doesn't need it) and with
Debian's package dataset-fashion-mnist:  python tools/cut_bundled.py
Running it again gives the same bytes. Licences: tuinn/data/bundled/LICENSES.md.
"""

import gzip
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuinn.data.split import split

ZALANDO = Path("/usr/share/datasets/fashion-mnist")
BUNDLED = Path(__file__).parents[1] / "tuinn" / "data" / "bundled"
SEED = 2017
TEST_SHARE = 0.2

Cut = dict[str, NDArray[Any]]


def fashion_mnist_mini() -> Cut:
    """500 training and 100 test images of each class, in the order of the full set."""
    cut = {}
    for part, prefix, count in (("train", "train", 5_000), ("test", "t10k", 1_000)):
        images = read_idx(ZALANDO / f"{prefix}-images-idx3-ubyte.gz")
        labels = read_idx(ZALANDO / f"{prefix}-labels-idx1-ubyte.gz")
        _, chosen = split(len(labels), count / len(labels), SEED, labels)
        cut[f"x_{part}"], cut[f"y_{part}"] = images[chosen], labels[chosen]
    return cut


def read_idx(path: Path) -> NDArray[np.uint8]:
    """An IDX file of bytes: two zeros, type 8, the number of axes, each axis as big-endian int32, the data.

    Format: the foot of http://yann.lecun.com/exdb/mnist/. Raises ValueError for any other file.
    """
    raw = gzip.decompress(path.read_bytes())
    if raw[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path} is not an IDX file of bytes.")
    axes = raw[3]
    shape = np.frombuffer(raw, ">i4", count=axes, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)


def digits() -> Cut:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return cut_test_part(bunch.images.astype(np.uint8), bunch.target.astype(np.uint8))


def iris() -> Cut:
    from sklearn.datasets import load_iris

    return classes(load_iris())


def wine() -> Cut:
    from sklearn.datasets import load_wine

    return classes(load_wine())


def breast_cancer() -> Cut:
    from sklearn.datasets import load_breast_cancer

    return classes(load_breast_cancer())


def diabetes() -> Cut:
    """In the units in which patients were measured. The scaled variant has seen the test samples."""
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    return cut_test_part(bunch.data.astype(np.float32), bunch.target.astype(np.float32))


def classes(bunch: Any) -> Cut:
    return cut_test_part(bunch.data.astype(np.float32), bunch.target.astype(np.uint8))


def cut_test_part(x: NDArray[Any], y: NDArray[Any]) -> Cut:
    """A fifth for the test, stratified where y holds classes. Rows are shuffled: iris comes class by class."""
    order = np.random.default_rng(SEED).permutation(len(y))
    x, y = x[order], y[order]
    train, test = split(len(y), TEST_SHARE, SEED, y if y.dtype == np.uint8 else None)
    return {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}


CUTS: tuple[Callable[[], Cut], ...] = (fashion_mnist_mini, digits, iris, wine, breast_cancer, diabetes)


def main() -> None:
    for cut in CUTS:
        path = BUNDLED / f"{cut.__name__}.npz"
        np.savez_compressed(path, allow_pickle=False, **cut())
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
